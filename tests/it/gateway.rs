//! The gateway as a program: start, restart, stop, and being killed in the middle of its work.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use local::embedded::Embedded;
use model::time::Timestamp;
use model::{VERSION, VERSION_HEADER};
use serde_json::json;
use tokio::task::JoinHandle;
use tools::activity::exports::bare_logs;
use tools::packs::pack_keys;
use tools::program::{Program, settings_of, token_of};

mod address;
mod erased;
mod freshness;
mod full;
mod power;
mod rotation;
mod schedule;
mod settings_file;
mod smoke;
mod strangers;

const BINARY: &str = env!("CARGO_BIN_EXE_gateway");
/// A gateway in which something blocks for ever.
const BLOCKED: &str = env!("CARGO_BIN_EXE_blocked");

fn arguments(data: &Path) -> [&str; 2] {
    ["--data", data.to_str().unwrap()]
}

fn export(number: u64) -> String {
    let nanos = 1_795_328_009_164_000_000 + number * 1_000_000;
    bare_logs(json!([{"timeUnixNano": nanos.to_string(), "attributes": [
        {"key": "event.name", "value": {"stringValue": "api_request"}},
        {"key": "event.sequence", "value": {"intValue": number}},
        {"key": "user.email", "value": {"stringValue": format!("dev{}@example.com", number % 7)}}]}]))
    .to_string()
}

async fn send(client: &reqwest::Client, base_url: &str, token: &str, number: u64) -> bool {
    let request =
        client.post(format!("{base_url}/v1/logs")).bearer_auth(token).header("content-type", "application/json");
    request.body(export(number)).send().await.is_ok_and(|answer| answer.status().as_u16() == 200)
}

/// How often each record stands in the database of a data folder.
async fn stored(data: &Path) -> BTreeMap<u64, u32> {
    let store = Embedded::open(&data.join("dynamodb.sqlite")).unwrap().store();
    let organisation = store.organisation(&"default".parse().unwrap()).await.unwrap().unwrap();
    let mut found = BTreeMap::new();
    let mut partitions: Vec<_> = pack_keys(&store, &organisation.uid, Timestamp::now()).await;
    partitions.dedup_by_key(|(_, key)| (key.bucket, key.source));
    for (_, key) in partitions {
        for pack in store.packs(&organisation.uid, key.source, key.bucket, Timestamp::now()).await.unwrap() {
            for record in telemetry::pack::decode(&pack.bytes).unwrap().records {
                let number = record.get("event.sequence").unwrap().as_int().unwrap();
                *found.entry(number as u64).or_default() += record.count;
            }
        }
    }
    found
}

/// Sixteen clients that send until they are not answered.
struct Load {
    /// The number of the next export.
    next: Arc<AtomicU64>,
    acknowledged: Arc<Mutex<Vec<u64>>>,
    senders: Vec<JoinHandle<()>>,
}

impl Load {
    fn begin(program: &Program, token: &str) -> Self {
        let (next, acknowledged) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Vec::new())));
        let sender = |_| {
            let (next, acknowledged) = (Arc::clone(&next), Arc::clone(&acknowledged));
            let (base_url, token) = (program.base_url.clone(), token.to_owned());
            tokio::spawn(async move {
                let client = reqwest::Client::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if !send(&client, &base_url, &token, number).await {
                        return;
                    }
                    acknowledged.lock().unwrap().push(number);
                }
            })
        };
        let senders = (0..16).map(sender).collect();
        Self { next, acknowledged, senders }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_a_load_loses_nothing_acknowledged_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(BINARY, &arguments(folder.path()));
    let token = token_of(folder.path());
    let Load { next, acknowledged, senders } = Load::begin(&program, &token);
    while acknowledged.lock().unwrap().len() < 3_000 {
        tokio::task::yield_now().await;
    }
    program.kill();
    for sender in senders {
        sender.await.unwrap();
    }
    let acknowledged = Arc::into_inner(acknowledged).unwrap().into_inner().unwrap();
    let restarted = Program::start(BINARY, &arguments(folder.path()));
    assert_eq!(token_of(folder.path()), token, "the token survives");
    // What a client does not know to be stored, it sends again; what is known to be stored, it sometimes sends again too.
    let client = reqwest::Client::new();
    let sent = next.load(Ordering::Relaxed);
    for number in (sent - 40..sent).chain(0..40) {
        assert!(send(&client, &restarted.base_url, &token, number).await);
    }
    drop(restarted);
    let stored = stored(folder.path()).await;
    assert!(acknowledged.iter().all(|number| stored.contains_key(number)), "an acknowledged export is on disk");
    assert!(stored.values().all(|count| *count == 1), "nothing counts twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_in_the_middle_of_a_load_it_stops_without_an_error_and_everything_acknowledged_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let mut program = Program::start_logging(BINARY, &arguments(&data), &log);
    let token = token_of(&data);
    let Load { acknowledged, senders, .. } = Load::begin(&program, &token);
    while acknowledged.lock().unwrap().len() < 300 {
        tokio::task::yield_now().await;
    }
    assert!(program.terminate().success());
    for sender in senders {
        sender.await.unwrap();
    }
    let log = std::fs::read_to_string(log).unwrap();
    let errors: Vec<_> = log.lines().filter(|line| line.contains("ERROR") || line.contains("panic")).collect();
    assert_eq!(errors, Vec::<&str>::new());
    let stored = stored(&data).await;
    assert!(acknowledged.lock().unwrap().iter().all(|number| stored.contains_key(number)));
}

#[test]
fn sigterm_ends_it_within_its_grace_even_while_something_blocks_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let mut program = Program::start_logging(BLOCKED, &arguments(&data), &log);
    assert!(program.terminate().success());
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("stopped while work was under way") && !log.contains("ERROR"), "{log}");
    drop(Program::start(BINARY, &arguments(&data)));
}

#[tokio::test]
async fn the_first_start_leaves_settings_for_their_owner_and_shows_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new");
    let mut program = Program::start(BINARY, &arguments(&data));
    let (token, settings) = (token_of(&data), settings_of(&data));
    assert_eq!(std::fs::metadata(&settings).unwrap().permissions().mode() & 0o777, 0o600);
    let printed = program.guidance.join("\n");
    assert!(printed.contains(settings.to_str().unwrap()) && !printed.contains(&token[..20]), "{printed}");
    // Nobody sits at a pipe: the way in is a file.
    let link = data.join("secrets").join("sign-in-link");
    assert!(printed.contains(link.to_str().unwrap()) && !printed.contains("code="), "{printed}");
    assert_eq!(std::fs::metadata(&link).unwrap().permissions().mode() & 0o777, 0o600);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let visit = client.get(std::fs::read_to_string(&link).unwrap().trim()).send().await.unwrap();
    assert_eq!(visit.headers()["location"], "/", "it signs in and leads to the first page");
    let health = reqwest::get(format!("{}/healthz", program.base_url)).await.unwrap();
    assert_eq!(health.status().as_u16(), 200);
    assert_eq!(health.headers()[VERSION_HEADER], VERSION);
    assert_eq!(health.text().await.unwrap(), format!("ok {VERSION}\n"));
    for path in ["/", "/sign-in", "/api/orgs", "/v1/logs", "/openapi.json", "/nothing"] {
        let answer = client.get(format!("{}{path}", program.base_url)).send().await.unwrap();
        assert_eq!(answer.headers()[VERSION_HEADER], VERSION, "{path}");
    }
    assert!(program.terminate().success(), "SIGTERM stops it cleanly");
    let restarted = Program::start(BINARY, &arguments(&data));
    assert!(send(&reqwest::Client::new(), &restarted.base_url, &token, 1).await);
}

#[tokio::test]
async fn an_ephemeral_gateway_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("never");
    let program = Program::start(BINARY, &["--ephemeral", "--data", data.to_str().unwrap()]);
    drop(program);
    assert!(!data.exists());
}

#[tokio::test]
async fn an_organisation_is_enabled_with_the_root_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = "an-admin-key-that-was-given-0123456789";
    let mut given = arguments(folder.path()).to_vec();
    given.extend(["--admin-key", key, "--public-url", "https://telemetry.example.com/claude/", "--org", "first"]);
    let program = Program::start(BINARY, &given);
    let settings = std::fs::read_to_string(settings_of(folder.path())).unwrap();
    assert!(settings.contains("\"https://telemetry.example.com/claude\""), "{settings}");
    let client = reqwest::Client::new();
    let put = |bearer: &str| {
        client.put(format!("{}/api/orgs/second", program.base_url)).bearer_auth(bearer).body("{}").send()
    };
    assert_eq!(put("wrong").await.unwrap().status().as_u16(), 401);
    let answer = put(key).await.unwrap();
    assert_eq!(answer.status().as_u16(), 201);
    let token =
        serde_json::from_slice::<serde_json::Value>(&answer.bytes().await.unwrap()).unwrap()["ingest_token"].clone();
    assert!(send(&client, &program.base_url, token.as_str().unwrap(), 1).await);
}
