//! The days of a period as charts, each with a table of the same numbers.

use maud::{Markup, html};
use service::report::figures::Figures;

use super::chart::{Chart, Series};
use super::column::Unit;
use super::period::Period;
use super::scope::Numbers;

/// A part of a trend: its name, and its number of a day.
type Part = (&'static str, fn(&Figures) -> f64);

/// Title, unit, and the parts that stand on top of each other.
const TRENDS: [(&str, Unit, &[Part]); 6] = [
    ("Active people", Unit::Count, &[("People", |f| f.active_users as f64)]),
    ("Cost, estimate", Unit::Dollars, &[("US$", |f| f.cost_usd)]),
    ("Sessions", Unit::Count, &[("Sessions", |f| f.sessions as f64)]),
    (
        "Tokens",
        Unit::Count,
        &[
            ("From cache", |f| f.cache_read_tokens as f64),
            ("New", |f| f.input_tokens.saturating_add(f.cache_creation_tokens).saturating_add(f.output_tokens) as f64),
        ],
    ),
    ("Lines of code", Unit::Count, &[("Added", |f| f.lines_added as f64), ("Removed", |f| f.lines_removed as f64)]),
    (
        "Commits and pull requests",
        Unit::Count,
        &[("Commits", |f| f.commits as f64), ("PRs", |f| f.pull_requests as f64)],
    ),
];

/// The charts.
pub(super) fn trends(numbers: &Numbers, period: &Period) -> Markup {
    let parts: Vec<(Period, Figures)> = numbers.parts.iter().map(|(part, line)| (*part, Figures::from(line))).collect();
    let labels: Vec<String> = parts.iter().map(|(part, _)| part.short()).collect();
    html! {
        section.trends aria-label={ "By " (period.unit()) } {
            @for (at, (title, unit, series)) in TRENDS.into_iter().enumerate() {
                (Chart {
                    id: at,
                    title,
                    every: period.unit(),
                    unit,
                    labels: &labels,
                    series: series.iter().map(|(name, value)| Series {
                        name,
                        values: parts.iter().map(|(_, figures)| value(figures)).collect(),
                    }).collect(),
                }.show())
            }
        }
    }
}
