//! The demo: a week of it through the gateway as a program, and the month by itself.

use std::collections::{BTreeMap, BTreeSet};

use demo_data::cast::everybody;
use demo_data::export::Export;
use demo_data::git;
use demo_data::month::month;
use model::time::{DAY, Timestamp, from_days};
use otlp::{Encoding, Signal};
use serde_json::Value;
use tools::activity::Sent;
use tools::activity::truth::{Flat, flat};
use tools::program::Program;
use tools::stack::Stack;

const BINARY: &str = env!("CARGO_BIN_EXE_gateway");
const KEY: &str = "an-admin-key-that-was-given-0123456789";

/// What must be found, whatever day it is.
const FINDINGS: [&str; 8] = [
    "content_sent",
    "foreign_organization",
    "logs_without_metrics",
    "prompts_without_tokens",
    "retired_token_refused",
    "silent_since",
    "unattributed_activity",
    "version_loses_telemetry",
];

struct Demo {
    program: Program,
    client: reqwest::Client,
}

impl Demo {
    fn start(data: &std::path::Path) -> Self {
        let arguments = ["--data", data.to_str().unwrap(), "--admin-key", KEY, "--demo=7"];
        Self { program: Program::start(BINARY, &arguments), client: reqwest::Client::new() }
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("{}/api/orgs/demo{path}", self.program.base_url);
        let answer = self.client.get(url).bearer_auth(KEY).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default()
    }

    /// Merging is the last thing that the demo does.
    async fn filled(&self) {
        while self.get("/merges").await["items"].as_array().is_none_or(Vec::is_empty) {
            tokio::time::sleep(std::time::Duration::from_millis(250)).await;
        }
    }

    async fn users(&self) -> Vec<Value> {
        self.get("/users?limit=1000").await["items"].as_array().unwrap().clone()
    }

    /// All but today, in which somebody is always at work.
    async fn activity(&self) -> Value {
        let day = |ago: i64| Timestamp::now().minus(from_days(ago)).to_string()[..10].to_owned();
        self.get(&format!("/activity?from={}&to={}&group_by=team,model,model_as_sent,provider", day(8), day(1))).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_finds_forty_people_their_work_and_their_troubles_and_a_second_start_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Demo::start(folder.path());
    demo.filled().await;
    let users = demo.users().await;
    assert_eq!(users.len(), 40);
    let status = demo.get("/status").await;
    let findings = status["findings"].as_array().unwrap();
    let found: BTreeSet<&str> = findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert!(FINDINGS.iter().all(|code| found.contains(code)), "{found:?}");
    assert!(status["users"]["active_24h"].as_u64().unwrap() > 15, "{status}");
    let activity = demo.activity().await;
    let total = |name: &str| activity["total"][name].as_f64().unwrap();
    assert!(total("sessions") > 100.0 && total("prompts") > total("sessions"), "{activity}");
    assert!(total("api_requests") > total("prompts") && total("tool_calls") > total("prompts"));
    let sent = total("input_tokens") + total("cache_creation_tokens") + total("cache_read_tokens");
    assert!(total("cache_read_tokens") / sent > 0.8, "most is read from the cache");
    assert!((0.005..0.5).contains(&(total("cost_usd") / total("api_requests"))), "{activity}");
    assert!(
        (0.7..1.0).contains(&total("acceptance_rate")) && total("commits") > 10.0 && total("lines_added") > 1_000.0
    );
    let rows = activity["items"].as_array().unwrap();
    let values = |name: &str| rows.iter().filter_map(|row| row[name].as_str()).collect::<BTreeSet<_>>();
    assert_eq!(values("team"), BTreeSet::from(["checkout", "core", "data", "mobile", "platform"]));
    assert!(values("provider").contains("bedrock") && values("model_as_sent").len() >= 5);
    assert!(demo.program.terminate().success());
    let again = Demo::start(folder.path());
    again.filled().await;
    assert_eq!(again.users().await.len(), 40);
    assert_eq!(again.activity().await, activity);
}

#[test]
fn the_month_is_in_order_and_the_same_every_time() {
    let now = Timestamp(1_795_328_010_000);
    let exports: Vec<_> = month(7, now, 7).collect();
    assert!(exports.is_sorted_by_key(|export| export.at), "in order of arrival");
    assert!(exports.iter().all(|export| export.at <= now && export.at > now.minus(7 * DAY)));
    let people: BTreeSet<_> = exports.iter().map(|export| export.person).collect();
    assert_eq!(people.len(), 40);
    for signal in [Signal::Logs, Signal::Metrics] {
        assert!(exports.iter().filter(|export| export.signal == signal).count() > 500);
    }
    assert!(exports.iter().any(|export| export.content_type == "application/json"));
    assert!(month(7, now, 7).eq(exports));
    assert!(month(8, now, 7).ne(month(7, now, 7)));
}

/// What somebody exported, as a second decoder reads it.
fn told(exports: &[Export]) -> Vec<Flat> {
    let sent = |export: &Export| Sent {
        signal: export.signal,
        encoding: if export.content_type == "application/json" { Encoding::Json } else { Encoding::Protobuf },
        body: export.body.to_vec(),
    };
    exports.iter().flat_map(|export| flat(&sent(export))).collect()
}

#[test]
fn a_week_of_it_has_something_of_all_that_can_fail_be_refused_or_extend_claude_code() {
    let week: Vec<_> = month(7, Timestamp(1_795_328_010_000), 7).collect();
    let records = told(&week);
    let values = |event: &str, key: &str| -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        for record in records.iter().filter(|record| record.name == event) {
            *found.entry(record.attributes.get(key).cloned().unwrap_or_default()).or_default() += 1;
        }
        found
    };
    let known = |found: &BTreeMap<String, usize>, names: &[&str]| {
        names.iter().all(|name| found.get(*name).is_some_and(|count| *count > 0))
    };
    let statuses = values("api_error", "status_code");
    assert!(known(&statuses, &["429", "529", "400", ""]), "{statuses:?}");
    let errors: usize = statuses.values().sum();
    let requests: usize = values("api_request", "model").values().sum();
    assert!((0.002..0.02).contains(&(errors as f64 / requests as f64)), "{errors} of {requests}");
    let attempts = values("api_error", "attempt");
    assert_eq!(attempts["11"], values("api_retries_exhausted", "total_attempts")["11"], "{attempts:?}");
    assert!(!values("api_refusal", "attempt").is_empty(), "a model declines");
    let rejected = records.iter().filter(|record| record.attributes.get("decision").is_some_and(|d| d == "reject"));
    let who: BTreeSet<_> = rejected
        .filter(|record| record.name == "tool_decision")
        .map(|record| ["source", "permission_mode"].map(|key| record.attributes[key].as_str()))
        .collect();
    let all = [
        ["classifier", "auto"],
        ["config", "default"],
        ["config", "plan"],
        ["hook", "default"],
        ["user_reject", "default"],
    ];
    assert_eq!(who, all.into());
    for (key, least) in [("agent.name", 3), ("skill.name", 5), ("plugin.name", 2), ("mcp_server.name", 3)] {
        let found = values("api_request", key);
        assert!(found.len() > least, "those and none: {found:?}");
    }
    let failed = values("tool_result", "success");
    assert!(known(&failed, &["true", "false"]), "{failed:?}");
}

#[test]
fn people_come_go_on_holiday_and_leave() {
    let there = |day: i64| -> BTreeSet<usize> {
        everybody().iter().filter(|person| person.is_there(day)).map(|person| person.number).collect()
    };
    let ever = |days: std::ops::Range<i64>| days.map(there).reduce(|a, b| &a | &b).unwrap();
    let (present, before) = (ever(0..30), ever(30..60));
    assert_eq!((present.len(), before.len()), (40, 40));
    assert_eq!((&present - &before).len(), 3, "who began in the last thirty days");
    assert_eq!((&before - &present).len(), 3, "who lapsed");
    let (week, before) = (ever(0..7), ever(7..14));
    assert_eq!((&week - &before).into_iter().collect::<Vec<_>>(), [15], "who returned in the last week");
    // Whoever is not there sends nothing.
    let (now, absent) = (Timestamp(1_795_328_010_000), |export: &Export| export.person == 15 || export.person >= 40);
    let exports: Vec<_> = month(7, now, 9).collect();
    let ago = |export: &Export| now.since(export.at).as_hours() / 24;
    let days: BTreeSet<i64> = exports.iter().filter(|export| absent(export)).map(ago).collect();
    assert!(days.iter().all(|day| !(7..9).contains(day)) && days.iter().any(|day| *day < 6), "{days:?}");
}

#[tokio::test]
async fn most_are_found_in_git_some_perhaps_and_some_not() {
    let tenant = Stack::start().tenant("acme").await;
    let people = everybody();
    for person in &people {
        tenant.uses(&person.email).await;
    }
    let uploaded = tenant.upload("", &[("content-type", "application/json")], git::users(&people).to_string()).await;
    assert!(uploaded.json()["rejected"].as_array().unwrap().is_empty(), "{uploaded:?}");
    let outcome = tenant.merge().await;
    let count = |what: &str| outcome[what].as_i64().unwrap();
    assert!(count("merged") > 25 && count("suggested") >= 3 && count("unmatched") >= 2, "{outcome}");
}
