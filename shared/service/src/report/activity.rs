//! `GET …/activity`: numbers, by what they can be [grouped](super::groupings) by.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;

use super::csv;
use super::error::{QuestionError, ReportError, UnknownCursor};
use super::figures::{COLUMNS, Figures};
use super::filters::Filters;
use super::groupings::{self, Named};
use super::labels;
use super::ledger::{ledger, prices};
use super::range::Range;
use super::window::{self, Asked, Shown};
use crate::http::page::{Page, PageRequest};
use crate::http::query::Query;
use crate::people::directory::Directory;
use model::calendar::Calendar;
use model::order;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::{Store, StoreError};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Account, Grouping, Ledger, Line};
use telemetry::claude::source::SourceId;

/// A line of the answer: the labels of what it was grouped by, then its numbers.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ActivityRow {
    /// The labels, named as in `group_by`; null for what records do not say.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    labels: serde_json::Map<String, serde_json::Value>,
    /// The numbers.
    #[serde(flatten)]
    numbers: Compared,
}

/// Numbers, and with `compare=previous` those of the range of equal length before.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Compared {
    /// The numbers.
    #[serde(flatten)]
    pub figures: Figures,
    /// Those of the range before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Figures>,
}

/// The answer.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ActivityView {
    /// The lines, in order of their labels.
    pub items: Vec<ActivityRow>,
    /// Everything in range, whatever the page.
    pub total: Compared,
    /// What to ask the next page with.
    pub next_cursor: Option<String>,
}

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    /// Which time.
    pub range: Range,
    /// By what, as it is named.
    pub grouping: Vec<Named>,
    /// What alone.
    pub filters: Filters,
    /// Whether the range before is compared.
    pub is_compared: bool,
}

/// What there is to answer.
#[derive(Debug)]
pub struct Answer {
    /// The range asked for.
    pub account: Account,
    /// The range of equal length before, shown as if it were that range.
    pub previous: Option<Account>,
}

impl Question {
    /// Reads a question.
    ///
    /// # Errors
    /// A parameter makes no sense.
    pub fn read(query: &Query<'_>, organisation: &Organisation, now: Timestamp) -> Result<Self, QuestionError> {
        let own = &organisation.settings.report_attributes;
        let mut grouping = Vec::new();
        let names = query.get("group_by").unwrap_or_default();
        for name in names.split(',').filter(|name| !name.is_empty()) {
            let unknown = || QuestionError::UnknownGrouping { known: groupings::names(own) };
            let known = (name.to_owned(), groupings::find(name, own).ok_or_else(unknown)?);
            if grouping.contains(&known) {
                return Err(QuestionError::RepeatedGrouping);
            }
            grouping.push(known);
        }
        let is_compared = match query.get("compare") {
            None => false,
            Some("previous") => true,
            Some(_) => return Err(QuestionError::UnknownComparison),
        };
        let range = Range::read(query, organisation, now)?;
        Ok(Self { range, grouping, filters: Filters::read(query, organisation)?, is_compared })
    }

    /// A question by what the organisation can group by; other names are passed over.
    #[must_use]
    pub fn by(range: Range, names: &[&str], filters: &Filters, organisation: &Organisation) -> Self {
        let own = &organisation.settings.report_attributes;
        let grouping = |name: &&str| Some(((*name).to_owned(), groupings::find(name, own)?));
        let grouping = names.iter().filter_map(grouping).collect();
        Self { range, grouping, filters: filters.clone(), is_compared: false }
    }

    /// What has to be read for it, dated as it is.
    #[must_use]
    pub fn asked(&self) -> Asked {
        Asked { by_hour: self.is_by_hour(), ..self.range.buckets().into() }
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
    ) -> Result<Answer, ReportError> {
        self.filters.check(store, &organisation.uid, directory).await?;
        let (before, shown) = self.range.before(&Calendar::of(organisation));
        let earlier = Self { range: before, ..self.clone() };
        let previous = match self.is_compared {
            true => Some(earlier.account(store, organisation, directory, shown, now).await?),
            false => None,
        };
        let mut account = self.account(store, organisation, directory, Shown::AsItIs, now).await?;
        if let Some(previous) = &previous {
            add_gone(&mut account.lines, &previous.lines);
        }
        Ok(Answer { account, previous })
    }

    /// Adds up what is stored of the range, dated as `shown` says. Somebody who is asked for and not known has nothing.
    pub async fn account(
        &self,
        store: &Store,
        organisation: &Organisation,
        directory: &Directory,
        shown: Shown,
        now: Timestamp,
    ) -> Result<Account, StoreError> {
        let ledger = self.ledger(organisation, directory);
        let asked = Asked { shown, ..self.asked() };
        Ok(window::read(store, organisation, asked, now, ledger).await?.close())
    }

    fn is_by_hour(&self) -> bool {
        self.grouping.iter().any(|(_, grouping)| *grouping == Grouping::Hour) || self.filters.is_by(&Grouping::Hour)
    }

    /// Where what is read of the range is added up.
    pub fn ledger(
        &self,
        organisation: &Organisation,
        directory: &Directory,
    ) -> Ledger<impl Fn(SourceId, &Label) -> Option<Arc<str>> + Clone + Send + use<>> {
        let grouping = self.groupings();
        let filter = self.filters.of_numbers(directory, &grouping);
        ledger(directory, &grouping, filter).with_prices(prices(organisation))
    }

    /// A ledger that answers this as well: several questions about the same range read it once.
    #[must_use]
    pub fn added_to<W>(&self, ledger: Ledger<W>, directory: &Directory) -> Ledger<W>
    where
        W: Fn(SourceId, &Label) -> Option<Arc<str>>,
    {
        let grouping = self.groupings();
        let filter = self.filters.of_numbers(directory, &grouping);
        ledger.also(grouping, filter)
    }

    fn groupings(&self) -> Vec<Grouping> {
        self.grouping.iter().map(|(_, grouping)| grouping.clone()).collect()
    }

    /// A page of the lines of the answer.
    ///
    /// # Errors
    /// The cursor is not one of this list.
    pub fn lines<'a>(&self, answer: &'a Answer, page: &PageRequest) -> Result<Page<&'a Line>, UnknownCursor> {
        labels::page(&answer.account.lines, |line| &line.key, page)
    }

    /// A page of the answer, as JSON.
    #[must_use]
    pub fn page(&self, answer: &Answer, lines: Page<&Line>, directory: &Directory) -> ActivityView {
        let previous = answer.previous();
        let total = Compared {
            figures: Figures::from(&answer.account.total),
            previous: answer.previous.as_ref().map(|previous| Figures::from(&previous.total)),
        };
        let items = lines.items.into_iter().map(|line| self.row(line, previous.as_ref(), directory)).collect();
        ActivityView { items, total, next_cursor: lines.next_cursor }
    }

    /// Lines of the answer, as a table.
    ///
    /// # Errors
    /// See [`csv::table`].
    pub fn table<'a>(
        &self,
        answer: &Answer,
        lines: impl IntoIterator<Item = &'a Line>,
        directory: &Directory,
    ) -> Result<Vec<u8>, ::csv::Error> {
        let previous = answer.previous();
        let names = self.grouping.iter().map(|(name, _)| name.clone());
        let mut columns: Vec<String> = names.chain(COLUMNS.map(str::to_owned)).collect();
        if previous.is_some() {
            columns.extend(COLUMNS.map(|column| format!("previous_{column}")));
        }
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        csv::table(&columns, lines.into_iter().map(|line| self.cells(line, previous.as_ref(), directory)))
    }

    fn row(&self, line: &Line, previous: Option<&Previous<'_>>, directory: &Directory) -> ActivityRow {
        let numbers = Compared { figures: Figures::from(line), previous: previous.map(|previous| previous.of(line)) };
        ActivityRow { labels: labels::shown(&self.grouping, &line.key, directory), numbers }
    }

    fn cells(&self, line: &Line, previous: Option<&Previous<'_>>, directory: &Directory) -> Vec<String> {
        let mut cells = labels::cells(&self.grouping, &line.key, directory);
        cells.extend(numbers(&Figures::from(line)));
        cells.extend(previous.into_iter().flat_map(|previous| numbers(&previous.of(line))));
        cells
    }
}

/// Adds what was there in the range before alone: without it, the numbers before would not add up to their total.
fn add_gone(lines: &mut Vec<Line>, before: &[Line]) {
    let known: HashSet<&[Label]> = lines.iter().map(|line| &line.key[..]).collect();
    let gone = before.iter().filter(|line| !known.contains(&line.key[..]));
    let gone: Vec<Line> = gone.map(|line| Line { key: line.key.clone(), ..Line::default() }).collect();
    lines.extend(gone);
    order::sort_by(lines, |a, b| a.key.cmp(&b.key));
}

impl Answer {
    fn previous(&self) -> Option<Previous<'_>> {
        let lines = &self.previous.as_ref()?.lines;
        Some(Previous(lines.iter().map(|line| (&line.key[..], line)).collect()))
    }
}

/// The lines of the range before, by their keys.
struct Previous<'a>(HashMap<&'a [Label], &'a Line>);

impl Previous<'_> {
    fn of(&self, line: &Line) -> Figures {
        self.0.get(&line.key[..]).map_or_else(|| Figures::from(&Line::default()), |line| Figures::from(*line))
    }
}

/// The cells of figures, in the order of [`COLUMNS`].
fn numbers(figures: &Figures) -> Vec<String> {
    let figures = serde_json::to_value(figures).unwrap_or_default();
    let cell = |column: &&str| match &figures[*column] {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        number => number.to_string(),
    };
    COLUMNS.iter().map(cell).collect()
}
