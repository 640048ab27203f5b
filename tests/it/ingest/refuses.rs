//! What is refused, in which words and in which encoding.

use model::time::{MILLISECOND, MINUTE, SECOND, Timestamp};
use model::token::{PlainToken, TokenKind};
use prost::Message;
use store::token::TokenState;
use tools::captures;
use tools::reply::Reply;
use tools::stack::Stack;
use tools::tenant::Tenant;

/// `google.rpc.Status`, as a client decodes it.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

async fn with_token(service: &Tenant, bearer: &str) -> Reply {
    let request = service.client().post(service.url("/v1/logs")).header("content-type", "application/json");
    let answer = request.header("authorization", bearer).body("{}").send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Reply { status, headers, body: answer.bytes().await.unwrap() }
}

#[tokio::test]
async fn a_bad_token_is_told_what_to_do() {
    let service = Stack::start().over_http().tenant("default").await;
    let good = &service.token;
    let unknown = PlainToken::generate(TokenKind::Ingest).unwrap();
    let admin = PlainToken::generate(TokenKind::Admin).unwrap();
    for (bearer, told) in [
        (format!("Bearer {good}x"), "a part of it may be missing"),
        (format!("Bearer {}", good.replace("cct_", "cct-")), "begin with cct_"),
        (format!("Basic {good}"), "no ingest token"),
        ("Bearer%20cct_0".into(), "a plain space after Bearer"),
        (format!("Bearer {}", unknown.expose()), "not known here"),
        (format!("Bearer {}", admin.expose()), "admin key"),
    ] {
        let answer = with_token(&service, &bearer).await;
        assert_eq!(
            (answer.status, answer.header("www-authenticate")),
            (401, Some("Bearer realm=\"ingest\"")),
            "{told}"
        );
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(body.contains(told), "{told}: {body}");
        assert!(!body.contains(&good[4..20]), "an answer never repeats a token");
        assert_eq!(answer.header("retry-after"), None);
    }
}

#[tokio::test]
async fn a_rotated_token_is_refused_with_the_time_of_the_rotation() {
    let service = Stack::start().over_http().tenant("default").await;
    let now = Timestamp::now();
    let bearer = format!("Bearer {}", service.token);
    service
        .put_token(&service.token_record(TokenState::Overlapping { at: now.minus(SECOND), until: now.plus(MINUTE) }))
        .await;
    assert_eq!(with_token(&service, &bearer).await.status, 200, "an overlap keeps it alive");
    service
        .put_token(
            &service.token_record(TokenState::Overlapping { at: now.minus(MINUTE), until: now.minus(MILLISECOND) }),
        )
        .await;
    let answer = with_token(&service, &bearer).await;
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    assert_eq!((answer.status, answer.json()["code"].as_i64()), (401, Some(16)));
    assert!(message.contains(&now.minus(MINUTE).to_string()) && message.contains("restart Claude Code"), "{message}");
    service.put_token(&service.token_record(TokenState::Revoked { at: now })).await;
    assert!(String::from_utf8_lossy(&with_token(&service, &bearer).await.body).contains("revoked"));
}

#[tokio::test]
async fn a_bad_token_wins_over_a_bad_body() {
    let service = Stack::start().over_http().tenant("default").await;
    let unknown = PlainToken::generate(TokenKind::Ingest).unwrap();
    let request = service.client().post(service.url("/v1/logs")).header("content-type", "application/json");
    let answer = request.bearer_auth(unknown.expose()).body("{garbage").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 401);
}

#[tokio::test]
async fn every_refusal_is_a_status_in_the_callers_encoding() {
    let service = Stack::start().over_http().tenant("default").await;
    for (encoding, junk) in
        [("application/json", &b"{\"resourceLogs\": 7}"[..]), ("application/x-protobuf", b"\xff\xff\xff")]
    {
        let answer = service.post("/v1/logs", &[("content-type", encoding)], junk.to_vec()).await;
        assert_eq!((answer.status, answer.header("content-type")), (400, Some(encoding)));
        let code = if encoding.ends_with("json") {
            assert!(answer.json()["details"][0]["@type"].as_str().unwrap().ends_with("google.rpc.BadRequest"));
            answer.json()["code"].as_i64().unwrap()
        } else {
            i64::from(Status::decode(answer.body.clone()).unwrap().code)
        };
        assert_eq!(code, 3);
    }
}

#[tokio::test]
async fn what_is_no_export_gets_the_status_that_says_so() {
    let service = Stack::start().over_http().tenant("default").await;
    let json = ("content-type", "application/json");
    assert_eq!(service.post("/v1/nothing", &[json], "{}").await.status, 404);
    assert_eq!(service.post("/v1/logs", &[("content-type", "text/plain")], "{}").await.status, 415);
    assert_eq!(service.post("/v1/logs", &[json, ("content-encoding", "br")], "{}").await.status, 415);
    let get = service.client().get(service.url("/v1/logs")).send().await.unwrap();
    assert_eq!((get.status().as_u16(), get.headers()["allow"].to_str().unwrap()), (405, "POST"));
    let grpc = service.post("/v1/logs", &[("content-type", "application/grpc")], "").await;
    assert_eq!(grpc.status, 415);
    assert!(String::from_utf8_lossy(&grpc.body).contains("OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"));
}

#[tokio::test]
async fn an_export_of_which_nothing_is_usable_is_refused() {
    let service = Stack::start().over_http().tenant("default").await;
    let body = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","sum":{"dataPoints":[{}]}}]}]}]}"#;
    let answer = service.post("/v1/metrics", &[("content-type", "application/json")], body).await;
    assert_eq!(answer.status, 400);
    assert!(String::from_utf8_lossy(&answer.body).contains("without a value"));
    assert!(service.packs().await.is_empty());
}

#[tokio::test]
async fn the_wrong_names_in_json_are_named_in_a_warning() {
    let service = Stack::start().over_http().tenant("default").await;
    let answer = service.post("/v1/logs", &[("content-type", "application/json")], r#"{"resource_logs": []}"#).await;
    assert_eq!(answer.status, 200);
    assert!(String::from_utf8_lossy(&answer.body).contains("instead of `resourceLogs`"));
}

#[tokio::test]
async fn truncated_bodies_are_refused_and_nothing_is_stored() {
    let service = Stack::start().over_http().tenant("default").await;
    let capture = captures::named("pb-tools-gzip/001");
    for keep in [0, 1, 10, capture.body.len() / 2, capture.body.len() - 1] {
        let mut cut = capture.clone();
        cut.body = cut.body.slice(..keep);
        assert_eq!(service.export(&cut).await.status, 400, "{keep} bytes");
    }
    assert!(service.packs().await.is_empty());
}
