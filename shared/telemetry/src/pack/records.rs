//! The records of a body: times and digests first, then their attributes, column by column.

use std::collections::HashMap;

use super::column::{self, MICROS_OF, Origin};
use super::shapes::write_attributes;
use super::strings::{Interner, Strings};
use super::wire::{Corrupt, Reader, put, put_signed};
use crate::canonical::Kind;
use crate::claude::attribute::{Attribute, Value};
use crate::claude::record::{PointData, Record, Temporality};
use model::time::Timestamp;

/// What is written as columns without being an attribute.
#[derive(Debug)]
pub(super) struct Derived {
    names: Vec<Value>,
    units: Vec<Value>,
    kinds: Vec<Value>,
    starts: Vec<Value>,
    values: Vec<Value>,
}

impl Derived {
    pub(super) fn of(records: &[Record]) -> Self {
        let points: Vec<(&PointData, Timestamp)> =
            records.iter().filter_map(|r| Some((r.point.as_ref()?, r.time))).collect();
        Self {
            names: records.iter().map(|r| Value::Text(r.name.clone())).collect(),
            units: points.iter().map(|(p, _)| Value::Text(p.unit.clone())).collect(),
            kinds: points.iter().map(|(p, _)| Value::Int(pack_kind(p))).collect(),
            starts: points.iter().map(|(p, time)| Value::Int(time.0.wrapping_sub(p.start.0))).collect(),
            values: points.iter().map(|(p, _)| pack_value(p.value)).collect(),
        }
    }
}

/// Appends the records. A pack holds records of one signal, so either all or none are points.
pub(super) fn write<'a>(
    out: &mut Vec<u8>,
    strings: &mut Interner<'a>,
    records: &'a [Record],
    contexts: usize,
    derived: &'a Derived,
) {
    put(out, records.len() as u64);
    let Some(first) = records.first() else { return };
    put_signed(out, first.time.0);
    let mut last = first.time.0;
    for record in records {
        put_signed(out, record.time.0.wrapping_sub(last));
        last = record.time.0;
    }
    records.iter().for_each(|r| out.extend_from_slice(&r.digest));
    let repeats = records.iter().any(|r| r.count != 1);
    out.push(repeats.into());
    if repeats {
        records.iter().for_each(|r| put(out, r.count.into()));
    }
    if contexts > 1 {
        records.iter().for_each(|r| put(out, r.context as u64));
    }
    let nothing: Vec<Origin<'_>> = records.iter().map(|r| Origin { name: "\0", time: r.time, money: None }).collect();
    write_column(out, strings, &derived.names, &nothing);
    write_attributes(out, strings, records);
    out.push((!derived.values.is_empty()).into());
    if !derived.values.is_empty() {
        for values in [&derived.units, &derived.kinds, &derived.starts, &derived.values] {
            write_column(out, strings, values, &nothing);
        }
    }
}

/// Reads what [`write`] wrote, for a body with this many contexts.
pub(super) fn read(reader: &mut Reader<'_>, strings: &Strings, contexts: usize) -> Result<Vec<Record>, Corrupt> {
    let count = reader.count()?;
    if count == 0 {
        return Ok(Vec::new());
    }
    reader.spend(count * size_of::<Record>())?;
    let mut time = reader.signed()?;
    let mut records = Vec::new();
    for _ in 0..count {
        time = time.wrapping_add(reader.signed()?);
        records.push(Record {
            context: 0,
            name: Box::default(),
            time: Timestamp(time),
            digest: [0; 4],
            count: 1,
            attributes: Vec::new(),
            point: None,
        });
    }
    for (record, digest) in records.iter_mut().zip(reader.bytes(count * 4)?.chunks_exact(4)) {
        record.digest.copy_from_slice(digest);
    }
    if reader.byte()? == 1 {
        for record in &mut records {
            record.count = reader.small()?;
        }
    }
    if contexts > 1 {
        for record in &mut records {
            record.context = reader.small()? as usize;
        }
    }
    if records.iter().any(|r| r.context >= contexts) {
        return Err(Corrupt::Damaged("a record refers to a missing context"));
    }
    let nothing: Vec<Origin<'_>> = records.iter().map(|r| Origin { name: "\0", time: r.time, money: None }).collect();
    let names = column::read(reader, strings, &nothing)?;
    let texts = |values: Vec<Value>| -> Result<Vec<Box<str>>, Corrupt> {
        values
            .into_iter()
            .map(|v| if let Value::Text(t) = v { Ok(t) } else { Err(Corrupt::Damaged("a name is not a text")) })
            .collect()
    };
    for (record, name) in records.iter_mut().zip(texts(names)?) {
        record.name = name;
    }
    read_attributes(reader, strings, &mut records)?;
    if reader.byte()? == 1 {
        let nothing: Vec<Origin<'_>> =
            records.iter().map(|r| Origin { name: "\0", time: r.time, money: None }).collect();
        let units = texts(column::read(reader, strings, &nothing)?)?;
        let kinds = column::read(reader, strings, &nothing)?;
        let starts = column::read(reader, strings, &nothing)?;
        let values = column::read(reader, strings, &nothing)?;
        let rows = units.into_iter().zip(kinds).zip(starts).zip(values);
        let mut points = Vec::new();
        for (record, (((unit, kind), start), value)) in records.iter().zip(rows) {
            points.push(point(record.time, unit, &kind, &start, &value)?);
        }
        records.iter_mut().zip(points).for_each(|(record, point)| record.point = Some(point));
    }
    Ok(records)
}

fn write_column<'a>(out: &mut Vec<u8>, strings: &mut Interner<'a>, values: &'a [Value], origins: &[Origin<'_>]) {
    column::write(out, strings, &values.iter().collect::<Vec<_>>(), origins);
}

fn read_attributes(reader: &mut Reader<'_>, strings: &Strings, records: &mut [Record]) -> Result<(), Corrupt> {
    let keys = |reader: &mut Reader<'_>| -> Result<Vec<Box<str>>, Corrupt> {
        let count = reader.count()?;
        (0..count).map(|_| Ok(strings.text(reader)?.into())).collect()
    };
    let common = keys(reader)?;
    let shape_count = reader.count()?;
    let shapes = (0..shape_count).map(|_| keys(reader)).collect::<Result<Vec<_>, _>>()?;
    let mut chosen = vec![0_usize; records.len()];
    if shape_count > 1 {
        for index in &mut chosen {
            *index = reader.small()? as usize;
        }
    }
    if chosen.iter().any(|index| *index >= shape_count) {
        return Err(Corrupt::Damaged("a record refers to a missing shape"));
    }
    let mut order: Vec<(Box<str>, Vec<usize>)> =
        common.into_iter().map(|key| (key, (0..records.len()).collect())).collect();
    let mut place: HashMap<Box<str>, usize> = HashMap::new();
    for key in shapes.iter().flatten() {
        place.entry(key.clone()).or_insert_with(|| {
            order.push((key.clone(), Vec::new()));
            order.len() - 1
        });
    }
    for (row, shape) in chosen.iter().enumerate() {
        for key in &shapes[*shape] {
            reader.spend(size_of::<usize>())?;
            if let Some(column) = place.get(key) {
                order[*column].1.push(row);
            }
        }
    }
    let mut money: Vec<Option<f64>> = vec![None; records.len()];
    for (key, rows) in order {
        let values = {
            let origins: Vec<Origin<'_>> = rows
                .iter()
                .map(|row| Origin { name: &records[*row].name, time: records[*row].time, money: money[*row] })
                .collect();
            column::read(reader, strings, &origins)?
        };
        for (row, value) in rows.into_iter().zip(values) {
            if &*key == MICROS_OF {
                money[row] = value.as_number();
            }
            reader.spend(key.len() + size_of::<Attribute>())?;
            records[row].attributes.push(Attribute { key: key.clone(), value });
        }
    }
    Ok(())
}

/// Kind, temporality and monotonicity in one number.
fn pack_kind(point: &PointData) -> i64 {
    point.kind as i64 | (point.temporality as i64) << 3 | i64::from(point.monotonic) << 5
}

/// Counts are doubles on the wire, but whole numbers.
fn pack_value(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole = value.fract() == 0.0 && value.abs() <= EXACT && !(value == 0.0 && value.is_sign_negative());
    if whole { Value::Int(value as i64) } else { Value::Number(value) }
}

fn point(time: Timestamp, unit: Box<str>, kind: &Value, start: &Value, value: &Value) -> Result<PointData, Corrupt> {
    let damaged = Corrupt::Damaged("a point is incomplete");
    let packed = kind.as_int().ok_or(damaged)?;
    Ok(PointData {
        start: Timestamp(time.0.wrapping_sub(start.as_int().ok_or(damaged)?)),
        value: value.as_number().ok_or(damaged)?,
        unit,
        kind: match packed & 7 {
            1 => Kind::Gauge,
            2 => Kind::Sum,
            3 => Kind::Histogram,
            4 => Kind::ExponentialHistogram,
            5 => Kind::Summary,
            _ => return Err(damaged),
        },
        temporality: Temporality::from_otlp((packed >> 3 & 3) as i32),
        monotonic: packed >> 5 & 1 == 1,
    })
}
