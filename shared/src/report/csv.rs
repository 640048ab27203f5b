//! Tables for spreadsheets.

use crate::api::Problem;

/// What makes a spreadsheet take a cell for a formula: OWASP's list for CSV injection, with the wide forms of the signs.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A table with these rows.
///
/// # Errors
/// There is no memory for it.
pub fn table<R: IntoIterator<Item = Vec<String>>>(columns: &[&str], rows: R) -> Result<Vec<u8>, Problem> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let broken = |_| Problem::Internal;
    writer.write_record(columns).map_err(broken)?;
    for row in rows {
        writer.write_record(row).map_err(broken)?;
    }
    writer.into_inner().map_err(|_| Problem::Internal)
}

/// A cell with text from outside, which no spreadsheet runs as a formula.
#[must_use]
pub fn text(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_and_no_formula() {
        let rows = [vec![text("=1+1"), text("a,\"b\"")], vec![text("@SUM(A1)"), text("-2")]];
        let table = String::from_utf8(table(&["x", "y"], rows).unwrap()).unwrap();
        assert_eq!(table, "x,y\n'=1+1,\"a,\"\"b\"\"\"\n'@SUM(A1),'-2\n");
    }
}
