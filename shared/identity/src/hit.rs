//! What an address and an author have in common.

use super::rule::Rule;

/// One string in common between an address and an author.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    /// The person on the Claude side, as the representative of its set.
    pub(super) claimant: u32,
    /// The person on the Git side.
    pub(super) group: u32,
    /// The author that has the string.
    pub(super) author: u32,
    /// What is the same.
    pub(super) rule: Rule,
    /// How many strangers would match as well by chance.
    pub(super) chance: f64,
}
