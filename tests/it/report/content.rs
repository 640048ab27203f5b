//! No content: whatever stands wherever in an export, no text of it that could be content comes back.

use tools::hostile::Numbers;

use super::events::all_events;
use super::*;

/// Every name that Claude Code documents.
const DOCUMENTED: &str = include_str!("../../../shared/telemetry/tests/data/claude/documented.txt");
/// It stands in every hostile text, and is neither a word nor an id of anybody else.
const MARK: &str = "zq7x9k";
/// Records of a run.
const RECORDS: usize = 60;

/// Something that somebody wrote, ran or must not show.
fn hostile(numbers: &mut Numbers) -> String {
    match numbers.below(9) {
        0 => format!("please delete the table {MARK} of customers"),
        1 => format!("/home/dana/{MARK}/plan.txt"),
        2 => format!("C:\\Users\\dana\\{MARK}.docx"),
        3 => format!("https://dana:{MARK}@host.example/app.git?token={MARK}#{MARK}"),
        4 => format!("sk-ant-api03-{MARK}0123456789"),
        5 => format!("rm -rf $HOME/{MARK}; echo `{MARK}`"),
        6 => format!("{MARK} and more, {MARK} and much more of it\n").repeat(20),
        7 => format!("{{\"command\":\"{MARK}\",\"path\":\"/{MARK}\"}}"),
        _ => format!("ghp_0123456789abcdefghij{MARK}ABCDEF"),
    }
}

/// The same without what an admin may set for a machine: sentences.
fn hostile_setting(numbers: &mut Numbers) -> String {
    loop {
        let text = hostile(numbers);
        if !text.starts_with("please") && !text.starts_with('{') {
            return text;
        }
    }
}

/// A value with hostile texts in it, as it is or in lists and maps.
fn value(numbers: &mut Numbers, depth: usize) -> Value {
    match numbers.below(if depth == 0 { 2 } else { 4 }) {
        0 | 1 => json!({"stringValue": hostile(numbers)}),
        2 => {
            let values: Vec<Value> = (0..=numbers.below(4)).map(|_| value(numbers, depth - 1)).collect();
            json!({"arrayValue": {"values": values}})
        }
        _ => {
            let values: Vec<Value> = (0..=numbers.below(4)).map(|_| attribute(numbers, depth - 1)).collect();
            json!({"kvlistValue": {"values": values}})
        }
    }
}

fn attribute(numbers: &mut Numbers, depth: usize) -> Value {
    let known: Vec<&str> = DOCUMENTED.lines().flat_map(|line| line.split(' ').skip(1)).collect();
    let unknown = ["colour", "kind", "prompt ", "PROMPT", "api_key", "cwd", "error_message", "words", "note"];
    match numbers.below(5) {
        0 => json!({"key": hostile(numbers), "value": {"intValue": 1}}),
        1 => json!({"key": unknown[numbers.below(unknown.len())], "value": value(numbers, depth)}),
        2 => json!({"key": "one", "value": {"stringValue": hostile(numbers)}}),
        _ => json!({"key": known[numbers.below(known.len())], "value": value(numbers, depth)}),
    }
}

fn attributes(numbers: &mut Numbers) -> Vec<Value> {
    let own = [("user.email", "dana@example.com"), ("session.id", "s")];
    let own = own.map(|(key, value)| json!({"key": key, "value": {"stringValue": value}}));
    own.into_iter().chain((0..6).map(|_| attribute(numbers, 2))).collect()
}

fn resource(numbers: &mut Numbers) -> Value {
    let keys = ["team", "department", "vcs.repository.url.full", "host.name", "process.command_line", "db_password"];
    let set = keys.map(|key| json!({"key": key, "value": {"stringValue": hostile_setting(numbers)}}));
    json!({"attributes": set})
}

fn scope(numbers: &mut Numbers) -> Value {
    json!({"name": hostile(numbers), "version": hostile(numbers), "attributes": [attribute(numbers, 1)]})
}

fn logs_of(numbers: &mut Numbers) -> tools::activity::Sent {
    let subjects: Vec<&str> = DOCUMENTED.lines().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
    let records: Vec<Value> = (0..RECORDS)
        .map(|number| {
            let time = ((START.0 + number as i64) * 1_000_000).to_string();
            let mut listed = attributes(numbers);
            let name =
                if numbers.below(4) == 0 { hostile(numbers) } else { subjects[numbers.below(subjects.len())].into() };
            listed.insert(0, json!({"key": "event.name", "value": {"stringValue": name}}));
            json!({"timeUnixNano": time, "body": {"stringValue": hostile(numbers)}, "severityText": hostile(numbers),
                "eventName": hostile(numbers), "attributes": listed})
        })
        .collect();
    let body = json!({"resourceLogs": [{"resource": resource(numbers), "schemaUrl": hostile(numbers),
        "scopeLogs": [{"scope": scope(numbers), "schemaUrl": hostile(numbers), "logRecords": records}]}]});
    sent(otlp::Signal::Logs, &body)
}

fn metrics_of(numbers: &mut Numbers) -> tools::activity::Sent {
    let metrics: Vec<Value> = (0..RECORDS)
        .map(|number| {
            let time = ((START.0 + number as i64) * 1_000_000).to_string();
            let name = if numbers.below(2) == 0 { hostile(numbers) } else { "claude_code.cost.usage".into() };
            let exemplar = json!({"timeUnixNano": time, "asDouble": 1.0, "filteredAttributes": [attribute(numbers, 1)]});
            let point = json!({"timeUnixNano": time, "asDouble": 1.0, "attributes": attributes(numbers), "exemplars": [exemplar]});
            json!({"name": name, "unit": hostile(numbers), "description": hostile(numbers),
                "sum": {"aggregationTemporality": 1, "isMonotonic": true, "dataPoints": [point]}})
        })
        .collect();
    let body = json!({"resourceMetrics": [{"resource": resource(numbers), "scopeMetrics": [{"scope": scope(numbers), "metrics": metrics}]}]});
    sent(otlp::Signal::Metrics, &body)
}

fn sent(signal: otlp::Signal, body: &Value) -> tools::activity::Sent {
    let body = body.to_string().into_bytes();
    tools::activity::Sent { signal, encoding: otlp::Encoding::Json, body }
}

#[tokio::test]
async fn no_text_of_a_hostile_record_comes_back_and_every_record_does() {
    for seed in 0..3 {
        let mut numbers = Numbers(seed);
        let tenant = Stack::start().tenant("acme").await;
        for export in [logs_of(&mut numbers), metrics_of(&mut numbers)] {
            tenant.send(&export, START).await;
        }
        tenant.project(START).await;
        let events = all_events(&tenant, "limit=1000&from=2026-11-22&to=2026-11-23").await;
        assert_eq!(events.len(), 2 * RECORDS, "nobody's record is lost for what stands in it");
        for line in &events {
            let line = line.to_string();
            let place = line.find(MARK).unwrap_or_default();
            assert!(!line.contains(MARK), "seed {seed}: {}", &line[place.saturating_sub(120)..]);
        }
        let groupings = "user,model,team,repository,tool,version,terminal";
        for target in [&*format!("/activity?from=2026-11-22&to=2026-11-23&group_by={groupings}"), "/users", "/status"] {
            let answer = tenant.get(target, NOW).await.to_string();
            assert!(!answer.contains(MARK), "seed {seed}: {target}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_label_that_no_compression_shrinks_takes_a_quarter_of_a_kilobyte() {
    let tenant = Stack::start().tenant("acme").await;
    let mut numbers = Numbers(1);
    let letters =
        |numbers: &mut Numbers| (0..60_000).map(|_| char::from(b'a' + numbers.below(26) as u8)).collect::<String>();
    let keys = ["model", "tool_name", "query_source", "agent_id"];
    let mut attributes = json!({"user.email": "dana@example.com", "session.id": "s"});
    for key in keys {
        attributes[key] = json!(letters(&mut numbers));
    }
    tenant.send(&logs(json!({}), &[event("api_request", START.0, attributes)]), START).await;
    let uid = tenant.organisation().await.uid;
    let source =
        telemetry::claude::source::SourceId::new(telemetry::claude::source::SourceKind::Email, "dana@example.com");
    let packs = tenant.store.packs(&uid, source, model::bucket::Bucket::of(START), START).await.unwrap();
    assert!(packs[0].bytes.len() < 2_000, "{} bytes", packs[0].bytes.len());
}
