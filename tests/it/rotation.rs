//! Replacing tokens: what is let in and refused, whatever breaks off and whoever rotates at the same time.

use model::organisation::Organisation;
use model::random::Random;
use model::time::{DAY, MILLISECOND, SECOND, SignedDuration};
use serde_json::json;
use service::auth::ingest_token::TokenRefusal;
use service::organisations::rotate;
use service::organisations::rotate::{RotateRequest, Rotation};
use store::secrets::{Manager, Secrets};
use tools::secrets_manager::FakeSecretsManager;
use tools::stack::{ROOT_KEY, START, Stack};

mod broken_off;
mod purge;
mod uses;

async fn organisation(stack: &Stack) -> Organisation {
    stack.store.organisation(&"acme".parse().unwrap()).await.unwrap().unwrap()
}

#[tokio::test]
async fn without_an_overlap_the_old_token_is_refused_whatever_a_clock_says() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    let at = START.plus(SECOND);
    let reply = stack.ask_at("POST /api/orgs/acme/token/rotate", "", at).await;
    assert_eq!(reply.status, 200);
    let answer = reply.json();
    let new = reply.text("ingest_token");
    assert_eq!((&answer["org"], &answer["generation"]), (&json!("acme"), &json!(2)));
    assert_eq!(answer["rotated_at"], "2026-11-22T06:13:30.164Z");
    assert_eq!(answer["previous"]["valid_until"], answer["rotated_at"]);
    let headers = &answer["managed_settings"]["env"]["OTEL_EXPORTER_OTLP_HEADERS"];
    assert_eq!(headers, &json!(format!("Authorization=Bearer {new}")));
    for clock in [START, at, at.minus(60 * SECOND), at.plus(DAY)] {
        for _copy in 0..8 {
            assert!(matches!(stack.authenticate(&old, clock).await, Err(TokenRefusal::Rotated { .. })));
            assert_eq!(stack.authenticate(&new, clock).await.unwrap().generation(), 2);
        }
    }
}

#[tokio::test]
async fn with_an_overlap_both_tokens_are_good_until_it_ends() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    let new = stack.rotate("acme", 60, START).await;
    let end = START.plus(60 * SECOND);
    assert!(stack.authenticate(&old, end.minus(MILLISECOND)).await.is_ok());
    let refused = stack.authenticate(&old, end).await.unwrap_err();
    assert!(refused.to_string().contains("rotated at 2026-11-22T06:13:29.164Z"), "{refused}");
    assert!(refused.to_string().contains("refused since 2026-11-22T06:14:29.164Z"), "{refused}");
    assert!(refused.to_string().contains("admin"), "{refused}");
    assert!(stack.authenticate(&new, end).await.is_ok());
}

#[tokio::test]
async fn at_most_one_previous_token_is_alive() {
    let stack = Stack::start().await;
    let first = stack.enable("acme").await;
    let second = stack.rotate("acme", 600, START).await;
    let third = stack.rotate("acme", 600, START.plus(SECOND)).await;
    assert!(stack.authenticate(&first, START).await.is_err());
    assert!(stack.authenticate(&second, START).await.is_ok());
    assert!(stack.authenticate(&third, START).await.is_ok());
    let ended = stack.ask("POST /api/orgs/acme/token/revoke-previous", "").await;
    assert_eq!(ended.status, 200, "{ended:?}");
    assert!(stack.authenticate(&second, START).await.is_err());
    assert!(stack.authenticate(&third, START).await.is_ok());
}

#[tokio::test]
async fn revoked_tokens_stay_refused_until_the_next_rotation() {
    let stack = Stack::start().await;
    let first = stack.enable("acme").await;
    let second = stack.rotate("acme", 600, START).await;
    assert_eq!(stack.ask("POST /api/orgs/acme/token/revoke", "").await.status, 200);
    for token in [&first, &second] {
        assert!(stack.authenticate(token, START).await.is_err());
    }
    let settings = stack.ask("GET /api/orgs/acme/settings/managed.json", "").await;
    assert_eq!((settings.status, settings.text("code").as_str()), (409, "token_revoked"));
    let third = stack.rotate("acme", 600, START).await;
    assert!(stack.authenticate(&third, START).await.is_ok());
    for token in [&first, &second] {
        assert!(stack.authenticate(token, START).await.is_err(), "an overlap does not bring back what was revoked");
    }
}

#[tokio::test]
async fn a_repeated_request_is_answered_the_same_and_another_one_is_refused() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let ask = |key: &'static str, body: &'static str, at| {
        let stack = stack.clone();
        async move {
            let request = http::Request::post("/api/orgs/acme/token/rotate")
                .header("authorization", format!("Bearer {ROOT_KEY}"))
                .header("idempotency-key", key);
            stack.request(request.body(body.into()).unwrap(), at).await
        }
    };
    let first = ask("one", r#"{"overlap_seconds":5}"#, START).await;
    let again = ask("one", r#"{"overlap_seconds":5}"#, START.plus(DAY - SECOND)).await;
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.json(), again.json());
    let other = ask("one", r#"{"overlap_seconds":6}"#, START).await;
    assert_eq!((other.status, other.text("code").as_str()), (409, "idempotency_key_reused"));
    let later = ask("one", r#"{"overlap_seconds":6}"#, START.plus(DAY + 2 * SECOND)).await;
    assert_eq!((later.status, &later.json()["generation"]), (200, &json!(3)));
    let long = "x".repeat(256).leak();
    for key in ["", long] {
        assert_eq!(ask(key, "", START).await.text("field"), "Idempotency-Key");
    }
}

#[tokio::test]
async fn the_same_request_in_parallel_rotates_once() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let tasks = (0..6).map(|_| {
        let stack = stack.clone();
        tokio::spawn(async move {
            let request = http::Request::post("/api/orgs/acme/token/rotate")
                .header("authorization", format!("Bearer {ROOT_KEY}"))
                .header("idempotency-key", "same");
            stack.request(request.body("".into()).unwrap(), START).await
        })
    });
    let mut answers = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        answers.push(task.await.unwrap().json());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer["generation"] == 2), "{answers:?}");
}

#[tokio::test]
async fn rotations_at_the_same_time_leave_one_live_token_and_rising_generations() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let tasks = (0..8).map(|_| {
        let stack = stack.clone();
        tokio::spawn(async move { stack.ask("POST /api/orgs/acme/token/rotate", "").await })
    });
    let mut issued = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        let reply = task.await.unwrap();
        assert_eq!(reply.status, 200, "{reply:?}");
        issued.push((reply.json()["generation"].as_u64().unwrap(), reply.text("ingest_token")));
    }
    issued.sort();
    assert_eq!(issued.iter().map(|(generation, _)| *generation).collect::<Vec<_>>(), (2..=9).collect::<Vec<_>>());
    for (generation, token) in &issued {
        assert_eq!(stack.authenticate(token, START).await.is_ok(), *generation == 9, "{generation}");
    }
    let current = organisation(&stack).await.token_version.unwrap();
    let token = stack.secrets.read(&organisation(&stack).await.uid, &current).await.unwrap();
    assert_eq!(token.expose(), issued[7].1);
}

#[tokio::test]
async fn fifty_rotations_a_day_and_no_more() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    for n in 0..50 {
        stack.rotate("acme", 0, START.plus(SignedDuration::from_secs(n))).await;
    }
    let refused = stack.ask_at("POST /api/orgs/acme/token/rotate", "", START.plus(60 * SECOND)).await;
    assert_eq!((refused.status, refused.text("code").as_str()), (429, "too_many_rotations"));
    let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    stack.rotate("acme", 0, START.plus(SignedDuration::from_secs(60 + wait))).await;
}

#[tokio::test]
async fn who_stole_a_key_of_the_organisation_cannot_use_up_the_rotations_of_its_owner() {
    let secrets_manager = FakeSecretsManager::default();
    let secrets = Secrets::Manager(Manager::new(secrets_manager.client(|client| client), "stack"));
    let stack = Stack::start().secrets(secrets).await;
    stack.enable("acme").await;
    let stolen = stack.ask("POST /api/orgs/acme/admin-keys", "").await;
    let key = stolen.text("admin_key");
    // All at once, and one after the other: what counts is versions of the secret, and a request that fails has made one too.
    let tasks: Vec<_> = (0..25)
        .map(|_| {
            let (stack, key) = (stack.clone(), key.clone());
            tokio::spawn(async move { stack.ask_as(&key, "POST /api/orgs/acme/token/rotate", "", START).await })
        })
        .collect();
    let mut of_thief = String::new();
    for task in tasks {
        task.await.unwrap();
    }
    for n in 0..50 {
        let reply =
            stack.ask_as(&key, "POST /api/orgs/acme/token/rotate", "", START.plus(SignedDuration::from_secs(n))).await;
        match reply.status {
            200 => of_thief = reply.text("ingest_token"),
            status => assert_eq!((status, reply.text("code").as_str()), (429, "too_many_rotations")),
        }
    }
    assert_eq!(stack.ask_as(&key, "DELETE /api/orgs/acme", "", START).await.status, 204);
    assert_eq!(stack.ask_as(&key, "PUT /api/orgs/acme", "", START).await.status, 429, "no way round by disabling");
    let uid = organisation(&stack).await.uid;
    assert_eq!(secrets_manager.versions(&format!("stack/{uid}")), 41);
    let now = START.plus(60 * SECOND);
    stack.ask_at(&format!("DELETE /api/orgs/acme/admin-keys/{}", stolen.text("id")), "", now).await;
    assert_eq!(stack.ask_at("PUT /api/orgs/acme", "", now).await.status, 201);
    for _ in 0..9 {
        let own = stack.rotate("acme", 0, now).await;
        assert!(stack.authenticate(&own, now).await.is_ok() && stack.authenticate(&of_thief, now).await.is_err());
    }
    assert_eq!(stack.ask_at("POST /api/orgs/acme/token/rotate", "", now).await.status, 429, "fifty are fifty");
}

#[tokio::test]
async fn a_rotation_decided_on_an_older_organisation_is_not_written() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let before = organisation(&stack).await;
    let tokens = stack.store.issued_tokens(&before.uid, 2).await.unwrap();
    let pending = rotate::stage(&stack.secrets, &before, &Random::draw().unwrap()).await.unwrap();
    let new = stack.rotate("acme", 0, START).await;
    let rotation = Rotation::new(RotateRequest { overlap_seconds: 0 }, None).unwrap();
    let written = rotate::commit(&stack.store, &before, &tokens, &pending, &rotation, START).await.unwrap();
    assert_eq!(written, None);
    assert!(stack.authenticate(&new, START).await.is_ok());
}
