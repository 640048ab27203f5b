//! Who or what the numbers of a period are about, in order of a column.

use std::borrow::Cow;

use maud::{Markup, html};
use service::people::directory::Directory;
use service::people::view::PersonView;
use service::report::figures::Figures;
use service::report::filters::WITHOUT;
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::Line;

use super::about::{self, MAIN};
use super::column::Column;
use super::scope::{Numbers, Scope};
use crate::components::number;
use crate::components::pager::pager;
use crate::components::text::{cut, name};
use crate::context::PageContext;
use crate::refusal::Refusal;

/// Lines of a page; the table for spreadsheets has all.
const SHOWN: usize = 20;

/// The breakdown.
pub(super) fn section(context: &PageContext<'_>, scope: &Scope<'_>, numbers: &Numbers) -> Result<Markup, Refusal> {
    let columns = Column::of(scope.by);
    let mut lines: Vec<(&Line, Figures)> = numbers.lines.iter().map(|line| (line, Figures::from(line))).collect();
    lines.retain(|(line, _)| !about::is_of_few(scope.by) || line.key.first().is_some_and(Option::is_some));
    let value = |(line, figures): &(&Line, Figures)| (scope.sort.value)(line, figures).unwrap_or(-1.0);
    lines.sort_by(|a, b| value(b).total_cmp(&value(a)).then_with(|| a.0.key.cmp(&b.0.key)));
    if scope.ascending {
        lines.reverse();
    }
    let title = about::title(scope.by);
    let pages = lines.len().div_ceil(SHOWN).max(1);
    let page = scope.page.min(pages);
    Ok(html! {
        section.breakdown #breakdown {
            div.heading.split {
                (choices(context, scope)?)
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
                            @for (line, figures) in lines.iter().skip((page - 1) * SHOWN).take(SHOWN) {
                                tr {
                                    th scope="row" { (label(scope, numbers, line)) }
                                    @for column in columns { td { (column.written((column.value)(line, figures))) } }
                                }
                            }
                        }
                    }
                }
                div.below {
                    @if pages > 1 { p.hint { (number::of(lines.len(), "line", "lines")) "; the CSV has all." } }
                    (pager(page, pages, |page| format!("{}#breakdown", scope.with_page(page))))
                }
            }
        }
    })
}

/// What the lines can be about: the usual ones as links, all others in a list.
fn choices(context: &PageContext<'_>, scope: &Scope<'_>) -> Result<Markup, Refusal> {
    let others = about::others(context.organisation()?);
    let is_other = !MAIN.contains(&scope.by);
    let (from, to) = (scope.period.from.to_string(), scope.period.to.to_string());
    Ok(html! {
        div.by {
            nav.choices aria-label="Breakdown" {
                @for by in MAIN {
                    a href=(address(&scope.by(by))) aria-current=[(by == scope.by).then_some("true")] {
                        "By " (about::title(by).to_lowercase())
                    }
                }
            }
            form.other action={ (scope.path(context)?) "#breakdown" } {
                input type="hidden" name="from" value=(from);
                input type="hidden" name="to" value=(to);
                @for (name, value) in &scope.filters { input type="hidden" name=(name) value=(value); }
                label.hidden for="by" { "By something else" }
                select #by name="by" aria-current=[is_other.then_some("true")] {
                    @if !is_other { option value=(scope.by) selected { "By …" } }
                    @for by in &others { option value=(by) selected[**by == *scope.by] { "By " (in_a_sentence(about::title(by))) } }
                }
                button type="submit" { "Show" }
            }
        }
    })
}

/// A title within a sentence: small, but for what is written large everywhere.
pub(super) fn in_a_sentence(title: &str) -> Cow<'_, str> {
    if title.starts_with("MCP") { Cow::Borrowed(title) } else { Cow::Owned(title.to_lowercase()) }
}

fn address(scope: &Scope<'_>) -> String {
    format!("{}#breakdown", scope.here())
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

fn label(scope: &Scope<'_>, numbers: &Numbers, line: &Line) -> Markup {
    let Some(key) = line.key.first().and_then(Option::as_deref) else {
        return html! { a href=(scope.narrowed(WITHOUT).here()) { span.never { "not said" } } };
    };
    if scope.by != "user" {
        return html! {
            @if can_be_asked(key) { a href=(scope.narrowed(key).here()) { (name(key)) } } @else { (name(key)) }
        };
    }
    let is_unknown = numbers.directory.find(key).is_none_or(|person| person.name.is_none() && person.email.is_none());
    html! {
        a href=(scope.narrowed(key).here()) { (name(&title_of("user", &numbers.directory, &Some(key.into())))) }
        @if is_unknown { small { "unattributed" } }
    }
}

/// Whether a filter can have this value: a comma stands between values, and one word for what has none.
pub(super) fn can_be_asked(key: &str) -> bool {
    !key.contains(',') && key != WITHOUT && key.trim() == key && !key.is_empty()
}

/// What a line is about, as people name it.
pub(super) fn title_of(by: &str, directory: &Directory, key: &Label) -> String {
    match key.as_deref() {
        None => "not said".into(),
        Some(key) if by != "user" => key.to_owned(),
        Some(key) => {
            let person = PersonView::of(directory, key);
            let known = directory.find(key).and_then(|person| person.label.clone());
            person.name.or(person.email).unwrap_or_else(|| cut(&known.unwrap_or(person.id)))
        }
    }
}
