//! Impossible numbers. One of them would make an organisation's figures worthless, and they could only be repaired by
//! erasing the person it names.
//!
//! The limits are far beyond anything seen of a client, yet so low that no export can make a sum overflow. A record
//! over a limit is rejected, whatever type carries the number, and its neighbours are accepted. So the records of a
//! group, and with them its key, are a function of the decoded export alone.

use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};

use super::record::Temporality;

use model::time::{from_days, millis};

/// The highest cost of a request, and of a session within the time of one point, in dollars.
const DOLLARS: f64 = 1_000.0;
/// The most tokens of a request, and the highest count of anything else.
const COUNT: f64 = 1e9;
/// The longest duration, in milliseconds.
const MILLISECONDS: f64 = millis(from_days(30)) as f64;
/// A cumulative counter has counted since its client started, so this many times the limit of a single point is
/// allowed.
const CUMULATIVE: f64 = 1_000.0;

/// A kind of impossible number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Impossible {
    /// A cost.
    Cost,
    /// A number of tokens.
    Tokens,
    /// A duration.
    Duration,
    /// A count of lines, commits or decisions.
    Count,
}

impl Impossible {
    /// All kinds, in the order in which they are counted.
    pub const ALL: [Self; 4] = [Self::Cost, Self::Tokens, Self::Duration, Self::Count];

    /// The name under which it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Tokens => "tokens",
            Self::Duration => "duration",
            Self::Count => "count",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|impossible| impossible.name() == name)
    }

    /// What is said of such a record, after "with".
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Cost => "a cost below zero or over $1,000",
            Self::Tokens => "a number of tokens below zero or over a billion",
            Self::Duration => "a duration below zero or over 30 days",
            Self::Count => "a count below zero or over a billion",
        }
    }
}

/// The first impossible number of an event. Of two attributes with the same name, both are checked.
#[must_use]
pub fn of_event(attributes: &[KeyValue]) -> Option<Impossible> {
    attributes.iter().find_map(|attribute| {
        let (impossible, most) = limit(&attribute.key)?;
        let number = number(attribute.value.as_ref()?.value.as_ref()?)?;
        (!(0.0..=most).contains(&number)).then_some(impossible)
    })
}

/// Whether the value of a point of the metric `name` is impossible, and in which way.
#[must_use]
pub fn of_point(name: &str, temporality: Temporality, value: f64) -> Option<Impossible> {
    let (impossible, most) = match name {
        "claude_code.cost.usage" => (Impossible::Cost, DOLLARS),
        "claude_code.token.usage" => (Impossible::Tokens, COUNT),
        "claude_code.active_time.total" => (Impossible::Duration, MILLISECONDS / 1e3),
        "claude_code.session.count"
        | "claude_code.lines_of_code.count"
        | "claude_code.commit.count"
        | "claude_code.pull_request.count"
        | "claude_code.code_edit_tool.decision" => (Impossible::Count, COUNT),
        _ => return None,
    };
    let most = if temporality == Temporality::Cumulative { most * CUMULATIVE } else { most };
    (!(0.0..=most).contains(&value)).then_some(impossible)
}

fn limit(key: &str) -> Option<(Impossible, f64)> {
    Some(match key {
        "cost_usd" => (Impossible::Cost, DOLLARS),
        "cost_usd_micros" => (Impossible::Cost, DOLLARS * 1e6),
        "input_tokens"
        | "output_tokens"
        | "cache_read_tokens"
        | "cache_creation_tokens"
        | "cache_creation_5m_tokens"
        | "cache_creation_1h_tokens"
        | "pre_tokens"
        | "post_tokens"
        | "total_tokens" => (Impossible::Tokens, COUNT),
        "duration_ms" | "ttft_ms" | "total_duration_ms" | "total_retry_duration_ms" => {
            (Impossible::Duration, MILLISECONDS)
        }
        _ => return None,
    })
}

/// The number that a value of any type holds, including NaN and infinities, which are outside every limit.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::IntValue(number) => Some(*number as f64),
        Value::DoubleValue(number) => Some(*number),
        Value::StringValue(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::AnyValue;

    use super::*;

    fn event(key: &str, value: Value) -> Option<Impossible> {
        let attribute =
            KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() };
        of_event(&[KeyValue::default(), attribute])
    }

    #[test]
    fn a_number_is_judged_whatever_type_carries_it() {
        for most in [Value::IntValue(1_000), Value::DoubleValue(1_000.0), Value::StringValue(" 1000 ".into())] {
            assert_eq!(event("cost_usd", most), None);
        }
        for over in [
            Value::IntValue(1_001),
            Value::DoubleValue(1_000.000_1),
            Value::DoubleValue(f64::NAN),
            Value::DoubleValue(f64::NEG_INFINITY),
            Value::StringValue("1e300".into()),
            Value::StringValue("1e400".into()),
            Value::StringValue("-0.01".into()),
            Value::StringValue("NaN".into()),
        ] {
            assert_eq!(event("cost_usd", over.clone()), Some(Impossible::Cost), "{over:?}");
        }
        assert_eq!(event("cost_usd", Value::StringValue("unknown".into())), None, "not a number, and not counted");
    }

    #[test]
    fn each_number_has_its_limit() {
        for (key, most, impossible) in [
            ("cost_usd_micros", 1_000_000_000, Impossible::Cost),
            ("input_tokens", 1_000_000_000, Impossible::Tokens),
            ("cache_creation_1h_tokens", 1_000_000_000, Impossible::Tokens),
            ("total_tokens", 1_000_000_000, Impossible::Tokens),
            ("duration_ms", 2_592_000_000, Impossible::Duration),
            ("ttft_ms", 2_592_000_000, Impossible::Duration),
        ] {
            let verdicts = [0, most, most + 1, -1, i64::MAX].map(|number| event(key, Value::IntValue(number)));
            assert_eq!(verdicts, [None, None, Some(impossible), Some(impossible), Some(impossible)], "{key}");
        }
        assert_eq!(event("anything_else", Value::DoubleValue(-1e300)), None);
    }

    #[test]
    fn a_point_has_a_limit_and_a_cumulative_one_a_higher_one() {
        let delta = |name: &str, value: f64| of_point(name, Temporality::Delta, value);
        for (name, most) in [
            ("claude_code.cost.usage", 1e3),
            ("claude_code.token.usage", 1e9),
            ("claude_code.active_time.total", 2_592_000.0),
            ("claude_code.commit.count", 1e9),
        ] {
            assert_eq!((delta(name, 0.0), delta(name, most)), (None, None));
            assert!(delta(name, most * 1.001).is_some() && delta(name, -0.5).is_some(), "{name}");
            assert_eq!(of_point(name, Temporality::Cumulative, most * 1e3), None);
            assert!(of_point(name, Temporality::Cumulative, most * 1.001e3).is_some());
        }
        assert_eq!(delta("of.somebody.else", -1e300), None);
    }
}
