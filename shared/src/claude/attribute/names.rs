//! Attributes found by name, in a time that grows with their number and not with its square.

use std::collections::HashSet;
use std::sync::Arc;

use opentelemetry_proto::tonic::common::v1::any_value;

use super::{Attribute, Value};

/// What is kept of a resource.
#[derive(Debug, Default, Clone)]
pub struct Labels {
    attributes: Arc<[Attribute]>,
    /// Places in `attributes`, in order of name.
    by_name: Vec<usize>,
}

impl Labels {
    pub(super) fn of(attributes: Vec<Attribute>) -> Self {
        let mut by_name: Vec<usize> = (0..attributes.len()).collect();
        by_name.sort_unstable_by(|a, b| attributes[*a].key.cmp(&attributes[*b].key));
        Self { attributes: attributes.into(), by_name }
    }

    /// The attributes, in the order sent.
    #[must_use]
    pub fn attributes(&self) -> &Arc<[Attribute]> {
        &self.attributes
    }

    /// Whether the resource has this text under this name.
    pub(super) fn repeat(&self, name: &str, value: &any_value::Value) -> bool {
        let any_value::Value::StringValue(text) = value else { return false };
        let found = self.by_name.binary_search_by(|place| (*self.attributes[*place].key).cmp(name));
        found.is_ok_and(|at| matches!(&self.attributes[self.by_name[at]].value, Value::Text(kept) if **kept == **text))
    }
}

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
