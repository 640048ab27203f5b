//! What tells one cumulative series from another. It is stored with summaries, so its bytes are frozen.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::claude::attribute::{Attribute, Value};
use crate::claude::record::Record;

/// Distinguishes series by all attributes of their points, in any order.
pub(super) fn series_key(record: &Record) -> [u8; 8] {
    let mut parts: Vec<String> = record.attributes.iter().map(written).collect();
    parts.sort_unstable();
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut key = [0; 8];
    key.copy_from_slice(&hasher.finalize()[..8]);
    key
}

fn written(attribute: &Attribute) -> String {
    let mut out = format!("{}=", attribute.key);
    write(&mut out, &attribute.value);
    out
}

/// Looks like JSON with the members of maps in order of their names, and depends on no library that writes JSON.
fn write(out: &mut String, value: &Value) {
    match value {
        Value::Text(text) => write_text(out, text),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Number(number) => out.push_str(&format!("{number:?}")),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::List(values) => {
            out.push('[');
            for (number, value) in values.iter().enumerate() {
                out.push_str(if number == 0 { "" } else { "," });
                write(out, value);
            }
            out.push(']');
        }
        Value::Map(members) => {
            let mut members: Vec<&Attribute> = members.iter().collect();
            members.sort_by(|one, other| one.key.cmp(&other.key));
            out.push('{');
            for (number, Attribute { key, value }) in members.into_iter().enumerate() {
                out.push_str(if number == 0 { "" } else { "," });
                write_text(out, key);
                out.push(':');
                write(out, value);
            }
            out.push('}');
        }
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                let escaped = write!(out, "\\u{:04x}", u32::from(c));
                debug_assert!(escaped.is_ok(), "a String takes everything");
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(key: &str, value: Value) -> Attribute {
        Attribute { key: key.into(), value }
    }

    #[test]
    fn values_are_written_as_they_were_when_they_were_first_stored() {
        let map =
            vec![attribute("b", Value::Bool(true)), attribute("a", Value::List(vec![Value::Int(1), Value::Int(2)]))];
        for (value, expected) in [
            (Value::Text("a\"b\\\n\u{1}\u{e9}/".into()), r#"k="a\"b\\\n\u0001é/""#),
            (Value::Int(-7), "k=-7"),
            (Value::Number(0.5), "k=0.5"),
            (Value::Bool(false), "k=false"),
            (Value::Map(map), r#"k={"a":[1,2],"b":true}"#),
        ] {
            assert_eq!(written(&attribute("k", value)), expected);
        }
    }

    #[test]
    fn a_text_is_written_as_json_writes_it() {
        for c in (0..0x300).filter_map(char::from_u32) {
            let mut out = String::new();
            write_text(&mut out, &c.to_string());
            assert_eq!(out, serde_json::to_string(&c).unwrap());
        }
    }
}
