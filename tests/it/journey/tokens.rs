//! Tokens are replaced with and without an overlap, revoked, and made again; who still uses an old one is named.

use model::time::Timestamp;
use model::token::{PlainToken, TokenKind};
use tools::captures;
use tools::stack::Stack;

pub(super) async fn come_and_go(service: &Stack, first: &str) -> String {
    let capture = captures::named("pb-tools/001");
    let rotated = service.ask("POST /api/orgs/acme/token/rotate", r#"{"overlap_seconds": 600}"#).await;
    let second = rotated.text("ingest_token");
    for token in [first, &second] {
        assert_eq!(service.export_as(token, &capture, Timestamp::now()).await.status, 200, "{rotated:?}");
    }
    assert_eq!(service.ask("POST /api/orgs/acme/token/revoke-previous", "").await.status, 200);
    let refused = service.export_as(first, &capture, Timestamp::now()).await;
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Bearer realm=\"ingest\"")));
    let stranger = PlainToken::generate(TokenKind::Ingest).unwrap();
    assert_eq!(service.export_as(stranger.expose(), &capture, Timestamp::now()).await.status, 401);
    let bearer = ("idempotency-key", "one");
    let root = format!("Bearer {}", service.root_key);
    let mut answers = Vec::new();
    for _repeated in 0..2 {
        let headers = [("authorization", &*root), bearer];
        answers.push(
            service.deployment().send("POST", "/api/orgs/acme/token/rotate", &headers, b"").await.text("ingest_token"),
        );
    }
    assert!(answers[0] == answers[1] && answers[0] != second);
    assert_eq!(service.export_as(&second, &capture, Timestamp::now()).await.status, 401);
    let token = service.ask("GET /api/orgs/acme/token", "").await.json();
    assert_eq!(token["previous"][1]["refused"], 1, "{token}");
    assert_eq!(token["previous"][1]["still_used_by"].as_array().unwrap().len(), 1, "{token}");
    assert_eq!(service.ask("POST /api/orgs/acme/token/revoke", "").await.status, 200);
    assert_eq!(service.export_as(&answers[0], &capture, Timestamp::now()).await.status, 401);
    let last = service.ask("POST /api/orgs/acme/token/rotate", "").await.text("ingest_token");
    assert_eq!(service.export_as(&last, &capture, Timestamp::now()).await.status, 200);
    let findings = service.ask("GET /api/orgs/acme/status", "").await.json()["findings"].clone();
    assert!(findings.to_string().contains("retired_token_refused"), "{findings}");
    last
}
