//! Bars over time, as SVG.
//!
//! Crates for charts write colours and fonts into the image; a page that follows the light or dark of the system and allows no inline
//! style needs marks with classes and nothing else, which are few. The image stretches to any width, so it has bars and lines only;
//! whatever is text stands around it and keeps its size. What a bar is in numbers stands in the table below it, from where the script
//! takes it for whoever points at the bar.

use maud::{Markup, html};
use model::currency::Currency;

use super::column::Unit;
use super::naming::linked;
use crate::components::number;
use crate::components::text::name;

/// Width and height of the image, in its own units.
const SIZE: (f64, f64) = (600.0, 120.0);
/// Share of a bar's place that stays empty.
const GAP: f64 = 0.22;

/// How the bars of several series stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// On top of each other: they add up to something.
    Stacked,
    /// Beside each other: their sum is nothing.
    Beside,
}

/// A chart.
#[derive(Debug)]
pub(super) struct Chart<'a> {
    /// Tells it apart from others of the page.
    pub(super) id: usize,
    /// What is shown.
    pub(super) title: &'a str,
    /// What each bar is: a day, a week, a month.
    pub(super) every: &'static str,
    /// How numbers are written.
    pub(super) unit: Unit,
    /// What money is shown in.
    pub(super) currency: Currency,
    /// What each bar is of.
    pub(super) labels: &'a [String],
    /// What the bars are made of.
    pub(super) series: Vec<Series<'a>>,
    /// How they stand.
    pub(super) shape: Shape,
    /// What the sum of each bar was in the period before, if that is compared.
    pub(super) before: Option<Vec<f64>>,
    /// Which bars are of a part of a day, a week or a month, as one that is not over: their places.
    pub(super) unfinished: Vec<usize>,
}

/// Numbers of one kind.
#[derive(Debug)]
pub(super) struct Series<'a> {
    /// Their name.
    pub(super) name: &'a str,
    /// Whether the name says more than the title of the chart.
    pub(super) is_named: bool,
    /// The number of their colour.
    pub(super) colour: usize,
    /// One for each label, money in US dollars.
    pub(super) values: Vec<f64>,
}

impl Chart<'_> {
    /// The chart, and below it its table.
    pub(super) fn show(self) -> Markup {
        self.show_leading(&[])
    }

    /// The same with series whose names lead somewhere: where each does, if it does.
    pub(super) fn show_leading(mut self, leads: &[Option<&str>]) -> Markup {
        for values in self.series.iter_mut().map(|series| &mut series.values).chain(&mut self.before) {
            values.iter_mut().for_each(|value| *value = self.unit.in_currency(*value, self.currency));
        }
        self.drawn(leads)
    }

    fn drawn(&self, leads: &[Option<&str>]) -> Markup {
        let top = ceiling(self.heights().chain(self.before.iter().flatten().copied()).fold(0.0, f64::max), self.unit);
        let [title, desc, hatch] = ["", "-desc", "-hatch"].map(|part| format!("chart-{}{part}", self.id));
        html! {
            figure.card.chart {
                figcaption { h2 { (self.title) } (self.legend(leads)) }
                div.plot {
                    div.scale aria-hidden="true" { span { (self.tick(top)) } span { (self.tick(top / 2.0)) } span { "0" } }
                    svg role="img" aria-labelledby={ (title) " " (desc) } viewBox={ "0 0 " (SIZE.0) " " (SIZE.1) } preserveAspectRatio="none" {
                        title id=(title) { (self.title) " by " (self.every) }
                        desc id=(desc) { (self.words()) }
                        @for y in [0.5, SIZE.1 / 2.0] { line.grid x1="0" x2=(SIZE.0) y1=(y) y2=(y) {} }
                        @for (series, bars) in self.series.iter().zip(self.bars(top)).filter(|(_, bars)| !bars.is_empty()) {
                            path class={ "s" (series.colour) } d=(bars) {}
                        }
                        @if !self.unfinished.is_empty() {
                            pattern id=(hatch) width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                                rect.hatch width="3" height="6" {}
                            }
                            @for (at, height) in self.heights().enumerate().filter(|(at, height)| self.unfinished.contains(at) && *height > 0.0) {
                                @let (x, width) = self.place(at, GAP / 2.0, 1.0 - GAP / 2.0);
                                @let height = (SIZE.1 * height / top).round();
                                rect x=(x) y=(SIZE.1 - height) width=(width) height=(height) fill={ "url(#" (hatch) ")" } {}
                            }
                        }
                        @if let Some(before) = &self.before { polyline.before points=(self.line(before, top)) {} }
                        line.axis x1="0" x2=(SIZE.0) y1=(SIZE.1) y2=(SIZE.1) {}
                    }
                    div.days aria-hidden="true" { @for label in self.marks() { span { (label) } } }
                }
                details {
                    summary { "Table" span.hidden { ": " (self.title) } }
                    div.scroll tabindex="0" role="region" aria-label={ (self.title) ", table" } { (self.table()) }
                }
            }
        }
    }

    fn legend(&self, leads: &[Option<&str>]) -> Markup {
        // One layer of a stack is named too, unless the title does.
        let has_parts = self.series.len() > 1 || self.series.iter().any(|series| series.is_named);
        html! {
            @if has_parts || self.before.is_some() || !self.unfinished.is_empty() {
                ul.legend {
                    @if has_parts {
                        @for (at, series) in self.series.iter().enumerate() {
                            li class={ "s" (series.colour) } { (linked(leads.get(at).copied().flatten(), &name(series.name))) }
                        }
                    }
                    @if self.before.is_some() { li.before { "Before" @if self.every == "day" && self.labels.len() >= 7 { ", same weekday" } } }
                    @if !self.unfinished.is_empty() { li.unfinished { "Not all of it" } }
                }
            }
        }
    }

    fn table(&self) -> Markup {
        let has_sum = self.shape == Shape::Stacked && self.series.len() > 1;
        let written = |value: f64| self.written(value);
        html! {
            table {
                thead {
                    tr {
                        th scope="col" { (self.every) }
                        @for series in &self.series { th scope="col" { (series.name) } }
                        @if has_sum { th scope="col" { "All" } }
                        @if self.before.is_some() { th scope="col" { "Before" } }
                    }
                }
                tbody {
                    @for (at, label) in self.labels.iter().enumerate() {
                        tr {
                            td { (label) }
                            @for series in &self.series { td { (written(series.values[at])) } }
                            @if has_sum { td { (written(self.series.iter().map(|series| series.values[at]).sum())) } }
                            @if let Some(before) = &self.before { td { (before.get(at).map(|value| written(*value)).unwrap_or_default()) } }
                        }
                    }
                }
            }
        }
    }

    /// How high each bar is: what its parts add up to, or the highest of them.
    fn heights(&self) -> impl Iterator<Item = f64> {
        (0..self.labels.len()).map(|at| {
            let values = self.series.iter().map(|series| series.values[at].max(0.0));
            match self.shape {
                Shape::Stacked => values.sum(),
                Shape::Beside => values.fold(0.0, f64::max),
            }
        })
    }

    /// Where a part of a bar's place begins, and how wide it is. Whole numbers: the image is wide enough for them.
    fn place(&self, at: usize, from: f64, to: f64) -> (f64, f64) {
        let edge = |share: f64| ((at as f64 + share) * SIZE.0 / self.labels.len() as f64).round();
        (edge(from), edge(to) - edge(from))
    }

    /// The bars of each series, all in one mark: one for each number is most of a page's weight.
    fn bars(&self, top: f64) -> Vec<String> {
        let mut bars = vec![String::new(); self.series.len()];
        let share = (1.0 - GAP) / self.series.len() as f64;
        for at in 0..self.labels.len() {
            let (mut sum, mut below) = (0.0, SIZE.1);
            for (number, (bars, series)) in bars.iter_mut().zip(&self.series).enumerate() {
                let value = series.values[at].max(0.0);
                let (x, width) = match self.shape {
                    Shape::Stacked => self.place(at, GAP / 2.0, 1.0 - GAP / 2.0),
                    Shape::Beside => {
                        (sum, below) = (0.0, SIZE.1);
                        let from = GAP / 2.0 + number as f64 * share;
                        self.place(at, from, from + share)
                    }
                };
                sum += value;
                let y = (SIZE.1 * (1.0 - sum / top)).round();
                if y < below {
                    bars.push_str(&format!("M{x} {y}h{width}v{}h-{width}z", below - y));
                    below = y;
                }
            }
        }
        bars
    }

    /// A line through the middles of the bars.
    fn line(&self, values: &[f64], top: f64) -> String {
        let point = |(at, value): (usize, &f64)| {
            let (x, _) = self.place(at, 0.5, 0.5);
            format!("{x},{}", (SIZE.1 * (1.0 - value / top)).round())
        };
        let points: Vec<String> = values.iter().take(self.labels.len()).enumerate().map(point).collect();
        points.join(" ")
    }

    /// The chart in a sentence.
    fn words(&self) -> String {
        let heights: Vec<f64> = self.heights().collect();
        let highest = heights.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        match (highest, self.labels.first(), self.labels.last()) {
            (Some((at, highest)), Some(first), Some(last)) => format!(
                "From {first} to {last}: most on {}, {}; {} on average.",
                self.labels[at],
                self.written(*highest),
                self.written(heights.iter().sum::<f64>() / heights.len() as f64)
            ),
            _ => "Nothing.".into(),
        }
    }

    fn written(&self, value: f64) -> String {
        self.unit.written(value, self.currency)
    }

    /// A number of the scale.
    fn tick(&self, value: f64) -> String {
        match self.unit {
            Unit::Money => number::with_sign(self.currency, &number::short(value)),
            Unit::Duration => number::duration(value),
            Unit::Share => self.written(value),
            _ => number::short(value),
        }
    }

    /// What stands below the first bar, the middle one and the last.
    fn marks(&self) -> Vec<&String> {
        let count = self.labels.len();
        let mut places = vec![0, count / 2, count.saturating_sub(1)];
        places.dedup();
        places.into_iter().filter_map(|at| self.labels.get(at)).collect()
    }
}

/// A round number that is not smaller: the top of the scale, of which a half is written easily too. Whole things have no halves.
fn ceiling(highest: f64, unit: Unit) -> f64 {
    let steps: &[f64] = match (highest, unit) {
        (none, _) if none <= 0.0 => return 1.0,
        (few, Unit::Count) if few <= 10.0 => &[2.0, 4.0, 6.0, 8.0, 10.0],
        _ => &[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0],
    };
    let power = if steps[0] > 1.0 { 1.0 } else { 10_f64.powf(highest.log10().floor()) };
    steps.iter().map(|step| step * power).find(|top| *top >= highest).unwrap_or(highest)
}

#[cfg(test)]
mod tests;
