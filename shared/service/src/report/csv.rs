//! Tables for spreadsheets.

use model::text::invisible::is_taken_out;

/// What makes a spreadsheet take a cell for a formula: OWASP's list for CSV injection, with the wide forms of the signs.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A table with these rows.
///
/// # Errors
/// A row has another number of cells than there are columns.
pub fn table<R: IntoIterator<Item = Vec<String>>>(columns: &[&str], rows: R) -> Result<Vec<u8>, ::csv::Error> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(writer.into_inner().map_err(::csv::IntoInnerError::into_error)?)
}

/// A cell with text from outside, which no spreadsheet runs as a formula, and which neither commands a terminal nor turns the
/// direction of what stands beside it.
#[must_use]
pub fn text(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !is_taken_out(*c)).collect();
    if plain.starts_with(FORMULA) || text.starts_with(FORMULA) { format!("'{plain}") } else { plain }
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

    #[test]
    fn what_is_hidden_before_a_formula_makes_it_none_either() {
        assert_eq!(text("\u{202e}=1+1"), "'=1+1");
        assert_eq!(text("\u{200b}=1+1"), "'=1+1");
        assert_eq!(text("a\u{1b}[2Jb\nc\u{2066}d"), "a[2Jbcd");
    }
}
