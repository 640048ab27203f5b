//! What a gateway does for those whom it does not know: nothing but an answer, by the head of what they send.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use local::callers::Proxies;
use local::gateway::Terms;
use local::patience::{Pace, Patience};
use model::time::{MILLISECOND, SECOND, Timestamp};
use model::token::{PlainToken, TokenKind};
use service::ingest::Admission;
use store::token::TokenState;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tools::faults::{Fault, Faults};
use tools::meter::Meter;
use tools::stack::{ROOT_KEY, Stack};
use tools::tenant::Tenant;

use super::export;

const ANNOUNCED: &str = "content-length: 67108864";

/// Sends a head, and what follows it, over a connection of its own.
async fn begin(service: &Tenant, head: &[&str], body: &[u8]) -> TcpStream {
    let mut client = TcpStream::connect(service.address()).await.unwrap();
    let head = format!("{}\r\nhost: x\r\n\r\n", head.join("\r\n"));
    client.write_all(head.as_bytes()).await.unwrap();
    // Nobody has to read it to its end.
    let _ = client.write_all(body).await;
    client
}

/// All that comes until the other side closes.
async fn rest(mut client: TcpStream) -> String {
    let mut read = Vec::new();
    let closes = tokio::time::timeout(Duration::from_secs(60), client.read_to_end(&mut read));
    assert!(closes.await.is_ok_and(|read| read.is_ok()), "the connection stays open");
    String::from_utf8_lossy(&read).to_lowercase()
}

/// The answer to a head whose body never comes, on a connection that is closed after it.
async fn refused(service: &Tenant, head: &[&str]) -> String {
    let answer = rest(begin(service, head, b"").await).await;
    assert!(answer.contains("\r\nconnection: close\r\n"), "{head:?}: {answer}");
    answer
}

fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}")
}

#[tokio::test]
async fn who_may_send_nothing_is_refused_by_the_head_and_no_body_is_waited_for() {
    let service = Stack::start().over_http().tenant("default").await;
    let forged = bearer(PlainToken::generate(TokenKind::Ingest).unwrap().expose());
    let admin = bearer(ROOT_KEY);
    let json = "content-type: application/json";
    for (line, more, status) in [
        ("PUT /nothing-here", json, "404"),
        ("POST /v1/nothing", json, "404"),
        ("PUT /v1/logs", json, "405"),
        ("POST /v1/logs", "content-type: text/plain", "415"),
        ("POST /v1/logs", json, "413"),
        ("PUT /api/orgs/default/git-users", json, "401"),
        ("PUT /api/orgs/default/git-users", "authorization: Bearer wrong", "401"),
        ("PUT /api/orgs/default/git-users", forged.as_str(), "401"),
        ("PATCH /api/orgs/default/git-users", admin.as_str(), "405"),
        ("POST /api/nothing", admin.as_str(), "404"),
        ("POST /orgs/default/users/git", "cookie: session=x", "303"),
        ("POST /sign-in", "origin: https://evil.example.com", "403"),
    ] {
        let answer = refused(&service, &[&format!("{line} HTTP/1.1"), more, ANNOUNCED]).await;
        assert!(answer.starts_with(&format!("http/1.1 {status} ")), "{line} {more}: {answer}");
    }
    let announced = "content-length: 262144";
    for token in ["x: x", "authorization: Bearer cct_short", forged.as_str(), admin.as_str()] {
        let answer = refused(&service, &["POST /v1/logs HTTP/1.1", json, announced, token]).await;
        assert!(answer.starts_with("http/1.1 401 "), "{token}: {answer}");
    }
}

#[tokio::test]
async fn hundreds_of_stalled_bodies_of_strangers_keep_no_export_out() {
    let service = Stack::start().over_http().tenant("default").await;
    let mut stalled = Vec::new();
    for _ in 0..530 {
        let head = ["POST /v1/logs HTTP/1.1", "content-type: application/json", "content-length: 262144"];
        stalled.push(begin(&service, &head, &[b' '; 8 * 1024]).await);
    }
    for _ in 0..6 {
        stalled.push(begin(&service, &["PUT /nothing-here HTTP/1.1", ANNOUNCED], b"").await);
    }
    for body in [export(1), format!("{}{}", export(2), " ".repeat(300 * 1024))] {
        let answer = service.post("/v1/logs", &[("content-type", "application/json")], body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    for client in stalled {
        let answer = rest(client).await;
        assert!(answer.starts_with("http/1.1 401 ") || answer.starts_with("http/1.1 404 "), "{answer}");
    }
}

#[tokio::test]
async fn one_address_cannot_take_the_connections_of_another() {
    let proxies = Proxies { loopback: false, ..Proxies::default() };
    let terms = Terms { connections: 16, proxies, ..Terms::default() };
    let service = Stack::start().behind(terms).tenant("default").await;
    let from = |last: u8| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((IpAddr::from(Ipv4Addr::new(127, 0, 0, last)), 0).into()).unwrap();
        socket.connect(service.address())
    };
    let mut greedy = Vec::new();
    for _ in 0..32 {
        greedy.push(from(1).await.unwrap());
    }
    // A quarter is kept; whoever comes beyond it is sent away.
    let mut kept = 0;
    for client in &mut greedy {
        let _ = client.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
        kept += usize::from(client.read_u8().await.is_ok());
    }
    assert_eq!(kept, 4);
    let mut other = from(2).await.unwrap();
    other.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(rest(other).await.starts_with("http/1.1 200 "));
}

#[tokio::test]
async fn broken_chunks_are_a_bad_request_in_the_form_of_whoever_sent_them() {
    let service = Stack::start().over_http().tenant("default").await;
    let (token, key) = (bearer(&service.token), bearer(ROOT_KEY));
    for (line, more, form) in [
        ("POST /v1/logs", [token.as_str(), "content-type: application/json"], "application/json"),
        ("POST /v1/metrics", [token.as_str(), "content-type: application/x-protobuf"], "application/x-protobuf"),
        ("PUT /api/orgs/default", [key.as_str(), "content-type: application/json"], "application/problem+json"),
        ("POST /sign-in", ["accept: text/html", "x: x"], "text/html; charset=utf-8"),
    ] {
        for chunks in ["no-number\r\n{}\r\n0\r\n\r\n", "2\r\n{}0\r\n\r\n", "ffffffffffffffffff\r\n"] {
            let head = [&format!("{line} HTTP/1.1"), more[0], more[1], "transfer-encoding: chunked"];
            let answer = rest(begin(&service, &head, chunks.as_bytes()).await).await;
            assert!(answer.starts_with("http/1.1 400 "), "{line} {chunks:?}: {answer}");
            assert!(answer.contains(&format!("content-type: {form}\r\n")), "{line}: {answer}");
        }
    }
}

#[tokio::test]
async fn the_root_of_otlp_answers_in_the_encoding_of_the_request() {
    let service = Stack::start().over_http().tenant("default").await;
    for form in ["application/x-protobuf", "application/json"] {
        let answer = service.post("/v1", &[("content-type", form)], "{}").await;
        assert_eq!((answer.status, answer.header("content-type")), (404, Some(form)));
    }
}

#[tokio::test]
async fn two_keys_in_one_request_are_refused() {
    let service = Stack::start().over_http().tenant("default").await;
    let (token, key) = (bearer(&service.token), bearer(ROOT_KEY));
    let close = "connection: close";
    for head in [
        ["POST /v1/logs HTTP/1.1", &token, &token, close],
        ["GET /api/orgs HTTP/1.1", &key, &key, close],
        ["GET /v1/organizations/usage_report/claude_code HTTP/1.1", "x-api-key: a", "x-api-key: a", close],
    ] {
        let typed = [&head[..], &["content-type: application/json"]].concat();
        let answer = rest(begin(&service, &typed, b"").await).await;
        assert!(answer.starts_with("http/1.1 401 ") && answer.contains("more than one"), "{answer}");
    }
}

#[tokio::test]
async fn a_chunked_export_keeps_its_connection() {
    let service = Stack::start().over_http().tenant("default").await;
    let body = export(1);
    let token = bearer(&service.token);
    let head = ["POST /v1/logs HTTP/1.1", &token, "content-type: application/json", "transfer-encoding: chunked"];
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let twice = format!("{chunked}{}\r\nhost: x\r\nconnection: close\r\n\r\n{chunked}", head.join("\r\n"));
    let answers = rest(begin(&service, &head, twice.as_bytes()).await).await;
    assert_eq!(answers.matches("http/1.1 200 ").count(), 2, "{answers}");
}

#[tokio::test]
async fn a_body_that_stalls_is_not_waited_for_even_with_a_good_token() {
    let body = Pace { grace: Duration::from_millis(50), rate: u32::MAX, longest: Duration::from_secs(1) };
    let terms = Terms { patience: Patience { body, ..Patience::default() }, ..Terms::default() };
    let service = Stack::start().behind(terms).tenant("default").await;
    let token = bearer(&service.token);
    let head = ["POST /v1/logs HTTP/1.1", &token, "content-type: application/json", "content-length: 1000"];
    let answer = rest(begin(&service, &head, &[b' '; 999]).await).await;
    assert!(answer.starts_with("http/1.1 503 ") && answer.contains("retry-after"), "{answer}");
}

#[tokio::test]
async fn of_a_large_body_with_a_retired_token_the_beginning_says_who_sent_it() {
    let service = Stack::start().over_http().tenant("default").await;
    let at = Timestamp::now().minus(SECOND);
    service.put_token(&service.token_record(TokenState::Retired { at, until: at })).await;
    let token = bearer(&service.token);
    let head = ["POST /v1/logs HTTP/1.1", &token, "content-type: application/json", "content-length: 1000000"];
    let mut beginning = export(1).into_bytes();
    beginning.resize(64 * 1024, b' ');
    let answer = rest(begin(&service, &head, &beginning).await).await;
    assert!(answer.starts_with("http/1.1 401 ") && answer.contains("rotated"), "{answer}");
    let uses = service.store.token_uses(&service.uid).await.unwrap();
    let users: Vec<_> = uses.iter().filter_map(|more| more.user.as_ref()).map(|user| user.value.as_str()).collect();
    assert_eq!(users, ["dev1@example.com"]);
}

#[tokio::test]
async fn a_token_that_is_revoked_while_the_body_arrives_is_refused_all_the_same() {
    let service = Stack::start().over_http().tenant("default").await;
    let now = Timestamp::now();
    let request = http::Request::post("/v1/logs").header("content-type", "application/json");
    let head = request.header("authorization", format!("Bearer {}", service.token)).body("".into()).unwrap();
    let admit = async || match service.handlers.ingest.admit(&head, now).await {
        Admission::Granted(admitted) => *admitted,
        other => panic!("{other:?}"),
    };
    let (prompt, late) = (admit().await, admit().await);
    service.put_token(&service.token_record(TokenState::Revoked { at: now })).await;
    let stored = service.handlers.ingest.take(late, export(1).into(), (), now.plus(1001 * MILLISECOND)).await;
    assert_eq!(stored.status().as_u16(), 401);
    let stored = service.handlers.ingest.take(prompt, export(1).into(), (), now.plus(SECOND)).await;
    assert_eq!(stored.status().as_u16(), 200, "what arrives at once is looked up once");
}

#[tokio::test]
async fn each_call_takes_a_body_as_large_as_it_needs_and_no_larger() {
    let service = Stack::start().over_http().tenant("default").await;
    let mebibytes = |n: usize| " ".repeat(n << 20);
    let ask = async |method: http::Method, path: &str, body: String| {
        let request = service.client().request(method, service.url(path)).bearer_auth(ROOT_KEY);
        request.body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask(http::Method::PUT, "/api/orgs/first", mebibytes(1)).await, 201);
    assert_eq!(ask(http::Method::PUT, "/api/orgs/first", mebibytes(2)).await, 413);
    // It is read, and refused for what it says.
    assert_eq!(ask(http::Method::PUT, "/api/orgs/first/git-users", mebibytes(2)).await, 415);
}

#[tokio::test]
async fn health_is_ok_again_once_the_database_answers_and_not_before() {
    let faults = Faults::default();
    let service = Stack::start().through(|inner| faults.before(inner)).over_http().tenant("default").await;
    let health = async || service.client().get(service.url("/healthz")).send().await.unwrap().status().as_u16();
    // No answer ever comes.
    faults.arm(0, Fault::DiesBefore);
    assert_eq!(health().await, 503);
    while health().await != 200 {}
}

#[tokio::test]
async fn a_malformed_token_costs_no_read_and_an_unknown_one_costs_one() {
    let meter = Meter::default();
    let service = Stack::start().through(|inner| meter.before(inner)).over_http().tenant("default").await;
    let forged = PlainToken::generate(TokenKind::Ingest).unwrap();
    for (token, reads) in [("cct_short", 0), (forged.expose(), 1)] {
        let _ = meter.take();
        let head = http::Request::post("/v1/logs").header("content-type", "application/json");
        let head = head.header("authorization", format!("Bearer {token}")).body("".into()).unwrap();
        assert!(matches!(service.handlers.ingest.admit(&head, Timestamp::now()).await, Admission::Answered(_)));
        let units = meter.take();
        assert_eq!((units.reads, units.writes), (reads, 0), "{token}");
    }
}
