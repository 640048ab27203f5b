//! Who or what the numbers of a period are about, in order of a column.

use maud::{Markup, html};
use service::people::view::PersonView;
use service::report::figures::Figures;
use telemetry::activity::ledger::Line;

use super::column::{BY, Column};
use super::scope::{Numbers, Scope};
use crate::components::text::{cut, name};
use crate::context::PageContext;
use crate::refusal::Refusal;

/// Lines that are shown; the table for spreadsheets has all.
const SHOWN: usize = 20;

/// What lines can be about, as people name it.
const NAMES: [(&str, &str); 5] =
    [("user", "Person"), ("model", "Model"), ("team", "Team"), ("repository", "Repository"), ("tool", "Tool")];

/// The breakdown.
pub(super) fn section(context: &PageContext<'_>, scope: &Scope<'_>, numbers: &Numbers) -> Result<Markup, Refusal> {
    let columns = Column::of(scope.by);
    let mut lines: Vec<(&Line, Figures)> = numbers.lines.iter().map(|line| (line, Figures::from(line))).collect();
    // What records do not say is no line of a breakdown by tool: most of them are about none.
    lines.retain(|(line, _)| scope.by != "tool" || line.key.first().is_some_and(Option::is_some));
    let value = |(line, figures): &(&Line, Figures)| (scope.sort.value)(line, figures).unwrap_or(-1.0);
    lines.sort_by(|a, b| value(b).total_cmp(&value(a)).then_with(|| a.0.key.cmp(&b.0.key)));
    if scope.ascending {
        lines.reverse();
    }
    let title = NAMES.iter().find(|(by, _)| *by == scope.by).map_or("", |(_, name)| name);
    Ok(html! {
        section.breakdown #breakdown {
            div.heading.split {
                nav.choices aria-label="Breakdown" {
                    @for by in BY {
                        a href=(address(&Scope { by, sort: Column::of(by)[0], ascending: false, ..scope.clone() }))
                            aria-current=[(by == scope.by).then_some("true")] {
                            "By " (NAMES.iter().find(|(known, _)| *known == by).map_or(by, |(_, name)| name).to_lowercase())
                        }
                    }
                }
                a.button href=(scope.table_address(context, scope.by)?) download { "CSV" }
            }
            @if lines.is_empty() {
                div.empty { p { "Nothing in these days says which " (title.to_lowercase()) " it is about." } }
            } @else {
                div.card.flush tabindex="0" role="region" aria-label={ "By " (title.to_lowercase()) } {
                    table.figures {
                        thead {
                            tr {
                                th scope="col" { (title) }
                                @for column in columns.iter().copied() { (head(scope, column)) }
                            }
                        }
                        tbody {
                            @for (line, figures) in lines.iter().take(SHOWN) {
                                tr {
                                    th scope="row" { (label(context, scope, numbers, line)?) }
                                    @for column in columns { td { (column.written((column.value)(line, figures))) } }
                                }
                            }
                        }
                    }
                }
                @if lines.len() > SHOWN { p.hint { "The first " (SHOWN) " of " (lines.len()) "; the CSV has all." } }
            }
        }
    })
}

fn address(scope: &Scope<'_>) -> String {
    format!("{}#breakdown", scope.with_period(&scope.period))
}

fn head(scope: &Scope<'_>, column: &'static Column) -> Markup {
    let is_current = scope.sort.id == column.id;
    let order = if is_current { Some(if scope.ascending { "ascending" } else { "descending" }) } else { None };
    let next = Scope { sort: column, ascending: is_current && !scope.ascending, ..scope.clone() };
    html! {
        th.number scope="col" aria-sort=[order] {
            a href=(address(&next)) { (column.title) @match order { Some("ascending") => " ↑", Some(_) => " ↓", None => "" } }
            @if !column.unit_name.is_empty() { small { (column.unit_name) } }
        }
    }
}

fn label(context: &PageContext<'_>, scope: &Scope<'_>, numbers: &Numbers, line: &Line) -> Result<Markup, Refusal> {
    let Some(key) = line.key.first().and_then(Option::as_deref) else {
        return Ok(html! { span.never { "not said" } });
    };
    if scope.by != "user" {
        return Ok(name(key));
    }
    let person = PersonView::of(&numbers.directory, key);
    let known = numbers.directory.find(key).and_then(|person| person.label.clone());
    let (title, is_unknown) = match person.name.or(person.email) {
        Some(title) => (title, false),
        None => (cut(&known.unwrap_or(person.id)), true),
    };
    Ok(html! {
        a href={ "/orgs/" (context.organisation()?.org) "/users/" (key) } { (name(&title)) }
        @if is_unknown { small { "unattributed" } }
    })
}
