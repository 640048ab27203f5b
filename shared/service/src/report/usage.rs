//! `GET /v1/organizations/usage_report/claude_code`: one UTC day in the shape of Anthropic's Claude Code Analytics API, so that tools
//! written for that work unchanged.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::ledger::{ledger, prices};
use super::window::{self, Span};
use crate::people::directory::Directory;
use model::bucket::Bucket;
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::{Store, StoreError};
use telemetry::activity::dimensions::{Dimension, Label};
use telemetry::activity::ledger::{Account, Filter, Grouping, Line};
use telemetry::activity::measure::Measure;
use telemetry::claude::models;
use telemetry::sighting::{Fact, Sighting};

mod request;

use request::{Place, encode_page};
pub use request::{UsageError, UsageRequest};

/// Nano-dollars in a cent.
const CENT: f64 = 1e7;
/// The name of the actor that all automation is.
const AUTOMATION: &str = "automation";
/// The tools of which decisions are reported, and under which name.
const EDIT_TOOLS: [(&str, &str); 4] = [
    ("Edit", "edit_tool"),
    ("MultiEdit", "multi_edit_tool"),
    ("Write", "write_tool"),
    ("NotebookEdit", "notebook_edit_tool"),
];

fn place(line: &Line) -> Place {
    match &line.key[..] {
        [user, terminal, ..] => (user.clone(), terminal.clone()),
        _ => Place::default(),
    }
}

/// The answer: one record for each person and terminal of the day.
pub async fn usage_report(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    request: &UsageRequest,
    now: Timestamp,
) -> Result<Value, StoreError> {
    let mut in_utc = organisation.clone();
    in_utc.settings.timezone = "UTC".into();
    let (first, last) = Calendar::of(&in_utc).buckets(request.date);
    let (by, ours) = ([Grouping::User, Grouping::By(Dimension::Terminal)], Filter::default().and_claude_code());
    let and = |grouping: Grouping| [&by[..], &[grouping]].concat();
    let all = ledger(directory, &by, ours.clone()).with_prices(prices(organisation));
    let all = all.also(and(Grouping::ModelAsSent), ours.clone()).also(and(Grouping::By(Dimension::Tool)), ours);
    let span = Span { from: first, to: Bucket(last.0 + 1) };
    let mut accounts = window::read(store, &in_utc, span, now, all).await?.close_all();
    let mut next = || accounts.next().unwrap_or_default();
    let (core, models, tools) = (
        actors(next(), directory),
        by_actor(next(), directory, |sent| models::dated(sent).into()),
        by_actor(next(), directory, |name| name.into()),
    );
    let lines: Vec<&Line> = core.iter().filter(|line| line.numbers[Measure::Work] > 0).collect();
    let start = request.after.as_ref().map_or(0, |after| lines.partition_point(|line| place(line) <= *after));
    let shown = &lines[start..lines.len().min(start + request.limit)];
    let has_more = start + shown.len() < lines.len();
    let next_page = shown.last().filter(|_| has_more).map(|last| encode_page(&place(last)));
    let data: Vec<Value> =
        shown.iter().map(|line| record(line, request.date, organisation, directory, &models, &tools)).collect();
    Ok(json!({"data": data, "has_more": has_more, "next_page": next_page}))
}

/// Who has a line: all automation is one actor, since each of its runs may have a name of its own.
fn actor(line: &Line, directory: &Directory) -> Option<(Label, Label)> {
    let [person, terminal, ..] = &line.key[..] else { return None };
    let is_automation = person.as_ref().is_some_and(|person| directory.automation().contains(person));
    let person = if is_automation { Some(Arc::from(AUTOMATION)) } else { person.clone() };
    Some((person, terminal.clone()))
}

/// One line for each actor and terminal, in their order.
fn actors(account: Account, directory: &Directory) -> Vec<Line> {
    let mut found: BTreeMap<(Label, Label), Line> = BTreeMap::new();
    for line in account.lines {
        let Some((actor, terminal)) = actor(&line, directory) else { continue };
        let known = found.entry((actor.clone(), terminal.clone())).or_default();
        known.key = vec![actor, terminal];
        known.numbers += &line.numbers;
        known.sessions.absorb(&line.sessions);
    }
    found.into_values().collect()
}

type ByActor = BTreeMap<(Label, Label), Vec<(Arc<str>, Line)>>;

/// Lines by who has them, under the names that `name` gives them; those of one name are one.
fn by_actor(account: Account, directory: &Directory, name: impl Fn(&str) -> Arc<str>) -> ByActor {
    let mut found = ByActor::new();
    for line in account.lines {
        if let (Some(actor), [_, _, Some(label)]) = (actor(&line, directory), &line.key[..]) {
            let name = name(label);
            let named = found.entry(actor).or_default();
            match named.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => known.numbers += &line.numbers,
                None => named.push((name, line)),
            }
        }
    }
    found
}

fn record(
    line: &Line,
    date: Date,
    organisation: &Organisation,
    directory: &Directory,
    models: &ByActor,
    tools: &ByActor,
) -> Value {
    let n = |measure: Measure| line.numbers[measure];
    let key = place(line);
    let person = key.0.as_deref().and_then(|id| directory.find(id));
    let sightings: Vec<&Sighting> = person.into_iter().flat_map(|p| directory.sightings_of(p)).collect();
    let newest = |fact: Fact| {
        let values = sightings.iter().flat_map(|s| s.values(fact));
        values.max_by_key(|(_, seen)| seen.last).map(|(value, _)| value.to_owned())
    };
    let actor = match person.and_then(|p| p.email.as_ref()) {
        Some(email) => json!({"type": "user_actor", "email_address": email}),
        None => {
            let label = person.and_then(|p| p.label.clone()).or(key.0.as_deref().map(str::to_owned));
            json!({"type": "api_actor", "api_key_name": label})
        }
    };
    let own = organisation.settings.anthropic_organization_ids.first().cloned();
    let plan = newest(Fact::Plan);
    let is_subscription = plan.is_some() || newest(Fact::Account).is_some();
    let mut record = json!({
        "date": format!("{date}T00:00:00Z"),
        "actor": actor,
        "organization_id": newest(Fact::Organization).or(own).unwrap_or_else(|| organisation.uid.to_string()),
        "customer_type": if is_subscription { "subscription" } else { "api" },
        "terminal_type": key.1.as_deref().unwrap_or("unknown"),
        "core_metrics": {
            "num_sessions": line.sessions.len(),
            "lines_of_code": {"added": n(Measure::LinesAdded), "removed": n(Measure::LinesRemoved)},
            "commits_by_claude_code": n(Measure::Commits),
            "pull_requests_by_claude_code": n(Measure::PullRequests),
        },
        "tool_actions": tool_actions(tools.get(&key)),
        "model_breakdown": models.get(&key).into_iter().flatten().filter_map(|(model, line)| model_usage(model, line)).collect::<Vec<_>>(),
    });
    if let Some(plan) = plan {
        record["subscription_type"] = json!(plan);
    }
    record
}

fn tool_actions(tools: Option<&Vec<(Arc<str>, Line)>>) -> Value {
    let decisions = |tool: &str| {
        let line = tools.into_iter().flatten().find(|(name, _)| **name == *tool).map(|(_, line)| line);
        let n = |measure: Measure| line.map_or(0, |line| line.numbers[measure]);
        json!({"accepted": n(Measure::EditsAccepted), "rejected": n(Measure::EditsRejected)})
    };
    EDIT_TOOLS
        .iter()
        .map(|(tool, name)| ((*name).to_owned(), decisions(tool)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// A model's tokens and cost; none for a model that only lines were counted of.
fn model_usage(model: &str, line: &Line) -> Option<Value> {
    let n = |measure: Measure| line.numbers[measure];
    let tokens = [Measure::Input, Measure::Output, Measure::CacheRead, Measure::CacheCreation, Measure::Cost];
    tokens.iter().any(|measure| n(*measure) != 0).then(|| {
        json!({
            "model": model,
            "tokens": {
                "input": n(Measure::Input),
                "output": n(Measure::Output),
                "cache_read": n(Measure::CacheRead),
                "cache_creation": n(Measure::CacheCreation),
            },
            "estimated_cost": {"currency": "USD", "amount": n(Measure::Cost) as f64 / CENT},
        })
    })
}
