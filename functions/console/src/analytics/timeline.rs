//! What happened in a session, in order of time.

use std::collections::HashMap;

use model::bucket::Bucket;
use model::calendar::Calendar;
use service::report::events::Line;
use telemetry::activity::dimensions::label;
use telemetry::claude::attribute::Value;
use telemetry::claude::models;

use super::column::Unit;
use super::naming::Name;
use super::table::{Heading, Row, Table};
use crate::components::number::grouped;

/// Characters of a text that are shown.
const SHOWN: usize = 200;

/// The table, as addresses name it.
pub(super) const TABLE: &str = "events";

/// What there is of a record in numbers.
const COLUMNS: [Heading; 3] = [
    Heading::of("took", "Took", Unit::Millis),
    Heading::of("cost", "Cost", Unit::Money),
    Heading::of("tokens", "Tokens", Unit::Count),
];

/// The kinds of tokens of a request.
const TOKENS: [&str; 4] = ["input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens"];

/// Attributes that numbers can be narrowed to, each with the name of the filter.
const FILTERS: [(&str, &str); 13] = [
    ("model", "model"),
    ("final_model", "model"),
    ("query_source", "query_source"),
    ("effort", "effort"),
    ("tool_name", "tool"),
    ("mcp_server.name", "mcp_server"),
    ("server_name", "mcp_server"),
    ("skill.name", "skill"),
    ("agent.name", "agent"),
    ("agent_type", "agent"),
    ("subagent_type", "agent"),
    ("plugin.name", "plugin"),
    ("command_name", "command"),
];

/// Where a name leads to: that of a filter, and the value.
type Leads<'a> = &'a dyn Fn(&'static str, &str) -> Option<String>;

/// What a record tells.
#[derive(Debug, PartialEq)]
struct Moment {
    /// What it was, in a word or two.
    what: String,
    /// The attributes that say what it was about.
    about: &'static [&'static str],
    /// Whether something went wrong.
    is_bad: bool,
}

/// The records, which are in order of time, as a table. `leads` says where the names in it lead to; each is asked for once.
pub(super) fn table(records: &[Line], calendar: &Calendar, leads: Leads<'_>) -> Table {
    let date = |record: &Line| calendar.date(Bucket::of(record.time));
    let is_of_a_day = records.first().map(date) == records.last().map(date);
    let mut known: HashMap<(&'static str, String), Option<String>> = HashMap::new();
    let mut rows = Vec::with_capacity(records.len());
    for record in records {
        let clock = calendar.clock(record.time);
        let time = if is_of_a_day { clock } else { format!("{}, {clock}", date(record).strftime("%-d %b")) };
        let Moment { what, about, is_bad } = told(record);
        let mut parts = Vec::new();
        for (key, text) in about.iter().filter_map(|key| Some((*key, said(record, key)?))) {
            let value = filter(key).filter(|_| text.chars().count() < SHOWN).zip(label(Some(&text)));
            let href = value.and_then(|(by, value)| {
                known.entry((by, value.to_string())).or_insert_with(|| leads(by, &value)).clone()
            });
            parts.push((text, href));
        }
        rows.push(Row {
            name: Name { more: vec![record.time.to_string()], ..Name::plain(time) },
            beside: vec![Name { is_bad, ..Name::plain(what) }, Name::of_parts(parts)],
            cells: numbers(record).to_vec(),
        });
    }
    let sum = |at: usize| rows.iter().filter_map(|row: &Row| row.cells.get(at).copied().flatten()).sum();
    Table {
        id: TABLE,
        title: "What happened".into(),
        about: ["Time", "Time (UTC)"].map(str::to_owned).to_vec(),
        beside: vec!["What", "About"],
        columns: COLUMNS.to_vec(),
        total: Some((0..COLUMNS.len()).map(|at| Some(sum(at))).collect()),
        rows,
        is_ordered: true,
        ascends: Some(true),
        empty: "No events came from this session, only metrics.".into(),
        ..Table::default()
    }
}

/// How long it took in milliseconds, what it cost in US dollars, and its tokens.
fn numbers(record: &Line) -> [Option<f64>; COLUMNS.len()] {
    let tokens: Vec<f64> = TOKENS.into_iter().filter_map(|kind| number(record, kind)).collect();
    let tokens = (!tokens.is_empty()).then(|| tokens.iter().sum());
    [number(record, "duration_ms"), number(record, "cost_usd"), tokens]
}

fn filter(key: &str) -> Option<&'static str> {
    FILTERS.iter().find(|(known, _)| *known == key).map(|(_, filter)| *filter)
}

fn told(record: &Line) -> Moment {
    let event = record.name.strip_prefix("claude_code.").unwrap_or(&record.name);
    let is = |key: &str, wanted: &str| text(record, key).as_deref() == Some(wanted);
    let good = |what: &str, about| Moment { what: what.into(), about, is_bad: false };
    let bad = |what: &str, about| Moment { what: what.into(), about, is_bad: true };
    match event {
        "user_prompt" => good("Prompt", &["command_name", "prompt"]),
        "api_request" => {
            good("Request", &["model", "query_source", "effort", "skill.name", "agent.name", "plugin.name"])
        }
        "api_error" | "api_retries_exhausted" | "api_refusal" => {
            bad("Error", &["model", "status_code", "query_source", "error"])
        }
        "tool_result" if is("success", "false") => {
            bad("Tool failed", &["tool_name", "mcp_server.name", "error_type", "error"])
        }
        "tool_result" => good("Tool", &["tool_name", "mcp_server.name", "skill.name", "subagent_type"]),
        "tool_decision" if is("decision", "reject") => bad("Refused", &["tool_name", "source"]),
        "tool_decision" => good("Allowed", &["tool_name", "source"]),
        "subagent_completed" => good("Subagent", &["agent_type", "final_model"]),
        "skill_activated" => good("Skill", &["skill.name", "plugin.name"]),
        "plugin_loaded" => good("Plugin", &["plugin.name"]),
        "mcp_server_connection" if is("status", "failed") => {
            bad("MCP server", &["server_name", "status", "error_code"])
        }
        "mcp_server_connection" => good("MCP server", &["server_name", "status"]),
        other => good(&other.replace('_', " "), &[]),
    }
}

/// What an attribute says to people: a model by its one name, and of a prompt that is not kept how long it was.
fn said(record: &Line, key: &str) -> Option<String> {
    let text = text(record, key).filter(|text| !text.is_empty());
    match key {
        "model" | "final_model" => text.map(|sent| models::canonical(&sent).into_owned()),
        "prompt" => text.or_else(|| length(record)),
        _ => text,
    }
}

fn length(record: &Line) -> Option<String> {
    number(record, "prompt_length").map(|length| format!("{} characters", grouped(length as i64)))
}

fn value<'r>(record: &'r Line, key: &str) -> Option<&'r Value> {
    record.attributes.iter().find(|attribute| *attribute.key == *key).map(|attribute| &attribute.value)
}

/// An attribute as text, cut where nobody reads on. What was redacted by the client says nothing.
fn text(record: &Line, key: &str) -> Option<String> {
    match value(record, key)? {
        Value::Text(text) if **text == *"<REDACTED>" => None,
        Value::Text(text) => Some(text.chars().take(SHOWN).collect()),
        Value::Bool(flag) => Some(flag.to_string()),
        other => other.as_number().map(|number| number.to_string()),
    }
}

/// An attribute as a number; earlier versions of Claude Code send numbers as text.
fn number(record: &Line, key: &str) -> Option<f64> {
    let value = value(record, key)?;
    let number = value.as_number().or_else(|| value.as_text()?.parse().ok())?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Timestamp;
    use service::people::view::PersonView;
    use std::cell::Cell;
    use std::sync::Arc;
    use telemetry::claude::attribute::Attribute;

    fn record(name: &str, attributes: &[(&str, &str)]) -> Line {
        let attribute =
            |(key, text): &(&str, &str)| Attribute { key: (*key).into(), value: Value::Text((*text).into()) };
        Line {
            id: String::new(),
            time: Timestamp(0),
            signal: "logs",
            name: name.into(),
            user: PersonView { id: "a".into(), email: None, name: None },
            session: None,
            service: None,
            version: None,
            attributes: attributes.iter().map(attribute).collect(),
            resource: Arc::default(),
            value: None,
            unit: None,
        }
    }

    fn shown(records: &[Line], leads: Leads<'_>) -> Table {
        table(records, &Calendar::named("UTC"), leads)
    }

    #[test]
    fn records_are_told_in_the_words_of_people() {
        let redacted: &[(&str, &str)] = &[("prompt", "<REDACTED>"), ("prompt_length", "1234")];
        let request: &[(&str, &str)] = &[("model", "eu.anthropic.claude-opus-4-8-v1:0"), ("query_source", "sdk")];
        let failed: &[(&str, &str)] = &[("tool_name", "Bash"), ("success", "false"), ("error_type", "Timeout")];
        for (name, attributes, what, about, is_bad) in [
            ("user_prompt", redacted, "Prompt", "1,234 characters", false),
            ("user_prompt", &[("prompt", "say hello")], "Prompt", "say hello", false),
            ("api_request", request, "Request", "claude-opus-4-8 · sdk", false),
            ("api_error", &[("status_code", "529")], "Error", "529", true),
            ("tool_result", failed, "Tool failed", "Bash · Timeout", true),
            ("tool_result", &[("tool_name", "Read"), ("success", "true")], "Tool", "Read", false),
            ("tool_decision", &[("decision", "reject"), ("tool_name", "Edit")], "Refused", "Edit", true),
            ("tool_decision", &[("decision", "accept"), ("tool_name", "Edit")], "Allowed", "Edit", false),
            ("subagent_completed", &[("agent_type", "Explore")], "Subagent", "Explore", false),
            (
                "mcp_server_connection",
                &[("server_name", "jira"), ("status", "failed")],
                "MCP server",
                "jira · failed",
                true,
            ),
            ("hook_registered", &[], "hook registered", "", false),
        ] {
            let table = shown(&[record(&format!("claude_code.{name}"), attributes)], &|_, _| None);
            let [told, said] = &table.rows[0].beside[..] else { panic!("{table:?}") };
            assert_eq!((&*told.text, &*said.text, told.is_bad), (what, about, is_bad));
        }
    }

    #[test]
    fn names_lead_to_their_filters_and_each_is_asked_for_once() {
        let asked = Cell::new(0);
        let leads = |by: &'static str, value: &str| {
            asked.set(asked.get() + 1);
            Some(format!("?{by}={value}"))
        };
        let tool: &[(&str, &str)] = &[("tool_name", "mcp_tool"), ("mcp_server.name", "jira"), ("source", "config")];
        let long = "x".repeat(SHOWN + 1);
        let records = [
            record("tool_result", tool),
            record("tool_decision", tool),
            record("tool_result", &[("tool_name", &long)]),
        ];
        let table = shown(&records, &leads);
        let parts =
            |at: usize| table.rows[at].beside[1].parts.iter().map(|(_, href)| href.as_deref()).collect::<Vec<_>>();
        assert_eq!(parts(0), [Some("?tool=mcp_tool"), Some("?mcp_server=jira")]);
        assert_eq!((parts(1), parts(2), asked.get()), (vec![Some("?tool=mcp_tool"), None], vec![None], 2));
    }

    #[test]
    fn a_hostile_record_is_text_and_no_number() {
        let long = "x".repeat(10_000);
        let hostile = record("<script>", &[("duration_ms", "NaN"), ("cost_usd", "inf"), ("prompt", &long)]);
        let table = shown(std::slice::from_ref(&hostile), &|_, _| None);
        assert_eq!(table.rows[0].cells, [None, None, None]);
        assert!(!table.rows[0].beside[0].shown().into_string().contains("<script>"));
        assert_eq!(text(&hostile, "prompt").map(|text| text.len()), Some(SHOWN));
    }
}
