//! What breaks off after any step leaves a token that works, and the next request goes on from there.

use local::embedded::Embedded;
use shared::organisations::rotate::{self, RotateRequest, Rotation};
use shared::random::Random;
use shared::secrets::{Embedded as EmbeddedSecrets, Secrets};
use tests::orgs::{Office, START};

use super::organisation;

#[tokio::test]
async fn a_rotation_that_ends_after_its_first_step_changes_nothing() {
    let office = Office::open().await;
    let old = office.enable("acme").await;
    let before = organisation(&office).await;
    rotate::stage(&office.secrets, &before, &Random::draw().unwrap()).await.unwrap();
    assert!(office.authenticate(&old, START).await.is_ok());
    let settings = office.ask("GET /api/orgs/acme/settings/shell.sh", "").await;
    assert!(String::from_utf8_lossy(&settings.body).contains(&old));
    let new = office.rotate("acme", 0, START).await;
    assert!(office.authenticate(&new, START).await.is_ok() && office.authenticate(&old, START).await.is_err());
}

#[tokio::test]
async fn a_rotation_that_ends_after_its_second_step_is_done_and_settings_have_the_new_token() {
    let office = Office::open().await;
    let old = office.enable("acme").await;
    let before = organisation(&office).await;
    let tokens = office.store.issued_tokens(&before.uid, 2).await.unwrap();
    let pending = rotate::stage(&office.secrets, &before, &Random::draw().unwrap()).await.unwrap();
    let rotation = Rotation::new(RotateRequest { overlap_seconds: 0 }, None).unwrap();
    rotate::commit(&office.store, &before, &tokens, &pending, &rotation, START).await.unwrap().unwrap();

    let after = organisation(&office).await;
    let new = office.secrets.read(&after.uid, &after.token_version.unwrap()).await.unwrap();
    assert_ne!(new.expose(), old);
    assert!(office.authenticate(new.expose(), START).await.is_ok());
    let settings = office.ask("GET /api/orgs/acme/settings/shell.sh", "").await;
    assert!(String::from_utf8_lossy(&settings.body).contains(new.expose()));
    let third = office.rotate("acme", 0, START).await;
    assert!(office.authenticate(&third, START).await.is_ok());
}

#[tokio::test]
async fn an_enabling_that_breaks_off_is_finished_by_the_next_request() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("secrets");
    let secrets = EmbeddedSecrets::open(&place).unwrap();
    let store = Embedded::in_memory().unwrap().store();
    store.create_tables().await.unwrap();
    let office = Office::over(store, Secrets::Embedded(secrets));
    // The secret store fails after the name is claimed.
    std::fs::remove_dir_all(&place).unwrap();
    let failed = office.ask("PUT /api/orgs/acme", "").await;
    assert_eq!((failed.status, failed.text("code").as_str()), (503, "unavailable"));
    assert!(failed.headers.contains_key("retry-after"));
    assert_eq!(office.ask("GET /api/orgs/acme", "").await.status, 404);
    assert_eq!(office.ask("GET /api/orgs", "").await.json()["items"], serde_json::json!([]));

    std::fs::create_dir(&place).unwrap();
    let token = office.enable("acme").await;
    assert!(office.authenticate(&token, START).await.is_ok());
}

#[tokio::test]
async fn a_rotation_that_the_secret_store_refuses_leaves_the_old_token_good() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("secrets");
    let store = Embedded::in_memory().unwrap().store();
    store.create_tables().await.unwrap();
    let office = Office::over(store, Secrets::Embedded(EmbeddedSecrets::open(&place).unwrap()));
    let old = office.enable("acme").await;
    std::fs::remove_dir_all(&place).unwrap();
    assert_eq!(office.ask("POST /api/orgs/acme/token/rotate", "").await.status, 503);
    assert_eq!(organisation(&office).await.generation, 1);
    assert!(office.authenticate(&old, START).await.is_ok());
}
