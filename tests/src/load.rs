//! A generator of load: relived captures, sent by many clients at once, and what the receiver takes for them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::Histogram;
use shared::otlp::Encoding;

use crate::activity::relived::Life;
use crate::activity::{Sent, captures, requests};

/// How far sessions are apart, in nanoseconds.
const APART: u64 = 31_000_000_000;
/// How many people work.
const PEOPLE: usize = 200;

/// How clients connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    /// One for each client, as Claude Code does.
    Kept,
    /// A new one for every export, as after an idle hour.
    New,
}

/// An export that is ready to be sent.
#[derive(Debug, Clone)]
pub struct Ready {
    path: &'static str,
    content_type: &'static str,
    body: Bytes,
}

/// What came of a number of exports.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How long all of it took.
    pub took: Duration,
    /// Microseconds from the first request of an export to the whole last answer, of acknowledged exports.
    pub latency: Histogram<u64>,
    /// Answers by status; 0 stands for none.
    pub statuses: std::collections::BTreeMap<u16, u64>,
    /// Exports that were not acknowledged in the end.
    pub lost: u64,
    /// Bytes of bodies sent.
    pub bytes: u64,
}

impl Outcome {
    /// Exports acknowledged a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.acknowledged() as f64 / self.took.as_secs_f64()
    }

    /// Exports acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.statuses.get(&200).copied().unwrap_or_default()
    }

    /// The latency that this share of the acknowledged exports did not exceed, in milliseconds.
    #[must_use]
    pub fn millis(&self, share: f64) -> f64 {
        self.latency.value_at_quantile(share) as f64 / 1_000.0
    }
}

/// `count` exports of sessions that nobody lived before, from the session number `first` on.
#[must_use]
pub fn exports(first: usize, count: usize) -> Vec<Ready> {
    let runs: Vec<Vec<Sent>> = captures().iter().map(|run| requests(run)).collect();
    let mut ready = Vec::with_capacity(count);
    for session in first.. {
        let life = Life { person: session % PEOPLE, session, earlier: APART * (session % 2_000) as u64 };
        for captured in &runs[session % runs.len()] {
            if ready.len() == count {
                return ready;
            }
            let sent = life.relive(captured);
            let content_type = match sent.encoding {
                Encoding::Json => "application/json",
                Encoding::Protobuf => "application/x-protobuf",
            };
            ready.push(Ready { path: sent.signal.path(), content_type, body: sent.body.into() });
        }
    }
    ready
}

/// How long an export is sent again, at most.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is sent, at most.
const TRIES: u32 = 5;

/// Sends all of `ready` to `base_url` by so many clients at once, each one export after the other, as Claude Code does: what it is
/// asked to send again it sends again, within ten seconds and five times at most.
///
/// # Panics
/// A client cannot be made, or this process may not open as many files.
pub async fn send(base_url: &str, token: &str, ready: Vec<Ready>, clients: usize, connections: Connections) -> Outcome {
    rlimit::increase_nofile_limit(rlimit::INFINITY).unwrap();
    let ready = Arc::new(ready);
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let idle = if connections == Connections::Kept { 1 } else { 0 };
        let client = reqwest::Client::builder().pool_max_idle_per_host(idle).build().unwrap();
        let (ready, next) = (Arc::clone(&ready), Arc::clone(&next));
        let (base_url, bearer) = (base_url.to_owned(), format!("Bearer {token}"));
        tasks.spawn(async move {
            let mut told = Vec::new();
            while let Some(export) = ready.get(next.fetch_add(1, Ordering::Relaxed)) {
                told.push(tried(&client, &base_url, &bearer, export).await);
            }
            told
        });
    }
    let mut latency = Histogram::new(3).unwrap();
    let mut statuses = std::collections::BTreeMap::new();
    let mut lost = 0;
    while let Some(told) = tasks.join_next().await {
        for (answers, took) in told.unwrap() {
            if answers.last() == Some(&200) {
                latency.record(u64::try_from(took.as_micros()).unwrap()).unwrap();
            } else {
                lost += 1;
            }
            for status in answers {
                *statuses.entry(status).or_default() += 1;
            }
        }
    }
    let bytes = ready.iter().map(|export| export.body.len() as u64).sum();
    Outcome { took: begun.elapsed(), latency, statuses, lost, bytes }
}

/// The answers that an export got, 0 for none, and how long it took until the last of them.
async fn tried(client: &reqwest::Client, base_url: &str, bearer: &str, export: &Ready) -> (Vec<u16>, Duration) {
    let begun = Instant::now();
    let mut answers = Vec::new();
    for _ in 0..TRIES {
        let request = client
            .post(format!("{base_url}{}", export.path))
            .header("authorization", bearer)
            .header("content-type", export.content_type)
            .timeout(PATIENCE.saturating_sub(begun.elapsed()))
            .body(export.body.clone());
        let Ok(answer) = request.send().await else {
            answers.push(0);
            break;
        };
        let status = answer.status().as_u16();
        let wait = answer.headers().get("retry-after").and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        answers.push(answer.bytes().await.map_or(0, |_| status));
        match wait.map(Duration::from_secs) {
            Some(wait) if matches!(status, 429 | 502..=504) && begun.elapsed() + wait < PATIENCE => {
                tokio::time::sleep(wait).await;
            }
            _ => break,
        }
    }
    (answers, begun.elapsed())
}

/// What a process has used until now.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Processor time, of all cores together.
    pub cpu: Duration,
    /// Resident memory now, in bytes.
    pub resident: u64,
    /// What of it is the process's own, and no page of the database's file, in bytes.
    pub own: u64,
    /// The most resident memory there was, in bytes.
    pub peak: u64,
}

impl Used {
    /// Reads it from the kernel.
    ///
    /// # Panics
    /// There is no such process, or no `/proc`.
    #[must_use]
    pub fn by(process: u32) -> Self {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        // The name, in brackets, may hold anything; the fields after it are numbers. A tick is ten milliseconds on Linux.
        let fields: Vec<&str> = stat[stat.rfind(')').unwrap() + 2..].split(' ').collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let kib = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
        };
        Self {
            cpu: Duration::from_millis(ticks * 10),
            resident: kib("VmRSS:"),
            own: kib("RssAnon:"),
            peak: kib("VmHWM:"),
        }
    }
}

/// The bytes of all files below `folder`.
///
/// # Panics
/// It cannot be read.
#[must_use]
pub fn size_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let size = |entry: std::fs::DirEntry| {
        // A file that was there a moment ago counts as nothing.
        let Ok(meta) = entry.metadata() else { return 0 };
        if meta.is_dir() { size_of(&entry.path()) } else { meta.len() }
    };
    entries.map(size).sum()
}
