//! Decides which attributes of a record are stored: values are typed in every form a client has used, and kept or
//! dropped by an allow-list.
//!
//! Known attributes are kept if they look like what they should be. Unknown ones are kept if they can hardly be
//! content: numbers, Booleans, and texts of one word whose name does not suggest content. So a single word can remain,
//! and a password can be a single word; several attributes can keep a word each. If an admin has content stored, all of
//! it is kept.

use std::collections::HashMap;
use std::sync::Arc;

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};

use super::attribute::{Attribute, Value};
use super::failure;
use super::shape;
use super::tool_names;
use super::vocabulary::{Gate, Meaning, Vocabulary};

mod names;
mod plain;
mod sent;

use names::Names;
use plain::{MEMBERS, is_plain, is_setting};
use sent::{as_names, cut, is_redacted, least, number, whole_or_fraction};

/// The longest content stored of one attribute, in bytes; the client itself cuts at 61,440 UTF-16 units.
pub const VALUE_LIMIT: usize = 60 * 1024;
/// The most attributes kept of one record or resource.
const ATTRIBUTE_LIMIT: usize = 512;
/// The most attributes of the first record that are remembered.
const REMEMBERED: usize = 32;
/// Decides which attributes of a record are kept, and counts what is dropped.
#[derive(Debug)]
pub struct Keeper {
    /// Whether the organisation stores content.
    pub store_content: bool,
    /// Whether the organisation stores names of tools, even without content.
    pub store_tool_names: bool,
    /// How many content values were dropped, by [`Gate::ALL`].
    pub dropped: [u32; Gate::ALL.len()],
    /// How many values were cut or dropped because the record grew too large.
    pub cut: u32,
    /// The texts of the last resource: an admin configured them, and the client copies them to its records.
    set: HashMap<Box<str>, Box<str>>,
    /// What was kept of the first record of the last resource, by the place of each attribute: most of it is the same in the others.
    first: Vec<Option<Judged>>,
}

/// A text that was kept.
#[derive(Debug)]
struct Judged {
    meaning: Meaning,
    key: Box<str>,
    text: Box<str>,
}

/// Where an attribute comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A resource: configured by an admin, not typed by a user.
    Resource,
    /// A record of the last resource.
    Record,
}

impl Keeper {
    /// A keeper that has dropped nothing yet and does not keep names of tools.
    #[must_use]
    pub fn new(store_content: bool) -> Self {
        Self {
            store_content,
            store_tool_names: false,
            dropped: [0; Gate::ALL.len()],
            cut: 0,
            set: HashMap::new(),
            first: Vec::new(),
        }
    }

    /// Types and filters the attributes of the event or metric called `subject`, keeping at most `budget` bytes. What
    /// an admin configured on the last resource is not content.
    pub fn record(&mut self, subject: &str, sent: &[KeyValue], mut budget: usize) -> Vec<Attribute> {
        let mut kept = self.keep(Vocabulary::of(subject), sent, Place::Record, &mut budget);
        let class = failure::attribute(subject, sent);
        let names = if self.store_tool_names { tool_names::of(subject, sent) } else { Vec::new() };
        for name in class.into_iter().chain(names) {
            let size = name.key.len() + name.value.weight();
            if size <= budget && kept.iter().all(|known| known.key != name.key) {
                budget -= size;
                kept.push(name);
            }
        }
        kept
    }

    /// Types and filters the attributes of a resource, keeping at most `budget` bytes. The records that follow belong
    /// to it.
    pub fn resource(&mut self, sent: &[KeyValue], mut budget: usize) -> Arc<[Attribute]> {
        let kept = self.keep(Vocabulary::of_resources(), sent, Place::Resource, &mut budget);
        let texts = kept.iter().filter_map(|a| Some((a.key.clone(), a.value.as_text()?.into())));
        self.set = texts.collect();
        self.first.clear();
        kept.into()
    }

    /// `name` if it can be the name of an event or a metric, otherwise `instead`.
    pub fn identifier<'a>(&mut self, name: &'a str, instead: &'a str) -> &'a str {
        self.checked(name, instead, shape::is_identifier(name))
    }

    /// Up to [`shape::LABEL`] bytes of `text` if it can be a label, otherwise nothing.
    pub fn label<'a>(&mut self, text: &'a str) -> &'a str {
        self.checked(cut(text, shape::LABEL), "", shape::is_label(text))
    }

    fn checked<'a>(&mut self, text: &'a str, instead: &'a str, is_right: bool) -> &'a str {
        if is_right || text.is_empty() || text == instead {
            return text;
        }
        self.dropped[Gate::Other as usize] += 1;
        instead
    }

    fn keep(&mut self, vocabulary: Vocabulary, sent: &[KeyValue], place: Place, budget: &mut usize) -> Vec<Attribute> {
        let most = sent.len().min(ATTRIBUTE_LIMIT);
        let mut kept: Vec<Attribute> = Vec::with_capacity(most);
        let mut known = Names::default();
        for (index, attribute) in sent.iter().enumerate() {
            if kept.len() == ATTRIBUTE_LIMIT {
                self.cut += u32::try_from(sent.len() - index).unwrap_or(u32::MAX);
                break;
            }
            // Skip attributes without a value, and those whose content the client withheld.
            let value = attribute.value.as_ref().and_then(|v| v.value.as_ref());
            let Some(value) = value.filter(|value| !is_redacted(value)) else { continue };
            let meaning = vocabulary.meaning(&attribute.key);
            let names = if meaning == Meaning::Names { as_names(value) } else { None };
            let value = names.as_ref().unwrap_or(value);
            if !self.is_as_in_first(index, meaning, &attribute.key, value, place) {
                if let Some(gate) = self.withholds(meaning, &attribute.key, value, place) {
                    self.dropped[gate as usize] += 1;
                    continue;
                }
                self.remember(index, meaning, &attribute.key, value, place);
            }
            // Names are unique by the specification; if a client repeats one, the first value counts.
            if known.has(&kept, &attribute.key) {
                continue;
            }
            if least(value) > *budget {
                self.cut += 1;
                continue;
            }
            let Some(typed) = self.typed(meaning, value) else { continue };
            let key = cut(&attribute.key, VALUE_LIMIT);
            let size = key.len() + typed.weight();
            if size > *budget {
                self.cut += 1;
                continue;
            }
            *budget -= size;
            kept.push(Attribute { key: key.into(), value: typed });
            known.add(&kept, key);
        }
        kept
    }

    /// Whether the first record has the same attribute at the same place. What it was found to be depends on nothing else.
    fn is_as_in_first(
        &self,
        index: usize,
        meaning: Meaning,
        key: &str,
        value: &any_value::Value,
        place: Place,
    ) -> bool {
        let (Place::Record, any_value::Value::StringValue(text)) = (place, value) else { return false };
        let known = self.first.get(index).and_then(Option::as_ref);
        known.is_some_and(|known| known.meaning == meaning && *known.key == *key && *known.text == **text)
    }

    /// Remembers an attribute that is kept, if it is one of the first record.
    fn remember(&mut self, index: usize, meaning: Meaning, key: &str, value: &any_value::Value, place: Place) {
        if let (Place::Record, any_value::Value::StringValue(text)) = (place, value)
            && index >= self.first.len()
            && index < REMEMBERED
            && text.len() <= shape::LABEL
            && key.len() <= shape::IDENTIFIER
        {
            self.first.resize_with(index, || None);
            self.first.push(Some(Judged { meaning, key: key.into(), text: text.as_str().into() }));
        }
    }

    /// The gate under which an attribute is withheld; `None` if it is kept.
    fn withholds(&self, meaning: Meaning, key: &str, value: &any_value::Value, place: Place) -> Option<Gate> {
        use any_value::Value::{ArrayValue, KvlistValue, StringValue};
        if self.store_content {
            return None;
        }
        let is_right = match (meaning, value) {
            (Meaning::Content(gate), _) => return Some(gate),
            (Meaning::ToolName, _) if !self.store_tool_names && place == Place::Record => {
                return (!self.is_set(key, value)).then_some(Gate::ToolDetails);
            }
            (Meaning::Unknown, _) if place == Place::Resource => is_setting(key, value),
            (Meaning::Unknown, _) => is_plain(key, value),
            (Meaning::Labels, ArrayValue(list)) => {
                let is_label = |member: &AnyValue| match &member.value {
                    Some(StringValue(text)) => shape::is_label(text),
                    _ => false,
                };
                list.values.len() <= MEMBERS && list.values.iter().all(is_label)
            }
            (_, ArrayValue(_) | KvlistValue(_)) => false,
            (_, StringValue(text)) if place == Place::Resource => shape::is_setting(cut(text, shape::LABEL)),
            (Meaning::Int | Meaning::Number, StringValue(text)) => {
                number(text).is_some() || shape::is_word(text.trim())
            }
            (Meaning::Bool, StringValue(text)) => shape::is_word(text.trim()),
            (Meaning::Word, StringValue(text)) => shape::is_identifier(text) || text.is_empty(),
            (Meaning::Label | Meaning::Labels, StringValue(text)) => {
                shape::is_label(cut(&shape::without_credentials(text), shape::LABEL))
            }
            (Meaning::Name | Meaning::Names | Meaning::ToolName, StringValue(text)) => {
                shape::is_name(cut(&shape::without_credentials(text), shape::LABEL))
            }
            _ => true,
        };
        (!is_right && (place == Place::Resource || !self.is_set(key, value))).then_some(Gate::Other)
    }

    /// Whether the resource has the same text under the same name.
    fn is_set(&self, key: &str, sent: &any_value::Value) -> bool {
        let any_value::Value::StringValue(text) = sent else { return false };
        self.set.get(key).is_some_and(|set| **set == *cut(&shape::without_credentials(text), shape::LABEL))
    }

    /// Converts `value` to the type that the vocabulary gives; a text that does not parse as that type stays a text.
    fn typed(&mut self, meaning: Meaning, value: &any_value::Value) -> Option<Value> {
        Some(match (meaning, value) {
            (Meaning::Int | Meaning::Number, any_value::Value::StringValue(text)) => {
                number(text).unwrap_or_else(|| self.text(meaning, text))
            }
            (Meaning::Bool, any_value::Value::StringValue(text)) => match text.trim() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                other => self.text(meaning, other),
            },
            (_, any_value::Value::StringValue(text)) => self.text(meaning, text),
            (_, any_value::Value::BoolValue(flag)) => Value::Bool(*flag),
            (_, any_value::Value::IntValue(number)) => Value::Int(*number),
            (_, any_value::Value::DoubleValue(number)) => whole_or_fraction(*number),
            (_, any_value::Value::ArrayValue(list)) => {
                Value::List(list.values.iter().filter_map(|v| self.member(meaning, v)).collect())
            }
            (_, any_value::Value::KvlistValue(map)) => Value::Map(
                map.values
                    .iter()
                    .filter_map(|a| {
                        let value = a.value.as_ref().and_then(|v| self.member(meaning, v))?;
                        Some(Attribute { key: cut(&a.key, VALUE_LIMIT).into(), value })
                    })
                    .collect(),
            ),
            (_, any_value::Value::BytesValue(_) | any_value::Value::StringValueStrindex(_)) => return None,
        })
    }

    fn member(&mut self, meaning: Meaning, value: &AnyValue) -> Option<Value> {
        value.value.as_ref().and_then(|v| self.typed(meaning, v))
    }

    /// Content stays as written; everything else is freed of passwords and shortened. Digests are made of what was
    /// sent.
    fn text(&mut self, meaning: Meaning, text: &str) -> Value {
        if matches!(meaning, Meaning::Content(_)) {
            return self.shortened(text, VALUE_LIMIT);
        }
        let limit = if meaning == Meaning::Unknown { VALUE_LIMIT } else { shape::LABEL };
        self.shortened(&shape::without_credentials(text), limit)
    }

    fn shortened(&mut self, text: &str, limit: usize) -> Value {
        let short = cut(text, limit);
        self.cut += u32::from(short.len() < text.len());
        Value::Text(short.into())
    }
}

#[cfg(test)]
mod tests;
