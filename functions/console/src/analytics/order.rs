//! In what order tables are asked for.

/// The order of lines.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Order<'a> {
    /// The column that they are in order of; none for the usual.
    pub(super) column: Option<&'a str>,
    /// Whether the smallest comes first.
    pub(super) ascending: bool,
}
