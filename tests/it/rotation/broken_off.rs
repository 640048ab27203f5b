//! What breaks off after any step leaves a token that works, and the next request goes on from there.

use local::embedded::Embedded;
use model::random::Random;
use service::organisations::rotate;
use service::organisations::rotate::{RotateRequest, Rotation};
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};
use tests::faults::{Fault, Faults};
use tests::orgs::{Office, ROOT_KEY, START};

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

/// An office with an enabled organisation, whose database can fail, and the token.
async fn fragile() -> (Office, Faults, String) {
    let faults = Faults::default();
    let store = Embedded::in_memory().unwrap().store_through(|client| faults.before(client));
    store.create_tables().await.unwrap();
    let office = Office::over(store, Secrets::Embedded(EmbeddedSecrets::in_memory()));
    let token = office.enable("acme").await;
    (office, faults, token)
}

/// The organisation's token as settings have it, which must be good.
async fn token_of_settings(office: &Office) -> String {
    let reply = office.ask("GET /api/orgs/acme/settings/managed.json", "").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let env = reply.json()["env"].clone();
    let header = env["OTEL_EXPORTER_OTLP_HEADERS"].as_str().unwrap().to_owned();
    let token = header.strip_prefix("Authorization=Bearer ").unwrap().to_owned();
    assert!(office.authenticate(&token, START).await.is_ok(), "settings have a token that is refused");
    token
}

#[tokio::test]
async fn whatever_fails_at_whichever_request_there_is_one_live_token_and_the_next_rotation_works() {
    for fault in Fault::ALL {
        for after in 0.. {
            let (office, faults, first) = fragile().await;
            faults.arm(after, fault);
            let reply = faults.or_dies(office.ask("POST /api/orgs/acme/token/rotate", "")).await;
            let happened = !faults.disarm();
            let shown = token_of_settings(&office).await;
            let generation = organisation(&office).await.generation;
            // Either nothing changed, or the new token is the good one and the old one is refused.
            assert_eq!(shown == first, generation == 1, "{fault:?} {after}");
            assert_eq!(office.authenticate(&first, START).await.is_ok(), generation == 1, "{fault:?} {after}");
            if let Some(answered) = reply.filter(|reply| reply.status == 200) {
                assert_eq!(answered.text("ingest_token"), shown, "{fault:?} {after}");
            }
            let next = office.ask("POST /api/orgs/acme/token/rotate", "").await;
            assert_eq!(next.json()["generation"], generation + 1, "{fault:?} {after} {next:?}");
            assert_eq!(token_of_settings(&office).await, next.text("ingest_token"));
            assert!(office.authenticate(&shown, START).await.is_err());
            if !happened {
                assert!(after >= 5, "only {after} requests were tried");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_repeat_with_the_same_key_after_any_fault_rotates_once() {
    let ask = async |office: &Office| {
        let request = http::Request::post("/api/orgs/acme/token/rotate")
            .header("authorization", format!("Bearer {ROOT_KEY}"))
            .header("idempotency-key", "one");
        office.send(request.body("".into()).unwrap(), START).await
    };
    for fault in Fault::ALL {
        for after in 0.. {
            let (office, faults, first) = fragile().await;
            faults.arm(after, fault);
            faults.or_dies(ask(&office)).await;
            let happened = !faults.disarm();
            let again = ask(&office).await;
            assert_eq!((again.status, again.json()["generation"].as_u64()), (200, Some(2)), "{fault:?} {after}");
            assert_eq!(token_of_settings(&office).await, again.text("ingest_token"));
            assert!(office.authenticate(&first, START).await.is_err());
            if !happened {
                break;
            }
        }
    }
}

#[tokio::test]
async fn whatever_fails_while_enabling_a_later_request_finishes_it() {
    for fault in Fault::ALL {
        for after in 0.. {
            let faults = Faults::default();
            let store = Embedded::in_memory().unwrap().store_through(|client| faults.before(client));
            store.create_tables().await.unwrap();
            let office = Office::over(store, Secrets::Embedded(EmbeddedSecrets::in_memory()));
            faults.arm(after, fault);
            let first = faults.or_dies(office.ask("PUT /api/orgs/acme", r#"{"name":"Acme"}"#)).await;
            let happened = !faults.disarm();
            let again = office.ask("PUT /api/orgs/acme", "").await;
            assert!([200, 201].contains(&again.status), "{fault:?} {after} {again:?}");
            let shown = token_of_settings(&office).await;
            for reply in first.iter().chain([&again]).filter(|reply| reply.status == 201) {
                assert_eq!(reply.text("ingest_token"), shown, "{fault:?} {after}");
            }
            assert_eq!(organisation(&office).await.generation, 1, "{fault:?} {after}");
            if !happened {
                break;
            }
        }
    }
}
