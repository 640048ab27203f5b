//! By what a month's costs are told, and what of it changed most.

use maud::{Markup, html};
use service::people::directory::Directory;
use service::report::figures::dollars;
use service::report::spend::{Cost, Spend};
use telemetry::activity::dimensions::Label;

use super::asked::Asked;
use crate::analytics::about;
use crate::analytics::breakdown::in_a_sentence;
use crate::analytics::column::Unit;
use crate::analytics::naming::Name;
use crate::analytics::order::Order;
use crate::analytics::table::{Heading, Paging, Row, Table};
use crate::components::text::name;
use crate::context::PageContext;
use crate::refusal::Refusal;

/// Rows of a page.
const SHOWN: usize = 20;
const COLUMNS: [Heading; 4] = [
    heading("cost", "Cost", "", Unit::Money),
    heading("share", "Share", "of all", Unit::Share),
    heading("before", "Before", "same part of the month", Unit::Money),
    heading("change", "Change", "", Unit::Change),
];
/// Stands where the price of some requests is not known.
const WITHOUT_PRICE: Heading = heading("without", "Without a price", "requests", Unit::Count);

/// Shares have a column of their own.
const fn heading(id: &'static str, title: &'static str, unit_name: &'static str, unit: Unit) -> Heading {
    Heading { id, title, unit_name, unit, adds_up: false }
}

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
pub(super) fn section(
    context: &PageContext<'_>,
    asked: &Asked<'_>,
    spend: &Spend,
    directory: &Directory,
) -> Result<Markup, Refusal> {
    let table = table(asked, spend, directory);
    let to = |order: Order<'_>, page| format!("{}#breakdown", asked.page("spend", order, page));
    let (order, find, currency) = (asked.order, asked.find, asked.currency);
    let paging = Paging { shown: SHOWN, page: asked.page, order, find, currency, has_file: true, to: &to };
    Ok(html! {
        section.breakdown #breakdown {
            div.heading.split {
                (choices(context, asked)?)
                a.button href=(asked.page("spend.csv", asked.order, 1)) download { "CSV" }
            }
            (table.lines(&paging))
            @if about::can_overlap(asked.by) { p.hint { (about::OVERLAP) } }
        }
    })
}

/// The lines as a table.
pub(super) fn table(asked: &Asked<'_>, spend: &Spend, directory: &Directory) -> Table {
    let is_all_priced = spend.total.without == 0;
    let cells = |cost: &Cost| {
        let [now, before, change] = [cost.now, cost.before, cost.change()].map(|nanos| Some(dollars(nanos)));
        let mut cells = vec![now, spend.share(cost), before, change];
        cells.extend((!is_all_priced).then_some(Some(cost.without as f64)));
        cells
    };
    let row = |cost: &Cost| {
        let key = cost.key.first().cloned().flatten();
        let name = Name { href: asked.numbers(&[(asked.by, &key)]), ..Name::without_link(asked.by, &key, directory) };
        Row { name, beside: Vec::new(), cells: cells(cost) }
    };
    Table {
        id: "breakdown",
        title: format!("Spend by {}", in_a_sentence(about::title(asked.by))),
        about: about::columns(asked.by),
        columns: COLUMNS.into_iter().chain((!is_all_priced).then_some(WITHOUT_PRICE)).collect(),
        rows: spend.rows.iter().map(row).collect(),
        total: Some(cells(&spend.total)),
        empty: "Nothing cost anything yet, neither this month nor in the same part of the month before.".into(),
        ..Table::default()
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
                @for (name, value) in asked.days.iter().chain(&asked.filters) { input type="hidden" name=(name) value=(value); }
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
