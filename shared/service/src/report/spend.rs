//! `GET …/spend`: what a month costs, so far and when it is over, and who or what changed it.
//!
//! The days of the month and those of the month before are read once each: the month before in two parts, that which is compared and
//! the rest, which add up to the whole.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;

use self::forecast::{Forecast, forecast};
use self::month::Month;
use super::activity::Question;
use super::error::{QuestionError, ReportError};
use super::figures::basis;
use super::filters::Filters;
use super::groupings::{self, Named};
use super::ledger::prices;
use super::range::Range;
use super::window;
use crate::http::query::Query;
use crate::people::directory::Directory;
use model::calendar::Calendar;
use model::order;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::{Store, StoreError};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Account, Line};
use telemetry::activity::measure::Measure;
use telemetry::claude::prices::{PriceList, Tokens};

pub mod forecast;
pub mod month;
pub mod view;

/// What rows are made by unless the request says otherwise.
pub const USUAL: &str = "team";
/// Most movers.
const MOVERS: usize = 10;
/// A change below this is none, in nano-dollars: a cent.
const CENT: i64 = 10_000_000;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct SpendRequest {
    /// Which month.
    pub month: Month,
    /// By what rows are made.
    pub by: Named,
    /// What stands beside it where single changes are told: the model, or the team of a model.
    pub beside: Named,
    /// What alone is counted.
    pub filters: Filters,
}

/// What something costs, in nano-dollars.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cost {
    /// The labels.
    pub key: Vec<Label>,
    /// In the month to date.
    pub now: i64,
    /// In the same part of the month before.
    pub before: i64,
    /// Requests of the month whose cost nobody knows.
    pub without: i64,
}

impl Cost {
    /// How much more than before.
    #[must_use]
    pub fn change(&self) -> i64 {
        self.now.saturating_sub(self.before)
    }
}

/// What a month costs, in nano-dollars.
#[derive(Debug, Clone)]
pub struct Spend {
    /// All of it; no labels.
    pub total: Cost,
    /// Who says so: see [`super::figures::Figures::cost_basis`].
    pub basis: &'static str,
    /// What the whole month before cost.
    pub previous_month: i64,
    /// What it will have cost; none where it is over, or where there is too little to tell from.
    pub forecast: Option<Forecast>,
    /// What reading from the cache saved against reading anew, writing to it taken off. None where the price of no model is known.
    pub cache_savings: Option<i64>,
    /// Each day that has cost anything, of the month to date, by model.
    pub days: BTreeMap<Date, BTreeMap<Label, i64>>,
    /// The same by what was asked for; none where that is the model.
    pub days_by: Option<BTreeMap<Date, BTreeMap<Label, i64>>>,
    /// The same of the whole month before, without models.
    pub days_before: BTreeMap<Date, i64>,
    /// By what was asked for, the dearest first.
    pub rows: Vec<Cost>,
    /// What changed most, by what was asked for and what stands beside it, the largest change first.
    pub movers: Vec<Cost>,
}

impl SpendRequest {
    /// Reads what is asked for.
    ///
    /// # Errors
    /// A parameter makes no sense.
    pub fn read(query: &Query<'_>, organisation: &Organisation, now: Timestamp) -> Result<Self, QuestionError> {
        // The month is no filter here.
        let filters = query.pairs().filter(|(name, _)| *name != "month");
        let filters = Filters::of(filters, organisation)?;
        let month = Month::read(query.get("month"), &Calendar::of(organisation), now)?;
        Self::of(month, query.get("by").unwrap_or(USUAL), filters, organisation)
    }

    /// The request for a month by a name.
    ///
    /// # Errors
    /// There is nothing of that name, or it is a time.
    pub fn of(month: Month, by: &str, filters: Filters, organisation: &Organisation) -> Result<Self, QuestionError> {
        let own = &organisation.settings.report_attributes;
        let unknown = || QuestionError::UnknownSpendBy { known: groupings::untimed(own) };
        let named = |name: &str| groupings::find(name, own).map(|grouping| (name.to_owned(), grouping));
        let by = named(by).filter(|(_, grouping)| !groupings::is_time(grouping)).ok_or_else(unknown)?;
        let beside = if by.0 == "model" || by.0 == "model_as_sent" { USUAL } else { "model" };
        let beside = named(beside).ok_or_else(unknown)?;
        Ok(Self { month, by, beside, filters })
    }

    /// Adds up what is stored.
    ///
    /// # Errors
    /// Somebody who is asked for is not known, or the database failed.
    pub async fn answer(
        &self,
        store: &Store,
        organisation: &Organisation,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<Spend, ReportError> {
        self.filters.check(store, &organisation.uid, directory).await?;
        let is_by_model = self.by.0 == "model";
        let read = async |range: Range, is_shown: bool| -> Result<[Account; 3], StoreError> {
            let by = |names: &[&str]| Question::by(range, names, &self.filters, organisation);
            let (pairs, days) = (by(&[&self.by.0, &self.beside.0]), by(&["day", "model"]));
            let mut all = days.added_to(pairs.ledger(organisation, directory), directory);
            if is_shown && !is_by_model {
                all = by(&["day", &self.by.0]).added_to(all, directory);
            }
            let mut accounts = window::read(store, organisation, pairs.asked(), now, all).await?.close_all();
            Ok([(); 3].map(|()| accounts.next().unwrap_or_default()))
        };
        let Month { to_date, before, rest, .. } = self.month;
        let (month, before, rest) = tokio::try_join!(read(to_date, true), read(before, false), read(rest, false))?;
        let days = by_day(&month[1]);
        let mut days_before = totals(&by_day(&before[1]));
        for (day, cost) in totals(&by_day(&rest[1])) {
            *days_before.entry(day).or_default() += cost;
        }
        let forecast = self.month.today.and_then(|today| {
            let all = totals(&days).into_iter().chain(days_before.clone()).collect();
            forecast(&all, today, self.month.last, cost_of(&month[1].total))
        });
        let pairs = compared(&month[0].lines, &before[0].lines);
        let earlier = cost_of(&before[1].total);
        Ok(Spend {
            total: Cost {
                key: Vec::new(),
                now: cost_of(&month[1].total),
                before: earlier,
                without: month[1].total.without_cost,
            },
            basis: basis(cost_of(&month[1].total), month[1].total.priced),
            previous_month: earlier.saturating_add(cost_of(&rest[1].total)),
            forecast,
            cache_savings: saved(&month[1].lines, &prices(organisation)),
            days,
            days_by: (!is_by_model).then(|| by_day(&month[2])),
            days_before,
            rows: rows(&pairs),
            // Where there was nothing before, everything is new, and nothing has changed.
            movers: if earlier > 0 { movers(pairs) } else { Vec::new() },
        })
    }
}

fn cost_of(line: &Line) -> i64 {
    line.numbers[Measure::Cost]
}

/// What lines by day and something else, as the model, cost.
fn by_day(account: &Account) -> BTreeMap<Date, BTreeMap<Label, i64>> {
    let mut days: BTreeMap<Date, BTreeMap<Label, i64>> = BTreeMap::new();
    for line in account.lines.iter().filter(|line| cost_of(line) > 0) {
        if let [Some(day), model] = &line.key[..]
            && let Ok(day) = day.parse()
        {
            days.entry(day).or_default().insert(model.clone(), cost_of(line));
        }
    }
    days
}

fn totals(days: &BTreeMap<Date, BTreeMap<Label, i64>>) -> BTreeMap<Date, i64> {
    days.iter().map(|(day, models)| (*day, models.values().sum())).collect()
}

/// What the cache saved, by lines of a day and a model each.
fn saved(lines: &[Line], prices: &PriceList) -> Option<i64> {
    let saved = lines.iter().filter_map(|line| {
        let [Some(day), Some(model)] = &line.key[..] else { return None };
        let tokens = Tokens {
            cache_read: line.numbers[Measure::CacheRead],
            cache_creation: line.numbers[Measure::CacheCreation],
            ..Tokens::default()
        };
        prices.saved_by_cache(model, day.parse().ok()?, &tokens)
    });
    saved.reduce(i64::saturating_add)
}

/// Lines of now and of before by their keys.
fn compared(now: &[Line], before: &[Line]) -> BTreeMap<Vec<Label>, Cost> {
    let mut all: BTreeMap<Vec<Label>, Cost> = BTreeMap::new();
    let mut of = |line: &Line, add: fn(&mut Cost, &Line)| {
        let cost = || Cost { key: line.key.clone(), ..Cost::default() };
        add(all.entry(line.key.clone()).or_insert_with(cost), line);
    };
    for line in now {
        of(line, |cost, line| {
            cost.now = cost_of(line);
            cost.without = line.without_cost;
        });
    }
    for line in before {
        of(line, |cost, line| cost.before = cost_of(line));
    }
    all
}

/// The same by the first label alone, the dearest first; what costs nothing and never did is left out.
fn rows(pairs: &BTreeMap<Vec<Label>, Cost>) -> Vec<Cost> {
    let mut rows: BTreeMap<&[Label], Cost> = BTreeMap::new();
    for pair in pairs.values() {
        let key = &pair.key[..1];
        let row = rows.entry(key).or_insert_with(|| Cost { key: key.to_vec(), ..Cost::default() });
        row.now = row.now.saturating_add(pair.now);
        row.before = row.before.saturating_add(pair.before);
        row.without = row.without.saturating_add(pair.without);
    }
    let mut rows: Vec<Cost> =
        rows.into_values().filter(|row| row.now > 0 || row.before > 0 || row.without > 0).collect();
    order::sort_by(&mut rows, |a, b| (Reverse(a.now), &a.key).cmp(&(Reverse(b.now), &b.key)));
    rows
}

fn movers(pairs: BTreeMap<Vec<Label>, Cost>) -> Vec<Cost> {
    let mut movers: Vec<Cost> = pairs.into_values().filter(|pair| pair.change().abs() >= CENT).collect();
    order::sort_by_key(&mut movers, |pair| Reverse(pair.change().abs()));
    movers.truncate(MOVERS);
    movers
}
