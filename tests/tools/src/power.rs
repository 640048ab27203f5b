//! Power cuts: a run of the gateway is recorded once, and then cut off at any of its writes.
//!
//! `strace` records what the gateway does to its data folder and when it answers. For a cut, the folder is put together as a disk may
//! have it that is only sure of what was synced ([`disk`]); a gateway's database is opened on it, projects what it says is waiting, and
//! is asked what it counts. Whatever had been answered with 200 before the cut has to be in it.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use local::embedded::Embedded;
use local::journal::{failures, stream_event};
use model::bucket::Bucket;
use model::time::{HOUR, Timestamp};
use serde_json::json;
use service::report::figures::Figures;
use store::keys;
use store::range::Reading;
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::Ledger;
use telemetry::activity::summary::Summary;
use telemetry::claude::source::{SourceId, SourceKind};

use crate::activity::enter;
use crate::activity::exports::{event, logs};
use crate::program::token_of;

pub mod disk;
pub mod trace;

use disk::Disk;
use trace::Step;

const ADMIN_KEY: &str = "an-admin-key-that-was-given-0123456789";

/// How often what is waiting is projected again because two buckets of one person were in each other's way.
const ATTEMPTS: usize = 100;

/// A run of the gateway that was recorded.
#[derive(Debug)]
pub struct Recorded {
    steps: Vec<Step>,
    /// Which client has which port.
    clients: HashMap<u16, usize>,
    folder: PathBuf,
}

/// What was looked at.
#[derive(Debug, Clone, Copy)]
pub struct Looked {
    /// Writes of the run that it could be cut at.
    pub writes: usize,
    /// Syncs among its steps.
    pub syncs: usize,
    /// Cuts that were looked at, each with a seed of its own.
    pub cuts: usize,
}

/// Has `clients` send so many exports to the gateway `binary`, each waiting for its answer, and records what the gateway does.
///
/// # Panics
/// There is no `strace`, or an export is not taken.
#[must_use]
pub fn record(binary: &str, clients: usize, exports: usize) -> Recorded {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let trace = parent.path().join("trace");
    let mut gateway = trace::command(binary, &trace)
        .args(["--data", &folder.to_string_lossy(), "--listen", "127.0.0.1:0", "--admin-key", ADMIN_KEY])
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(gateway.stdout.take().unwrap()).lines();
    let address = lines.find_map(|line| line.unwrap().strip_prefix("ready base_url=http://").map(str::to_owned));
    let (address, token, now) = (address.unwrap(), token_of(&folder), Timestamp::now());
    let senders: Vec<_> = (0..clients)
        .map(|client| {
            let (address, token) = (address.clone(), token.clone());
            std::thread::spawn(move || {
                let mut connection = TcpStream::connect(address).unwrap();
                for number in 0..exports / clients {
                    send(&mut connection, &token, client, number, now);
                }
                (connection.local_addr().unwrap().port(), client)
            })
        })
        .collect();
    let clients = senders.into_iter().map(|sender| sender.join().unwrap()).collect();
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", gateway.id())).unwrap();
    let traced = children.split_whitespace().next().unwrap();
    assert!(Command::new("kill").args(["-TERM", traced]).status().unwrap().success());
    gateway.wait().unwrap();
    let steps = trace::read(BufReader::new(File::open(trace).unwrap()));
    Recorded { steps, clients, folder }
}

fn send(connection: &mut TcpStream, token: &str, client: usize, number: usize, now: Timestamp) {
    let attributes = json!({
        "user.email": email(client),
        "session.id": format!("session-{client}"),
        "event.sequence": number,
        "model": "m",
        "input_tokens": 1,
    });
    let body = logs(json!({}), &[event("api_request", now.0 - number as i64, attributes)]).body;
    let head = format!(
        "POST /v1/logs HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(&[head.as_bytes(), &body].concat()).unwrap();
    let (mut answer, mut some) = (Vec::new(), [0; 4096]);
    let whole = |answer: &[u8]| {
        let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length = head.split_once("content-length: ")?.1.lines().next()?.parse().ok()?;
        (body.len() >= length).then(|| text.starts_with("http/1.1 200 "))
    };
    let taken = loop {
        let read = connection.read(&mut some).unwrap();
        assert!(read > 0, "the gateway closed the connection");
        answer.extend_from_slice(&some[..read]);
        if let Some(taken) = whole(&answer) {
            break taken;
        }
    };
    assert!(taken, "{}", String::from_utf8_lossy(&answer));
}

fn email(client: usize) -> String {
    format!("dev{client}@example.com")
}

impl Recorded {
    /// Cuts the run at `cuts` of its writes, evenly, each with a seed of its own that begins at `seed`; and says at which cut and
    /// seed what is missing, if something is.
    ///
    /// # Errors
    /// An export that was acknowledged is not counted.
    ///
    /// # Panics
    /// What a power cut leaves cannot be opened.
    pub fn cut(&self, cuts: usize, seed: u64) -> Result<Looked, String> {
        let is_ready = |step: &Step| matches!(step, Step::Said(text) if text.contains("ready base_url="));
        let ready = self.steps.iter().position(is_ready).unwrap();
        let is_write = |step: &Step| !matches!(step, Step::Said(_) | Step::Answered { .. });
        let writes: Vec<usize> = (ready..self.steps.len()).filter(|at| is_write(&self.steps[*at])).collect();
        let cuts = cuts.min(writes.len());
        let chosen: Vec<usize> = (0..cuts).map(|cut| writes[cut * writes.len() / cuts]).collect();
        let next = AtomicUsize::new(0);
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| self.look(&chosen, &next, seed))).collect();
            workers.into_iter().try_for_each(|worker| worker.join().unwrap())
        })?;
        let syncs = self.steps[ready..].iter().filter(|step| matches!(step, Step::Synced { .. })).count();
        Ok(Looked { writes: writes.len(), syncs, cuts })
    }

    /// Looks at cuts, one after the other, of which others look at some. What was done until then is done only once.
    fn look(&self, cuts: &[usize], next: &AtomicUsize, seed: u64) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (mut disk, mut done) = (Disk::default(), 0);
        let mut acknowledged = vec![0_u64; self.clients.len()];
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(cut) = cuts.get(number) else { return Ok(()) };
            for step in &self.steps[done..=*cut] {
                disk.take(step);
                if let Step::Answered { peer, bytes } = step
                    && bytes.starts_with(b"HTTP/1.1 200 ")
                    && let Some(client) = self.clients.get(peer)
                {
                    acknowledged[*client] += 1;
                }
            }
            done = cut + 1;
            let seed = seed + number as u64;
            let counted = runtime.block_on(counted(&self.folder, &disk, seed, acknowledged.len()));
            for (client, (acknowledged, counted)) in acknowledged.iter().zip(&counted).enumerate() {
                // A client has one export on its way.
                if !(*acknowledged..=acknowledged + 1).contains(counted) {
                    return Err(format!(
                        "cut after step {cut} with seed {seed}: {acknowledged} exports of client {client} were acknowledged, \
                         {counted} are counted; {:?}",
                        self.steps[*cut]
                    ));
                }
            }
        }
    }
}

/// How many exports of each client summaries tell of, when a gateway is started on what a power cut left.
async fn counted(folder: &Path, disk: &Disk, seed: u64, clients: usize) -> Vec<u64> {
    // In memory if there is such a folder: nothing has to outlive this, and syncs take most of the time.
    let parent = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    for (path, bytes) in disk.after_power_cut(seed) {
        let Ok(name) = path.strip_prefix(folder) else { continue };
        // What the memory of processes is mapped to is made anew.
        if name.components().count() == 1 && !name.to_string_lossy().ends_with("-shm") {
            std::fs::write(parent.path().join(name), bytes).unwrap();
        }
    }
    let database = Embedded::open(&parent.path().join("dynamodb.sqlite")).unwrap();
    let (database, _journal, mut changes) = database.with_journal(Some(&parent.path().join("journal"))).unwrap();
    let store = database.store();
    let mut waiting: Vec<_> = std::iter::from_fn(|| changes.try_recv().ok()).collect();
    let (app, now) = (project_activity::Projection::new(store.clone()), Timestamp::now());
    for _ in 0..ATTEMPTS {
        if waiting.is_empty() {
            break;
        }
        let answer = project_activity::handle(&app, stream_event(&waiting), now).await.unwrap();
        // Two buckets of one person were in each other's way.
        waiting = failures(&answer).into_iter().map(|place| waiting[place].clone()).collect();
    }
    assert_eq!(waiting, [], "what is waiting can be projected");
    let organisation = store.organisation(&"default".parse().unwrap()).await.unwrap().unwrap();
    let sources: Vec<SourceId> = (0..clients).map(|client| SourceId::new(SourceKind::Email, &email(client))).collect();
    let shards: BTreeSet<u8> = sources.iter().map(|source| keys::shard(*source)).collect();
    let dates: BTreeSet<_> = [now.minus(HOUR), now].map(|at| keys::utc_date(Bucket::of(at))).into();
    let mut buckets = Vec::new();
    for (date, shard) in dates.iter().flat_map(|date| shards.iter().map(move |shard| (*date, *shard))) {
        let all = (Bucket(0), Bucket(99_999_999));
        buckets.extend(store.summaries(&organisation.uid, date, shard, all, Reading::Latest, now).await.unwrap());
    }
    sources.into_iter().map(|source| requests(&buckets, source)).collect()
}

/// The requests that summaries tell of, as readers are shown them.
fn requests(buckets: &[(Bucket, SourceId, Summary)], source: SourceId) -> u64 {
    let somebody = |source: SourceId, _: &Label| Some(source.encoded().into());
    let mut ledger = Ledger::new(&[], somebody);
    for (bucket, source, summary) in buckets.iter().filter(|(_, of, _)| *of == source) {
        enter(&mut ledger, *source, Some(*bucket), summary, true);
    }
    serde_json::to_value(Figures::from(&ledger.close().total)).unwrap()["api_requests"].as_u64().unwrap()
}
