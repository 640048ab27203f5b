//! Tables of the lines of reports.

use service::people::directory::Directory;
use service::report::figures::Figures;
use telemetry::activity::ledger::Line;

use super::column::Column;
use super::naming::Name;
use super::scope::Scope;
use super::table::{Heading, Row, Table};

/// What a table shows and how it is named.
pub(super) struct Shown {
    /// As addresses name it.
    pub(super) id: &'static str,
    /// What it shows.
    pub(super) title: &'static str,
    /// What its lines are about, as groupings name it.
    pub(super) by: &'static str,
    /// What stands in its place as long as it has no line.
    pub(super) empty: &'static str,
    /// What has to be known to read it.
    pub(super) note: Option<&'static str>,
    /// Its columns.
    pub(super) columns: &'static [&'static Column],
}

impl Shown {
    /// The table of lines by one label. Those with no number in any of `needed` columns, from the first, are left out.
    pub(super) fn table(&self, lines: &[Line], needed: usize, scope: &Scope<'_>, directory: &Directory) -> Table {
        let row = |line: &Line| {
            let figures = Figures::from(line);
            let cells: Vec<Option<f64>> = self.columns.iter().map(|column| (column.value)(line, &figures)).collect();
            let is_about_it = cells.iter().take(needed).any(|cell| cell.is_some_and(|value| value != 0.0));
            let key = line.key.first().cloned().flatten();
            is_about_it.then(|| Row { name: Name::of(self.by, &key, scope, directory), cells })
        };
        Table {
            id: self.id,
            title: self.title.into(),
            about: about(self.by),
            columns: self.columns.iter().map(|column| Heading::from(*column)).collect(),
            rows: lines.iter().filter_map(row).collect(),
            is_ordered: false,
            empty: self.empty,
            note: self.note,
        }
    }
}

/// What the first columns are called, of which a page shows one.
fn about(by: &str) -> Vec<String> {
    let title = super::about::title(by).to_owned();
    if by == "user" { vec![title, "E-mail".into(), "Id".into()] } else { vec![title] }
}

impl From<&Column> for Heading {
    fn from(column: &Column) -> Self {
        Self { id: column.id, title: column.title, unit_name: column.unit_name, unit: column.unit }
    }
}
