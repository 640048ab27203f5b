//! A set of attribute names that takes time linear, not quadratic, in their number.

use std::collections::HashSet;

use crate::claude::attribute::Attribute;

/// This many attributes are compared one by one: clients send no more, and it is faster than any table.
const FEW: usize = 48;

/// The names of the attributes kept so far.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    /// The names after the first few.
    more: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    /// Whether one of the attributes in `kept` has this name.
    pub(super) fn has(&self, kept: &[Attribute], name: &str) -> bool {
        kept.iter().take(FEW).any(|k| *k.key == *name) || (kept.len() > FEW && self.more.contains(name))
    }

    /// Records the name of the attribute kept last.
    pub(super) fn add(&mut self, kept: &[Attribute], name: &'a str) {
        if kept.len() > FEW {
            self.more.insert(name);
        }
    }
}
