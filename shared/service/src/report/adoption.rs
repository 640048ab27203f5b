//! `GET …/adoption`: who uses Claude Code, who has begun, stayed and left, and how far settings and versions have got.
//!
//! The range and the one of equal length before are read once each. Who people are comes from the directory, which is read anyway.

use std::collections::BTreeMap;

use super::activity::Question;
use super::error::{QuestionError, ReportError, UnknownCursor};
use super::groupings;
use super::labels;
use super::window::Shown;
use crate::http::page::{Page, PageRequest};
use crate::http::query::Query;
use crate::people::clients::Newest;
use crate::people::directory::Directory;
use crate::people::lookup::{GitSide, Lookup};
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::{Store, StoreError};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Grouping, People};

mod figures;
mod people;
mod scene;
mod versions;
mod weeks;

pub use figures::{AdoptionFigures, NewestVersionView, RolloutView};
pub use people::{Member, MemberView, Who};
pub use scene::Became;
pub use versions::{VersionView, VersionsView};
pub use weeks::WeekView;

/// A line: the labels of what it was grouped by, then its people.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct AdoptionRow {
    /// The labels, named as in `group_by`; null for what records do not say.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub labels: serde_json::Map<String, serde_json::Value>,
    /// How many people.
    #[serde(flatten)]
    pub figures: AdoptionFigures,
}

/// The answer.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct AdoptionView {
    /// The lines, in order of their labels. Somebody who is in several teams is in the line of each, and once in `total`.
    pub items: Vec<AdoptionRow>,
    /// Everybody, whatever the page.
    pub total: AdoptionFigures,
    /// The weeks that the range has a day of, by their Mondays.
    pub weeks: Vec<WeekView>,
    /// With which versions of Claude Code the active people send.
    pub versions: VersionsView,
    /// When anything first arrived: before that nothing is known, and whoever was there already counts as new.
    #[schema(value_type = Option<String>)]
    pub data_since: Option<Timestamp>,
    /// What to ask the next page with.
    pub next_cursor: Option<String>,
}

/// A question.
#[derive(Debug, Clone)]
pub struct AdoptionQuestion(Question);

impl AdoptionQuestion {
    /// Reads a question.
    ///
    /// # Errors
    /// A parameter makes no sense.
    pub fn read(query: &Query<'_>, organisation: &Organisation, now: Timestamp) -> Result<Self, QuestionError> {
        Self::of(Question::read(query, organisation, now)?, organisation)
    }

    /// The people of a question about activity.
    ///
    /// # Errors
    /// It is by time or by person.
    pub fn of(question: Question, organisation: &Organisation) -> Result<Self, QuestionError> {
        if question.grouping.iter().all(|(name, _)| is_of_many(name)) {
            return Ok(Self(question));
        }
        let own = &organisation.settings.report_attributes;
        let known = groupings::names(own).into_iter().filter(|name| is_of_many(name)).collect();
        Err(QuestionError::UnknownGrouping { known })
    }

    /// Finds out who is who.
    ///
    /// # Errors
    /// Somebody who is asked for is not known, or the database failed.
    pub async fn answer(
        &self,
        store: &Store,
        organisation: &Organisation,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<Adoption, ReportError> {
        self.0.filters.check(store, &organisation.uid, directory).await?;
        Ok(self.count(store, organisation, directory, now).await?)
    }

    /// The same, where somebody who is asked for and not known has nothing.
    pub async fn count(
        &self,
        store: &Store,
        organisation: &Organisation,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<Adoption, StoreError> {
        let Question { range, grouping, filters, .. } = &self.0;
        let calendar = Calendar::of(organisation);
        let (before, _) = range.before(&calendar);
        let mut weekly = self.0.clone();
        weekly.grouping.push(("week".into(), Grouping::Week));
        let before = Question { range: before, ..self.0.clone() };
        let (account, earlier, git) = tokio::try_join!(
            weekly.account(store, organisation, directory, Shown::AsItIs, now),
            before.account(store, organisation, directory, Shown::AsItIs, now),
            GitSide::read(store, &organisation.uid),
        )?;
        let committers = match filters.is_empty() {
            true => committers(directory, &git).await?,
            false => None,
        };
        let [active, active_before] = [&account, &earlier].map(|account| account.people(&account.total));
        let scene = scene::Scene {
            directory,
            newest: Newest::of(organisation, directory),
            since: range.from,
            active: &active,
            before: &active_before,
        };
        let places: Vec<usize> = (0..grouping.len()).collect();
        let mut rows: BTreeMap<Vec<Label>, (People, People)> = BTreeMap::new();
        for line in account.by(&places) {
            rows.entry(line.key.clone()).or_default().0 = account.people(&line);
        }
        for line in &earlier.lines {
            rows.entry(line.key.clone()).or_default().1 = earlier.people(line);
        }
        rows.retain(|_, (now, before)| !now.is_empty() || !before.is_empty());
        let figures = |(key, (now, before)): (Vec<Label>, (People, People))| (key, scene.of(&now, &before));
        let weeks = account.by(&[grouping.len()]);
        let weeks = weeks.iter().filter_map(|line| Some((line.key.first()?.clone()?, account.people(line))));
        Ok(Adoption {
            names: grouping.iter().map(|(name, _)| name.clone()).collect(),
            rows: if grouping.is_empty() { Vec::new() } else { rows.into_iter().map(figures).collect() },
            total: AdoptionFigures {
                committers: committers.map(|known| known.all),
                committers_with_claude: committers.map(|known| known.with_claude),
                ..scene.of(scene.active, scene.before)
            },
            members: scene.members(),
            weeks: weeks::of(weeks, range, &calendar, directory, now),
            versions: versions::of(scene.active, directory, &scene.newest),
            data_since: directory.people().filter_map(|person| directory.seen(person)).map(|s| s.first).min(),
        })
    }
}

/// Whether many people can have a label of that name in common, in both of two ranges.
fn is_of_many(name: &str) -> bool {
    !matches!(name, "user" | "hour" | "day" | "week" | "month")
}

/// Who commits; `None` as long as nobody said.
async fn committers(directory: &Directory, git: &GitSide) -> Result<Option<figures::Committers>, StoreError> {
    let lookup = Lookup::new(directory, git).await?;
    let matched = || directory.owners().people().filter(|record| !record.git.is_empty());
    let all = lookup.authors().len() + matched().count();
    let uses_it = |id: &str| directory.find(id).is_some_and(|person| directory.is_counted(person));
    let with_claude = matched().filter(|record| uses_it(&record.id)).count();
    Ok((all > 0).then_some(figures::Committers { all, with_claude }))
}

/// Who is who in a range.
#[derive(Debug)]
pub struct Adoption {
    /// What the rows are about, as it is named.
    pub names: Vec<String>,
    /// The rows, in order of their labels.
    pub rows: Vec<(Vec<Label>, AdoptionFigures)>,
    /// Everybody.
    pub total: AdoptionFigures,
    /// Everybody who was active in the range or in the one before, who lapsed first.
    pub members: Vec<Member>,
    /// The weeks of the range.
    pub weeks: Vec<WeekView>,
    /// The versions of active people.
    pub versions: VersionsView,
    /// When anything first arrived.
    pub data_since: Option<Timestamp>,
}

impl Adoption {
    /// A page of the people themselves: of those whom the parameter `who` says, if it does.
    ///
    /// # Errors
    /// The cursor is not one of this list.
    pub fn people(
        self,
        who: Option<Who>,
        directory: &Directory,
        page: &PageRequest,
    ) -> Result<Page<MemberView>, UnknownCursor> {
        people::page(self.members, who, directory, page)
    }

    /// A page of the answer.
    ///
    /// # Errors
    /// The cursor is not one of this list.
    pub fn page(self, page: &PageRequest) -> Result<AdoptionView, UnknownCursor> {
        let rows = labels::page(self.rows, |(key, _)| key, page)?;
        let row = |(key, figures): (Vec<Label>, AdoptionFigures)| {
            let labels = self.names.iter().cloned().zip(key.iter().map(|label| label.as_deref().into()));
            AdoptionRow { labels: labels.collect(), figures }
        };
        Ok(AdoptionView {
            items: rows.items.into_iter().map(row).collect(),
            total: self.total,
            weeks: self.weeks,
            versions: self.versions,
            data_since: self.data_since,
            next_cursor: rows.next_cursor,
        })
    }
}
