//! What an address asks for, and everything that is read for it: the days asked for and those before, once each.

use model::organisation::Organisation;
use service::people::directory::Directory;
use service::people::view::PersonView;
use service::report::activity::Question;
use service::report::window;
use telemetry::activity::ledger::{Line, Place};
use telemetry::activity::summary::Part;

use super::column::{BY, Column};
use super::mistake::Mistake;
use super::period::Period;
use crate::components::link;
use crate::context::PageContext;
use crate::refusal::Refusal;

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    /// Which days.
    pub(super) period: Period,
    /// What the lines of the breakdown are about, as the address names it.
    pub(super) by: &'static str,
    /// What they are in order of.
    pub(super) sort: &'static Column,
    /// Whether the smallest comes first.
    pub(super) ascending: bool,
    /// Whose numbers alone, by id or e-mail address.
    pub(super) user: Option<&'a str>,
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
    /// One line for each of what [`Scope::by`] says.
    pub(super) lines: Vec<Line>,
    /// Who is who.
    pub(super) directory: Directory,
    /// Whose numbers they are, if somebody's alone: the name.
    pub(super) user: Option<String>,
}

impl Numbers {
    /// Whether there is nothing in the period.
    pub(super) fn is_empty(&self) -> bool {
        self.total.sessions.is_empty() && self.lines.is_empty()
    }
}

impl<'a> Scope<'a> {
    /// Reads an address.
    ///
    /// # Errors
    /// A parameter makes no sense.
    pub(super) fn read(context: &'a PageContext<'_>, organisation: &Organisation) -> Result<Self, Mistake> {
        let query = &context.query;
        let period = Period::read(query, organisation, context.now)?;
        period.range(organisation, context.now)?;
        let by = match query.get("by") {
            None => BY[0],
            Some(asked) => BY.into_iter().find(|by| *by == asked).ok_or(Mistake::Breakdown)?,
        };
        let columns = Column::of(by);
        let sort = match query.get("sort") {
            None => columns[0],
            Some(asked) => columns.iter().copied().find(|column| column.id == asked).unwrap_or(columns[0]),
        };
        let ascending = query.get("order") == Some("up");
        let user = query.get("user").filter(|user| !user.is_empty());
        Ok(Self { period, by, sort, ascending, user })
    }

    /// What is shown if an address makes no sense.
    pub(super) fn usual(context: &PageContext<'_>, organisation: &Organisation) -> Self {
        let period = Period::usual(organisation, context.now);
        Self { period, by: BY[0], sort: Column::of(BY[0])[0], ascending: false, user: None }
    }

    /// Reads the numbers.
    pub(super) async fn numbers(&self, context: &PageContext<'_>) -> Result<Numbers, Refusal> {
        let (organisation, store, now) = (context.organisation()?, context.store(), context.now);
        let range = self.period.range(organisation, now)?;
        let before = self.period.before().range(organisation, now)?;
        let directory = Directory::read(store, &organisation.uid).await?;
        let ledger = |by: &[&str]| Question::by(range, by, self.user).ledger(organisation, &directory);
        let (mut by_day, mut lines, mut earlier) = (ledger(&["day"]), ledger(&[self.by]), ledger(&[]));
        let mut take = |place: &Place, part: &Part<'_>| {
            by_day.add(place, part);
            lines.add(place, part);
        };
        let mut take_earlier = |place: &Place, part: &Part<'_>| earlier.add(place, part);
        tokio::try_join!(
            window::read(store, organisation, range.quarters(), now, &mut take),
            window::read(store, organisation, before.quarters(), now, &mut take_earlier),
        )?;
        let (by_day, lines, before) = (by_day.close(), lines.close().lines, earlier.close().total);
        let user = self.user.map(|user| {
            let person = directory.find(user).map_or_else(|| PersonView::of(&directory, user), PersonView::from);
            person.name.or(person.email).unwrap_or(person.id)
        });
        Ok(Numbers { total: by_day.total, before, parts: gather(&self.period, by_day.lines), lines, directory, user })
    }

    /// The table for spreadsheets, by what `by` says, or by day.
    pub(super) async fn table(&self, context: &PageContext<'_>) -> Result<Vec<u8>, Refusal> {
        let organisation = context.organisation()?;
        let range = self.period.range(organisation, context.now)?;
        let by = if context.query.get("by").is_some() { self.by } else { "day" };
        let question = Question::by(range, &[by], self.user);
        let directory = Directory::read(context.store(), &organisation.uid).await?;
        let answer = question.answer(context.store(), organisation, &directory, context.now).await?;
        Ok(question.table(&answer, &answer.account.lines, &directory)?)
    }

    /// The address of the page without parameters.
    pub(super) fn path(&self, context: &PageContext<'_>) -> Result<String, Refusal> {
        Ok(format!("/orgs/{}/analytics", context.organisation()?.org))
    }

    /// What else stands in the address of this page than the period.
    pub(super) fn beside_period(&self) -> Vec<(&'static str, &str)> {
        let order = if self.ascending { "up" } else { "" };
        let all = [("by", self.by), ("sort", self.sort.id), ("order", order), ("user", self.user.unwrap_or_default())];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The address of the same numbers in another period, for links of this page: what comes after its path.
    pub(super) fn with_period(&self, period: &Period) -> String {
        let (from, to) = (period.from.to_string(), period.to.to_string());
        let ends = [("from", from.as_str()), ("to", to.as_str())];
        link::with("", ends.into_iter().chain(self.beside_period()))
    }

    /// The address of this page, but for the person.
    pub(super) fn of_everybody(&self) -> String {
        Self { user: None, ..self.clone() }.with_period(&self.period)
    }

    /// The address of the same period as a table by day or by what the breakdown is about.
    pub(super) fn table_address(&self, context: &PageContext<'_>, by: &str) -> Result<String, Refusal> {
        let (from, to) = (self.period.from.to_string(), self.period.to.to_string());
        let by = if by == "day" { "" } else { by };
        let user = self.user.unwrap_or_default();
        let parameters = [("from", from.as_str()), ("to", to.as_str()), ("by", by), ("user", user)];
        Ok(link::with(&format!("/orgs/{}/analytics.csv", context.organisation()?.org), parameters))
    }
}

/// The lines of days, put together by the parts of the period. Whoever was there on several days is there once.
fn gather(period: &Period, days: Vec<Line>) -> Vec<(Period, Line)> {
    let mut parts: Vec<(Period, Line)> = period.parts().into_iter().map(|part| (part, Line::default())).collect();
    for day in days {
        let Some(date) = day.key.first().and_then(|key| key.as_deref()?.parse().ok()) else { continue };
        let at = parts.partition_point(|(part, _)| part.to < date);
        if let Some((_, line)) = parts.get_mut(at) {
            line.numbers += &day.numbers;
            line.sessions.extend(day.sessions);
            line.automation_sessions.extend(day.automation_sessions);
            line.people.extend(day.people);
        }
    }
    parts
}
