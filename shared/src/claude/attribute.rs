//! Attribute values: typed in every form a client has used, and kept or dropped by an allow-list.

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::vocabulary::{Gate, Meaning, meaning};

mod names;

pub use names::Labels;
use names::Names;

/// The longest value that is stored, in bytes; the client itself cuts content at 61,440 UTF-16 units.
pub const VALUE_LIMIT: usize = 60 * 1024;
/// The most attributes that are kept of one record or resource.
const ATTRIBUTE_LIMIT: usize = 512;
/// An unknown text longer than this reads like content, in bytes.
const UNKNOWN_LABEL: usize = 64;
/// A resource attribute is set by an admin, not typed by a user; longer than this it is no label any more, in bytes.
const RESOURCE_LABEL: usize = 256;
/// What the client sends in the place of content whose gate is off.
const REDACTED: &str = "<REDACTED>";

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(Box<str>),
    /// A whole number.
    Int(i64),
    /// A finite number with a fraction, or one too large for [`Value::Int`].
    Number(f64),
    /// A truth value.
    Bool(bool),
    /// A list.
    List(Vec<Value>),
    /// A map, in the order it was sent.
    Map(Vec<Attribute>),
}

/// A named value.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// The name, such as `session.id`.
    pub key: Box<str>,
    /// The value.
    pub value: Value,
}

impl Value {
    /// The text, when this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The whole number, when this is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// The number, whole or not, when this is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth value, when this is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self { Some(*flag) } else { None }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::List(values) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    list.serialize_element(value)?;
                }
                list.end()
            }
            Self::Map(attributes) => {
                let mut map = serializer.serialize_map(Some(attributes.len()))?;
                for attribute in attributes {
                    map.serialize_entry(&attribute.key, &attribute.value)?;
                }
                map.end()
            }
        }
    }
}

/// Decides what of a record's attributes is kept, and counts what is not.
#[derive(Debug)]
pub struct Keeper {
    /// Whether the organisation keeps content.
    pub store_content: bool,
    /// How many contents were dropped, by [`Gate::ALL`].
    pub dropped: [u32; Gate::ALL.len()],
    /// How many values were cut at [`VALUE_LIMIT`] or left out because the record grew too large.
    pub cut: u32,
}

impl Keeper {
    /// A keeper that has dropped nothing yet.
    #[must_use]
    pub fn new(store_content: bool) -> Self {
        Self { store_content, dropped: [0; Gate::ALL.len()], cut: 0 }
    }

    /// Types and keeps the attributes of a record, at most `budget` bytes of them. `resource` are the resource's kept
    /// attributes: the client copies those onto its records, and what an admin set there is no content here.
    pub fn record(&mut self, sent: &[KeyValue], resource: &Labels, budget: usize) -> Vec<Attribute> {
        self.keep(sent, budget, |name, value| match meaning(name) {
            Meaning::Unknown if is_label(value) || resource.repeat(name, value) => None,
            Meaning::Unknown => Some(Gate::Other),
            Meaning::Content(gate) => Some(gate),
            _ => None,
        })
    }

    /// Types and keeps the attributes of a resource, at most `budget` bytes of them.
    pub fn resource(&mut self, sent: &[KeyValue], budget: usize) -> Labels {
        Labels::of(self.keep(sent, budget, |name, value| match meaning(name) {
            Meaning::Content(gate) => Some(gate),
            Meaning::Unknown => match value {
                any_value::Value::StringValue(text) if text.len() > RESOURCE_LABEL => Some(Gate::Other),
                any_value::Value::StringValue(_) => None,
                other if is_label(other) => None,
                _ => Some(Gate::Other),
            },
            _ => None,
        }))
    }

    fn keep(
        &mut self,
        sent: &[KeyValue],
        mut budget: usize,
        content: impl Fn(&str, &any_value::Value) -> Option<Gate>,
    ) -> Vec<Attribute> {
        let mut kept = Vec::with_capacity(sent.len().min(ATTRIBUTE_LIMIT));
        let mut names = Names::default();
        for (index, attribute) in sent.iter().enumerate() {
            if kept.len() == ATTRIBUTE_LIMIT {
                self.cut += u32::try_from(sent.len() - index).unwrap_or(u32::MAX);
                break;
            }
            // An attribute without a value says nothing, and neither does one whose content the client withheld.
            let Some(value) = attribute.value.as_ref().and_then(|v| v.value.as_ref()) else { continue };
            if let Some(gate) = content(&attribute.key, value) {
                if is_redacted(value) {
                    continue;
                }
                if !self.store_content {
                    self.dropped[gate as usize] += 1;
                    continue;
                }
            }
            // Names are unique by the specification; of a client that breaks it, the first one counts.
            if names.has(&kept, &attribute.key) {
                continue;
            }
            if least(value) > budget {
                self.cut += 1;
                continue;
            }
            let Some(typed) = self.typed(meaning(&attribute.key), value) else { continue };
            let key = cut(&attribute.key, VALUE_LIMIT);
            let size = key.len() + weight(&typed);
            if size > budget {
                self.cut += 1;
                continue;
            }
            budget -= size;
            kept.push(Attribute { key: key.into(), value: typed });
            names.add(&kept, key);
        }
        kept
    }

    /// `value` as what the vocabulary says it is; a text that does not read as its type stays the text it was.
    fn typed(&mut self, meaning: Meaning, value: &any_value::Value) -> Option<Value> {
        Some(match (meaning, value) {
            (Meaning::Int | Meaning::Number, any_value::Value::StringValue(text)) => {
                number(text).unwrap_or_else(|| self.text(text))
            }
            (Meaning::Bool, any_value::Value::StringValue(text)) => match text.trim() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                other => self.text(other),
            },
            (_, any_value::Value::StringValue(text)) => self.text(text),
            (_, any_value::Value::BoolValue(flag)) => Value::Bool(*flag),
            (_, any_value::Value::IntValue(number)) => Value::Int(*number),
            (_, any_value::Value::DoubleValue(number)) => whole_or_fraction(*number),
            (_, any_value::Value::ArrayValue(list)) => {
                Value::List(list.values.iter().filter_map(|v| self.member(v)).collect())
            }
            (_, any_value::Value::KvlistValue(map)) => Value::Map(
                map.values
                    .iter()
                    .filter_map(|a| {
                        let value = a.value.as_ref().and_then(|v| self.member(v))?;
                        Some(Attribute { key: cut(&a.key, VALUE_LIMIT).into(), value })
                    })
                    .collect(),
            ),
            (_, any_value::Value::BytesValue(_) | any_value::Value::StringValueStrindex(_)) => return None,
        })
    }

    fn member(&mut self, value: &AnyValue) -> Option<Value> {
        value.value.as_ref().and_then(|v| self.typed(Meaning::Unknown, v))
    }

    fn text(&mut self, text: &str) -> Value {
        let short = cut(text, VALUE_LIMIT);
        self.cut += u32::from(short.len() < text.len());
        Value::Text(short.into())
    }
}

/// `text` up to `limit` bytes, ending at a character's end.
fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

fn number(text: &str) -> Option<Value> {
    let text = text.trim();
    text.parse()
        .map(Value::Int)
        .ok()
        .or_else(|| text.parse().ok().filter(|n: &f64| n.is_finite()).map(whole_or_fraction))
}

/// Whole numbers are one kind, however the client wrote them.
fn whole_or_fraction(number: f64) -> Value {
    /// Up to here every whole double is one `i64` and back.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT && !(number == 0.0 && number.is_sign_negative()) {
        Value::Int(number as i64)
    } else if number.is_finite() {
        Value::Number(number)
    } else {
        Value::Text(number.to_string().into())
    }
}

/// Whether an unknown value can be no content: a number, a truth value, or a short name without spaces.
fn is_label(value: &any_value::Value) -> bool {
    match value {
        any_value::Value::StringValue(text) => {
            text.len() <= UNKNOWN_LABEL && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.:/@+#=-".contains(&b))
        }
        any_value::Value::ArrayValue(list) => list.values.iter().all(|v| v.value.as_ref().is_none_or(is_label)),
        any_value::Value::KvlistValue(map) => {
            map.values.iter().all(|a| a.value.as_ref().and_then(|v| v.value.as_ref()).is_none_or(is_label))
        }
        _ => true,
    }
}

fn is_redacted(value: &any_value::Value) -> bool {
    matches!(value, any_value::Value::StringValue(text) if text == REDACTED)
}

/// What [`weight`] finds at least once the value is typed: what is over the budget is not typed, which takes as much memory again.
fn least(value: &any_value::Value) -> usize {
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

/// Bytes that a value takes at most in a pack, give or take its framing.
fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len() + 4,
        Value::Int(_) | Value::Number(_) => 12,
        Value::Bool(_) => 1,
        Value::List(values) => 4 + values.iter().map(weight).sum::<usize>(),
        Value::Map(attributes) => 4 + attributes.iter().map(|a| a.key.len() + 4 + weight(&a.value)).sum::<usize>(),
    }
}

#[cfg(test)]
mod tests;
