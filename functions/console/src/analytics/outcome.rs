//! What comes of the work: commits, pull requests, lines and accepted edits.

use std::borrow::Cow;

use maud::{Markup, html};
use model::currency::Currency;
use service::people::directory::Directory;
use service::report::figures::Figures;
use service::report::outcome::{By, Outcome};
use telemetry::activity::ledger::Line;

use super::column::{OF_EACH, OF_LANGUAGE, OF_PEOPLE, OF_PERSON, Unit};
use super::headline::{Headline, headlines};
use super::lines::Shown;
use super::naming::Name;
use super::scope::Scope;
use super::shell::{self, Shell};
use super::table::{Heading, Row, Table, tables};
use crate::Answer;
use crate::components::number;
use crate::context::PageContext;
use crate::refusal::Refusal;

const TABLES: [(By, usize, Shown<'_>); 4] = [
    (
        By::User,
        20,
        Shown {
            id: "people",
            title: Cow::Borrowed("By person"),
            by: By::User.name(),
            empty: Cow::Borrowed("Nobody was at work in these days."),
            note: None,
            columns: &OF_PERSON,
        },
    ),
    (By::Team, 8, by_people("teams", "By team", By::Team)),
    (By::Repository, 8, by_people("repositories", "By repository", By::Repository)),
    (
        By::Language,
        8,
        Shown {
            id: "languages",
            title: Cow::Borrowed("Edits by language"),
            by: By::Language.name(),
            empty: Cow::Borrowed("No edit in these days names its language."),
            note: None,
            columns: &OF_LANGUAGE,
        },
    ),
];

const fn by_people(id: &'static str, title: &'static str, by: By) -> Shown<'static> {
    let empty = Cow::Borrowed("Nothing came of these days.");
    Shown { id, title: Cow::Borrowed(title), by: by.name(), empty, note: None, columns: &OF_PEOPLE }
}

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let shell = Shell::read(context, "Outcome", "analytics/outcome")?;
    let (directory, outcome) = read(context, &shell.scope).await?;
    let scope = &shell.scope;
    let content = html! {
        @if outcome.total().sessions.is_empty() && outcome.total().numbers.is_empty() { (shell::nothing(context, scope, &directory)?) } @else {
            @if scope.table.is_none() { (headlines(&top(&Figures::from(outcome.total())))) }
            (tables(&all(&outcome, scope, &directory), scope, &shell.file(context)?))
        }
    };
    shell.page(context, &directory, content)
}

/// A table for spreadsheets.
pub(crate) async fn table(context: &PageContext<'_>) -> Answer {
    let shell = Shell::read(context, "Outcome", "analytics/outcome")?;
    let (directory, outcome) = read(context, &shell.scope).await?;
    shell.csv(context, &all(&outcome, &shell.scope, &directory))
}

async fn read(context: &PageContext<'_>, scope: &Scope<'_>) -> Result<(Directory, Outcome), Refusal> {
    let (organisation, store) = (context.organisation()?, context.store());
    let asked = (scope.period.range(organisation, context.now)?, &scope.question(organisation)?);
    let directory = Directory::read(store, &organisation.uid).await?;
    let outcome = Outcome::read(store, organisation, &directory, asked, context.now).await?;
    Ok((directory, outcome))
}

/// The tables, each with how many of its lines the page shows.
fn all(outcome: &Outcome, scope: &Scope<'_>, directory: &Directory) -> Vec<(usize, Table)> {
    let table = |(by, count, shown): &(By, usize, Shown<'_>)| {
        let mut lines = outcome.by(*by);
        // Most records are about no language.
        lines.retain(|line| *by != By::Language || line.key.first().is_some_and(Option::is_some));
        lines.retain(|line| shown.tells(line, shown.columns.len()));
        (*count, shown.table(&mut lines.iter(), &|key| Name::of(shown.by, key, scope, directory)))
    };
    let mut all: Vec<(usize, Table)> = TABLES.iter().map(table).collect();
    all.insert(0, (3, compared(outcome, scope)));
    all
}

/// People beside themselves in the days before, and those who began.
fn compared(outcome: &Outcome, scope: &Scope<'_>) -> Table {
    let days = |title: &str, period: String| format!("{title}, {period}");
    let (now, before) = (scope.period.words(), scope.period.before().words());
    let rows = [
        (days("The same people before", before), &outcome.stayed_before),
        (days("At work in both periods", now.clone()), &outcome.stayed),
        (days("Began with Claude Code", now), &outcome.began),
    ];
    let row = |(title, line): (String, &Line)| {
        let figures = Figures::from(line);
        let cells = OF_EACH.iter().map(|column| (column.value)(line, &figures)).collect();
        Row { name: Name::plain(title), beside: Vec::new(), cells }
    };
    Table {
        id: "before",
        title: "Before and now, for each person".into(),
        about: vec!["Who, and when".into()],
        columns: OF_EACH.iter().map(|column| Heading::from(*column)).collect(),
        rows: rows.into_iter().filter(|(_, line)| !line.people.is_empty()).map(row).collect(),
        is_ordered: true,
        empty: "Nobody who was at work in the days before was at work in these, and nobody began.".into(),
        note: Some(
            "Nothing is known from before somebody's first day with Claude Code: Git users say who commits, not what. So people are \
             compared with themselves in the days before, and those who began stand beside them.",
        ),
        ..Table::default()
    }
}

fn top(total: &Figures) -> Vec<Headline> {
    let each = |count: i64| -> Markup {
        let rate = (total.active_users > 0).then(|| count as f64 / total.active_users as f64);
        html! { (Unit::Rate.cell(rate, Currency::DOLLAR)) " an active person" }
    };
    vec![
        Headline {
            title: "Commits with Claude Code",
            value: number::grouped(total.commits),
            note: each(total.commits),
        },
        Headline {
            title: "Pull requests",
            value: number::grouped(total.pull_requests),
            note: each(total.pull_requests),
        },
        Headline {
            title: "Lines added",
            value: number::grouped(total.lines_added),
            note: html! { (number::grouped(total.lines_removed)) " removed" },
        },
        Headline {
            title: "Acceptance",
            value: Unit::Share.cell(total.acceptance_rate, Currency::DOLLAR),
            note: html! { "of edits people decided on themselves" },
        },
        Headline {
            title: "Active people",
            value: number::grouped(total.active_users as i64),
            note: html! { (number::of(total.sessions, "session", "sessions")) },
        },
    ]
}
