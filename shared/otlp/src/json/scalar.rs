//! Scalar JSON values, and the protobuf types that can be read from them.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A JSON value that is not a list, an object or null.
pub(super) enum Scalar<'de> {
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(Cow<'de, str>),
}

/// What a value must be, as told to a sender whose value is not.
pub(super) type Mismatch = &'static str;

/// A scalar or null. Any other value is skipped, and this says what it must be instead.
pub(super) struct Nullable<'de>(pub(super) Result<Option<Scalar<'de>>, Mismatch>);

impl<'de> Deserialize<'de> for Nullable<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor).map(Nullable)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Result<Option<Scalar<'de>>, Mismatch>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a single value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Ok(None))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Ok(Some(Scalar::Bool(value))))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Ok(Some(Scalar::Unsigned(value))))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Ok(Some(Scalar::Signed(value))))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Ok(Some(Scalar::Float(value))))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Ok(Some(Scalar::Text(Cow::Borrowed(value)))))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Ok(Some(Scalar::Text(Cow::Owned(value.to_owned())))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        skip_list(list)?;
        Ok(Err("must be a single value, not a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        skip_object(map)?;
        Ok(Err("must be a single value, not an object"))
    }
}

/// Skips the rest of a list, however deeply nested.
pub(super) fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Skips the rest of an object, however deeply nested.
pub(super) fn skip_object<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// `string`
pub(super) fn text(scalar: Scalar<'_>) -> Result<String, Mismatch> {
    match scalar {
        Scalar::Text(text) => Ok(text.into_owned()),
        _ => Err("must be a string"),
    }
}

/// `bool`
pub(super) fn boolean(scalar: Scalar<'_>) -> Result<bool, Mismatch> {
    match scalar {
        Scalar::Bool(value) => Ok(value),
        _ => Err("must be true or false"),
    }
}

/// Any of protobuf's integer types: a number or a numeric string within the range of the type.
pub(super) fn integer<T: TryFrom<i128>>(scalar: Scalar<'_>) -> Result<T, Mismatch> {
    whole(&scalar)
        .ok_or("must be an integer or a string with an integer")
        .and_then(|value| T::try_from(value).map_err(|_| "is out of range for its type"))
}

fn whole(scalar: &Scalar<'_>) -> Option<i128> {
    match scalar {
        Scalar::Bool(_) => None,
        Scalar::Unsigned(value) => Some((*value).into()),
        Scalar::Signed(value) => Some((*value).into()),
        Scalar::Float(value) => whole_float(*value),
        Scalar::Text(text) => text.parse().ok().or_else(|| whole_float(text.parse().ok()?)),
    }
}

/// `5.0` and `1e3` are integers too. The cast saturates, which is out of range for every type.
fn whole_float(value: f64) -> Option<i128> {
    (value.is_finite() && value.fract() == 0.0).then_some(value as i128)
}

/// `double`: a number, or a string that holds a number or one of the three values that JSON cannot express.
pub(super) fn double(scalar: Scalar<'_>) -> Result<f64, Mismatch> {
    let value = match scalar {
        Scalar::Bool(_) => None,
        Scalar::Unsigned(value) => Some(value as f64),
        Scalar::Signed(value) => Some(value as f64),
        Scalar::Float(value) => Some(value),
        Scalar::Text(text) => match &*text {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            number => number.parse().ok().filter(|value: &f64| value.is_finite()),
        },
    };
    value.ok_or("must be a number or a string with a number")
}

/// An enumeration: its number, known or not. OTLP/JSON says "enum name strings MUST NOT be used": names vary between
/// versions.
pub(super) fn enumeration(scalar: Scalar<'_>) -> Result<i32, Mismatch> {
    integer(scalar).map_err(|_| "must be the number of an enum value, not its name")
}

/// A trace or span id: hexadecimal in either case, of any length. An id that is not hexadecimal becomes empty, as if
/// absent: one bad id must not cost the whole export.
pub(super) fn id(scalar: Scalar<'_>) -> Result<Vec<u8>, Mismatch> {
    text(scalar).map(|digits| unhex(digits.as_bytes()).unwrap_or_default())
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// `bytes`: base64 in either alphabet, with or without padding.
pub(super) fn bytes(scalar: Scalar<'_>) -> Result<Vec<u8>, Mismatch> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let text = text(scalar)?;
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, LENIENT).decode(text).map_err(|_| "must be base64")
}
