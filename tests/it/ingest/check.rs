//! What a user's machine asks about its token: the answer is the one that an export would get, and nothing comes of asking.

use http::Request;
use model::time::{SECOND, Timestamp};
use model::token::{PlainToken, TokenKind};
use serde_json::{Value, json};
use store::marks::Over;
use tools::meter::Meter;
use tools::reply::Reply;
use tools::stack::{START, Stack};

/// Asks with this `Authorization`, none if it is empty.
async fn check(stack: &Stack, authorization: &str, now: Timestamp) -> Reply {
    ask(stack, "GET", "/v1/check", authorization, now).await
}

/// The same of any other method and path.
async fn ask(stack: &Stack, method: &str, target: &str, authorization: &str, now: Timestamp) -> Reply {
    let mut request = Request::builder().method(method).uri(target).header("content-type", "application/json");
    if !authorization.is_empty() {
        request = request.header("authorization", authorization);
    }
    let body = if method == "POST" { "{}" } else { "" };
    stack.request(request.body(body.into()).unwrap(), now).await
}

#[tokio::test]
async fn a_token_is_told_its_organisation_its_generation_and_how_long_it_lasts() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    let asked = async |token: &str, now| check(&stack, &format!("Bearer {token}"), now).await;
    let first = asked(&old, START).await;
    assert_eq!((first.status, first.header("content-type")), (200, Some("application/json")));
    let version = first.text("version");
    assert!(version.split('.').count() == 3, "{version}");
    let expected = |generation: u32, current: bool, valid_until: Value| {
        json!({"org": "acme", "now": START.to_string(), "version": version,
        "token": {"generation": generation, "current": current, "valid_until": valid_until}})
    };
    assert_eq!(first.json(), expected(1, true, Value::Null));
    let new = stack.rotate("acme", 60, START).await;
    let until = START.plus(60 * SECOND);
    assert_eq!(asked(&old, START).await.json(), expected(1, false, json!(until.to_string())));
    assert_eq!(asked(&new, START).await.json(), expected(2, true, Value::Null));
    assert_eq!(asked(&old, until).await.status, 401);
}

#[tokio::test]
async fn a_refusal_is_the_one_that_an_export_would_get() {
    let stack = Stack::start().await;
    let replaced = stack.enable("acme").await;
    stack.rotate("acme", 0, START).await;
    let revoked = stack.enable("other").await;
    stack.ask("POST /api/orgs/other/token/revoke", "").await;
    let busy = stack.tenant("busy").await;
    stack.store.mark_limited(&busy.uid, 1, Over::People, START.plus(60 * SECOND)).await.unwrap();
    let unknown = PlainToken::generate(TokenKind::Ingest).unwrap();
    let admin = PlainToken::generate(TokenKind::Admin).unwrap();
    for (authorization, status) in [
        (String::new(), 401),
        ("Bearer cct_short".into(), 401),
        (format!("Basic {replaced}"), 401),
        (format!("Bearer {}", unknown.expose()), 401),
        (format!("Bearer {}", admin.expose()), 401),
        (format!("Bearer {replaced}"), 401),
        (format!("Bearer {revoked}"), 401),
        (format!("Bearer {}", busy.token), 429),
    ] {
        let told = check(&stack, &authorization, START.plus(SECOND)).await;
        let refused = ask(&stack, "POST", "/v1/logs", &authorization, START.plus(SECOND)).await;
        assert_eq!(told.status, status, "{told:?}");
        assert_eq!((told.status, &told.body), (refused.status, &refused.body));
        for header in ["www-authenticate", "retry-after", "content-type"] {
            assert_eq!(told.header(header), refused.header(header), "{header}");
        }
    }
}

#[tokio::test]
async fn asking_costs_one_read_and_leaves_no_trace() {
    let meter = Meter::default();
    let stack = Stack::start().through(|inner| meter.before(inner)).await;
    let old = stack.enable("acme").await;
    let new = stack.rotate("acme", 0, START).await;
    for (token, status) in [(&new, 200), (&old, 401)] {
        let _ = meter.take();
        assert_eq!(check(&stack, &format!("Bearer {token}"), START).await.status, status);
        let units = meter.take();
        assert_eq!((units.reads, units.read_units, units.writes), (1, 1.0, 0), "{status}");
    }
    let tokens = stack.ask("GET /api/orgs/acme/token", "").await.json();
    assert_eq!(tokens["previous"][0]["refused"], 0, "no export was refused");
}

#[tokio::test]
async fn it_is_asked_with_get_and_without_parameters_through_the_gateway_too() {
    let stack = Stack::start().over_http().tenant("acme").await;
    let authorization = format!("Bearer {}", stack.token);
    let told = check(&stack, &authorization, START).await;
    assert_eq!((told.status, told.text("org")), (200, "acme".to_owned()));
    let posted = ask(&stack, "POST", "/v1/check", &authorization, START).await;
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET")), "{posted:?}");
    let with_token = ask(&stack, "GET", "/v1/check?token=x", &authorization, START).await;
    assert_eq!(with_token.status, 400);
    assert!(with_token.text("message").contains("token"), "{with_token:?}");
}
