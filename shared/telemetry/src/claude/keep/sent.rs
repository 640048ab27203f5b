//! Values as clients send them: their size, what they are as numbers and as names, and whether a client withheld them.

use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value};

use crate::claude::attribute::Value;

/// What clients send instead of content whose gate is off: Claude Code, and Codex.
const REDACTED: [&str; 2] = ["<REDACTED>", "[REDACTED]"];

/// A list of texts as names with commas between them.
pub(super) fn as_names(value: &any_value::Value) -> Option<any_value::Value> {
    let any_value::Value::ArrayValue(list) = value else { return None };
    let name = |member: &AnyValue| match &member.value {
        Some(any_value::Value::StringValue(name)) => Some(name.clone()),
        _ => None,
    };
    let names: Option<Vec<String>> = list.values.iter().map(name).collect();
    names.map(|names| any_value::Value::StringValue(names.join(",")))
}

/// The first `limit` bytes of `text` at most, ending at a character boundary.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

pub(super) fn number(text: &str) -> Option<Value> {
    let text = text.trim();
    text.parse()
        .map(Value::Int)
        .ok()
        .or_else(|| text.parse().ok().filter(|n: &f64| n.is_finite()).map(whole_or_fraction))
}

/// Whole numbers become integers, however the client wrote them.
pub(super) fn whole_or_fraction(number: f64) -> Value {
    /// Up to here every whole double converts to `i64` and back exactly.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT && !(number == 0.0 && number.is_sign_negative()) {
        Value::Int(number as i64)
    } else if number.is_finite() {
        Value::Number(number)
    } else {
        Value::Text(number.to_string().into())
    }
}

/// A lower bound of [`Value::weight`] for the typed value. A value over the budget is not even typed, which would take
/// as much memory again.
pub(super) fn least(value: &any_value::Value) -> usize {
    let member = |v: &AnyValue| v.value.as_ref().map_or(0, least);
    match value {
        any_value::Value::ArrayValue(list) => list.values.iter().map(member).sum(),
        any_value::Value::KvlistValue(map) => map.values.iter().filter_map(|a| a.value.as_ref()).map(member).sum(),
        any_value::Value::BytesValue(_) | any_value::Value::StringValueStrindex(_) => 0,
        any_value::Value::StringValue(_)
        | any_value::Value::BoolValue(_)
        | any_value::Value::IntValue(_)
        | any_value::Value::DoubleValue(_) => 1,
    }
}

pub(super) fn is_redacted(value: &any_value::Value) -> bool {
    matches!(value, any_value::Value::StringValue(text) if REDACTED.contains(&&**text))
}
