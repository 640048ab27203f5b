//! Names of attributes that were seen, in a time that grows with their number and not with its square.

use std::collections::HashSet;

use super::Attribute;

/// The first of so many attributes are compared one by one: that is all that clients send, and faster than any table.
const FEW: usize = 48;

/// The names of the attributes that were kept so far.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    /// Those after the first few.
    more: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    /// Whether one of the `kept` has this name.
    pub(super) fn has(&self, kept: &[Attribute], name: &str) -> bool {
        kept.iter().take(FEW).any(|k| *k.key == *name) || (kept.len() > FEW && self.more.contains(name))
    }

    /// Notes the name of the last one that was kept.
    pub(super) fn add(&mut self, kept: &[Attribute], name: &'a str) {
        if kept.len() > FEW {
            self.more.insert(name);
        }
    }
}
