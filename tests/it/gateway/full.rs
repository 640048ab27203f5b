//! A gateway with much to do, and one that has no room left and says so to everybody in the form that they read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use local::gateway::Terms;
use local::memory_budget::MemoryBudget;
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;
use tools::load::{Connections, exports, send};
use tools::program::{Program, token_of};
use tools::reply::Reply;
use tools::stack::Stack;

use super::{BINARY, arguments, export};

fn within(room: MemoryBudget) -> Terms {
    Terms { room, ..Terms::default() }
}

/// The answer of a gateway without room; `/healthz` is no work and is answered all the same.
async fn refused(path: &str, content_type: &str, accept: &str) -> Reply {
    let store = tools::tables::fresh().await;
    let service = Stack::start().over(store).behind(within(MemoryBudget::of(0, 0, 0))).tenant("default").await;
    let health = service.client().get(service.url("/healthz")).send().await.unwrap();
    assert_eq!(health.status().as_u16(), 200);
    let answer = service.post(path, &[("content-type", content_type), ("accept", accept)], "{}").await;
    assert_eq!(answer.status, 429, "{path} {content_type}");
    answer
}

#[tokio::test]
async fn an_export_is_asked_to_come_again_soon_enough_for_claude_code_to_do_so() {
    for (content_type, form) in [("application/json", "{\"code\":8,"), ("application/x-protobuf", "\u{8}\u{8}\u{12}")] {
        for path in ["/v1/logs", "/v1/metrics", "/v1/traces"] {
            let answer = refused(path, content_type, "*/*").await;
            let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=3).contains(&seconds), "{seconds}");
            assert_eq!(answer.header("content-type"), Some(content_type));
            assert!(answer.body.starts_with(form.as_bytes()), "{path}: {:?}", answer.body);
        }
    }
}

#[tokio::test]
async fn the_api_and_the_pages_say_it_in_their_own_forms() {
    let api = refused("/api/orgs/default/token/rotate", "application/json", "application/json").await;
    assert_eq!(api.json()["code"], "throttled");
    let usage = refused("/v1/organizations/usage_report/claude_code", "application/json", "*/*").await;
    assert_eq!(usage.json()["error"]["type"], "rate_limit_error");
    let page = refused("/sign-in", "application/x-www-form-urlencoded", "text/html").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_exports_at_once_wait_for_their_turn_and_not_each_on_a_thread() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(BINARY, &arguments(folder.path()));
    let outcome = send(&program.base_url, &token_of(folder.path()), exports(0, 200, 200), 200, Connections::Kept).await;
    assert_eq!(outcome.acknowledged(), 200, "{:?}", outcome.statuses);
    // A thread that has nothing to do stays for ten seconds.
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let threads = status.lines().find_map(|line| line.strip_prefix("Threads:")).unwrap();
    // One for each core, one for each turn, and a few.
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(threads.trim().parse::<usize>().unwrap() <= cores + 10, "{threads} threads");
}

/// A database that lets nothing be put before it is opened.
#[derive(Debug, Clone)]
struct Gate<C> {
    inner: C,
    open: Arc<Semaphore>,
    /// How many came to be put.
    came: Arc<AtomicUsize>,
}

impl HttpClient for Gate<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Gate { inner, open: self.open.clone(), came: self.came.clone() })
    }
}

impl HttpConnector for Gate<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let gate = self.clone();
        let is_put = request.headers().get("x-amz-target").is_some_and(|target| target.ends_with(".PutItem"));
        HttpConnectorFuture::new(async move {
            gate.came.fetch_add(usize::from(is_put), Ordering::Relaxed);
            let _passing = if is_put { Some(gate.open.acquire().await.unwrap()) } else { None };
            gate.inner.call(request).await
        })
    }
}

#[tokio::test]
async fn an_export_whose_client_went_away_takes_its_room_until_it_is_stored() {
    let open = Arc::new(Semaphore::new(1));
    let came = Arc::new(AtomicUsize::new(0));
    let behind = |inner| SharedHttpClient::new(Gate { inner, open: open.clone(), came: came.clone() });
    let deadline = Duration::from_secs(300);
    let service = Stack::start()
        .through(behind)
        .deadline(deadline)
        .behind(within(MemoryBudget::of(1 << 20, 0, 1)))
        .tenant("default")
        .await;
    let shut = open.acquire().await.unwrap();
    let before = came.load(Ordering::Relaxed);
    let body = export(1);
    let mut client = tokio::net::TcpStream::connect(service.address()).await.unwrap();
    let head = format!(
        "POST /v1/logs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        &service.token,
        body.len()
    );
    client.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let another = || service.post("/v1/logs", &[("content-type", "application/json")], "{}");
    // Before that it could be itself that finds no room.
    while came.load(Ordering::Relaxed) == before {
        tokio::task::yield_now().await;
    }
    drop(client);
    for _ in 0..50 {
        assert_eq!(another().await.status, 429);
    }
    drop(shut);
    while another().await.status != 200 {}
    assert_eq!(service.packs().await.len(), 1, "it is stored all the same");
}
