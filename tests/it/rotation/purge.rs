//! Erasing an organisation.

use local::embedded::Embedded;
use model::time::{DAY, SECOND};
use service::organisations::purge;
use store::keys;
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};
use tests::captures;
use tests::faults::{Fault, Faults};
use tests::orgs::{Office, START};

use super::organisation;

#[tokio::test]
async fn a_purged_organisation_is_gone_at_once_and_its_name_is_free() {
    let office = Office::open().await;
    let old = office.enable("acme").await;
    let overlapping = office.rotate("acme", 600, START).await;
    let key = office.ask("POST /api/orgs/acme/admin-keys", "").await.text("admin_key");
    let before = organisation(&office).await;
    assert_eq!(office.ask("DELETE /api/orgs/acme?purge=true", "").await.status, 204);
    for token in [&old, &overlapping] {
        assert!(office.authenticate(token, START).await.is_err());
    }
    for call in ["GET /api/orgs/acme", "DELETE /api/orgs/acme", "GET /api/orgs/acme/token"] {
        assert_eq!(office.ask(call, "").await.status, 404, "{call}");
    }
    assert_eq!(office.ask_as(&key, "GET /api/orgs", "", START).await.status, 401);

    let again = office.ask("PUT /api/orgs/acme", "").await;
    assert_eq!((again.status, again.json()["generation"].as_u64()), (201, Some(1)));
    assert_ne!(organisation(&office).await.uid, before.uid);
    assert_eq!(office.ask_as(&key, "GET /api/orgs/acme", "", START).await.status, 401, "the key was the old one's");
}

#[tokio::test]
async fn what_a_purged_organisation_leaves_behind_is_erased_and_nothing_else() {
    let office = Office::open().await;
    let old = office.enable("acme").await;
    let kept = office.enable("other").await;
    office.ask("POST /api/orgs/acme/admin-keys", "").await;
    let new = office.rotate("acme", 0, START).await;
    let uid = organisation(&office).await.uid;
    let version = organisation(&office).await.token_version.unwrap();
    let capture = captures::named("pb-tools/001");
    assert_eq!(office.export(&new, &capture, START).await, 200);
    assert_eq!(office.export(&kept, &capture, START).await, 200);
    assert_eq!(office.export(&old, &capture, START).await, 401);
    assert!(!office.store.pack_keys(&uid, START).await.unwrap().is_empty());
    assert!(!office.items_with(&keys::use_partition(&uid)).await.is_empty());

    office.ask("DELETE /api/orgs/acme?purge=true", "").await;
    let pass = |at| purge::carry_on(&office.store, &office.secrets, at);
    assert_eq!(pass(START.plus(SECOND)).await.unwrap(), 1, "an export may still be on its way");
    assert!(office.items_with(uid.as_str()).await.is_empty());
    assert!(office.items_with(&old_digest(&old)).await.is_empty());
    assert!(office.items_with(&keys::use_partition(&uid)).await.is_empty());
    assert!(office.secrets.read(&uid, &version).await.is_err());
    assert_eq!(pass(START.plus(DAY)).await.unwrap(), 0);
    assert!(office.store.purges().await.unwrap().is_empty());

    assert!(office.authenticate(&kept, START).await.is_ok());
    let other = office.store.organisation(&"other".parse().unwrap()).await.unwrap().unwrap();
    assert!(!office.store.pack_keys(&other.uid, START).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_erasing_that_fails_at_any_request_is_finished_by_the_next_pass() {
    for after in 0.. {
        let faults = Faults::default();
        let store = Embedded::in_memory().unwrap().store_through(|client| faults.before(client));
        store.create_tables().await.unwrap();
        let office = Office::over(store, Secrets::Embedded(EmbeddedSecrets::in_memory()));
        let token = office.enable("acme").await;
        office.ask("POST /api/orgs/acme/admin-keys", "").await;
        let uid = organisation(&office).await.uid;
        office.export(&token, &captures::named("pb-tools/001"), START).await;
        office.ask("DELETE /api/orgs/acme?purge=true", "").await;
        faults.arm(after, Fault::AnswerLost);
        let first = purge::carry_on(&office.store, &office.secrets, START.plus(DAY)).await;
        let happened = !faults.disarm();
        assert_eq!(first.is_err(), happened, "{after}");
        assert_eq!(purge::carry_on(&office.store, &office.secrets, START.plus(DAY)).await.unwrap(), 0, "{after}");
        for prefix in [uid.as_str(), "TOKEN#", "ADMIN#", "ORG", "PURGES"] {
            assert_eq!(office.items_with(prefix).await, Vec::<String>::new(), "{after} {prefix}");
        }
        if !happened {
            assert!(after > 5, "only {after} requests were tried");
            break;
        }
    }
}

fn old_digest(token: &str) -> String {
    format!("TOKEN#{}", model::token::TokenHash::of(token).encoded())
}
