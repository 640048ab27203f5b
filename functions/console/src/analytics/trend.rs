//! The days of a period as charts, each with a table of the same numbers.

use maud::{Markup, html};
use model::currency::Currency;
use service::report::figures::Figures;

use super::chart::{Chart, Series, Shape};
use super::column::Unit;
use super::scope::{Numbers, Scope};

/// A part of a trend: its name, and its number of a day.
type Part = (&'static str, fn(&Figures) -> f64);

/// What a chart shows.
struct Trend {
    /// The column of breakdowns that shows the same, by its id.
    column: &'static str,
    title: &'static str,
    unit: Unit,
    shape: Shape,
    parts: &'static [Part],
}

/// How many charts there are at most.
pub(super) const COUNT: usize = 7;

const TRENDS: [Trend; COUNT] = [
    Trend {
        column: "people",
        title: "Active people",
        unit: Unit::Count,
        shape: Shape::Stacked,
        parts: &[("People", |f| f.active_users as f64)],
    },
    Trend {
        column: "cost",
        title: "Cost, estimate",
        unit: Unit::Money,
        shape: Shape::Stacked,
        parts: &[("Cost", |f| f.cost_usd)],
    },
    Trend {
        column: "sessions",
        title: "Sessions",
        unit: Unit::Count,
        shape: Shape::Stacked,
        parts: &[("Sessions", |f| f.sessions as f64)],
    },
    Trend {
        column: "prompts",
        title: "Prompts",
        unit: Unit::Count,
        shape: Shape::Stacked,
        parts: &[("Prompts", |f| f.prompts as f64)],
    },
    Trend {
        column: "tokens",
        title: "Tokens",
        unit: Unit::Count,
        shape: Shape::Stacked,
        parts: &[
            ("From cache", |f| f.cache_read_tokens as f64),
            ("New", |f| f.input_tokens.saturating_add(f.cache_creation_tokens).saturating_add(f.output_tokens) as f64),
        ],
    },
    Trend {
        column: "lines",
        title: "Lines of code",
        unit: Unit::Count,
        shape: Shape::Beside,
        parts: &[("Added", |f| f.lines_added as f64), ("Removed", |f| f.lines_removed as f64)],
    },
    Trend {
        column: "commits",
        title: "Commits and pull requests",
        unit: Unit::Count,
        shape: Shape::Beside,
        parts: &[("Commits", |f| f.commits as f64), ("PRs", |f| f.pull_requests as f64)],
    },
];

/// The charts, but for those of the columns `left_out`: they stand above these in parts, or say nothing.
pub(super) fn trends(numbers: &Numbers, scope: &Scope<'_>, left_out: &[&str], unfinished: &[usize]) -> Markup {
    let period = &scope.period;
    let figures: Vec<Figures> = numbers.parts.iter().map(|(_, line)| Figures::from(line)).collect();
    let before: Vec<Figures> = numbers.parts_before.iter().map(Figures::from).collect();
    let had_any = !numbers.before.sessions.is_empty();
    let labels: Vec<String> = numbers.parts.iter().map(|(part, _)| part.short()).collect();
    html! {
        section.trends aria-label={ "By " (period.unit()) } {
            @for (at, trend) in TRENDS.iter().enumerate().filter(|(_, trend)| !left_out.contains(&trend.column)) {
                @let chart = trend.chart(at, period.unit(), &labels, &figures, had_any.then_some(&before));
                (Chart { currency: scope.currency, unfinished: unfinished.to_vec(), ..chart }.show())
            }
        }
    }
}

impl Trend {
    fn chart<'a>(
        &self,
        id: usize,
        every: &'static str,
        labels: &'a [String],
        now: &[Figures],
        before: Option<&Vec<Figures>>,
    ) -> Chart<'a> {
        let series = self.parts.iter().enumerate().map(|(colour, (name, value))| Series {
            name,
            is_named: false,
            colour,
            values: now.iter().map(value).collect(),
        });
        // Beside each other, two lines more would say less.
        let comparable = before.filter(|_| self.shape == Shape::Stacked);
        let sum = |figures: &Figures| self.parts.iter().map(|(_, value)| value(figures)).sum();
        Chart {
            id,
            title: self.title,
            every,
            unit: self.unit,
            currency: Currency::DOLLAR,
            labels,
            series: series.collect(),
            shape: self.shape,
            before: comparable.map(|before| before.iter().map(sum).collect()),
            unfinished: Vec::new(),
        }
    }
}
