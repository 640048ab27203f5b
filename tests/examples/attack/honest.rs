//! What somebody with a good token sees meanwhile: one export after the other, from an address of its own, each over a new connection.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tools::activity::Sent;
use tools::load::exports;

/// How long Claude Code tries before it gives an export up.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two exports.
const PAUSE: Duration = Duration::from_millis(200);
/// The address that honest exports come from; attacks come from 127.0.0.1.
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// What became of honest exports.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    /// Exports answered with 200 at the first try.
    pub(crate) taken: u32,
    /// Exports answered otherwise, or not at all within ten seconds.
    pub(crate) not_taken: u32,
    /// The slowest answer of 200.
    pub(crate) slowest: Duration,
}

/// An honest client at work.
pub(crate) struct Honest {
    stop: Arc<AtomicBool>,
    work: JoinHandle<Seen>,
}

impl Honest {
    pub(crate) fn begin(base_url: &str, token: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = reqwest::Client::builder().local_address(ADDRESS).pool_max_idle_per_host(0).timeout(PATIENCE);
        let client = client.build().unwrap();
        let work = tokio::spawn(work(client, base_url.to_owned(), token.to_owned(), Arc::clone(&stop)));
        Self { stop, work }
    }

    pub(crate) async fn end(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        self.work.await.unwrap()
    }
}

async fn work(client: reqwest::Client, base_url: String, token: String, stop: Arc<AtomicBool>) -> Seen {
    let mut seen = Seen::default();
    let ready = exports(0, 1_000, 20);
    for export in ready.iter().cycle() {
        let begun = Instant::now();
        if post(&client, &base_url, &token, export).await == Some(200) {
            seen.taken += 1;
            seen.slowest = seen.slowest.max(begun.elapsed());
        } else {
            seen.not_taken += 1;
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    seen
}

async fn post(client: &reqwest::Client, base_url: &str, token: &str, export: &Sent) -> Option<u16> {
    let post = client.post(format!("{base_url}{}", export.signal.path())).bearer_auth(token);
    let post = post.header("content-type", export.encoding.media_type()).body(export.body.clone());
    Some(post.send().await.ok()?.status().as_u16())
}
