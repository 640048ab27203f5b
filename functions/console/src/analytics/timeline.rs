//! What happened in a session, in order of time.

use maud::{Markup, html};
use model::calendar::Calendar;
use model::currency::Currency;
use model::organisation::Organisation;
use service::report::events::Line;
use telemetry::claude::attribute::Value;

use crate::components::number::{estimate, grouped, money};
use crate::components::text::name;
use crate::components::time::exact;

/// Characters of a text that are shown.
const SHOWN: usize = 200;

/// What a record tells.
#[derive(Debug, PartialEq)]
struct Moment {
    /// What it was, in a word or two.
    what: String,
    /// What it was about.
    about: String,
    /// Whether something went wrong.
    is_bad: bool,
}

/// The records as a table.
pub(super) fn table(records: &[Line], organisation: &Organisation) -> Markup {
    let (calendar, currency) = (Calendar::of(organisation), organisation.settings.currency);
    html! {
        div.card.flush tabindex="0" role="region" aria-label="What happened" {
            table.figures.timeline {
                thead {
                    tr {
                        th scope="col" { "Time" }
                        th scope="col" { "What" }
                        th scope="col" { "About" }
                        th.number scope="col" { "Took" }
                        th.number scope="col" { "Cost" small { (estimate(currency)) } }
                        th.number scope="col" { "Tokens" }
                    }
                }
                tbody { @for record in records { (row(record, &calendar, currency)) } }
            }
        }
    }
}

fn row(record: &Line, calendar: &Calendar, currency: Currency) -> Markup {
    let moment = told(record);
    let took = number(record, "duration_ms").map(|millis| format!("{:.1} s", millis / 1_000.0));
    let cost = number(record, "cost_usd").map(|dollars| money(currency.of_dollars(dollars), currency));
    let kinds = ["input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens"];
    let tokens: Vec<f64> = kinds.into_iter().filter_map(|kind| number(record, kind)).collect();
    let tokens = (!tokens.is_empty()).then(|| grouped(tokens.iter().sum::<f64>() as i64));
    html! {
        tr.bad[moment.is_bad] {
            th scope="row" { time datetime=(record.time) title=(exact(record.time)) { (calendar.clock(record.time)) } }
            td.said { (name(&moment.what)) }
            td.said { (name(&moment.about)) }
            @for cell in [took, cost, tokens] { td { (cell.unwrap_or_default()) } }
        }
    }
}

fn told(record: &Line) -> Moment {
    let event = record.name.strip_prefix("claude_code.").unwrap_or(&record.name);
    let say = |key: &str| text(record, key);
    let tool = say("tool_name");
    let good = |what: &str, about: String| Moment { what: what.into(), about, is_bad: false };
    let bad = |what: &str, about: String| Moment { what: what.into(), about, is_bad: true };
    match event {
        "user_prompt" => good("Prompt", say("prompt").or_else(|| length(record)).unwrap_or_default()),
        "api_request" => good("Request", listed([say("model"), say("query_source"), say("effort")])),
        "api_error" | "api_retries_exhausted" | "api_refusal" => {
            bad("Error", listed([say("model"), say("status_code"), say("error")]))
        }
        "tool_result" if say("success").as_deref() == Some("false") => {
            bad("Tool failed", listed([tool, say("error_type"), say("error")]))
        }
        "tool_result" => good("Tool", listed([tool, say("mcp_server.name")])),
        "tool_decision" if say("decision").as_deref() == Some("reject") => {
            bad("Refused", listed([tool, say("source")]))
        }
        "tool_decision" => good("Allowed", listed([tool, say("source")])),
        other => good(&other.replace('_', " "), String::new()),
    }
}

fn length(record: &Line) -> Option<String> {
    number(record, "prompt_length").map(|length| format!("{} characters", grouped(length as i64)))
}

fn listed<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
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

    #[test]
    fn records_are_told_in_the_words_of_people() {
        let redacted: &[(&str, &str)] = &[("prompt", "<REDACTED>"), ("prompt_length", "1234")];
        let request: &[(&str, &str)] = &[("model", "claude-opus-4-8"), ("query_source", "sdk")];
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
            ("hook_registered", &[], "hook registered", "", false),
        ] {
            let told = told(&record(&format!("claude_code.{name}"), attributes));
            assert_eq!(told, Moment { what: what.into(), about: about.into(), is_bad });
        }
    }

    #[test]
    fn a_hostile_record_is_text_and_no_number() {
        let long = "x".repeat(10_000);
        let hostile = record("<script>", &[("duration_ms", "NaN"), ("cost_usd", "inf"), ("prompt", &long)]);
        let shown = row(&hostile, &Calendar::named("UTC"), Currency::DOLLAR).into_string();
        assert!(!shown.contains("<script>") && !shown.contains("NaN") && !shown.contains("inf"), "{shown}");
        assert_eq!(text(&hostile, "prompt").map(|text| text.len()), Some(SHOWN));
    }
}
