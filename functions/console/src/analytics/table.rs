//! Tables of a page: who or what, with numbers, in order of a column. A page shows the first lines of each, and one table alone a page at
//! a time, in the order that is asked for. The file for spreadsheets has the same columns, and all lines.

use maud::{Markup, html};
use model::currency::Currency;
use service::report::csv;

use super::column::{Unit, below};
use super::naming::Name;
use super::scope::Scope;
use crate::components::number;
use crate::components::pager::pager;
use crate::refusal::Refusal;

/// Lines of a table that stands alone.
const PAGE: usize = 40;

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    /// As addresses name it.
    pub(super) id: &'static str,
    /// What it shows.
    pub(super) title: String,
    /// What its lines are about: a file has a cell for each, a page the first alone.
    pub(super) about: Vec<String>,
    /// The columns; lines are in order of the first, the largest on top.
    pub(super) columns: Vec<Heading>,
    /// The lines.
    pub(super) rows: Vec<Row>,
    /// Whether they are in an order of their own, which they keep.
    pub(super) is_ordered: bool,
    /// What stands in its place as long as it has no line.
    pub(super) empty: &'static str,
    /// What has to be known to read it.
    pub(super) note: Option<&'static str>,
}

/// What a column is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heading {
    /// As addresses name it.
    pub(super) id: &'static str,
    /// As people name it.
    pub(super) title: &'static str,
    /// What is written below the title.
    pub(super) unit_name: &'static str,
    /// How its numbers are written.
    pub(super) unit: Unit,
}

/// A line.
#[derive(Debug)]
pub(super) struct Row {
    /// Who or what it is about.
    pub(super) name: Name,
    /// A number for each column; none where there is none.
    pub(super) cells: Vec<Option<f64>>,
}

/// The order of lines.
#[derive(Debug, Clone, Copy)]
struct Order<'a> {
    column: Option<&'a str>,
    ascending: bool,
}

impl Table {
    /// The lines in the order that is asked for, else in that of the first column.
    fn ordered(&self, order: Order<'_>) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        let asked = order.column.and_then(|asked| self.columns.iter().position(|column| column.id == asked));
        let Some(at) = asked.or((!self.is_ordered).then_some(0)) else { return rows };
        let value = |row: &Row| row.cells.get(at).copied().flatten().unwrap_or(-1.0);
        rows.sort_by(|a, b| value(b).total_cmp(&value(a)));
        if order.ascending {
            rows.reverse();
        }
        rows
    }

    /// The first lines, with the way to the others.
    fn first(&self, shown: usize, scope: &Scope<'_>, file: &str) -> Markup {
        let order = Order { column: None, ascending: false };
        let rows = self.ordered(order);
        let more = rows.len().saturating_sub(shown);
        let head = |heading: &Heading| html! { th.number scope="col" { (heading.title) (unit(heading, scope)) } };
        html! {
            (self.heading(scope, file, order))
            @if rows.is_empty() { div.empty { p { (self.empty) } } } @else {
                (self.table(scope, head, rows.iter().take(shown)))
                @if more > 0 {
                    p.below { a href=(scope.alone(self.id, "", false, 1)) { "and " (number::grouped(more as u64)) " more" } }
                }
            }
        }
    }

    /// A page of the table, which stands alone.
    fn page(&self, scope: &Scope<'_>, file: &str) -> Markup {
        let order = Order { column: scope.asked_sort, ascending: scope.ascending };
        let rows = self.ordered(order);
        let pages = rows.len().div_ceil(PAGE).max(1);
        let page = scope.page.min(pages);
        let sorted = scope.asked_sort.filter(|asked| self.columns.iter().any(|column| column.id == *asked));
        let sorted = sorted.or(self.columns.first().filter(|_| !self.is_ordered).map(|column| column.id));
        let head = |heading: &Heading| {
            let is_current = sorted == Some(heading.id);
            let said = if order.ascending { ("ascending", " ↑") } else { ("descending", " ↓") };
            html! {
                th.number scope="col" aria-sort=[is_current.then_some(said.0)] {
                    a href=(scope.alone(self.id, heading.id, is_current && !order.ascending, 1)) {
                        (heading.title) @if is_current { (said.1) }
                    }
                    (unit(heading, scope))
                }
            }
        };
        html! {
            (self.heading(scope, file, order))
            @if rows.is_empty() { div.empty { p { (self.empty) } } } @else {
                (self.table(scope, head, rows.iter().skip((page - 1) * PAGE).take(PAGE)))
            }
            div.below {
                p.hint { (number::of(rows.len(), "line", "lines")) ". " a href=(scope.kept()) { "Back to all tables" } }
                (pager(page, pages, |page| scope.alone(self.id, order.column.unwrap_or_default(), order.ascending, page)))
            }
        }
    }

    /// The title, and the way to the same lines in the same order as a file.
    fn heading(&self, scope: &Scope<'_>, file: &str, order: Order<'_>) -> Markup {
        let asked = scope.alone(self.id, order.column.unwrap_or_default(), order.ascending, 1);
        html! {
            div.heading.split {
                h2 id=(self.id) { (self.title) }
                @if !self.rows.is_empty() {
                    a.button href={ (file) (asked) } download aria-label={ "CSV: " (self.title) } { "CSV" }
                }
            }
            @if let Some(note) = self.note { p.hint.zone { (note) } }
        }
    }

    fn table<'r>(
        &self,
        scope: &Scope<'_>,
        head: impl Fn(&Heading) -> Markup,
        rows: impl Iterator<Item = &'r &'r Row>,
    ) -> Markup {
        html! {
            div.card.flush tabindex="0" role="region" aria-labelledby=(self.id) {
                table.figures {
                    caption.hidden { (self.title) }
                    thead {
                        tr {
                            th scope="col" { (self.about.first().map_or("", String::as_str)) }
                            @for heading in &self.columns { (head(heading)) }
                        }
                    }
                    tbody {
                        @for row in rows {
                            tr {
                                th scope="row" { (row.name.shown()) }
                                @for (heading, cell) in self.columns.iter().zip(&row.cells) { td { (heading.unit.cell(*cell, scope.currency)) } }
                            }
                        }
                    }
                }
            }
        }
    }

    /// All lines for spreadsheets, in the order that is asked for.
    ///
    /// # Errors
    /// See [`csv::table`].
    pub(super) fn csv(&self, scope: &Scope<'_>) -> Result<Vec<u8>, Refusal> {
        let rows = self.ordered(Order { column: scope.asked_sort, ascending: scope.ascending });
        // Files are in US dollars, whatever pages show.
        let column = |heading: &Heading| match below(heading.unit, heading.unit_name, Currency::DOLLAR) {
            none if none.is_empty() => heading.title.to_owned(),
            below => format!("{} ({below})", heading.title),
        };
        let columns: Vec<String> = self.about.iter().cloned().chain(self.columns.iter().map(column)).collect();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let cells = |row: &Row| {
            let about = row.name.cells(self.about.len()).into_iter().map(|text| csv::text(&text));
            let numbers = self.columns.iter().zip(&row.cells).map(|(heading, cell)| heading.unit.bare(*cell));
            about.chain(numbers).collect()
        };
        Ok(csv::table(&columns, rows.into_iter().map(cells))?)
    }
}

fn unit(heading: &Heading, scope: &Scope<'_>) -> Markup {
    let below = below(heading.unit, heading.unit_name, scope.currency);
    html! { @if !below.is_empty() { " " small { (below) } } }
}

/// The first lines of each table, or the one that the address asks for alone. `file` is where the same is for spreadsheets.
pub(super) fn tables(tables: &[(usize, Table)], scope: &Scope<'_>, file: &str) -> Markup {
    let alone = tables.iter().find(|(_, table)| Some(table.id) == scope.table);
    html! {
        @match alone {
            Some((_, table)) => section.breakdown { (table.page(scope, file)) },
            None => @for (shown, table) in tables { section.breakdown { (table.first(*shown, scope, file)) } }
        }
    }
}
