//! Writes the attributes of a pack's records by shape and column. See [`super`] for the form.
//!
//! Every attribute is visited a fixed number of times, whatever names and shapes there are.

use std::collections::HashMap;

use super::column::{self, MICROS_NAME, MICROS_OF, Origin};
use super::strings::Interner;
use super::wire::put;
use crate::claude::attribute::Value;
use crate::claude::record::Record;

/// The attributes of records; names are numbered in the order of their first occurrence.
#[derive(Debug, Default)]
struct Names<'a> {
    names: Vec<&'a str>,
    numbers: HashMap<&'a str, usize>,
    /// How many attributes have each name.
    having: Vec<usize>,
    /// The values of each name, with the indexes of the records that have them.
    columns: Vec<Vec<(usize, &'a Value)>>,
    /// For each record, the numbers of its names.
    shapes: Vec<Vec<usize>>,
}

impl<'a> Names<'a> {
    fn of(records: &'a [Record]) -> Self {
        let mut found = Self::default();
        for (row, record) in records.iter().enumerate() {
            let shape = record.attributes.iter().map(|attribute| {
                let number = found.number(&attribute.key);
                found.having[number] += 1;
                let column = &mut found.columns[number];
                // If a record has a name twice, the first value counts.
                if column.last().is_none_or(|(last, _)| *last != row) {
                    column.push((row, &attribute.value));
                }
                number
            });
            let shape = shape.collect();
            found.shapes.push(shape);
        }
        found
    }

    fn number(&mut self, name: &'a str) -> usize {
        let next = self.names.len();
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.names.push(name);
            self.having.push(0);
            self.columns.push(Vec::new());
        }
        number
    }
}

/// Appends attributes by shape: the names that all records have, then the other names of each distinct shape, then one
/// column per name.
pub(super) fn write_attributes<'a>(out: &mut Vec<u8>, strings: &mut Interner<'a>, records: &'a [Record]) {
    let Names { names, having, columns, shapes: all, .. } = Names::of(records);
    let is_common = |number: &usize| having[*number] == records.len();
    let common: Vec<usize> = all.first().into_iter().flatten().copied().filter(is_common).collect();
    let mut shapes: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<Vec<usize>, u64> = HashMap::new();
    let mut chosen = Vec::with_capacity(records.len());
    for mut shape in all {
        shape.retain(|number| !is_common(number));
        let next = shapes.len() as u64;
        let index = match known.get(&shape) {
            Some(index) => *index,
            None => {
                known.insert(shape.clone(), next);
                shapes.push(shape);
                next
            }
        };
        chosen.push(index);
    }
    write_names(out, strings, &names, &common);
    put(out, shapes.len() as u64);
    shapes.iter().for_each(|shape| write_names(out, strings, &names, shape));
    if shapes.len() > 1 {
        chosen.iter().for_each(|index| put(out, *index));
    }
    let mut written = vec![false; names.len()];
    let mut money: Vec<Option<f64>> = vec![None; records.len()];
    for number in common.into_iter().chain(shapes.into_iter().flatten()) {
        if std::mem::replace(&mut written[number], true) {
            continue;
        }
        let (name, column) = (names[number], &columns[number]);
        let (values, origins) = column
            .iter()
            .map(|(row, value)| {
                let record = &records[*row];
                let money = if name == MICROS_NAME { money[*row] } else { None };
                (*value, Origin { name: &record.name, time: record.time, money })
            })
            .unzip::<_, _, Vec<_>, Vec<_>>();
        column::write(out, strings, &values, &origins);
        if name == MICROS_OF {
            column.iter().for_each(|(row, value)| money[*row] = value.as_number());
        }
    }
}

fn write_names<'a>(out: &mut Vec<u8>, strings: &mut Interner<'a>, names: &[&'a str], numbers: &[usize]) {
    put(out, numbers.len() as u64);
    numbers.iter().for_each(|number| strings.put(out, names[*number]));
}
