//! What a line is about, as it is shown.

use sha2::{Digest, Sha256};

use super::csv;
use super::error::UnknownCursor;
use super::groupings::Named;
use crate::http::page::{Page, PageRequest};
use crate::people::directory::Directory;
use crate::people::view::PersonView;
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::Grouping;

/// The labels of a key by the names of what it is grouped by, as JSON: a person as an object, null for what records do not say.
#[must_use]
pub fn shown(grouping: &[Named], key: &[Label], directory: &Directory) -> serde_json::Map<String, serde_json::Value> {
    let label = |grouping: &Grouping, label: &Label| match (grouping, label) {
        (Grouping::User, Some(id)) => serde_json::json!(PersonView::of(directory, id)),
        (_, label) => serde_json::json!(label.as_deref()),
    };
    grouping.iter().zip(key).map(|((name, grouping), key)| (name.clone(), label(grouping, key))).collect()
}

/// The same as cells of a table: a person by the e-mail address, else by id.
#[must_use]
pub fn cells(grouping: &[Named], key: &[Label], directory: &Directory) -> Vec<String> {
    let cell = |((_, grouping), key): (&Named, &Label)| match (grouping, key) {
        (Grouping::User, Some(id)) => {
            let person = PersonView::of(directory, id);
            csv::text(&person.email.unwrap_or(person.id))
        }
        (_, key) => csv::text(key.as_deref().unwrap_or_default()),
    };
    grouping.iter().zip(key).map(cell).collect()
}

/// A page of lines that have a key each: those after the one that the cursor names.
///
/// # Errors
/// The cursor names none of them.
pub fn page<L>(
    lines: impl IntoIterator<Item = L>,
    key: impl Fn(&L) -> &[Label],
    page: &PageRequest,
) -> Result<Page<L>, UnknownCursor> {
    let mut marked = lines.into_iter().map(|line| (mark(key(&line)), line));
    if let Some(after) = &page.after {
        marked.find(|(mark, _)| mark == after).ok_or(UnknownCursor)?;
    }
    let found = marked.take(page.look_for()).collect();
    Ok(page.page(found, |(mark, _)| mark, |(_, line)| line))
}

/// What a cursor names a line by.
fn mark(key: &[Label]) -> String {
    let mut hasher = Sha256::new();
    for label in key {
        let text = label.as_deref();
        hasher.update(text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
        hasher.update(text.unwrap_or_default());
    }
    hasher.finalize()[..12].iter().map(|byte| format!("{byte:02x}")).collect()
}
