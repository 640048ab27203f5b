use super::*;
use crate::claude::attribute::Attribute;
use crate::claude::record::Context;
use model::organisation::Settings;

fn attribute(key: &str, value: Value) -> Attribute {
    Attribute { key: key.into(), value }
}

fn text((key, value): (&str, &str)) -> Attribute {
    attribute(key, Value::Text(value.into()))
}

fn record(name: &str, at: i64, attributes: Vec<Attribute>) -> Record {
    let session = text(("session.id", "s"));
    let attributes = std::iter::once(session).chain(attributes).collect();
    Record { context: 0, name: name.into(), time: Timestamp(at), digest: [0; 4], count: 1, attributes, point: None }
}

fn event(name: &str, at: i64, texts: &[(&str, &str)]) -> Record {
    record(name, at, texts.iter().copied().map(text).collect())
}

fn point(name: &str, value: f64, kind: Kind, temporality: Temporality, texts: &[(&str, &str)]) -> Record {
    let (start, unit) = (Timestamp(0), "".into());
    let point = PointData { start, value, unit, kind, temporality, monotonic: true };
    Record { point: Some(point), ..event(name, 0, texts) }
}

/// What records of a bucket come to.
fn counted(records: &[Record]) -> Numbers {
    let settings = Settings::new(&"acme".parse().unwrap());
    let mut growing = Growing::default();
    for record in records {
        let about = Dimensions::of(record, &Context::default(), &settings);
        count(&mut growing, about, record, 1, (record.time, false));
    }
    let mut sum = Numbers::default();
    growing.finish().rows.values().for_each(|row| sum += row);
    sum
}

#[test]
fn a_prompt_is_what_a_person_wrote_and_a_command_of_the_client_is_none() {
    let found = counted(&[
        event("user_prompt", 1, &[]),
        event("user_prompt", 2, &[("command_name", "cost"), ("command_source", "builtin")]),
        event("user_prompt", 3, &[("command_name", "exit")]),
        event("user_prompt", 4, &[("command_name", "fix"), ("command_source", "custom")]),
        event("user_prompt", 5, &[("command_name", "review"), ("command_source", "mcp")]),
    ]);
    assert_eq!((found[Measure::Prompts], found[Measure::Commands]), (3, 4));
}

#[test]
fn the_prompt_after_a_subagent_in_the_background_is_the_clients() {
    let ended = |at: i64, is_async: bool| {
        record("subagent_completed", at, vec![attribute("is_async", Value::Bool(is_async)), text(("agent_type", "a"))])
    };
    let asked = |at: i64| event("user_prompt", at, &[]);
    let found = counted(&[asked(1), ended(5, true), asked(6), asked(90)]);
    assert_eq!((found[Measure::Prompts], found[Measure::Subagents]), (2, 1));
    assert_eq!(counted(&[asked(1), ended(5, false), asked(6)])[Measure::Prompts], 2, "it ran while the agent waited");
    assert_eq!(counted(&[asked(1), ended(5, true)])[Measure::Prompts], 1);
}

#[test]
fn a_refused_tool_says_who_refused_it() {
    for (texts, expected) in [
        (&[("source", "user_reject")][..], Some(Measure::RefusedByPerson)),
        (&[("source", "user_abort"), ("permission_mode", "plan")], Some(Measure::RefusedByPerson)),
        (&[("source", "hook")], Some(Measure::RefusedByHook)),
        (&[("source", "config")], Some(Measure::RefusedByRule)),
        (&[("source", "config"), ("permission_mode", "plan")], Some(Measure::RefusedByPlan)),
        (&[("source", "config"), ("permission_mode", "auto")], Some(Measure::RefusedByAutoMode)),
        (&[("source", "config"), ("classifier_verdict", "unavailable")], Some(Measure::RefusedByAutoMode)),
        (&[("source", "classifier")], Some(Measure::RefusedByAutoMode)),
        (&[("source", "unknown")], None),
    ] {
        let decision = [&[("decision", "reject")][..], texts].concat();
        let found = counted(&[event("tool_decision", 1, &decision), event("tool_decision", 2, texts)]);
        let by = [
            Measure::RefusedByPerson,
            Measure::RefusedByRule,
            Measure::RefusedByHook,
            Measure::RefusedByAutoMode,
            Measure::RefusedByPlan,
        ];
        let who: Vec<Measure> = by.into_iter().filter(|measure| found[*measure] > 0).collect();
        assert_eq!((found[Measure::ToolRejections], who), (1, expected.into_iter().collect()), "{texts:?}");
    }
}

#[test]
fn only_what_people_decide_is_their_own() {
    let decided = |decision: &str, source: &str, value: f64| {
        let texts = [("decision", decision), ("source", source)];
        point("claude_code.code_edit_tool.decision", value, Kind::Sum, Temporality::Delta, &texts)
    };
    let found = counted(&[
        decided("accept", "classifier", 90.0),
        decided("accept", "unknown", 5.0),
        decided("accept", "config", 7.0),
        decided("accept", "user_permanent", 3.0),
        decided("reject", "user_reject", 10.0),
        decided("reject", "hook", 1.0),
    ]);
    assert_eq!((found[Measure::OwnAccepted], found[Measure::OwnRejected]), (3, 10));
    assert_eq!((found[Measure::EditsAccepted], found[Measure::EditsRejected]), (105, 11));
}

#[test]
fn refusals_of_the_model_and_requests_that_are_given_up_are_counted() {
    let found = counted(&[
        event("api_refusal", 1, &[("model", "m")]),
        event("api_retries_exhausted", 2, &[("model", "m")]),
        event("api_error", 2, &[("model", "m")]),
        event("compaction", 3, &[("trigger", "auto")]),
        record("compaction", 4, vec![attribute("success", Value::Bool(false))]),
    ]);
    let measures = [Measure::Refusals, Measure::RetriesExhausted, Measure::ApiErrors, Measure::Compactions];
    assert_eq!(measures.map(|measure| found[measure]), [1, 1, 1, 1]);
}

#[test]
fn tries_after_the_first_are_retries_and_are_told_once() {
    let tried = |name: &str, key: &str, times: i64| record(name, 1, vec![attribute(key, Value::Int(times))]);
    let retries = |records: &[Record]| counted(records)[Measure::Retries];
    assert_eq!(retries(&[tried("api_error", "attempt", 11), tried("api_retries_exhausted", "total_attempts", 11)]), 10);
    assert_eq!(retries(&[tried("api_refusal", "attempt", 2), tried("api_error", "attempt", 1)]), 1);
    assert_eq!(retries(&[event("api_error", 1, &[("model", "m")])]), 0, "nobody says how many tries it were");
    for (said, believed) in [(i64::MAX, 999), (-5, 0)] {
        assert_eq!(retries(&[tried("api_error", "attempt", said)]), believed, "{said}");
    }
}

#[test]
fn durations_of_requests_and_of_tools_are_noted_apart() {
    let millis = |key: &str, millis: i64| attribute(key, Value::Int(millis));
    let found = counted(&[
        record("api_request", 1, vec![millis("duration_ms", 1_000), millis("ttft_ms", 200)]),
        record("tool_result", 2, vec![millis("duration_ms", 30)]),
        record("subagent_completed", 2, vec![millis("duration_ms", 100_000)]),
    ]);
    let told = |duration| found.spread.percentile(duration, 0.5).unwrap();
    assert!((724.0..=1_024.0).contains(&told(Duration::Request)));
    assert!((181.0..=256.0).contains(&told(Duration::FirstToken)));
    assert!((22.0..=32.0).contains(&told(Duration::Tool)));
}

#[test]
fn neither_a_state_nor_what_may_be_one_is_added_up() {
    let lines =
        |kind, temporality| point("claude_code.lines_of_code.count", 5.0, kind, temporality, &[("type", "added")]);
    assert_eq!(counted(&[lines(Kind::Sum, Temporality::Delta)])[Measure::LinesAdded], 5);
    assert_eq!(counted(&[lines(Kind::Gauge, Temporality::Unspecified)])[Measure::LinesAdded], 0);
    assert_eq!(counted(&[lines(Kind::Sum, Temporality::Unspecified)])[Measure::LinesAdded], 0);
}
