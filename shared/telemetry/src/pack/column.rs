//! Columns: the values of one attribute over all records that have it.
//!
//! ```text
//! 0 one value for all       1 whole numbers           2 whole numbers, each less the one before
//! 3 texts                   4 truth values, a bit each 5 numbers with a fraction
//! 6 values of any type      7 the record's name        8 the record's time as RFC 3339, and milliseconds off it
//! 9 millionths of the column named in `MICROS_OF`, rounded
//! ```

use super::number::{put_number, read_number};
use super::strings::{Interner, Strings};
use super::wire::{Corrupt, Reader, put, put_signed, zigzag};
use crate::claude::attribute::{Attribute, Value};
use model::time::{SignedDuration, Timestamp};

const CONSTANT: u8 = 0;
const INTS: u8 = 1;
const DIFFERENCES: u8 = 2;
const TEXTS: u8 = 3;
const BITS: u8 = 4;
const NUMBERS: u8 = 5;
const MIXED: u8 = 6;
const NAMES: u8 = 7;
const TIMES: u8 = 8;
const MICROS: u8 = 9;

/// The column whose values [`MICROS_NAME`] repeats in millionths.
pub(super) const MICROS_OF: &str = "cost_usd";
/// The column that is omitted where it repeats [`MICROS_OF`].
pub(super) const MICROS_NAME: &str = "cost_usd_micros";
/// How deep lists and maps may nest; the decoders of exports stop far earlier.
const DEPTH: u8 = 100;

/// What a value of a column may be derived from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) name: &'a str,
    pub(super) time: Timestamp,
    /// The record's [`MICROS_OF`], if that column precedes.
    pub(super) money: Option<f64>,
}

/// Appends the column of `values`.
pub(super) fn write<'a>(out: &mut Vec<u8>, strings: &mut Interner<'a>, values: &[&'a Value], origins: &[Origin<'_>]) {
    if values.iter().zip(origins).all(|(v, o)| v.as_text() == Some(o.name)) {
        out.push(NAMES);
    } else if values.iter().zip(origins).all(|(v, o)| v.as_int().is_some() && v.as_int() == o.money.map(micros)) {
        out.push(MICROS);
    } else if let Some(off) = times_off(values, origins) {
        out.push(TIMES);
        off.iter().for_each(|n| put_signed(out, *n));
    } else if values.len() > 1 && values.iter().all(|v| v == &values[0]) {
        out.push(CONSTANT);
        write_value(out, strings, values[0]);
    } else if let Some(ints) = all(values, Value::as_int) {
        write_ints(out, &ints);
    } else if values.iter().all(|v| v.as_text().is_some()) {
        out.push(TEXTS);
        values.iter().filter_map(|v| v.as_text()).for_each(|text| strings.put(out, text));
    } else if let Some(flags) = all(values, Value::as_bool) {
        out.push(BITS);
        out.extend(
            flags.chunks(8).map(|c| c.iter().enumerate().fold(0, |byte, (i, flag)| byte | u8::from(*flag) << i)),
        );
    } else if let Some(numbers) = all(values, |v| if let Value::Number(n) = v { Some(*n) } else { None }) {
        out.push(NUMBERS);
        numbers.iter().for_each(|n| put_number(out, *n));
    } else {
        out.push(MIXED);
        values.iter().for_each(|v| write_value(out, strings, v));
    }
}

/// Reads a column with as many values as there are origins.
pub(super) fn read(reader: &mut Reader<'_>, strings: &Strings, origins: &[Origin<'_>]) -> Result<Vec<Value>, Corrupt> {
    let count = origins.len();
    reader.spend(count * size_of::<Value>())?;
    let tag = reader.byte()?;
    match tag {
        CONSTANT => {
            let value = read_value(reader, strings, DEPTH)?;
            reader.spend(weight(&value) * count)?;
            Ok(vec![value; count])
        }
        INTS => (0..count).map(|_| reader.signed().map(Value::Int)).collect(),
        DIFFERENCES => {
            let mut last = 0_i64;
            (0..count)
                .map(|_| {
                    last = last.wrapping_add(reader.signed()?);
                    Ok(Value::Int(last))
                })
                .collect()
        }
        TEXTS => (0..count).map(|_| Ok(Value::Text(strings.text(reader)?.into()))).collect(),
        BITS => {
            let bits = reader.bytes(count.div_ceil(8))?;
            Ok((0..count).map(|i| Value::Bool(bits[i / 8] >> (i % 8) & 1 == 1)).collect())
        }
        NUMBERS => (0..count).map(|_| read_number(reader).map(Value::Number)).collect(),
        MIXED => (0..count).map(|_| read_value(reader, strings, DEPTH)).collect(),
        NAMES => origins
            .iter()
            .map(|o| {
                reader.spend(o.name.len())?;
                Ok(Value::Text(o.name.into()))
            })
            .collect(),
        TIMES => {
            let text =
                |o: &Origin<'_>, later| Value::Text(o.time.plus(SignedDuration::from_millis(later)).to_string().into());
            origins.iter().map(|o| Ok(text(o, reader.signed()?))).collect()
        }
        MICROS => origins
            .iter()
            .map(|o| {
                o.money
                    .map(|m| Value::Int(micros(m)))
                    .ok_or(Corrupt::Damaged("it derives millionths from a missing amount"))
            })
            .collect(),
        _ => Err(Corrupt::Damaged("a column has an unknown form")),
    }
}

/// Appends a value of any type, preceded by its tag.
pub(super) fn write_value<'a>(out: &mut Vec<u8>, strings: &mut Interner<'a>, value: &'a Value) {
    match value {
        Value::Text(text) => {
            out.push(0);
            strings.put(out, text);
        }
        Value::Int(number) => {
            out.push(1);
            put_signed(out, *number);
        }
        Value::Number(number) => {
            out.push(2);
            put_number(out, *number);
        }
        Value::Bool(flag) => out.push(3 + u8::from(*flag)),
        Value::List(values) => {
            out.push(5);
            put(out, values.len() as u64);
            values.iter().for_each(|v| write_value(out, strings, v));
        }
        Value::Map(attributes) => {
            out.push(6);
            write_attributes(out, strings, attributes);
        }
    }
}

/// Appends names and values.
pub(super) fn write_attributes<'a>(out: &mut Vec<u8>, strings: &mut Interner<'a>, attributes: &'a [Attribute]) {
    put(out, attributes.len() as u64);
    for attribute in attributes {
        strings.put(out, &attribute.key);
        write_value(out, strings, &attribute.value);
    }
}

fn read_value(reader: &mut Reader<'_>, strings: &Strings, depth: u8) -> Result<Value, Corrupt> {
    let deeper = depth.checked_sub(1).ok_or(Corrupt::Damaged("a value is nested too deeply"))?;
    Ok(match reader.byte()? {
        0 => Value::Text(strings.text(reader)?.into()),
        1 => Value::Int(reader.signed()?),
        2 => Value::Number(read_number(reader)?),
        tag @ (3 | 4) => Value::Bool(tag == 4),
        5 => {
            let count = reader.count()?;
            reader.spend(count * size_of::<Value>())?;
            Value::List((0..count).map(|_| read_value(reader, strings, deeper)).collect::<Result<_, _>>()?)
        }
        6 => Value::Map(read_attributes_at(reader, strings, deeper)?),
        _ => return Err(Corrupt::Damaged("a value has an unknown type")),
    })
}

/// Reads what [`write_attributes`] wrote.
pub(super) fn read_attributes(reader: &mut Reader<'_>, strings: &Strings) -> Result<Vec<Attribute>, Corrupt> {
    read_attributes_at(reader, strings, DEPTH)
}

fn read_attributes_at(reader: &mut Reader<'_>, strings: &Strings, depth: u8) -> Result<Vec<Attribute>, Corrupt> {
    let count = reader.count()?;
    reader.spend(count * size_of::<Attribute>())?;
    (0..count)
        .map(|_| {
            let key = strings.text(reader)?.into();
            Ok(Attribute { key, value: read_value(reader, strings, depth)? })
        })
        .collect()
}

fn write_ints(out: &mut Vec<u8>, ints: &[i64]) {
    let differences: Vec<i64> =
        std::iter::once(0).chain(ints.iter().copied()).zip(ints).map(|(a, b)| b.wrapping_sub(a)).collect();
    let (tag, chosen) = if length(&differences) < length(ints) { (DIFFERENCES, &*differences) } else { (INTS, ints) };
    out.push(tag);
    chosen.iter().for_each(|n| put_signed(out, *n));
}

fn length(ints: &[i64]) -> u32 {
    ints.iter().map(|n| (64 - zigzag(*n).leading_zeros()).div_ceil(7).max(1)).sum()
}

fn all<T>(values: &[&Value], as_type: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    values.iter().map(|v| as_type(v)).collect()
}

fn micros(money: f64) -> i64 {
    (money * 1e6).round() as i64
}

/// Milliseconds between each text and its record's time, if every text is a time as this service writes it.
fn times_off(values: &[&Value], origins: &[Origin<'_>]) -> Option<Vec<i64>> {
    values
        .iter()
        .zip(origins)
        .map(|(value, origin)| {
            let text = value.as_text()?;
            let time = Timestamp::parse(text).ok()?;
            (time.to_string() == text).then_some(time.0.checked_sub(origin.time.0)?)
        })
        .collect()
}

fn weight(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::Text(text) => text.len(),
            Value::List(values) => values.iter().map(weight).sum(),
            Value::Map(attributes) => {
                attributes.iter().map(|a| a.key.len() + size_of::<Attribute>() + weight(&a.value)).sum()
            }
            Value::Int(_) | Value::Number(_) | Value::Bool(_) => 0,
        }
}
