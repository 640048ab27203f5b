//! What can hardly be content: decided from the shape of an unknown attribute, since nothing is known of its meaning.

use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value};

use crate::claude::shape;
use crate::claude::vocabulary::{Meaning, Vocabulary};

/// The most members of a list or map that is kept without content: many numbers could spell out a text.
pub(super) const MEMBERS: usize = 16;

/// Whether an unknown attribute of a resource can be something an admin configured. Names of Kubernetes labels contain
/// slashes.
pub(super) fn is_setting(key: &str, value: &any_value::Value) -> bool {
    let any_value::Value::StringValue(text) = value else { return is_plain(key, value) };
    let plain = shape::without_credentials(text);
    key.len() <= shape::IDENTIFIER
        && key.split('/').all(shape::is_identifier)
        && plain.len() <= shape::LABEL
        && shape::is_setting(&plain)
        && !shape::names_secret(key)
}

/// Accepts numbers, Booleans and single words, and lists and maps of these with no more than one word, since several
/// could be a sentence.
pub(super) fn is_plain(key: &str, value: &any_value::Value) -> bool {
    use any_value::Value::{ArrayValue, KvlistValue, StringValue};
    let is_text = |value: &AnyValue| matches!(value.value, Some(StringValue(_)));
    let is_single = |key: &str, value: &any_value::Value| match value {
        StringValue(text) => (text.is_empty() || shape::is_word(text)) && !speaks_of_content(key),
        ArrayValue(_) | KvlistValue(_) => false,
        _ => true,
    };
    let is_member = |key: &str, value: &AnyValue| value.value.as_ref().is_none_or(|value| is_single(key, value));
    shape::is_identifier(key)
        && match value {
            ArrayValue(list) => {
                list.values.len() <= MEMBERS
                    && list.values.iter().filter(|value| is_text(value)).count() <= 1
                    && list.values.iter().all(|value| is_member(key, value))
            }
            KvlistValue(map) => {
                let members = || map.values.iter().filter_map(|a| Some((&*a.key, a.value.as_ref()?)));
                map.values.len() <= MEMBERS
                    && members().filter(|(_, value)| is_text(value)).count() <= 1
                    && map.values.iter().all(|a| shape::is_identifier(&a.key))
                    && members().all(|(key, value)| is_member(key, value) && !speaks_of_content(key))
            }
            single => is_single(key, single),
        }
}

fn speaks_of_content(key: &str) -> bool {
    let is_content = matches!(Vocabulary::of_resources().meaning(key), Meaning::Content(_) | Meaning::ToolName);
    is_content || shape::names_content(key)
}
