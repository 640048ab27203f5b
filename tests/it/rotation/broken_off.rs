//! What breaks off after any step leaves a token that works, and the next request continues from there.

use model::random::Random;
use service::organisations::rotate;
use service::organisations::rotate::{RotateRequest, Rotation};
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};
use tools::faults::{Fault, Faults};
use tools::stack::{ROOT_KEY, START, Stack};

use super::organisation;

#[tokio::test]
async fn a_rotation_that_ends_after_its_first_step_changes_nothing() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    let before = organisation(&stack).await;
    rotate::stage(&stack.secrets, &before, &Random::draw().unwrap()).await.unwrap();
    assert!(stack.authenticate(&old, START).await.is_ok());
    let settings = stack.ask("GET /api/orgs/acme/settings/shell.sh", "").await;
    assert!(String::from_utf8_lossy(&settings.body).contains(&old));
    let new = stack.rotate("acme", 0, START).await;
    assert!(stack.authenticate(&new, START).await.is_ok() && stack.authenticate(&old, START).await.is_err());
}

#[tokio::test]
async fn a_rotation_that_ends_after_its_second_step_is_done_and_settings_have_the_new_token() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    let before = organisation(&stack).await;
    let tokens = stack.store.issued_tokens(&before.uid, 2).await.unwrap();
    let pending = rotate::stage(&stack.secrets, &before, &Random::draw().unwrap()).await.unwrap();
    let rotation = Rotation::new(RotateRequest { overlap_seconds: 0 }, None).unwrap();
    rotate::commit(&stack.store, &before, &tokens, &pending, &rotation, START).await.unwrap().unwrap();

    let after = organisation(&stack).await;
    let new = stack.secrets.read(&after.uid, &after.token_version.unwrap()).await.unwrap();
    assert_ne!(new.expose(), old);
    assert!(stack.authenticate(new.expose(), START).await.is_ok());
    let settings = stack.ask("GET /api/orgs/acme/settings/shell.sh", "").await;
    assert!(String::from_utf8_lossy(&settings.body).contains(new.expose()));
    let third = stack.rotate("acme", 0, START).await;
    assert!(stack.authenticate(&third, START).await.is_ok());
}

#[tokio::test]
async fn an_enabling_that_breaks_off_is_finished_by_the_next_request() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("secrets");
    let secrets = EmbeddedSecrets::open(&place).unwrap();
    let stack = Stack::start().secrets(Secrets::Embedded(secrets)).await;
    // The secret store fails after the name is claimed.
    std::fs::remove_dir_all(&place).unwrap();
    let failed = stack.ask("PUT /api/orgs/acme", "").await;
    assert_eq!((failed.status, failed.text("code").as_str()), (503, "unavailable"));
    assert!(failed.headers.contains_key("retry-after"));
    assert_eq!(stack.ask("GET /api/orgs/acme", "").await.status, 404);
    assert_eq!(stack.ask("GET /api/orgs", "").await.json()["items"], serde_json::json!([]));

    std::fs::create_dir(&place).unwrap();
    let token = stack.enable("acme").await;
    assert!(stack.authenticate(&token, START).await.is_ok());
}

#[tokio::test]
async fn a_rotation_that_the_secret_store_refuses_leaves_the_old_token_good() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("secrets");
    let stack = Stack::start().secrets(Secrets::Embedded(EmbeddedSecrets::open(&place).unwrap())).await;
    let old = stack.enable("acme").await;
    std::fs::remove_dir_all(&place).unwrap();
    assert_eq!(stack.ask("POST /api/orgs/acme/token/rotate", "").await.status, 503);
    assert_eq!(organisation(&stack).await.generation, 1);
    assert!(stack.authenticate(&old, START).await.is_ok());
}

/// An stack with an enabled organisation, whose database can fail, and the token.
async fn fragile() -> (Stack, Faults, String) {
    let faults = Faults::default();
    let stack = Stack::start().through(|client| faults.before(client)).await;
    let token = stack.enable("acme").await;
    (stack, faults, token)
}

/// The organisation's token as settings have it, which must be good.
async fn token_of_settings(stack: &Stack) -> String {
    let reply = stack.ask("GET /api/orgs/acme/settings/managed.json", "").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let env = reply.json()["env"].clone();
    let header = env["OTEL_EXPORTER_OTLP_HEADERS"].as_str().unwrap().to_owned();
    let token = header.strip_prefix("Authorization=Bearer ").unwrap().to_owned();
    assert!(stack.authenticate(&token, START).await.is_ok(), "settings have a token that is refused");
    token
}

#[tokio::test]
async fn whatever_fails_at_whichever_request_there_is_one_live_token_and_the_next_rotation_works() {
    for fault in Fault::ALL {
        for after in 0.. {
            let (stack, faults, first) = fragile().await;
            faults.arm(after, fault);
            let reply = faults.or_dies(stack.ask("POST /api/orgs/acme/token/rotate", "")).await;
            let happened = !faults.disarm();
            let shown = token_of_settings(&stack).await;
            let generation = organisation(&stack).await.generation;
            // Either nothing changed, or the new token is the good one and the old one is refused.
            assert_eq!(shown == first, generation == 1, "{fault:?} {after}");
            assert_eq!(stack.authenticate(&first, START).await.is_ok(), generation == 1, "{fault:?} {after}");
            if let Some(answered) = reply.filter(|reply| reply.status == 200) {
                assert_eq!(answered.text("ingest_token"), shown, "{fault:?} {after}");
            }
            let next = stack.ask("POST /api/orgs/acme/token/rotate", "").await;
            assert_eq!(next.json()["generation"], generation + 1, "{fault:?} {after} {next:?}");
            assert_eq!(token_of_settings(&stack).await, next.text("ingest_token"));
            assert!(stack.authenticate(&shown, START).await.is_err());
            if !happened {
                assert!(after >= 5, "only {after} requests were tried");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_repeat_with_the_same_key_after_any_fault_rotates_once() {
    let ask = async |stack: &Stack| {
        let request = http::Request::post("/api/orgs/acme/token/rotate")
            .header("authorization", format!("Bearer {ROOT_KEY}"))
            .header("idempotency-key", "one");
        stack.request(request.body("".into()).unwrap(), START).await
    };
    for fault in Fault::ALL {
        for after in 0.. {
            let (stack, faults, first) = fragile().await;
            faults.arm(after, fault);
            faults.or_dies(ask(&stack)).await;
            let happened = !faults.disarm();
            let again = ask(&stack).await;
            assert_eq!((again.status, again.json()["generation"].as_u64()), (200, Some(2)), "{fault:?} {after}");
            assert_eq!(token_of_settings(&stack).await, again.text("ingest_token"));
            assert!(stack.authenticate(&first, START).await.is_err());
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
            let stack = Stack::start().through(|client| faults.before(client)).await;
            faults.arm(after, fault);
            let first = faults.or_dies(stack.ask("PUT /api/orgs/acme", r#"{"name":"Acme"}"#)).await;
            let happened = !faults.disarm();
            let again = stack.ask("PUT /api/orgs/acme", "").await;
            assert!([200, 201].contains(&again.status), "{fault:?} {after} {again:?}");
            let shown = token_of_settings(&stack).await;
            for reply in first.iter().chain([&again]).filter(|reply| reply.status == 201) {
                assert_eq!(reply.text("ingest_token"), shown, "{fault:?} {after}");
            }
            assert_eq!(organisation(&stack).await.generation, 1, "{fault:?} {after}");
            if !happened {
                break;
            }
        }
    }
}
