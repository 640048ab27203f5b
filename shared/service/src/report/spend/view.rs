//! What a month costs, as it is answered.

use serde::Serialize;

use super::{Cost, Spend, SpendRequest};
use crate::http::page::{Page, PageRequest};
use crate::people::directory::Directory;
use crate::report::csv;
use crate::report::error::UnknownCursor;
use crate::report::figures::dollars;
use crate::report::groupings::Named;
use crate::report::labels;

/// What a month costs. Amounts are dollars, rounded to the micro-dollar; they are estimates and no bill.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SpendView {
    /// Which month of the organisation's time zone, `YYYY-MM`.
    pub month: String,
    /// What it has cost so far.
    pub to_date: f64,
    /// What it will have cost when it is over. Null if it is over, or if less than a week lies between the first cost and today.
    pub forecast: Option<ForecastView>,
    /// What the whole month before cost.
    pub previous_month: f64,
    /// What the month before cost up to the same day and time of day.
    pub previous_to_date: f64,
    /// What it may cost; null: no budget is kept.
    pub budget: Option<f64>,
    /// What reading from the cache saved against reading anew, by the list of prices, less what writing to it cost more. Null if the
    /// price of no model is known.
    pub cache_savings: Option<f64>,
    /// Who says the cost: `client`, `price_list`, `mixed` or `none`, as in activity.
    pub cost_basis: &'static str,
    /// Requests whose cost nobody knows.
    pub requests_without_cost: i64,
    /// What each day has cost, if anything.
    pub days: Vec<DayView>,
    /// A page of the rows, the dearest first.
    pub by: Vec<SpendRow>,
    /// What changed most against the same part of the month before, by `by` and the model, or the model and the team; ten at most.
    pub movers: Vec<SpendRow>,
    /// What to ask the next page of the rows with.
    pub next_cursor: Option<String>,
}

/// What a month will have cost.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ForecastView {
    /// If each remaining day costs what its weekday did in the cheapest of the last weeks.
    pub low: f64,
    /// If each costs the average.
    pub expected: f64,
    /// If each costs what it did in the dearest.
    pub high: f64,
    /// How many weeks there are to look back at, four at most.
    pub weeks: i32,
}

/// What a day costs.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DayView {
    /// The day.
    pub day: String,
    /// Dollars.
    pub cost_usd: f64,
}

/// What something costs: its labels, then its numbers.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SpendRow {
    /// The labels, named as in `by`; null for what records do not say.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    labels: serde_json::Map<String, serde_json::Value>,
    /// Dollars in the month to date.
    cost_usd: f64,
    /// The share of the whole; null if the whole is nothing.
    share: Option<f64>,
    /// Dollars in the same part of the month before.
    previous_to_date: f64,
    /// How many dollars more than that.
    change: f64,
    /// Requests whose cost nobody knows.
    requests_without_cost: i64,
}

/// The columns of the table, after what it is by.
const COLUMNS: [&str; 5] = ["cost_usd", "share", "previous_to_date", "change", "requests_without_cost"];

impl Spend {
    /// The share of the whole that something costs.
    #[must_use]
    pub fn share(&self, cost: &Cost) -> Option<f64> {
        (self.total.now > 0).then(|| cost.now as f64 / self.total.now as f64)
    }

    /// A page of the rows.
    ///
    /// # Errors
    /// The cursor is not one of this list.
    pub fn page(&self, page: &PageRequest) -> Result<Page<&Cost>, UnknownCursor> {
        labels::page(&self.rows, |row| &row.key, page)
    }

    /// The answer as JSON, with this page of the rows.
    #[must_use]
    pub fn view(&self, asked: &SpendRequest, rows: Page<&Cost>, directory: &Directory) -> SpendView {
        let by = [asked.by.clone()];
        let pair = [asked.by.clone(), asked.beside.clone()];
        let row = |grouping: &[Named], cost: &Cost| SpendRow {
            labels: labels::shown(grouping, &cost.key, directory),
            cost_usd: dollars(cost.now),
            share: self.share(cost),
            previous_to_date: dollars(cost.before),
            change: dollars(cost.change()),
            requests_without_cost: cost.without,
        };
        SpendView {
            month: asked.month.name(),
            to_date: dollars(self.total.now),
            forecast: self.forecast.map(|found| ForecastView {
                low: dollars(found.low),
                expected: dollars(found.expected),
                high: dollars(found.high),
                weeks: found.weeks,
            }),
            previous_month: dollars(self.previous_month),
            previous_to_date: dollars(self.total.before),
            budget: None,
            cache_savings: self.cache_savings.map(dollars),
            cost_basis: self.basis,
            requests_without_cost: self.total.without,
            days: self
                .days
                .iter()
                .map(|(day, models)| DayView { day: day.to_string(), cost_usd: dollars(models.values().sum()) })
                .collect(),
            by: rows.items.iter().map(|cost| row(&by, cost)).collect(),
            movers: self.movers.iter().map(|cost| row(&pair, cost)).collect(),
            next_cursor: rows.next_cursor,
        }
    }

    /// Rows as a table.
    ///
    /// # Errors
    /// See [`csv::table`].
    pub fn table<'a>(
        &self,
        asked: &SpendRequest,
        rows: impl IntoIterator<Item = &'a Cost>,
        directory: &Directory,
    ) -> Result<Vec<u8>, ::csv::Error> {
        let by = [asked.by.clone()];
        let columns: Vec<&str> = std::iter::once(asked.by.0.as_str()).chain(COLUMNS).collect();
        let cells = |cost: &Cost| {
            let mut cells = labels::cells(&by, &cost.key, directory);
            cells.push(dollars(cost.now).to_string());
            cells.push(self.share(cost).map(|share| format!("{share:.4}")).unwrap_or_default());
            cells.push(dollars(cost.before).to_string());
            cells.push(dollars(cost.change()).to_string());
            cells.push(cost.without.to_string());
            cells
        };
        csv::table(&columns, rows.into_iter().map(cells))
    }
}
