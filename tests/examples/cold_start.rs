//! `cargo run --release -p tests --example cold_start -- [RUNS]`: how long the real binaries take from their start to the first
//! question for an event, beside the smallest function there is, and what their first event costs.
//!
//! Needs `cargo lambda build --release`, and the example `hello` of ingest built the same way. DynamoDB is behind HTTPS with an
//! authority of its own, as on AWS. Times are of the machine that they are measured on: what says more is how they compare with
//! those of the smallest function. Ingest asks for its first event while it connects to DynamoDB, so its processor time has part of that.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a command for developers")]

use std::time::Instant;

use tools::captures;
use tools::deployment::{request_event, store};
use tools::lambda::{Function, binary, dynamodb};
use tools::stack::Stack;
use tools::template::Template;

/// One start.
#[derive(Debug, Clone, Copy, Default)]
struct Start {
    /// Milliseconds to the first question for an event.
    ready: f64,
    /// Milliseconds of processor time until then.
    processor: f64,
    /// Megabytes of memory at most.
    memory: f64,
    /// Milliseconds to the answer to the first event, and of processor time.
    first: (f64, f64),
}

#[tokio::main]
async fn main() {
    let runs = std::env::args().nth(1).map_or(40, |runs| runs.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    let database = dynamodb().await;
    let endpoint = tools::tls::before(&database, &roots).await;
    let tables = store(&database);
    tables.create_tables().await.unwrap();
    let secrets = store::secrets::Secrets::Embedded(store::secrets::Embedded::in_memory());
    let token = Stack::start().over(tables).secrets(secrets).await.enable("acme").await;
    let capture = captures::named("pb-tools/001");
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer), ("content-type", &*capture.content_type)];
    let export = request_event("POST", &capture.path, &headers, &capture.body);
    let template = Template::read();
    let mut names = vec![("hello".to_owned(), None)];
    names.extend(template.functions().into_iter().map(|(name, logical)| (name, Some(logical))));
    names.retain(|(name, _)| binary(name).exists());
    println!(
        "| function | MB | ready ms (p50) | against hello | ready ms (p90) | processor ms | memory MB | first export ms | its processor ms |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut floor = 0.0;
    for (name, logical) in names {
        let mut environment = vec![("AWS_ENDPOINT_URL".to_owned(), endpoint.clone())];
        for variable in logical.iter().flat_map(|logical| template.environment(logical).into_keys()) {
            let value = match variable.as_str() {
                "EVENTS_TABLE" => "events".into(),
                "ACTIVITY_TABLE" => "activity".into(),
                "TRUST_ROOTS" => roots.to_string_lossy().into_owned(),
                "INGEST_MAX_SENT_BYTES" | "INGEST_MAX_INFLATED_BYTES" => "16777216".into(),
                "INGEST_DEADLINE_MS" => "7000".into(),
                "ADMIN_KEY_SECRET" | "SECRETS_PREFIX" => "telemetry".into(),
                _ => String::new(),
            };
            environment.push((variable, value));
        }
        let environment: Vec<(&str, &str)> = environment.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let mut starts = Vec::new();
        for _ in 0..runs {
            starts.push(start(&name, &environment, (name == "ingest").then_some(&export)).await);
        }
        let p = |of: fn(&Start) -> f64, part: usize| {
            let mut all: Vec<f64> = starts.iter().map(of).collect();
            all.sort_by(f64::total_cmp);
            all[(all.len() - 1) * part / 100]
        };
        let ready = p(|s| s.ready, 50);
        if name == "hello" {
            floor = ready;
        }
        let size = std::fs::metadata(binary(&name)).unwrap().len() as f64 / 1e6;
        let first = if name == "ingest" {
            format!("{:.1} | {:.1}", p(|s| s.first.0, 50), p(|s| s.first.1, 50))
        } else {
            " | ".into()
        };
        println!(
            "| {name} | {size:.2} | {ready:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {first} |",
            ready / floor,
            p(|s| s.ready, 90),
            p(|s| s.processor, 50),
            p(|s| s.memory, 50),
        );
    }
}

async fn start(name: &str, environment: &[(&str, &str)], event: Option<&serde_json::Value>) -> Start {
    let mut function = Function::start(&binary(name), environment).await;
    let ready = function.initialised().await.as_secs_f64() * 1e3;
    let (processor, memory) = (processor_time(function.process()), peak(function.process()));
    let mut first = (0.0, 0.0);
    if let Some(event) = event {
        let begun = Instant::now();
        let answer = function.invoke(event).await.answer();
        assert_eq!(answer["statusCode"], 200, "{answer}");
        first = (begun.elapsed().as_secs_f64() * 1e3, processor_time(function.process()) - processor);
    }
    Start { ready, processor, memory, first }
}

/// Milliseconds that all threads of a process have run.
fn processor_time(process: u32) -> f64 {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let nanoseconds = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() / 1e6
}

/// The most memory that a process ever held, in megabytes.
fn peak(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}
