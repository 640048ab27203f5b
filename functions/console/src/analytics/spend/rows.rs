//! By what a month's costs are told, and what of it changed most.

use maud::{Markup, html};
use service::people::directory::Directory;
use service::report::spend::{Cost, Spend};
use telemetry::activity::dimensions::Label;

use super::asked::Asked;
use crate::analytics::about;
use crate::analytics::breakdown::in_a_sentence;
use crate::analytics::column::Unit;
use crate::analytics::naming::Name;
use crate::components::number;
use crate::components::pager::pager;
use crate::components::text::name;
use crate::context::PageContext;
use crate::refusal::Refusal;

/// Rows of a page.
const SHOWN: usize = 20;
/// What is one click away.
const MAIN: [&str; 5] = ["team", "model", "user", "repository", "cost_center"];

/// What changed most.
pub(super) fn movers(asked: &Asked<'_>, spend: &Spend, directory: &Directory) -> Markup {
    let beside = asked.request.beside.0.as_str();
    html! {
        @if !spend.movers.is_empty() {
            section.card.movers {
                h2 { "What changed most" }
                p.hint { "Against the same part of the month before." }
                ul {
                    @for mover in &spend.movers {
                        @let [own, other] = [0, 1].map(|at| mover.key.get(at).cloned().flatten());
                        li {
                            strong.change { (asked.change(mover.change())) } " "
                            (linked(asked, &[(asked.by, &own), (beside, &other)], html! {
                                (name(&Name::without_link(asked.by, &own, directory).text)) ", " (name(&Name::without_link(beside, &other, directory).text))
                            }))
                            " " span.soft { (asked.money(mover.before)) " before, " (asked.money(mover.now)) " now" }
                        }
                    }
                }
            }
        }
    }
}

fn linked(asked: &Asked<'_>, values: &[(&str, &Label)], content: Markup) -> Markup {
    html! {
        @match asked.numbers(values) {
            Some(address) => a href=(address) { (content) },
            None => (content),
        }
    }
}

/// All of it by what was asked for.
pub(super) fn table(
    context: &PageContext<'_>,
    asked: &Asked<'_>,
    spend: &Spend,
    directory: &Directory,
) -> Result<Markup, Refusal> {
    let title = about::title(asked.by);
    let pages = spend.rows.len().div_ceil(SHOWN).max(1);
    let page = asked.page.min(pages);
    let month = asked.request.month.name();
    Ok(html! {
        section.breakdown #breakdown {
            div.heading.split {
                (choices(context, asked)?)
                a.button href=(asked.address("spend.csv", &month, asked.by, &asked.filters)) download { "CSV" }
            }
            div.card.flush tabindex="0" role="region" aria-label={ "Spend by " (title.to_lowercase()) } {
                table.figures {
                    thead {
                        tr {
                            th scope="col" { (title) }
                            th.number scope="col" { "Cost" small { (number::estimate(asked.currency)) } }
                            th.number scope="col" { "Share" }
                            th.number scope="col" { "Before" small { "same part of the month" } }
                            th.number scope="col" { "Change" }
                        }
                    }
                    tbody {
                        tr.sum {
                            th scope="row" { "All" }
                            (numbers(asked, spend, &spend.total))
                        }
                        @for row in spend.rows.iter().skip((page - 1) * SHOWN).take(SHOWN) {
                            @let key = row.key.first().cloned().flatten();
                            tr {
                                th scope="row" { (linked(asked, &[(asked.by, &key)], name(&Name::without_link(asked.by, &key, directory).text))) }
                                (numbers(asked, spend, row))
                            }
                        }
                    }
                }
            }
            div.below {
                @if about::can_overlap(asked.by) { p.hint { (about::OVERLAP) } }
                @if pages > 1 { p.hint { (number::of(spend.rows.len(), "line", "lines")) "; the CSV has all." } }
                (pager(page, pages, |page| asked.page(page)))
            }
        }
    })
}

fn numbers(asked: &Asked<'_>, spend: &Spend, cost: &Cost) -> Markup {
    html! {
        td { (asked.money(cost.now)) @if cost.without > 0 { small { " + " (number::grouped(cost.without)) " without a price" } } }
        td { (Unit::Share.cell(spend.share(cost), asked.currency)) }
        td { (asked.money(cost.before)) }
        td { @if cost.change() == 0 { "–" } @else { (asked.change(cost.change())) } }
    }
}

fn choices(context: &PageContext<'_>, asked: &Asked<'_>) -> Result<Markup, Refusal> {
    let others = about::others(context.organisation()?);
    let others = others.iter().filter(|by| !about::is_time(by) && !MAIN.contains(&&***by));
    let month = if asked.request.month.today.is_some() { String::new() } else { asked.request.month.name() };
    Ok(html! {
        div.by {
            nav.choices aria-label="Breakdown" {
                @for by in MAIN {
                    a href={ (asked.by(by)) "#breakdown" } aria-current=[(by == asked.by).then_some("true")] {
                        "By " (in_a_sentence(about::title(by)))
                    }
                }
            }
            form.other action={ "/orgs/" (asked.org) "/analytics/spend#breakdown" } {
                @if !month.is_empty() { input type="hidden" name="month" value=(month); }
                @for (name, value) in &asked.filters { input type="hidden" name=(name) value=(value); }
                label.hidden for="by" { "By something else" }
                select #by name="by" aria-current=[(!MAIN.contains(&asked.by)).then_some("true")] {
                    @if MAIN.contains(&asked.by) { option value=(asked.by) selected { "By …" } }
                    @for by in others { option value=(by) selected[**by == *asked.by] { "By " (in_a_sentence(about::title(by))) } }
                }
                button type="submit" { "Show" }
            }
        }
    })
}
