//! A generator of load: relived captures, sent by many clients at once, and what the receiver takes for them.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::Histogram;
use http::{Request, Response};

use crate::activity::relived::Life;
use crate::activity::{Sent, captures, requests};
use crate::exporter::{self, Fate};

/// How far sessions are apart, in nanoseconds.
const APART: u64 = 31_000_000_000;

/// How clients connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    /// One for each client, as Claude Code does.
    Kept,
    /// A new one for every export, as after an idle hour.
    New,
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

/// `count` exports of sessions that nobody lived before, from the session number `first` on, of so many people.
#[must_use]
pub fn exports(first: usize, count: usize, people: usize) -> Vec<Sent> {
    let runs: Vec<Vec<Sent>> = captures().iter().map(|run| requests(run)).collect();
    let mut ready = Vec::with_capacity(count);
    for session in first.. {
        let life = Life { person: session % people, session, earlier: APART * (session % 2_000) as u64 };
        for captured in &runs[session % runs.len()] {
            if ready.len() == count {
                return ready;
            }
            ready.push(life.relive(captured));
        }
    }
    ready
}

/// Sends all of `ready` to `base_url` by so many clients at once, each one export after the other, sent
/// again as Claude Code does when it is asked to.
///
/// # Panics
/// A client cannot be made, or this process may not open as many files.
pub async fn send(base_url: &str, token: &str, ready: Vec<Sent>, clients: usize, connections: Connections) -> Outcome {
    rlimit::increase_nofile_limit(rlimit::INFINITY).unwrap();
    let ready = Arc::new(ready);
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let idle = if connections == Connections::Kept { 1 } else { 0 };
        let client = reqwest::Client::builder().pool_max_idle_per_host(idle).build().unwrap();
        let (ready, next) = (Arc::clone(&ready), Arc::clone(&next));
        let (base_url, token) = (base_url.to_owned(), token.to_owned());
        tasks.spawn(async move {
            let (mut told, answers) = (Vec::new(), Mutex::new(Vec::new()));
            while let Some(export) = ready.get(next.fetch_add(1, Ordering::Relaxed)) {
                let begun = Instant::now();
                let fate = exporter::export(export, &token, async |request| {
                    let answer = posted(&client, &base_url, request).await;
                    answers.lock().unwrap().push(answer.as_ref().map_or(0, |answer| answer.status().as_u16()));
                    answer
                });
                told.push((fate.await, begun.elapsed()));
            }
            (told, answers.into_inner().unwrap())
        });
    }
    let mut latency = Histogram::new(3).unwrap();
    let mut statuses = std::collections::BTreeMap::new();
    let mut lost = 0;
    while let Some(done) = tasks.join_next().await {
        let (told, answers) = done.unwrap();
        for (fate, took) in told {
            if fate == Fate::Acknowledged {
                latency.record(u64::try_from(took.as_micros()).unwrap()).unwrap();
            } else {
                lost += 1;
            }
        }
        for status in answers {
            *statuses.entry(status).or_default() += 1;
        }
    }
    let bytes = ready.iter().map(|export| export.body.len() as u64).sum();
    Outcome { took: begun.elapsed(), latency, statuses, lost, bytes }
}

async fn posted(client: &reqwest::Client, base_url: &str, request: Request<Bytes>) -> Option<Response<Bytes>> {
    let (parts, body) = request.into_parts();
    let posted = client.post(format!("{base_url}{}", parts.uri.path())).headers(parts.headers).body(body);
    let answer = posted.send().await.ok()?;
    let mut response = Response::builder().status(answer.status());
    if let Some(wait) = answer.headers().get(http::header::RETRY_AFTER) {
        response = response.header(http::header::RETRY_AFTER, wait);
    }
    response.body(answer.bytes().await.ok()?).ok()
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
