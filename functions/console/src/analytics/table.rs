//! Tables of a page: who or what, with numbers, in order of a column. A page shows the first lines of each, and one table alone a page at
//! a time, in the order and with the names that are asked for. The file for spreadsheets has the same columns, and all lines.
//! [`shown`] is how a page has it.

mod shown;

use std::borrow::Cow;

use model::currency::Currency;
use model::order;
use service::http::Problem;
use service::report::csv;

use super::column::{Unit, below};
use super::naming::Name;
use super::order::{BY_NAME, Order};
use crate::refusal::Refusal;

pub(super) use shown::{Counted, Paging, tables};

/// What is wrong with an order that a table does not have.
const UNKNOWN_ORDER: &str = "there is no such column";

/// A table.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// As addresses name it.
    pub(super) id: &'static str,
    /// What it shows.
    pub(super) title: String,
    /// What its lines are about: a file has a cell for each, a page the first alone.
    pub(super) about: Vec<String>,
    /// What is said of a line in words, between what it is about and its numbers.
    pub(super) beside: Vec<&'static str>,
    /// The columns; lines are in order of the first, the largest on top.
    pub(super) columns: Vec<Heading>,
    /// The lines.
    pub(super) rows: Vec<Row>,
    /// A number for each column of all lines together; none where lines can overlap or have nothing in common.
    pub(super) total: Option<Vec<Option<f64>>>,
    /// Whether they are in an order of their own, which they keep.
    pub(super) is_ordered: bool,
    /// Whether the smallest comes first in that, if it is one of what they are about.
    pub(super) ascends: Option<bool>,
    /// What stands in its place as long as it has no line.
    pub(super) empty: Cow<'static, str>,
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
    /// Whether the numbers of lines add up to that of all.
    pub(super) adds_up: bool,
}

/// A line.
#[derive(Debug)]
pub(super) struct Row {
    /// Who or what it is about.
    pub(super) name: Name,
    /// What is said of it in words, as many as the table says.
    pub(super) beside: Vec<Name>,
    /// A number for each column; none where there is none.
    pub(super) cells: Vec<Option<f64>>,
}

impl Heading {
    /// A column whose numbers add up, with nothing below its title but what its unit says.
    pub(super) const fn of(id: &'static str, title: &'static str, unit: Unit) -> Self {
        Self { id, title, unit_name: "", unit, adds_up: true }
    }
}

impl Row {
    /// Whether a text that somebody looks for stands in any of its names.
    fn has(&self, wanted: &str) -> bool {
        self.name.has(wanted) || self.beside.iter().any(|name| name.has(wanted))
    }
}

/// Words that lines can be in order of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worded {
    /// Who or what a line is about.
    Name,
    /// What stands beside it, in this place.
    Beside(usize),
}

impl Worded {
    /// Those of a line, whatever their case. What nobody says comes last.
    fn of(self, row: &Row) -> (bool, String) {
        let name = match self {
            Self::Name => Some(&row.name),
            Self::Beside(at) => row.beside.get(at),
        };
        name.map_or((true, String::new()), |name| (name.is_unsaid, name.text.to_lowercase()))
    }
}

impl Table {
    /// What is said in words of a line that lines are in order of, if they are: its name, or what stands beside it.
    fn worded(&self, order: Order<'_>) -> Option<Worded> {
        let asked = order.column?;
        let beside = || self.beside.iter().position(|title| title.eq_ignore_ascii_case(asked)).map(Worded::Beside);
        if asked == BY_NAME { Some(Worded::Name) } else { beside() }
    }

    /// What lines can be in order of, if they are asked to be in another order.
    fn orders_instead_of(&self, order: Order<'_>) -> Option<String> {
        let asked = order.column.filter(|asked| !asked.is_empty() && self.worded(order).is_none())?;
        let beside = self.beside.iter().map(|title| title.to_lowercase());
        let columns = self.columns.iter().map(|column| column.id.to_owned());
        let known: Vec<String> = std::iter::once(BY_NAME.to_owned()).chain(beside).chain(columns).collect();
        (!known.iter().any(|known| known == asked)).then(|| known.join(", "))
    }

    /// The place of the column that lines are in order of.
    fn sorted(&self, order: Order<'_>) -> Option<usize> {
        if self.worded(order).is_some() {
            return None;
        }
        let asked = order.column.and_then(|asked| self.columns.iter().position(|column| column.id == asked));
        asked.or((!self.is_ordered).then_some(0))
    }

    /// The lines with what is looked for, in the order that is asked for, else in that of the first column.
    fn found(&self, order: Order<'_>, find: &str) -> Vec<&Row> {
        let wanted = find.to_lowercase();
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| row.has(&wanted)).collect();
        if let Some(worded) = self.worded(order) {
            order::sort_by_key(&mut rows, |row| worded.of(row));
        } else if let Some(at) = self.sorted(order) {
            let value = |row: &Row| row.cells.get(at).copied().flatten().unwrap_or(f64::NEG_INFINITY);
            order::sort_by(&mut rows, |a, b| value(b).total_cmp(&value(a)));
        }
        if order.ascending {
            rows.reverse();
        }
        rows
    }

    /// All lines for spreadsheets, as they are asked for.
    ///
    /// # Errors
    /// There is no such order. Else see [`csv::table`].
    pub(super) fn csv(&self, order: Order<'_>, find: &str) -> Result<Vec<u8>, Refusal> {
        if let Some(known) = self.orders_instead_of(order) {
            return Err(Problem::invalid("sort", UNKNOWN_ORDER, known).into());
        }
        let rows = self.found(order, find);
        // Files are in US dollars, whatever pages show.
        let column = |heading: &Heading| {
            let below = below(heading.unit, heading.unit_name, Currency::DOLLAR);
            match if below.is_empty() { heading.unit.of_bare() } else { &below } {
                "" => heading.title.to_owned(),
                below => format!("{} ({below})", heading.title),
            }
        };
        let beside = self.beside.iter().map(|title| (*title).to_owned());
        let columns: Vec<String> =
            self.about.iter().cloned().chain(beside).chain(self.columns.iter().map(column)).collect();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let cells = |row: &Row| {
            let about = row.name.cells(self.about.len()).into_iter();
            let beside = row.beside.iter().flat_map(|name| name.cells(1));
            let numbers = self.columns.iter().zip(&row.cells).map(|(heading, cell)| heading.unit.bare(*cell));
            about.chain(beside).map(|text| csv::text(&text)).chain(numbers).collect()
        };
        Ok(csv::table(&columns, rows.into_iter().map(cells))?)
    }
}
