//! Who or what the numbers of a period are about, in order of a column.

use std::borrow::Cow;

use maud::{Markup, html};
use service::people::directory::Directory;
use service::report::activity::Question;
use service::report::filters::WITHOUT;
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::Line;

use super::about::{self, MAIN};
use super::column::Column;
use super::lines::Shown;
use super::naming::Name;
use super::order::{BY_NAME, Order};
use super::scope::{DAY, Numbers, Scope};
use super::table::{Paging, Table};
use crate::context::PageContext;
use crate::refusal::Refusal;

/// Lines of a page; the table for spreadsheets has all.
const SHOWN: usize = 20;

/// The breakdown.
pub(super) fn section(context: &PageContext<'_>, scope: &Scope<'_>, numbers: &Numbers) -> Result<Markup, Refusal> {
    let table = table(scope, &numbers.lines, &numbers.directory);
    let to = |order: Order<'_>, page: usize| {
        let columns = Column::of(scope.by);
        let sort = order.column.and_then(|asked| columns.iter().copied().find(|column| column.id == asked));
        let asked_sort = order.column.filter(|asked| *asked == BY_NAME).map(|_| BY_NAME);
        let (sort, ascending) = (sort.unwrap_or(columns[0]), order.ascending);
        let asked = Scope { sort, asked_sort, ascending, ..scope.clone() };
        format!("{}#breakdown", asked.with_page(page))
    };
    let file = scope.table_address(context, scope.by)?;
    let paging = Paging::of(scope, SHOWN, scope.order(), &to);
    Ok(html! {
        section.breakdown #breakdown {
            div.heading.split {
                (choices(context, scope)?)
                a.button href=(file) download { "CSV" }
            }
            (table.lines(&paging))
            @if about::can_overlap(scope.by) { p.hint { (about::OVERLAP) } }
        }
    })
}

/// The table for spreadsheets: that of the page, or one by day with everything that there is in numbers.
pub(super) async fn csv(context: &PageContext<'_>, scope: &Scope<'_>) -> Result<Vec<u8>, Refusal> {
    let (organisation, by) = (context.organisation()?, scope.table_by(context));
    let range = scope.period.range(organisation, context.now)?;
    let question = Question::by(range, &[by], &scope.question(organisation)?, organisation);
    let directory = Directory::read(context.store(), &organisation.uid).await?;
    let answer = question.answer(context.store(), organisation, &directory, context.now).await?;
    let lines = &answer.account.lines;
    if by == DAY {
        Ok(question.table(&answer, lines, &directory)?)
    } else {
        table(scope, lines, &directory).csv(scope.order(), scope.find)
    }
}

/// These lines as a table.
pub(super) fn table(scope: &Scope<'_>, lines: &[Line], directory: &Directory) -> Table {
    let is_of_it = |line: &&Line| !about::is_of_few(scope.by) || line.key.first().is_some_and(Option::is_some);
    let title = in_a_sentence(about::title(scope.by));
    let shown = Shown {
        id: "breakdown",
        title: format!("By {title}").into(),
        by: scope.by,
        empty: format!("Nothing in these days says which {title} it is about.").into(),
        note: None,
        columns: Column::of(scope.by),
    };
    shown.table(&mut lines.iter().filter(is_of_it), &|key| label(scope, key, directory))
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
                    a href={ (scope.by(by).here()) "#breakdown" } aria-current=[(by == scope.by).then_some("true")] {
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

/// What a line is about, leading to its numbers alone: by something else then, for it would be one line.
pub(super) fn label(scope: &Scope<'_>, key: &Label, directory: &Directory) -> Name {
    let name = Name::of(scope.by, key, scope, directory);
    let value = key.as_deref().unwrap_or(WITHOUT);
    Name { href: name.href.as_ref().map(|_| scope.narrowed(value).here()), ..name }
}
