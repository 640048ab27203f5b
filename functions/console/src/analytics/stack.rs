//! What a breakdown is about over time: the largest few, each in a colour of its own, and all others together.

use maud::{Markup, html};
use model::currency::Currency;
use model::order;
use service::report::figures::Figures;
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::Line;

use super::about;
use super::chart::{Chart, Series, Shape};
use super::column::Column;
use super::naming::Name;
use super::period::Period;
use super::scope::{Numbers, Scope};
use crate::components::number;

/// So many are told apart.
const LARGEST: usize = 5;
/// Amounts below are what is left of amounts that were rounded when they were added up.
const NOTHING: f64 = 1e-4;
/// Colours there are for them; the one after them is for all others.
const COLOURS: usize = 8;

/// A part of a stack over time.
#[derive(Debug)]
pub(super) struct Layer {
    /// What it is, as people name it, and where that leads to.
    pub(super) name: Name,
    /// The number of its colour.
    pub(super) colour: usize,
    /// Its number at each time.
    pub(super) values: Vec<f64>,
}

impl Layer {
    /// As charts take it.
    pub(super) fn series(&self) -> Series<'_> {
        Series { name: &self.name.text, is_named: true, colour: self.colour, values: self.values.clone() }
    }
}

/// The layers of a stack whose times add up to `totals`: the largest few of `all`, which come with what they add up to, and the others.
pub(super) fn layers(
    mut all: Vec<(&Label, f64)>,
    mut totals: Vec<f64>,
    named: &dyn Fn(&Label) -> Name,
    over_time: &dyn Fn(&Label) -> Vec<f64>,
) -> Vec<Layer> {
    all.retain(|(_, value)| *value > 0.0);
    order::sort_by(&mut all, |a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let others = all.len().saturating_sub(LARGEST);
    all.truncate(LARGEST);
    let keys: Vec<&Label> = all.into_iter().map(|(key, _)| key).collect();
    let colours = colours(&keys);
    let layer = |(key, colour): (&&Label, usize)| Layer { name: named(key), colour, values: over_time(key) };
    let mut layers: Vec<Layer> = keys.iter().zip(colours).map(layer).collect();
    for Layer { values, .. } in &layers {
        totals.iter_mut().zip(values).for_each(|(rest, value)| *rest -= value);
    }
    if !layers.is_empty() && totals.iter().any(|rest| *rest > NOTHING) {
        let name = if others > 0 { format!("{} others", number::grouped(others as u64)) } else { "Others".into() };
        layers.push(Layer { name: Name::plain(name), colour: COLOURS, values: totals });
    }
    layers
}

/// The numbers of a column over time, by what the breakdown is about.
#[derive(Debug)]
pub(super) struct Stack {
    column: &'static Column,
    currency: Currency,
    title: String,
    labels: Vec<String>,
    layers: Vec<Layer>,
    /// What the whole was in the period before, part by part.
    before: Option<Vec<f64>>,
}

impl Stack {
    /// Of the column that lines are in order of, if its parts add up, or of the first that does; none if there is nothing to tell apart.
    /// `named` says what each of them is called.
    pub(super) fn of(scope: &Scope<'_>, numbers: &Numbers, named: &dyn Fn(&Label) -> Name) -> Option<Self> {
        let columns = std::iter::once(scope.sort).chain(Column::of(scope.by).iter().copied());
        let column = columns
            .into_iter()
            .find(|column| column.adds_up)
            .filter(|_| !about::is_time(scope.by) && !about::can_overlap(scope.by))?;
        let value = |line: &Line| (column.value)(line, &Figures::from(line)).unwrap_or(0.0);
        let periods: Vec<Period> = numbers.parts.iter().map(|(part, _)| *part).collect();
        let over_time = |key: &Label| {
            let mut values = vec![0.0; periods.len()];
            for cell in numbers.cells.iter().filter(|cell| cell.key.get(1) == Some(key)) {
                if let Some(at) = Period::part_of(&periods, cell.key[0].as_deref()) {
                    values[at] += value(cell);
                }
            }
            values
        };
        let mut totals: Vec<f64> = numbers.parts.iter().map(|(_, line)| value(line)).collect();
        if about::is_of_few(scope.by) {
            totals.iter_mut().zip(over_time(&None)).for_each(|(total, unsaid)| *total -= unsaid);
        }
        let said = numbers.lines.iter().filter_map(|line| line.key.first().map(|key| (key, value(line))));
        let said = said.filter(|(key, _)| key.is_some()).collect();
        let layers = layers(said, totals, &named, &over_time);
        let title = format!("{} by {}", column.title, about::title(scope.by).to_lowercase());
        let labels = periods.iter().map(Period::short).collect();
        // Those before are not read by what the breakdown is about: what says nothing of it is among them.
        let is_comparable = !numbers.before.sessions.is_empty() && !about::is_of_few(scope.by);
        let before = is_comparable.then(|| numbers.parts_before.iter().map(value).collect());
        (!layers.is_empty()).then_some(Self { column, currency: scope.currency, title, labels, layers, before })
    }

    /// The column, by its id.
    pub(super) fn column(&self) -> &'static str {
        self.column.id
    }

    /// The chart, whose number on the page is `id`.
    pub(super) fn show(&self, id: usize, every: &'static str, unfinished: &[usize]) -> Markup {
        let (title, unit, labels) = (&self.title, self.column.unit, &self.labels);
        let series = self.layers.iter().map(Layer::series).collect();
        let leads: Vec<Option<&str>> = self.layers.iter().map(|layer| layer.name.href.as_deref()).collect();
        let (shape, before, unfinished) = (Shape::Stacked, self.before.clone(), unfinished.to_vec());
        html! {
            section.wide aria-label=(title) {
                (Chart { id, title, every, unit, currency: self.currency, labels, series, shape, before, unfinished }.show_leading(&leads))
            }
        }
    }
}

/// A colour for each key: the one that its text says, so that it keeps it from page to page; where two say the same, the next free one.
fn colours(keys: &[&Label]) -> Vec<usize> {
    let mut by_key: Vec<usize> = (0..keys.len()).collect();
    order::sort_by_key(&mut by_key, |at| keys[*at]);
    let mut chosen = vec![0; keys.len()];
    let mut taken = [false; COLOURS];
    for at in by_key {
        let text = keys[at].as_deref().unwrap_or_default();
        let wanted = text.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % COLOURS;
        let free = (0..COLOURS).map(|step| (wanted + step) % COLOURS).find(|colour| !taken[*colour]);
        let colour = free.unwrap_or(wanted);
        taken[colour] = true;
        chosen[at] = colour;
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_has_a_colour_of_its_own_and_keeps_it_whatever_the_order() {
        let keys: Vec<Label> = ["core", "web", "data", "app", "platform"].map(|name| Some(name.into())).into();
        let of = |keys: &[&Label]| -> Vec<(String, usize)> {
            let mut found: Vec<_> = keys
                .iter()
                .zip(colours(keys))
                .map(|(key, colour)| (key.as_deref().unwrap().to_owned(), colour))
                .collect();
            order::sort_by(&mut found, Ord::cmp);
            found
        };
        let all: Vec<&Label> = keys.iter().collect();
        let reversed: Vec<&Label> = keys.iter().rev().collect();
        assert_eq!(of(&all), of(&reversed));
        assert_eq!(of(&all).iter().map(|(_, colour)| *colour).collect::<BTreeSet<_>>().len(), 5);
    }
}
