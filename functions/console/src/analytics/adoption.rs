//! Who uses Claude Code: of how many, week by week, who began, stayed and left, and how far settings and versions have got.
//! [`summary`] are the figures that it begins with, [`members`] the people one by one, [`tables`] the rest.

mod members;
mod summary;
mod tables;

use maud::{Markup, html};
use model::currency::Currency;
use service::people::directory::Directory;
use service::report::activity::Question;
use service::report::adoption::{Adoption, AdoptionQuestion, WeekView};
use service::report::groupings::OWN;

use super::about;
use super::chart::{Chart, Series, Shape};
use super::column::Unit;
use super::headline::headlines;
use super::scope::Scope;
use super::shell::{self, Shell};
use super::table::tables;
use crate::Answer;
use crate::context::PageContext;
use crate::refusal::Refusal;

/// What people can be looked at by, unless it is an attribute of the organisation's own.
const BY: [&str; 9] =
    ["team", "department", "cost_center", "group", "repository", "terminal", "entrypoint", "os", "plan"];

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let shell = Shell::read(context, "Adoption", "analytics/adoption")?.of_people(context);
    let by = by(context)?;
    let (directory, adoption) = read(context, &shell.scope, by).await?;
    let (scope, file) = (&shell.scope, shell.file(context)?);
    let people = adoption.total.active + adoption.total.lapsed;
    let content = html! {
        @if people == 0 { (shell::nothing(context, scope, &directory)?) } @else {
            @if scope.table.is_none() {
                (headlines(&summary::top(context, scope, &adoption)?))
                (summary::beginning(&adoption, scope, context)?)
                (weeks(&adoption))
                (choices(context, scope, by)?)
            }
            @if scope.table == Some(members::TABLE) { (members::choices(&adoption, scope)) }
            (tables(&tables::all(context, &adoption, scope, &directory, by)?, scope, &file))
        }
    };
    shell.page(context, &directory, content)
}

/// A table for spreadsheets.
pub(crate) async fn table(context: &PageContext<'_>) -> Answer {
    let shell = Shell::read(context, "Adoption", "analytics/adoption")?.of_people(context);
    let by = by(context)?;
    let (directory, adoption) = read(context, &shell.scope, by).await?;
    let tables = tables::all(context, &adoption, &shell.scope, &directory, by)?;
    shell.csv(context, &tables)
}

/// What people are looked at by: teams, unless the address says otherwise.
fn by<'a>(context: &'a PageContext<'_>) -> Result<&'a str, Refusal> {
    let asked = context.query.get("by").unwrap_or_default();
    let is_own = asked.starts_with(OWN) && about::is_known(asked, context.organisation()?);
    Ok(if BY.contains(&asked) || is_own { asked } else { BY[0] })
}

async fn read(context: &PageContext<'_>, scope: &Scope<'_>, by: &str) -> Result<(Directory, Adoption), Refusal> {
    let (organisation, store) = (context.organisation()?, context.store());
    let range = scope.period.range(organisation, context.now)?;
    let question = Question::by(range, &[by], &scope.question(organisation)?, organisation);
    let question = AdoptionQuestion::of(question, organisation)?;
    let directory = Directory::read(store, &organisation.uid).await?;
    let adoption = question.count(store, organisation, &directory, context.now).await?;
    Ok((directory, adoption))
}

/// The weeks as charts. Who is new in a week and who was there before add up to who is active; and how many of those who commit are.
fn weeks(adoption: &Adoption) -> Markup {
    let weeks = &adoption.weeks;
    let labels: Vec<String> = weeks
        .iter()
        .map(|view| {
            let day = view.week.strftime("%-d %b").to_string();
            if view.complete { day } else { format!("{day} (part)") }
        })
        .collect();
    let values = |value: fn(&WeekView) -> usize| -> Vec<f64> { weeks.iter().map(|view| value(view) as f64).collect() };
    let unfinished: Vec<usize> =
        weeks.iter().enumerate().filter(|(_, week)| !week.complete).map(|(at, _)| at).collect();
    let committers = adoption.total.committers.filter(|committers| *committers > 0);
    let shares = |committers: usize| {
        values(|view| view.committers_active).into_iter().map(|active| active / committers as f64).collect()
    };
    html! {
        section.trends.wide aria-label="By week" {
            (Chart {
                id: 0,
                title: "Active people by week",
                every: "week",
                unit: Unit::Count,
                currency: Currency::DOLLAR,
                labels: &labels,
                series: vec![
                    Series { name: "There before", is_named: true, colour: 0, values: values(|view| view.active - view.new.min(view.active)) },
                    Series { name: "New", is_named: true, colour: 1, values: values(|view| view.new) },
                ],
                shape: Shape::Stacked,
                before: None,
                unfinished: unfinished.clone(),
            }.show())
            @if let Some(committers) = committers {
                (Chart {
                    id: 1,
                    title: "Committers who use it, by week",
                    every: "week",
                    unit: Unit::Share,
                    currency: Currency::DOLLAR,
                    labels: &labels,
                    series: vec![Series { name: "Committers", is_named: false, colour: 0, values: shares(committers) }],
                    shape: Shape::Stacked,
                    before: None,
                    unfinished,
                }.show())
            }
        }
    }
}

/// What people can be looked at by.
fn choices(context: &PageContext<'_>, scope: &Scope<'_>, by: &str) -> Result<Markup, Refusal> {
    let organisation = context.organisation()?;
    let own = organisation.settings.report_attributes.iter().map(|name| format!("{}{name}", OWN));
    let names: Vec<String> = BY.iter().map(|name| (*name).to_owned()).chain(own).collect();
    let (from, to) = (scope.period.from.to_string(), scope.period.to.to_string());
    Ok(html! {
        form.other action={ "/orgs/" (organisation.org) "/analytics/adoption#people" } {
            input type="hidden" name="from" value=(from);
            input type="hidden" name="to" value=(to);
            @for (name, value) in &scope.filters { input type="hidden" name=(name) value=(value); }
            label for="by" { "People by" }
            select #by name="by" {
                @for name in &names { option value=(name) selected[name == by] { (about::title(name).to_lowercase()) } }
            }
            button type="submit" { "Show" }
        }
    })
}
