//! Who or what the numbers of a period are about, in order of a column.

use std::borrow::Cow;

use maud::{Markup, html};
use model::currency::Currency;
use service::report::figures::Figures;
use service::report::filters::WITHOUT;
use telemetry::activity::ledger::Line;

use super::about::{self, MAIN};
use super::column::Column;
use super::naming::Name;
use super::scope::{Numbers, Scope};
use crate::components::number;
use crate::components::pager::pager;
use crate::context::PageContext;
use crate::refusal::Refusal;

/// Lines of a page; the table for spreadsheets has all.
const SHOWN: usize = 20;

/// The breakdown.
pub(super) fn section(context: &PageContext<'_>, scope: &Scope<'_>, numbers: &Numbers) -> Result<Markup, Refusal> {
    let (columns, currency) = (Column::of(scope.by), context.organisation()?.settings.currency);
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
                                @for column in columns.iter().copied() { (head(scope, column, currency)) }
                            }
                        }
                        tbody {
                            @for (line, figures) in lines.iter().skip((page - 1) * SHOWN).take(SHOWN) {
                                tr {
                                    th scope="row" { (label(scope, numbers, line)) }
                                    @for column in columns { td { (column.written((column.value)(line, figures), currency)) } }
                                }
                            }
                        }
                    }
                }
                div.below {
                    @if about::can_overlap(scope.by) { p.hint { (about::OVERLAP) } }
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

fn head(scope: &Scope<'_>, column: &'static Column, currency: Currency) -> Markup {
    let below = column.below(currency);
    let is_current = scope.sort.id == column.id;
    let order = if is_current { Some(if scope.ascending { "ascending" } else { "descending" }) } else { None };
    let next = Scope { sort: column, ascending: is_current && !scope.ascending, ..scope.clone() };
    html! {
        th.number scope="col" aria-sort=[order] {
            a href=(address(&next)) { (column.title) @match order { Some("ascending") => " ↑", Some(_) => " ↓", None => "" } }
            @if !below.is_empty() { small { (below) } }
        }
    }
}

fn label(scope: &Scope<'_>, numbers: &Numbers, line: &Line) -> Markup {
    let key = line.key.first().cloned().flatten();
    let name = Name::of(scope.by, &key, scope, &numbers.directory);
    let value = key.as_deref().unwrap_or(WITHOUT);
    // By something else then: it would be one line.
    Name { href: name.href.as_ref().map(|_| scope.narrowed(value).here()), ..name }.shown()
}
