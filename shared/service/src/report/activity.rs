//! `GET …/activity`: numbers by day, user, model, team, repository, tool, version and terminal.

use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::csv;
use super::error::{QuestionError, UnknownCursor};
use super::figures::{COLUMNS, Figures};
use super::range::Range;
use super::window;
use crate::http::page::PageRequest;
use crate::http::query::Query;
use crate::people::directory::Directory;
use crate::people::view::PersonView;
use model::organisation::Organisation;
use model::time::Millis;
use store::{Store, StoreError};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Account, Grouping, Ledger, Line};
use telemetry::claude::source::SourceId;

/// What lines can be made by, as requests name it.
const GROUPINGS: [(&str, Grouping); 10] = [
    ("day", Grouping::Day),
    ("user", Grouping::User),
    ("model", Grouping::Model),
    ("model_as_sent", Grouping::ModelAsSent),
    ("provider", Grouping::Provider),
    ("team", Grouping::Team),
    ("repository", Grouping::Repository),
    ("tool", Grouping::Tool),
    ("version", Grouping::Version),
    ("terminal", Grouping::Terminal),
];

/// A line of the answer: the labels of what it was grouped by, then its numbers.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ActivityRow {
    /// The labels, named as in `group_by`; null for what records do not say.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    labels: serde_json::Map<String, serde_json::Value>,
    /// The numbers.
    #[serde(flatten)]
    figures: Figures,
}

/// The answer.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ActivityView {
    /// The lines, in order of their labels.
    pub items: Vec<ActivityRow>,
    /// Everything in range, whatever the page.
    pub total: Figures,
    /// What to ask the next page with.
    pub next_cursor: Option<String>,
}

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    /// Which time.
    pub range: Range,
    /// By what.
    pub grouping: Vec<(&'static str, Grouping)>,
    /// Whose alone, by id or e-mail address.
    pub user: Option<String>,
}

impl Question {
    /// Reads a question.
    ///
    /// # Errors
    /// A parameter makes no sense.
    pub fn read(query: &Query<'_>, organisation: &Organisation, now: Millis) -> Result<Self, QuestionError> {
        let mut grouping = Vec::new();
        let names = query.get("group_by").unwrap_or_default();
        for name in names.split(',').filter(|name| !name.is_empty()) {
            let known = GROUPINGS.iter().find(|(known, _)| *known == name).ok_or_else(|| {
                QuestionError::UnknownGrouping { known: GROUPINGS.iter().map(|(known, _)| *known).collect() }
            })?;
            if grouping.contains(known) {
                return Err(QuestionError::RepeatedGrouping);
            }
            grouping.push(*known);
        }
        let range = Range::read(query, organisation, now)?;
        Ok(Self { range, grouping, user: query.get("user").map(str::to_owned) })
    }

    /// Adds up what is stored.
    pub async fn answer(
        &self,
        store: &Store,
        organisation: &Organisation,
        directory: &Directory,
        now: Millis,
    ) -> Result<Account, StoreError> {
        let mut ledger = self.ledger(directory);
        window::read(store, organisation, self.range.quarters(), now, &mut |place, part| ledger.add(place, part))
            .await?;
        Ok(ledger.close())
    }

    /// Where what is read of the range is added up: several questions about the same one read it once.
    pub fn ledger<'d>(
        &self,
        directory: &'d Directory,
    ) -> Ledger<impl Fn(SourceId, &Label) -> Option<Arc<str>> + use<'d>> {
        let only = self.user.as_deref().map(|user| directory.find(user).map(|person| person.id.clone()));
        let grouping: Vec<Grouping> = self.grouping.iter().map(|(_, grouping)| *grouping).collect();
        Ledger::new(&grouping, move |source, identity: &Label| {
            let person = directory.whose(source, identity)?;
            only.as_ref().is_none_or(|only| only.as_ref() == Some(&person)).then_some(person)
        })
    }

    /// A page of the answer, as JSON.
    ///
    /// # Errors
    /// The cursor is none of this list.
    pub fn page(
        &self,
        account: &Account,
        directory: &Directory,
        page: &PageRequest,
    ) -> Result<ActivityView, UnknownCursor> {
        let start = match &page.after {
            None => 0,
            Some(after) => 1 + account.lines.iter().position(|line| mark(line) == *after).ok_or(UnknownCursor)?,
        };
        let lines: Vec<(String, &Line)> =
            account.lines.iter().skip(start).take(page.look_for()).map(|line| (mark(line), line)).collect();
        let shown = page.page(lines, |(mark, _)| mark, |(_, line)| self.row(line, directory));
        Ok(ActivityView { items: shown.items, total: Figures::from(&account.total), next_cursor: shown.next_cursor })
    }

    /// All of the answer, as a table.
    ///
    /// # Errors
    /// See [`csv::table`].
    pub fn table(&self, account: &Account, directory: &Directory) -> Result<Vec<u8>, ::csv::Error> {
        let columns: Vec<&str> = self.grouping.iter().map(|(name, _)| *name).chain(COLUMNS).collect();
        csv::table(&columns, account.lines.iter().map(|line| self.cells(line, directory)))
    }

    fn row(&self, line: &Line, directory: &Directory) -> ActivityRow {
        let label = |grouping: Grouping, label: &Label| match (grouping, label) {
            (Grouping::User, Some(id)) => serde_json::json!(PersonView::of(directory, id)),
            (_, label) => serde_json::json!(label.as_deref()),
        };
        let labels = self.grouping.iter().zip(&line.key).map(|((name, g), key)| ((*name).to_owned(), label(*g, key)));
        ActivityRow { labels: labels.collect(), figures: Figures::from(line) }
    }

    fn cells(&self, line: &Line, directory: &Directory) -> Vec<String> {
        let mut cells: Vec<String> = Vec::new();
        for ((_, grouping), key) in self.grouping.iter().zip(&line.key) {
            let name = match (grouping, key) {
                (Grouping::User, Some(id)) => {
                    let person = PersonView::of(directory, id);
                    person.email.unwrap_or(person.id)
                }
                (_, key) => key.as_deref().unwrap_or_default().to_owned(),
            };
            cells.push(csv::text(&name));
        }
        let figures = serde_json::to_value(Figures::from(line)).unwrap_or_default();
        cells.extend(COLUMNS.iter().map(|column| match &figures[*column] {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            number => number.to_string(),
        }));
        cells
    }
}

/// What a cursor names a line by.
fn mark(line: &Line) -> String {
    let mut hasher = Sha256::new();
    for label in &line.key {
        let label: Option<&Arc<str>> = label.as_ref();
        hasher.update(label.map_or(u64::MAX, |l| l.len() as u64).to_le_bytes());
        hasher.update(label.map_or("", |l| l));
    }
    hasher.finalize()[..12].iter().map(|byte| format!("{byte:02x}")).collect()
}
