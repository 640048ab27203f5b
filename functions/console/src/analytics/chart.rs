//! Bars over time, as SVG.
//!
//! Crates for charts write colours and fonts into the image; a page that follows the light or dark of the system and allows no inline
//! style needs marks with classes and nothing else, which are few. The image stretches to any width, so it has bars and lines only;
//! whatever is text stands around it and keeps its size.

use maud::{Markup, html};

use super::column::Unit;
use crate::components::number;

/// Width and height of the image, in its own units.
const SIZE: (f64, f64) = (600.0, 120.0);
/// Share of a bar's place that stays empty.
const GAP: f64 = 0.22;

/// A chart.
#[derive(Debug)]
pub(super) struct Chart<'a> {
    /// Tells it apart from others of the page.
    pub(super) id: usize,
    /// What is shown.
    pub(super) title: &'static str,
    /// What each bar is: a day, a week, a month.
    pub(super) every: &'static str,
    /// How numbers are written.
    pub(super) unit: Unit,
    /// What each bar is of.
    pub(super) labels: &'a [String],
    /// What stands on top of each other, from the bottom.
    pub(super) series: Vec<Series>,
}

/// Numbers of one kind.
#[derive(Debug)]
pub(super) struct Series {
    /// Their name.
    pub(super) name: &'static str,
    /// One for each label.
    pub(super) values: Vec<f64>,
}

impl Chart<'_> {
    /// The chart, and below it its table.
    pub(super) fn show(&self) -> Markup {
        let top = ceiling(self.sums().fold(0.0, f64::max), self.unit);
        let (title, desc) = (format!("chart-{}", self.id), format!("chart-{}-desc", self.id));
        html! {
            figure.card.chart {
                figcaption {
                    h2 { (self.title) }
                    @if self.series.len() > 1 {
                        ul.legend { @for (at, series) in self.series.iter().enumerate() { li class={ "s" (at) } { (series.name) } } }
                    }
                }
                div.plot {
                    div.scale aria-hidden="true" { span { (self.tick(top)) } span { (self.tick(top / 2.0)) } span { "0" } }
                    svg role="img" aria-labelledby={ (title) " " (desc) } viewBox={ "0 0 " (SIZE.0) " " (SIZE.1) } preserveAspectRatio="none" {
                        title id=(title) { (self.title) " by " (self.every) }
                        desc id=(desc) { (self.words()) }
                        @for y in [0.5, SIZE.1 / 2.0] { line.grid x1="0" x2=(SIZE.0) y1=(y) y2=(y) {} }
                        @for (number, bars) in self.bars(top).iter().enumerate().filter(|(_, bars)| !bars.is_empty()) {
                            path class={ "s" (number) } d=(bars) {}
                        }
                        line.axis x1="0" x2=(SIZE.0) y1=(SIZE.1) y2=(SIZE.1) {}
                    }
                    div.days aria-hidden="true" { @for label in self.marks() { span { (label) } } }
                }
                details {
                    summary { "Table" span.hidden { ": " (self.title) } }
                    div.scroll tabindex="0" role="region" aria-label={ (self.title) ", table" } {
                        table {
                            thead { tr { th scope="col" { (self.every) } @for series in &self.series { th scope="col" { (series.name) } } } }
                            tbody {
                                @for (at, label) in self.labels.iter().enumerate() {
                                    tr { td { (label) } @for series in &self.series { td { (self.unit.written(series.values[at])) } } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// What each bar adds up to.
    fn sums(&self) -> impl Iterator<Item = f64> {
        (0..self.labels.len()).map(|at| self.series.iter().map(|series| series.values[at]).sum())
    }

    /// The bars of each kind, all in one mark: one for each number is most of a page's weight.
    fn bars(&self, top: f64) -> Vec<String> {
        let mut bars = vec![String::new(); self.series.len()];
        for at in 0..self.labels.len() {
            // Whole numbers: the image is wide enough for them.
            let edge = |share: f64| ((at as f64 + share) * SIZE.0 / self.labels.len() as f64).round();
            let (x, width) = (edge(GAP / 2.0), edge(1.0 - GAP / 2.0) - edge(GAP / 2.0));
            let (mut sum, mut below) = (0.0, SIZE.1);
            for (bars, series) in bars.iter_mut().zip(&self.series) {
                sum += series.values[at].max(0.0);
                let y = (SIZE.1 * (1.0 - sum / top)).round();
                if y < below {
                    bars.push_str(&format!("M{x} {y}h{width}v{}h-{width}z", below - y));
                    below = y;
                }
            }
        }
        bars
    }

    /// The chart in a sentence.
    fn words(&self) -> String {
        let sums: Vec<f64> = self.sums().collect();
        let highest = sums.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        match (highest, self.labels.first(), self.labels.last()) {
            (Some((at, highest)), Some(first), Some(last)) => format!(
                "From {first} to {last}: most on {}, {}; {} on average.",
                self.labels[at],
                self.unit.written(*highest),
                self.unit.written(sums.iter().sum::<f64>() / sums.len() as f64)
            ),
            _ => "Nothing.".into(),
        }
    }

    /// A number of the scale.
    fn tick(&self, value: f64) -> String {
        match self.unit {
            Unit::Dollars => format!("${}", number::short(value)),
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
mod tests {
    use super::*;

    fn chart(labels: &[String], values: &[f64]) -> String {
        let series = vec![Series { name: "People", values: values.to_vec() }];
        Chart { id: 3, title: "Active people", every: "day", unit: Unit::Count, labels, series }.show().into_string()
    }

    #[test]
    fn the_top_of_the_scale_is_round_and_never_too_low() {
        let tops = [0.0, 1.0, 3.0, 41.0, 999.0, 1_000_001.0].map(|highest| ceiling(highest, Unit::Count));
        assert_eq!(tops, [1.0, 2.0, 4.0, 50.0, 1000.0, 1_200_000.0]);
        assert_eq!([1.0, 3.0, 110.0].map(|highest| ceiling(highest, Unit::Dollars)), [1.0, 3.0, 120.0]);
    }

    #[test]
    fn a_chart_says_what_it_shows_and_has_its_numbers_in_a_table() {
        let shown = chart(&["1 Nov".into(), "2 Nov".into()], &[0.0, 3.0]);
        for part in [
            "role=\"img\" aria-labelledby=\"chart-3 chart-3-desc\"",
            "<title id=\"chart-3\">Active people by day</title>",
            "From 1 Nov to 2 Nov: most on 2 Nov, 3; 2 on average.",
            "<path class=\"s0\" d=\"M333 30h234v90h-234z\"></path>",
            "<td>2 Nov</td><td>3</td>",
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        assert!(!shown.contains("style"), "the policy allows no inline style");
    }

    #[test]
    fn what_stands_on_top_begins_where_the_other_ends() {
        let series = [1.0, 2.0].map(|value| Series { name: "Lines", values: vec![0.0, value] }).into();
        let labels = ["1 Nov".into(), "2 Nov".into()];
        let chart = Chart { id: 0, title: "Lines", every: "day", unit: Unit::Dollars, labels: &labels, series };
        assert_eq!(chart.bars(3.0), ["M333 80h234v40h-234z", "M333 0h234v80h-234z"]);
    }

    #[test]
    fn a_chart_of_nothing_is_a_chart() {
        assert!(chart(&["1 Nov".into()], &[0.0]).contains("<svg"));
        assert!(chart(&[], &[]).contains("Nothing."));
    }
}
