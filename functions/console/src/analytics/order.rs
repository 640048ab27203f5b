//! What an address asks of a table: its order, and which page of it.

use service::http::query::Query;

/// The order by name, as addresses name it: from A to Z unless the other way is asked for.
pub(super) const BY_NAME: &str = "name";

/// The order of lines.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Order<'a> {
    /// The column that they are in order of; none for the usual.
    pub(super) column: Option<&'a str>,
    /// Whether the smallest comes first.
    pub(super) ascending: bool,
}

impl<'a> Order<'a> {
    /// The order that an address asks for.
    pub(super) fn read(query: &'a Query<'_>) -> Self {
        Self { column: query.get("sort"), ascending: query.get("order") == Some("up") }
    }
}

/// The page that an address asks for, from 1.
pub(super) fn page(query: &Query<'_>) -> usize {
    query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1)
}

/// What an address searches names for; empty for every line.
pub(super) fn find<'a>(query: &'a Query<'_>) -> &'a str {
    query.get("find").unwrap_or_default().trim()
}
