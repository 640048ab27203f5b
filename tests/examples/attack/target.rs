//! The gateway that is attacked: a process of its own, with a limit of memory, over a folder of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tools::load::Used;
use tools::program::{Program, token_of};

/// The most private memory that it may have: 2 GiB. It ends when it wants more.
const MEMORY: &str = "--data=2147483648";
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers by status; 0 stands for none.
pub(crate) type Answers = BTreeMap<u16, u32>;

/// What is attacked.
pub(crate) struct Target {
    program: Program,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The ingest token of its organisation.
    pub(crate) token: String,
    admin_key: String,
    client: reqwest::Client,
}

impl Target {
    pub(crate) fn start(gateway: &str, data: &Path) -> Self {
        let program = Program::start("prlimit", &[MEMORY, gateway, "--data", &data.to_string_lossy()]);
        let address = program.base_url.strip_prefix("http://").unwrap().parse().unwrap();
        let admin_key = std::fs::read_to_string(data.join("secrets").join("admin-key")).unwrap().trim().to_owned();
        let client = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self { program, address, token: token_of(data), admin_key, client }
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.program.base_url
    }

    /// What it has used; nothing once it has ended.
    pub(crate) fn used(&mut self) -> Option<Used> {
        (!self.program.has_ended()).then(|| Used::by(self.program.id()))
    }

    /// How long it took to end after SIGTERM, if it did so within the time in which everybody expects it.
    pub(crate) async fn end(&mut self) -> Option<Duration> {
        let begun = Instant::now();
        self.program.ask_to_stop();
        while begun.elapsed() < Duration::from_secs(20) {
            if self.program.has_ended() {
                return Some(begun.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }

    /// Posts a body of logs and gives the status of the answer, 0 for none.
    pub(crate) async fn post(&self, token: &str, content_type: &str, coding: &str, body: Vec<u8>) -> u16 {
        let post = self.client.post(format!("{}/v1/logs", self.base_url())).bearer_auth(token);
        let post = post.header("content-type", content_type).header("content-encoding", coding).body(body);
        post.send().await.map_or(0, |answer| answer.status().as_u16())
    }

    /// Asks the API, and says how long the answer took.
    pub(crate) async fn ask(&self, path: &str) -> Option<(Value, Duration)> {
        let begun = Instant::now();
        let get = self.client.get(format!("{}/api/orgs/default/{path}", self.base_url())).bearer_auth(&self.admin_key);
        let answer = get.send().await.ok()?.bytes().await.ok()?;
        Some((serde_json::from_slice(&answer).ok()?, begun.elapsed()))
    }

    /// A connection on which `head` and so many bytes of a body were sent, if it was taken.
    pub(crate) async fn connection(&self, head: &str, body: usize) -> Option<TcpStream> {
        let mut stream = timeout(PATIENCE, TcpStream::connect(self.address)).await.ok()?.ok()?;
        stream.write_all(head.as_bytes()).await.ok()?;
        let piece = vec![b' '; body.min(64 * 1024)];
        let mut left = body;
        while left > 0 {
            let length = left.min(piece.len());
            // Whoever was refused in the meantime is not read any more.
            timeout(Duration::from_secs(5), stream.write_all(&piece[..length])).await.ok()?.ok()?;
            left -= length;
        }
        Some(stream)
    }
}
