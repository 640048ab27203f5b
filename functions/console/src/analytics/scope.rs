//! What an address asks for, and everything that is read for it: the days asked for and those before, once each. [`addresses`] are
//! those of the same or of other numbers.

mod addresses;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use model::calendar::Calendar;
use model::currency::Currency;
use model::organisation::Organisation;
use model::time::Timestamp;
use service::http::query::Query;
use service::people::directory::Directory;
use service::report::activity::Question;
use service::report::adoption::Who;
use service::report::filters::Filters;
use service::report::groupings;
use service::report::range::Range;
use service::report::window::{self, Asked, Shards};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::Line;

use super::about::{self, MAIN};
use super::column::Column;
use super::mistake::Mistake;
use super::order::{self, Order};
use super::period::Period;
use crate::context::PageContext;
use crate::refusal::Refusal;

/// What is narrowed, in the form that adds a filter.
pub(super) const FILTER: &str = "filter";
/// To which value, in the same form.
pub(super) const VALUE: &str = "value";
/// What tables for spreadsheets are about unless an address says otherwise.
pub(super) const DAY: &str = "day";

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    /// Which days.
    pub(super) period: Period,
    /// What money is shown in.
    pub(super) currency: Currency,
    /// What the lines of the breakdown are about, as the address names it.
    pub(super) by: &'a str,
    /// What they are in order of.
    pub(super) sort: &'static Column,
    /// Whether the smallest comes first.
    pub(super) ascending: bool,
    /// Which of its pages, from 1.
    pub(super) page: usize,
    /// Which table of the page stands alone.
    pub(super) table: Option<&'a str>,
    /// The column that it is in order of, as the address says it.
    pub(super) asked_sort: Option<&'a str>,
    /// What the names of lines are searched for; empty for every line.
    pub(super) find: &'a str,
    /// Which people alone are listed, where a page lists people by what became of them.
    pub(super) who: Option<Who>,
    /// What alone is shown: names and values, as the address has them.
    pub(super) filters: Vec<(&'a str, &'a str)>,
}

/// The numbers.
#[derive(Debug)]
pub(super) struct Numbers {
    /// Everything in the period.
    pub(super) total: Line,
    /// Everything in the period before.
    pub(super) before: Line,
    /// One line for each part of the period, in order.
    pub(super) parts: Vec<(Period, Line)>,
    /// The same of the period before, part by part; days beside those of the same weekday.
    pub(super) parts_before: Vec<Line>,
    /// One line for each of what [`Scope::by`] says.
    pub(super) lines: Vec<Line>,
    /// One line for each day and each of them.
    pub(super) cells: Vec<Line>,
    /// Who is who.
    pub(super) directory: Arc<Directory>,
}

impl Numbers {
    /// Whether there is nothing in the period.
    pub(super) fn is_empty(&self) -> bool {
        self.total.sessions.is_empty() && self.lines.is_empty()
    }

    /// The places of the parts of which there is only a piece.
    pub(super) fn unfinished(&self, period: &Period, today: Date) -> Vec<usize> {
        let parts = self.parts.iter().enumerate();
        parts.filter(|(_, (part, _))| period.has_a_piece(part, today)).map(|(at, _)| at).collect()
    }
}

impl<'a> Scope<'a> {
    /// Reads an address. What makes no sense in it is as if it were not there, and comes back as the mistake.
    pub(super) fn read(context: &'a PageContext<'_>, organisation: &Organisation) -> (Self, Option<Mistake>) {
        Self::of(&context.query, organisation, context.now)
    }

    /// The same of the parameters of any address.
    pub(super) fn of(query: &'a Query<'_>, organisation: &Organisation, now: Timestamp) -> (Self, Option<Mistake>) {
        let (period, in_period) = or(period(query, organisation, now), Period::usual(organisation, now));
        let (by, in_by) = or(asked_by(query, organisation), MAIN[0]);
        let (filters, in_filters) = filters_but(query, organisation, "");
        let columns = Column::of(by);
        let (table, Order { column: asked_sort, ascending }) = (query.get("table"), Order::read(query));
        let sort = asked_sort.and_then(|asked| columns.iter().copied().find(|column| column.id == asked));
        let (find, page) = (order::find(query), order::page(query));
        let sort = sort.unwrap_or(columns[0]);
        let currency = organisation.settings.currency;
        let scope = Self { period, currency, by, sort, ascending, page, table, asked_sort, find, who: None, filters };
        (scope, in_period.or(in_by).or(in_filters))
    }

    /// The order that tables are asked for in.
    pub(super) fn order(&self) -> Order<'a> {
        Order { column: self.asked_sort, ascending: self.ascending }
    }

    /// The filters, as reports take them.
    ///
    /// # Errors
    /// One of them makes no sense; [`Self::read`] leaves those out.
    pub(super) fn question(&self, organisation: &Organisation) -> Result<Filters, Mistake> {
        Ok(Filters::of(self.filters.iter().copied(), organisation)?)
    }

    /// Reads the numbers.
    pub(super) async fn numbers(&self, context: &PageContext<'_>) -> Result<Numbers, Refusal> {
        let directory = Arc::new(Directory::read(context.store(), &context.organisation()?.uid).await?);
        self.numbers_of(context, directory).await
    }

    /// The same of people who are known.
    pub(super) async fn numbers_of(
        &self,
        context: &PageContext<'_>,
        directory: Arc<Directory>,
    ) -> Result<Numbers, Refusal> {
        let (organisation, store, now) = (context.organisation()?, context.store(), context.now);
        let range = self.period.range(organisation, now)?;
        let (before, shown) = range.before(&Calendar::of(organisation));
        let filters = self.question(organisation)?;
        let question = |range: Range, by: &[&str]| Question::by(range, by, &filters, organisation);
        let [cells, days, earlier] =
            [question(range, &[DAY, self.by]), question(range, &[DAY]), question(before, &[DAY])];
        let ledger = |question: &Question| question.ledger(organisation, &directory);
        // Whoever is in two groups has two lines of a day, and worked once: then days are added up on their own.
        let overlaps = about::can_overlap(self.by);
        // The work of one person is read from where their sources are, unless others may have more to say of it.
        let mut shards = filters.shards(&directory);
        let (cells, by_day, earlier) = loop {
            let (asked, before) = (Asked { shards, ..cells.asked() }, Asked { shown, shards, ..earlier.asked() });
            let by_cell = ledger(&cells);
            let sums = if overlaps { days.added_to(by_cell, &directory) } else { by_cell };
            let (sums, by_day_before) = tokio::try_join!(
                window::read(store, organisation, asked, now, sums),
                window::read(store, organisation, before, now, ledger(&earlier)),
            )?;
            let (mut sums, by_day_before) = (sums.close_all(), by_day_before.close());
            let (by_cell, by_day) = (sums.next().unwrap_or_default(), sums.next());
            if shards == Shards::ALL || (by_cell.stands_alone && by_day_before.stands_alone) {
                break (by_cell, by_day, by_day_before);
            }
            shards = Shards::ALL;
        };
        let (days, total) = match by_day {
            Some(account) => (account.lines, account.total),
            None => (cells.by(&[0]), cells.total.clone()),
        };
        let parts = gather(&self.period, &days);
        let parts_before = gather(&self.period, &earlier.lines).into_iter().map(|(_, line)| line).collect();
        let parts_before = if self.period.unit() == DAY { by_weekday(parts_before) } else { parts_before };
        let lines = by_name(&cells.lines);
        let (before, cells) = (earlier.total, cells.lines);
        Ok(Numbers { total, before, parts, parts_before, lines, cells, directory })
    }
}

/// What was read, or what takes its place beside the mistake.
fn or<T>(read: Result<T, Mistake>, usual: T) -> (T, Option<Mistake>) {
    match read {
        Ok(read) => (read, None),
        Err(mistake) => (usual, Some(mistake)),
    }
}

fn period(query: &Query<'_>, organisation: &Organisation, now: Timestamp) -> Result<Period, Mistake> {
    let period = Period::read(query, organisation, now)?;
    period.range(organisation, now)?;
    Ok(period)
}

fn asked_by<'q>(query: &'q Query<'_>, organisation: &Organisation) -> Result<&'q str, Mistake> {
    match query.get("by") {
        None => Ok(MAIN[0]),
        Some(asked) if about::is_known(asked, organisation) => Ok(asked),
        Some(_) => Err(Mistake::Breakdown(about::allowed(organisation))),
    }
}

/// The filters that have a value, since a form sends those that have none, too; but for the name that means something else on a page. One
/// that makes no sense is left out alone, and comes back as the mistake.
pub(super) fn filters_but<'q>(
    query: &'q Query<'_>,
    organisation: &Organisation,
    other: &str,
) -> (Vec<(&'q str, &'q str)>, Option<Mistake>) {
    let is_known = |name: &str| name.starts_with(groupings::OWN) || groupings::find(name, &[]).is_some();
    let is_filter = |name: &str| name != other && is_known(name);
    let (mut found, mut mistake): (Vec<(&str, &str)>, Option<Mistake>) = (Vec::new(), None);
    // What a form adds takes the place of the same.
    let added = query.get(FILTER).zip(query.get(VALUE)).map(|(name, value)| (name, value.trim()));
    for (name, value) in added.into_iter().chain(query.pairs()) {
        if !is_filter(name) || value.is_empty() || found.iter().any(|(known, _)| *known == name) {
            continue;
        }
        match Filters::of([(name, value)], organisation) {
            Ok(_) => found.push((name, value)),
            Err(error) => mistake = mistake.or(Some(error.into())),
        }
    }
    (found, mistake)
}

/// Lines of days, put together by the parts of the period. Whoever was there on several days is there once.
fn gather(period: &Period, days: &[Line]) -> Vec<(Period, Line)> {
    let parts = period.parts();
    let mut lines: Vec<Vec<&Line>> = vec![Vec::new(); parts.len()];
    for day in days {
        let part = Period::part_of(&parts, day.key.first().and_then(|key| key.as_deref()));
        if let Some(line) = part.and_then(|at| lines.get_mut(at)) {
            line.push(day);
        }
    }
    parts.into_iter().zip(lines.iter().map(|days| Line::of_all(Vec::new(), days))).collect()
}

/// The days of the period before, each in the place of the same weekday of this one. Of a few there may be no weekday twice.
fn by_weekday<T: Clone>(days: Vec<T>) -> Vec<T> {
    let (count, over) = (days.len(), days.len() % 7);
    if count < 7 {
        return days;
    }
    // Four weeks before, and for the last ones, which four weeks before are days of this period, five.
    (0..count).map(|at| if at + over < count { at + over } else { at + over - 7 }).map(|at| days[at].clone()).collect()
}

/// Lines of days and names, put together by the names.
fn by_name(cells: &[Line]) -> Vec<Line> {
    let mut lines: BTreeMap<&[Label], Vec<&Line>> = BTreeMap::new();
    for cell in cells {
        lines.entry(&cell.key[1..]).or_default().push(cell);
    }
    lines.into_iter().map(|(key, cells)| Line::of_all(key.to_vec(), &cells)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    #[test]
    fn a_day_is_compared_with_the_same_weekday_of_the_period_before() {
        let first: Date = "2026-11-01".parse().unwrap();
        for count in 7..=31 {
            let before = (0..count).map(|at| first.saturating_sub((count - at).days())).collect();
            for (at, compared) in (0..).zip(by_weekday::<Date>(before)) {
                let day = first.saturating_add(i64::from(at).days());
                assert_eq!((compared.weekday(), compared < first), (day.weekday(), true), "{day} of {count}");
            }
        }
        assert_eq!(by_weekday(vec![1, 2, 3]), [1, 2, 3]);
    }
}
