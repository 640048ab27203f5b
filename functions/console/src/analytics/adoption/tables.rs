//! People by what they have in common, versions, and weeks.

use jiff::ToSpan;
use service::people::directory::Directory;
use service::report::adoption::{Adoption, AdoptionFigures, VersionView, WeekView};
use telemetry::activity::dimensions::Label;

use super::super::about;
use super::super::column::Unit;
use super::super::naming::Name;
use super::super::period::Period;
use super::super::scope::Scope;
use super::super::table::{Heading, Row, Table};
use super::members;
use crate::context::PageContext;
use crate::refusal::Refusal;

const fn heading(id: &'static str, title: &'static str, unit_name: &'static str, unit: Unit) -> Heading {
    Heading { id, title, unit_name, unit, adds_up: false }
}

const PEOPLE: [Heading; 7] = [
    heading("active", "Active", "people", Unit::Count),
    heading("new", "New", "", Unit::Count),
    heading("retained", "Retained", "", Unit::Count),
    heading("returned", "Returned", "", Unit::Count),
    heading("lapsed", "Lapsed", "", Unit::Count),
    heading("settings", "Latest settings", "of active", Unit::Share),
    heading("version", "Newest version", "of active", Unit::Share),
];
const WEEKS: [Heading; 3] = [
    heading("active", "Active", "people", Unit::Count),
    heading("new", "New", "", Unit::Count),
    heading("committers", "Committers", "of active", Unit::Count),
];
const VERSIONS: [Heading; 2] =
    [heading("people", "Active people", "", Unit::Count), heading("share", "Share", "", Unit::Share)];

/// The tables, each with how many of its lines the page shows.
pub(super) fn all(
    context: &PageContext<'_>,
    adoption: &Adoption,
    scope: &Scope<'_>,
    directory: &Directory,
    by: &str,
) -> Result<Vec<(usize, Table)>, Refusal> {
    let count = |number: usize| Some(number as f64);
    let cells = |figures: &AdoptionFigures| {
        vec![
            count(figures.active),
            count(figures.new),
            count(figures.retained),
            count(figures.returned),
            count(figures.lapsed),
            share(figures.rollout.on_it, figures.rollout.of),
            share(figures.newest_version.on_it, figures.newest_version.of),
        ]
    };
    let row = |(key, figures): &(Vec<Label>, AdoptionFigures)| Row {
        name: Name::of(by, &key.first().cloned().flatten(), scope, directory),
        beside: Vec::new(),
        cells: cells(figures),
    };
    let version = |view: &VersionView| Row {
        name: Name::of("version", &view.version.as_deref().map(Into::into), scope, directory),
        beside: Vec::new(),
        cells: vec![count(view.people), share(view.people, adoption.total.active)],
    };
    let week = |view: &WeekView| Row {
        name: week_name(view, scope),
        beside: Vec::new(),
        cells: vec![count(view.active), count(view.new), count(view.committers_active)],
    };
    let table =
        |id, title: String, about: &str, columns: &[Heading], rows, is_ordered, empty: &'static str, note| Table {
            id,
            title,
            about: vec![about.to_owned()],
            columns: columns.to_vec(),
            rows,
            is_ordered,
            empty: empty.into(),
            note,
            ..Table::default()
        };
    let title = about::title(by);
    let all = Some(cells(&adoption.total));
    Ok(vec![
        (
            15,
            Table {
                total: all,
                ..table(
                    "people",
                    format!("By {}", title.to_lowercase()),
                    title,
                    &PEOPLE,
                    adoption.rows.iter().map(row).collect(),
                    false,
                    "Nobody was at work in these days.",
                    Some(
                        "Somebody in two teams counts in both. Who changed teams is retained in the new one and lapsed in none.",
                    ),
                )
            },
        ),
        (10, members::table(context, adoption, scope, directory)?),
        (
            8,
            table(
                "versions",
                "Versions of Claude Code".into(),
                "Version",
                &VERSIONS,
                adoption.versions.items.iter().map(version).collect(),
                true,
                "Nobody was at work in these days.",
                Some("The version that each active person sent with last, the newest first."),
            ),
        ),
        (
            6,
            table(
                "weeks",
                "Active people by week".into(),
                "Week from",
                &WEEKS,
                adoption.weeks.iter().rev().map(week).collect(),
                true,
                "",
                Some("Only days of the chosen period count, so its first and last week may be a part of one."),
            ),
        ),
    ])
}

/// A share as it is shown, rounded down as in the figures above: whole per cent from 10 % on, and tenths below. None of nobody.
fn share(part: usize, whole: usize) -> Option<f64> {
    let tenths = (part * 1_000).checked_div(whole)?;
    let shown = if tenths < 100 { tenths } else { tenths / 10 * 10 };
    Some(shown as f64 / 1_000.0)
}

/// A week, which leads to its days within the chosen ones.
fn week_name(view: &WeekView, scope: &Scope<'_>) -> Name {
    let last = view.week.saturating_add(6.days());
    let period = Period { from: view.week.max(scope.period.from), to: last.min(scope.period.to) };
    let href = Some(Scope { period, ..scope.clone() }.kept());
    Name { href, ..Name::plain(view.week.to_string()) }
}
