//! What has to hold of a service that is reached by its address, with an organisation of its own that is gone in the end. Some of it is
//! decided by what stands in front of the functions: whether bodies arrive as they were sent, and paths as they were meant.

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use model::time::Timestamp;
use serde_json::{Value, json};

use crate::activity::exports::{event, logs};
use crate::captures;
use crate::reply::Reply;

/// How long what was acknowledged may take until it shows: two minutes on AWS, and what a busy machine adds.
const SHOWN: Duration = Duration::from_secs(180);
/// Bytes of an export that is larger than Lambda may take.
const LARGE: usize = 5_000_000;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(500);
/// A guest of another directory, as its identities are written.
const GUEST: &str = "jane_example.com#EXT#@tenant.example.com";

/// One thing that was tried.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What.
    pub what: &'static str,
    /// Whether it is as it has to be.
    pub well: bool,
    /// What was answered.
    pub seen: String,
}

/// A service, and what was found out about it.
#[derive(Debug)]
pub struct Smoke {
    url: String,
    key: String,
    org: String,
    client: reqwest::Client,
    findings: Vec<Finding>,
}

impl Smoke {
    /// The service at `url`, whose root key is `key`. The organisation is named `smoke-…`.
    #[must_use]
    pub fn of(url: &str, key: &str) -> Self {
        let org = format!("smoke-{}", Timestamp::now().0);
        let client = reqwest::Client::new();
        Self { url: url.trim_end_matches('/').into(), key: key.into(), org, client, findings: Vec::new() }
    }

    /// Tries everything, with so many requests at once where there may be too many.
    ///
    /// # Panics
    /// The service cannot be reached.
    pub async fn run(mut self, at_once: usize) -> Vec<Finding> {
        let alive = self.client.get(format!("{}/healthz", self.url)).send().await.unwrap().status().as_u16();
        self.note("it is alive", alive == 200, alive);
        let enabled = self.ask("PUT", "", "{}").await;
        self.note("an organisation is enabled", enabled.status == 201, enabled.status);
        if enabled.status == 201 {
            self.with_organisation(&enabled.text("ingest_token"), at_once).await;
            let purged = self.ask("DELETE", "?purge=true", "").await.status;
            self.note("the organisation is purged", purged == 204, purged);
        }
        self.findings
    }

    async fn with_organisation(&mut self, token: &str, at_once: usize) {
        self.bodies(token).await;
        self.guest(token).await;
        self.too_many(token, at_once).await;
        let rotated = self.ask("POST", "/token/rotate", "{}").await;
        self.note("the token is rotated", rotated.status == 200, rotated.status);
        let old = self.export(token, "application/json", None, small()).await;
        self.note("the old token is refused", old == 401, old);
        if rotated.status == 200 {
            let new = self.export(&rotated.text("ingest_token"), "application/json", None, small()).await;
            self.note("the new token is good", new == 200, new);
        }
    }

    /// The same export in every form.
    async fn bodies(&mut self, token: &str) {
        let json = captures::named("json-tools-gzip/001");
        let protobuf = json.as_protobuf();
        for (what, media_type, coding, body) in [
            ("protobuf", "application/x-protobuf", None, protobuf.body.to_vec()),
            ("protobuf with gzip", "application/x-protobuf", Some("gzip"), gzip(&protobuf.body)),
            ("JSON", "application/json", None, json.plain().to_vec()),
            ("JSON with gzip", "application/json", Some("gzip"), gzip(&json.plain())),
        ] {
            let status = self.export(token, media_type, coding, body).await;
            self.note(what, status == 200, status);
        }
        // Lambda takes 6 MB of an event, of binary bodies in base64: who refuses says so, and nobody asks for it again.
        for (what, media_type, body) in [
            ("5 MB of JSON", "application/json", of_size(LARGE)),
            ("5 MB of protobuf", "application/x-protobuf", protobuf_of_size(LARGE)),
        ] {
            let status = self.export(token, media_type, None, body).await;
            self.note(what, matches!(status, 200 | 413), status);
        }
    }

    /// Somebody whose name no path can have as it is.
    async fn guest(&mut self, token: &str) {
        let now = Timestamp::now();
        let who = json!({"user.email": GUEST, "session.id": "smoke"});
        let prompt = logs(json!({}), &[event("user_prompt", now.0, who)]);
        let status = self.export(token, prompt.media_type(), None, prompt.body).await;
        self.note("an export of a guest", status == 200, status);
        let encoded: String = form_urlencoded::byte_serialize(GUEST.as_bytes()).collect();
        let place = format!("/users/{encoded}");
        let shown = self.until("GET", &place, 200).await;
        self.note("the guest is shown, by a path with %23", shown == 200, shown);
        let mut erased = self.ask("DELETE", &place, "").await;
        let until = Instant::now() + SHOWN;
        while erased.status == 202 && Instant::now() < until {
            tokio::time::sleep(LOOK).await;
            erased = self.ask("DELETE", &place, "").await;
        }
        self.note("the guest is erased", matches!(erased.status, 204 | 404), erased.status);
        let gone = self.until("GET", &place, 404).await;
        self.note("nobody knows the guest", gone == 404, gone);
    }

    /// Too many are asked to come again, by whoever answers.
    async fn too_many(&mut self, token: &str, at_once: usize) {
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..at_once {
            let request = self.client.post(format!("{}/v1/logs", self.url)).bearer_auth(token);
            let request = request.header("content-type", "application/json").body(small());
            running.spawn(async move { request.send().await.map(|answer| answer.status().as_u16()) });
        }
        let mut statuses = std::collections::BTreeMap::new();
        while let Some(answered) = running.join_next().await {
            let status = answered.unwrap().map_or_else(|_| "none".to_owned(), |status| status.to_string());
            *statuses.entry(status).or_insert(0_usize) += 1;
        }
        let well = statuses.keys().all(|status| matches!(&**status, "200" | "429" | "503"));
        self.note("many at once", well, format!("{statuses:?}"));
    }

    /// Asks until the answer has this status, or for so long; gives the last one.
    async fn until(&self, method: &str, rest: &str, wanted: u16) -> u16 {
        let until = Instant::now() + SHOWN;
        loop {
            let status = self.ask(method, rest, "").await.status;
            if status == wanted || Instant::now() >= until {
                return status;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn ask(&self, method: &str, rest: &str, body: &'static str) -> Reply {
        let url = format!("{}/api/orgs/{}{rest}", self.url, self.org);
        let request = self.client.request(method.parse().unwrap(), url).bearer_auth(&self.key);
        Reply::read(request.header("content-type", "application/json").body(body).send().await.unwrap()).await
    }

    async fn export(&self, token: &str, media_type: &str, coding: Option<&str>, body: Vec<u8>) -> u16 {
        let request = self.client.post(format!("{}/v1/logs", self.url)).bearer_auth(token);
        let request = request.header("content-type", media_type).body(body);
        let request = coding.into_iter().fold(request, |request, coding| request.header("content-encoding", coding));
        request.send().await.unwrap().status().as_u16()
    }

    fn note(&mut self, what: &'static str, well: bool, seen: impl ToString) {
        self.findings.push(Finding { what, well, seen: seen.to_string() });
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// An export without a record that counts for anything.
fn small() -> Vec<u8> {
    let plain: Value = json!({"resourceLogs": []});
    plain.to_string().into_bytes()
}

/// The same with so many spaces that it has this many bytes.
fn of_size(bytes: usize) -> Vec<u8> {
    let mut body = small();
    body.resize(bytes, b' ');
    body
}

/// An export without a record, and with a field of later versions that has this many bytes.
fn protobuf_of_size(bytes: usize) -> Vec<u8> {
    let mut body = Vec::new();
    prost::encoding::encode_key(15, prost::encoding::WireType::LengthDelimited, &mut body);
    prost::encoding::encode_varint(bytes as u64, &mut body);
    body.resize(body.len() + bytes, 0);
    body
}
