//! Tables of the lines of reports.

use std::borrow::Cow;

use service::report::figures::Figures;
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::Line;

use super::column::Column;
use super::naming::Name;
use super::table::{Heading, Row, Table};

/// What a table shows and how it is named.
pub(super) struct Shown<'a> {
    /// As addresses name it.
    pub(super) id: &'static str,
    /// What it shows.
    pub(super) title: Cow<'static, str>,
    /// What its lines are about, as groupings name it.
    pub(super) by: &'a str,
    /// What stands in its place as long as it has no line.
    pub(super) empty: Cow<'static, str>,
    /// What has to be known to read it.
    pub(super) note: Option<&'static str>,
    /// Its columns.
    pub(super) columns: &'static [&'static Column],
}

impl Shown<'_> {
    /// The table of lines by one label, which `name` names.
    pub(super) fn table<'l>(&self, lines: &mut dyn Iterator<Item = &'l Line>, name: &dyn Fn(&Label) -> Name) -> Table {
        let mut all = Line::default();
        let rows = lines.map(|line| {
            all.absorb(line);
            let key = line.key.first().cloned().flatten();
            Row { name: name(&key), beside: Vec::new(), cells: self.cells(line) }
        });
        let rows = rows.collect();
        Table {
            id: self.id,
            title: self.title.clone().into_owned(),
            about: super::about::columns(self.by),
            columns: self.columns.iter().map(|column| Heading::from(*column)).collect(),
            rows,
            total: (!super::about::can_overlap(self.by)).then(|| self.cells(&all)),
            empty: self.empty.clone(),
            note: self.note,
            ..Table::default()
        }
    }

    /// The numbers of a line.
    fn cells(&self, line: &Line) -> Vec<Option<f64>> {
        let figures = Figures::from(line);
        self.columns.iter().map(|column| (column.value)(line, &figures)).collect()
    }

    /// Whether a line has a number in any of so many columns, from the first.
    pub(super) fn tells(&self, line: &Line, columns: usize) -> bool {
        self.cells(line).iter().take(columns).any(|cell| cell.is_some_and(|value| value != 0.0))
    }
}

impl From<&Column> for Heading {
    fn from(column: &Column) -> Self {
        Self {
            id: column.id,
            title: column.title,
            unit_name: column.unit_name,
            unit: column.unit,
            adds_up: column.adds_up,
        }
    }
}
