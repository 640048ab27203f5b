//! Attributes: a name and a typed value.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(Box<str>),
    /// A whole number.
    Int(i64),
    /// A finite number with a fraction, or one too large for [`Value::Int`].
    Number(f64),
    /// A Boolean.
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
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The whole number, if it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// The number, whole or not, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The most bytes it takes in a pack, apart from framing.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.len() + 4,
            Self::Int(_) | Self::Number(_) => 12,
            Self::Bool(_) => 1,
            Self::List(values) => 4 + values.iter().map(Self::weight).sum::<usize>(),
            Self::Map(attributes) => 4 + attributes.iter().map(|a| a.key.len() + 4 + a.value.weight()).sum::<usize>(),
        }
    }

    /// The Boolean, if it is one.
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
