//! A table on a page.

use maud::{Markup, html};
use model::currency::Currency;

use super::super::column::{Unit, below};
use super::super::order::{BY_NAME, Order};
use super::super::scope::Scope;
use super::{Heading, Row, Table, UNKNOWN_ORDER, Worded};
use crate::components::pager::pager;
use crate::components::text::name;
use crate::components::{link, number};

/// Which lines of a table a page shows, and where the others are.
pub(in super::super) struct Paging<'a> {
    /// Lines of a page.
    pub(in super::super) shown: usize,
    /// Which page, from 1.
    pub(in super::super) page: usize,
    /// The order.
    pub(in super::super) order: Order<'a>,
    /// What names are searched for; empty for every line.
    pub(in super::super) find: &'a str,
    /// What money is shown in.
    pub(in super::super) currency: Currency,
    /// Whether there is a file with all lines.
    pub(in super::super) has_file: bool,
    /// The address of a page in an order.
    pub(in super::super) to: &'a (dyn Fn(Order<'_>, usize) -> String + Sync),
}

impl<'a> Paging<'a> {
    /// Of a table with a file, in what a page asks for.
    pub(in super::super) fn of(
        scope: &Scope<'a>,
        shown: usize,
        order: Order<'a>,
        to: &'a (dyn Fn(Order<'_>, usize) -> String + Sync),
    ) -> Self {
        let Scope { page, find, currency, .. } = *scope;
        Self { shown, page, order, find, currency, has_file: true, to }
    }

    /// The place of the first line that is shown, of so many.
    pub(in super::super) fn first(&self, found: usize) -> usize {
        (self.page.min(self.pages(found)) - 1) * self.shown
    }

    fn pages(&self, found: usize) -> usize {
        found.div_ceil(self.shown).max(1)
    }
}

/// How many lines there are.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Counted {
    /// With what is searched for.
    pub(in super::super) found: usize,
    /// Altogether.
    pub(in super::super) all: usize,
}

/// Lines of a table that stands alone.
const PAGE: usize = 40;

impl Table {
    /// The first lines, with the way to the others.
    fn first(&self, shown: usize, scope: &Scope<'_>, file: &str) -> Markup {
        let rows = self.found(Order::default(), "");
        let more = rows.len().saturating_sub(shown);
        html! {
            (self.heading(&format!("{file}{}", scope.alone(self.id, "", false, 1))))
            @if rows.is_empty() { div.empty { p { (self.empty) } } } @else {
                (self.leading(scope, (&rows[..rows.len().min(shown)], rows.len())))
                @if more > 0 {
                    p.below { a href=(scope.alone(self.id, "", false, 1)) { "and " (number::grouped(more as u64)) " more" } }
                }
            }
        }
    }

    /// A page of the table, which stands alone.
    fn page(&self, scope: &Scope<'_>, file: &str) -> Markup {
        let to = |order: Order<'_>, page| scope.alone(self.id, order.column.unwrap_or_default(), order.ascending, page);
        let paging = Paging::of(scope, PAGE, scope.order(), &to);
        html! {
            (self.heading(&format!("{file}{}", to(paging.order, 1))))
            (self.lines(&paging))
            p.below { a href=(scope.kept()) { "Back to all tables" } }
        }
    }

    /// The lines that `paging` says, with a search where there are more than it shows, and the way to the others.
    pub(in super::super) fn lines(&self, paging: &Paging<'_>) -> Markup {
        let rows = self.found(paging.order, paging.find);
        let counted = Counted { found: rows.len(), all: self.rows.len() };
        let first = paging.first(rows.len());
        self.counted(paging, &rows[first..rows.len().min(first + paging.shown)], counted)
    }

    /// The same of lines that were found and put in order elsewhere: those that the page shows, of so many.
    pub(in super::super) fn counted(&self, paging: &Paging<'_>, rows: &[&Row], counted: Counted) -> Markup {
        let (Counted { found, all }, &Paging { find, currency, .. }) = (counted, paging);
        let (pages, page) = (paging.pages(found), paging.page.min(paging.pages(found)));
        let heads = Heads { order: Some(paging.order), to: &|order| (paging.to)(order, 1) };
        html! {
            @if let Some(known) = self.orders_instead_of(paging.order) {
                div.notice.bad role="alert" { p { "sort: " (UNKNOWN_ORDER) ". Allowed: " (known) ". Lines are in their usual order." } }
            }
            @if !find.is_empty() || found > paging.shown { (search(self, find, &(paging.to)(paging.order, 1))) }
            @if rows.is_empty() {
                div.empty {
                    p { @if find.is_empty() { (self.empty) } @else { "No line has “" (name(find)) "” in its name." } }
                }
            } @else {
                (self.grid((currency, find), &heads, (rows, all)))
                div.below {
                    p.hint {
                        (number::of(found, "line", "lines")) @if found < all { " of " (number::grouped(all as u64)) }
                        @if pages > 1 && paging.has_file { "; the CSV has all." } @else { "." }
                    }
                    (pager(page, pages, &|page| (paging.to)(paging.order, page)))
                }
            }
        }
    }

    /// The title, and the way to the same lines in the same order as a file.
    pub(in super::super) fn heading(&self, file: &str) -> Markup {
        html! {
            div.heading.split {
                h2 id=(self.id) { (self.title) }
                @if !self.rows.is_empty() {
                    a.button href=(file) download aria-label={ "CSV: " (self.title) } { "CSV" }
                }
            }
            @if let Some(note) = self.note { p.hint.zone { (note) } }
        }
    }

    /// All lines as they are.
    pub(in super::super) fn alone(&self, currency: Currency) -> Markup {
        let rows: Vec<&Row> = self.rows.iter().collect();
        self.grid((currency, ""), &Heads { order: None, to: &|_| String::new() }, (&rows, rows.len()))
    }

    /// Lines in the usual order, of so many, with heads that lead to the table alone in another one.
    fn leading(&self, scope: &Scope<'_>, rows: (&[&Row], usize)) -> Markup {
        let to = |order: Order<'_>| scope.alone(self.id, order.column.unwrap_or_default(), order.ascending, 1);
        self.grid((scope.currency, ""), &Heads { order: Some(Order::default()), to: &to }, rows)
    }

    /// The head of a column of words: the name, or what stands beside it.
    fn worded_head(&self, heads: &Heads<'_>, worded: Worded, title: &str) -> Markup {
        let id = if worded == Worded::Name { BY_NAME.to_owned() } else { title.to_lowercase() };
        // Lines that have an order of their own are in it, or come back to it, by their first column.
        let is_own = self.is_ordered && worded == Worded::Name;
        let column = if is_own { None } else { Some(id.as_str()) };
        let is_in = |order: Order<'_>| match is_own {
            true => self.ascends.is_some() && self.worded(order).is_none() && self.sorted(order).is_none(),
            false => self.worded(order) == Some(worded),
        };
        let is_current = heads.order.is_some_and(is_in);
        heads.head(None, title, (is_current, column, !is_own || self.ascends == Some(true)), &html! {})
    }

    fn subject(&self) -> &str {
        self.about.first().map_or("", String::as_str)
    }

    /// The table itself, with heads as they are given: of what it is about, and of each column.
    fn grid(&self, (currency, find): (Currency, &str), heads: &Heads<'_>, (rows, all): (&[&Row], usize)) -> Markup {
        let order = heads.order.unwrap_or_default();
        let sorted = self.sorted(order).and_then(|at| self.columns.get(at)).map(|column| column.id);
        let total = self.total.as_ref().filter(|_| all > 1 && find.is_empty());
        // What share of all a line is, of the column that lines are in order of.
        let parted = self.sorted(order).filter(|at| self.columns.get(*at).is_some_and(|column| column.adds_up));
        let whole = |at: usize| total.and_then(|total| total.get(at).copied().flatten()).filter(|whole| *whole > 0.0);
        let parted = parted.and_then(|at| Some((at, whole(at)?)));
        let share = |at: usize, cell: Option<f64>| {
            let (_, whole) = parted.filter(|(parted, _)| *parted == at)?;
            Some(Unit::Share.written(cell? / whole, currency))
        };
        let cells = |cells: &[Option<f64>]| {
            html! {
                @for (at, (heading, cell)) in self.columns.iter().zip(cells).enumerate() {
                    td {
                        (heading.unit.cell(*cell, currency))
                        @if let Some(share) = share(at, *cell) { " " small.share { (share) } }
                    }
                }
            }
        };
        html! {
            div.card.flush tabindex="0" role="region" aria-label=(self.title) {
                table.figures.worded[!self.beside.is_empty()] {
                    caption.hidden { (self.title) }
                    thead {
                        tr {
                            (self.worded_head(heads, Worded::Name, self.subject()))
                            @for (at, title) in self.beside.iter().enumerate() { (self.worded_head(heads, Worded::Beside(at), title)) }
                            @for heading in &self.columns {
                                (heads.head(Some("number"), heading.title, (sorted == Some(heading.id), Some(heading.id), false), &unit(heading, currency)))
                            }
                        }
                    }
                    tbody {
                        @if let Some(total) = total {
                            tr.sum {
                                th scope="row" { "All" }
                                @for _ in &self.beside { td.said {} }
                                (cells(total))
                            }
                        }
                        @for row in rows {
                            tr class=[row.beside.iter().any(|name| name.is_bad).then_some("bad")] {
                                th scope="row" { (row.name.shown()) }
                                @for name in &row.beside { td.said { (name.shown()) } }
                                (cells(&row.cells))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What the heads of a table lead to.
struct Heads<'a> {
    /// The order that lines are in; none if heads lead nowhere.
    order: Option<Order<'a>>,
    /// The address of another one.
    to: &'a dyn Fn(Order<'_>) -> String,
}

impl Heads<'_> {
    /// A head: its class, its title, whether lines are in order of it, what it leads to, and whether the first comes first there, as of
    /// words, and not the largest; and what stands below.
    fn head(
        &self,
        class: Option<&str>,
        title: &str,
        (is_current, column, is_worded): (bool, Option<&str>, bool),
        below: &Markup,
    ) -> Markup {
        let Some(order) = self.order else {
            return html! { th class=[class] scope="col" { (title) (below) } };
        };
        let is_up = order.ascending != is_worded;
        let said = if is_up { ("ascending", " ↑") } else { ("descending", " ↓") };
        let next = Order { column, ascending: is_current && !order.ascending };
        html! {
            th class=[class] scope="col" aria-sort=[is_current.then_some(said.0)] {
                a href=((self.to)(next)) { (title) @if is_current { (said.1) } }
                (below)
            }
        }
    }
}

/// A search by name among the lines of a table of the page at this address.
fn search(table: &Table, find: &str, address: &str) -> Markup {
    let field = format!("find-{}", table.id);
    let (path, place) = (address.split(['?', '#']).next().unwrap_or_default(), address.split_once('#'));
    html! {
        form.find role="search" aria-label={ "In " (table.title) } action={ (path) @if let Some((_, place)) = place { "#" (place) } } {
            @for (name, value) in link::parameters(address).into_iter().filter(|(name, _)| name != "find" && name != "page") {
                input type="hidden" name=(name) value=(value);
            }
            label.hidden for=(field) { "Find by name" }
            input id=(field) type="search" name="find" value=(find) placeholder="Find by name" autocomplete="off";
            button type="submit" { "Find" }
        }
    }
}

fn unit(heading: &Heading, currency: Currency) -> Markup {
    let below = below(heading.unit, heading.unit_name, currency);
    html! { @if !below.is_empty() { " " small { (below) } } }
}

/// The first lines of each table, or the one that the address asks for alone. `file` is where the same is for spreadsheets.
pub(in super::super) fn tables(tables: &[(usize, Table)], scope: &Scope<'_>, file: &str) -> Markup {
    let alone = tables.iter().find(|(_, table)| Some(table.id) == scope.table);
    html! {
        @match alone {
            Some((_, table)) => section.breakdown { (table.page(scope, file)) },
            None => @for (shown, table) in tables { section.breakdown { (table.first(*shown, scope, file)) } }
        }
    }
}
