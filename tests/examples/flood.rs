//! An organisation whose token was stolen and used to invent a company: what its reports cost in time, processor, read units and memory,
//! and what it costs to take out again what the token sent.
//!
//! `cargo run --release -p tests --example flood -- FOLDER 58500`
//!
//! The folder is filled once, through ingest and the projection, and measured again by every later run. With a third argument, `remove`,
//! what was invented is removed in the end.

#![expect(clippy::unwrap_used, reason = "what is missing ends the measurement")]

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use local::embedded::Embedded;
use local::handlers::Handlers;
use model::time::{HOUR, SignedDuration, Timestamp};
use serde_json::{Value, json};
use service::auth::root_key::RootKey;
use store::Store;
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};
use tools::activity::exports::{event, logs};
use tools::meter::Meter;
use tools::packs::pack_keys;
use tools::stack::{BASE_URL, ROOT_KEY, START};
use tools::tenant::stream_event;

#[global_allocator]
static ALLOCATOR: local::Allocator = local::Allocator;

/// People of one export, as many as fit into a body that a client would send.
const CROWD: usize = 1_500;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "flooded".into());
    let people: usize = arguments.next().map_or(58_500, |text| text.parse().unwrap());
    let removes = arguments.next().is_some();
    std::fs::create_dir_all(&folder)?;
    let file = Path::new(&folder).join("database");
    let is_filled = file.exists();
    let meter = Meter::default();
    let store = Embedded::open(&file).unwrap().store_through(|client| meter.before(client));
    let flood = Flood::over(store);
    let mut out = std::io::stdout().lock();
    if !is_filled {
        let began = Instant::now();
        flood.fill(people).await;
        writeln!(out, "{people} people made in {:.0} s", began.elapsed().as_secs_f64())?;
    }
    writeln!(
        out,
        "{:34} {:>8} {:>8} {:>7} {:>11} {:>8} {:>11} {:>9} {:>9}",
        "call", "seconds", "CPU s", "reads", "read units", "writes", "write units", "MiB peak", "answer"
    )?;
    let cookie = flood.sign_in().await;
    let api = |rest: &str| format!("GET /api/orgs/acme/{rest}");
    let mut calls = vec![
        api("activity"),
        api("activity?group_by=day,model"),
        api("activity?group_by=user&limit=100"),
        api("users?limit=100"),
        api("users/person7@example.com"),
        api("sessions?limit=100"),
        api("status"),
        "GET /orgs/acme/users".into(),
        "GET /orgs/acme/analytics".into(),
        "GET /orgs/acme/health".into(),
        "GET /orgs/acme/settings/claude-code".into(),
    ];
    if removes {
        calls.extend(["DELETE /api/orgs/acme/activity?token_generation=1&confirm=true".into(), api("status")]);
    }
    for call in calls {
        let _ = reset_peak()?;
        let _ = meter.take();
        let (asking, before) = (Instant::now(), processor()?);
        let mut status = 202;
        let mut length = 0;
        while status == 202 {
            let reply = flood.ask(&call, &cookie).await;
            status = reply.status().as_u16();
            length = reply.body().len();
            assert!(status < 300, "{call}: {:?}", reply.body());
        }
        let (seconds, spent, units) = (asking.elapsed().as_secs_f64(), processor()? - before, meter.take());
        writeln!(
            out,
            "{:34} {seconds:>8.2} {spent:>8.2} {:>7} {:>11.1} {:>8} {:>11.1} {:>9.1} {length:>9}",
            call.replace("/api/orgs/acme", "").replace("/orgs/acme", "page "),
            units.reads,
            units.read_units,
            units.writes,
            units.write_units,
            memory("VmHWM")? as f64 / 1024.0
        )?;
    }
    Ok(())
}

struct Flood {
    handlers: Handlers,
    store: Store,
}

/// When the reports are asked for.
const NOW: Timestamp = START.plus(HOUR);

impl Flood {
    fn over(store: Store) -> Self {
        let secrets = Secrets::Embedded(EmbeddedSecrets::in_memory());
        let handlers = Handlers::new(&store, &secrets, &RootKey::given(ROOT_KEY).unwrap(), BASE_URL.parse().unwrap());
        Self { handlers, store }
    }

    /// Everybody within minutes, each with an address, an installation and a session.
    async fn fill(&self, people: usize) {
        self.store.create_tables().await.unwrap();
        let enabled = Request::put("/api/orgs/acme").header("authorization", format!("Bearer {ROOT_KEY}"));
        let enabled = self.handlers.answer_at(enabled.body(Bytes::new()).unwrap(), START).await;
        let token: Value = serde_json::from_slice(enabled.body()).unwrap();
        let token = token["ingest_token"].as_str().unwrap();
        for (number, crowd) in (0..people).collect::<Vec<_>>().chunks(CROWD).enumerate() {
            let at = START.plus(SignedDuration::from_secs(number as i64));
            let records: Vec<Value> = crowd
                .iter()
                .map(|person| {
                    event(
                        "api_request",
                        at.0,
                        json!({"user.email": format!("person{person}@example.com"), "user.id": format!("client{person:064x}"),
                            "user.account_uuid": format!("00000000-0000-4000-8000-{person:012x}"), "organization.id": "11111111-0000-4000-8000-000000000000",
                            "session.id": format!("22222222-0000-4000-8000-{person:012x}"), "terminal.type": "vscode", "app.version": "2.1.330",
                            "model": "claude-opus-5-5", "input_tokens": 100, "output_tokens": 200, "cost_usd": 0.01}),
                    )
                })
                .collect();
            let sent = logs(json!({"service.name": "claude-code"}), &records);
            let request = Request::post("/v1/logs")
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/json");
            let reply = self.handlers.answer_at(request.body(sent.body.into()).unwrap(), at).await;
            assert_eq!(reply.status(), 200, "{:?}", reply.body());
        }
        let organisation = self.store.organisation(&"acme".parse().unwrap()).await.unwrap().unwrap();
        let keys: Vec<_> = pack_keys(&self.store, &organisation.uid, Timestamp(0)).await;
        let keys: Vec<_> = keys.into_iter().map(|(key, _)| key).collect();
        let app = project_activity::Projection::new(self.store.clone());
        for batch in keys.chunks(CROWD) {
            let answer = project_activity::handle(&app, stream_event(batch), NOW).await.unwrap();
            assert_eq!(answer, json!({"batchItemFailures": []}));
        }
    }

    async fn sign_in(&self) -> String {
        let request = Request::post("/sign-in").header("content-type", "application/x-www-form-urlencoded");
        let request = request.body(format!("admin_key={ROOT_KEY}").into()).unwrap();
        let reply = self.handlers.answer_at(request, NOW).await;
        let cookies = reply.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
        let named: Vec<&str> = cookies.filter_map(|cookie| cookie.split(';').next()).collect();
        named.join("; ")
    }

    async fn ask(&self, call: &str, cookie: &str) -> Response<Bytes> {
        let (method, target) = call.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(target);
        request = if target.starts_with("/api") {
            request.header("authorization", format!("Bearer {ROOT_KEY}"))
        } else {
            request.header("cookie", cookie).header("accept", "text/html")
        };
        self.handlers.answer_at(request.body(Bytes::new()).unwrap(), NOW).await
    }
}

/// Begins to measure the peak anew, and gives the memory in use, in KiB.
fn reset_peak() -> std::io::Result<u64> {
    std::fs::write("/proc/self/clear_refs", "5")?;
    memory("VmRSS")
}

fn memory(name: &str) -> std::io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    Ok(line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default())
}

/// What this process has used of the processor, in seconds.
fn processor() -> std::io::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // After the name: user and system time are the 12th and 13th, in hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(ticks as f64 / 100.0)
}
