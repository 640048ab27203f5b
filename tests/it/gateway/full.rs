//! A gateway with much to do, and one that has no room left and says so to everybody in the form that they read.

use local::gateway;
use local::handlers::Handlers;
use local::room::Room;
use shared::auth::root_key::RootKey;
use shared::secrets::{Embedded, Secrets};
use tests::load::{Connections, exports, send};
use tests::program::{Program, token_of};
use tests::service::ADMIN_KEY;

use super::{BINARY, arguments};

/// A request to a gateway without room; `/healthz` is no work and is answered all the same.
async fn answered(path: &str, content_type: &str, accept: &str) -> reqwest::Response {
    let store = tests::tables::fresh().await;
    let listener = gateway::listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let secrets = Secrets::Embedded(Embedded::in_memory());
    let handlers = Handlers::new(&store, &secrets, &RootKey::given(ADMIN_KEY).unwrap(), &base_url);
    tokio::spawn(gateway::serve(listener, handlers, Room::of(0, 0, 0), std::future::pending()));
    let client = reqwest::Client::new();
    assert_eq!(client.get(format!("{base_url}/healthz")).send().await.unwrap().status().as_u16(), 200);
    let request = client.post(format!("{base_url}{path}")).header("content-type", content_type);
    request.header("accept", accept).body("{}").send().await.unwrap()
}

#[tokio::test]
async fn an_export_is_asked_to_come_again_soon_enough_for_claude_code_to_do_so() {
    for (content_type, form) in [("application/json", "{\"code\":8,"), ("application/x-protobuf", "\u{8}\u{8}\u{12}")] {
        for path in ["/v1/logs", "/v1/metrics", "/v1/traces"] {
            let answer = answered(path, content_type, "*/*").await;
            assert_eq!(answer.status().as_u16(), 429, "{path} {content_type}");
            let seconds: u32 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=3).contains(&seconds), "{seconds}");
            assert_eq!(answer.headers()["content-type"], content_type);
            let body = answer.bytes().await.unwrap();
            assert!(body.starts_with(form.as_bytes()), "{path}: {body:?}");
        }
    }
}

#[tokio::test]
async fn the_api_and_the_pages_say_it_in_their_own_forms() {
    let api = answered("/api/orgs/default/token/rotate", "application/json", "application/json").await;
    assert_eq!(api.status().as_u16(), 429);
    assert!(api.text().await.unwrap().contains("\"throttled\""));
    let usage = answered("/v1/organizations/usage_report/claude_code", "application/json", "*/*").await;
    assert_eq!(usage.status().as_u16(), 429);
    assert!(usage.text().await.unwrap().contains("\"rate_limit_error\""));
    let page = answered("/sign-in", "application/x-www-form-urlencoded", "text/html").await;
    assert_eq!(
        (page.status().as_u16(), page.headers()["content-type"].as_bytes()),
        (429, &b"text/html; charset=utf-8"[..])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_exports_at_once_wait_for_their_turn_and_not_each_on_a_thread() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(BINARY, &arguments(folder.path()));
    let outcome = send(&program.base_url, &token_of(folder.path()), exports(0, 200), 200, Connections::Kept).await;
    assert_eq!(outcome.acknowledged(), 200, "{:?}", outcome.statuses);
    // A thread that has nothing to do stays for ten seconds.
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let threads = status.lines().find_map(|line| line.strip_prefix("Threads:")).unwrap();
    // One for each core, one for each turn, and a few.
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(threads.trim().parse::<usize>().unwrap() <= cores + 10, "{threads} threads");
}
