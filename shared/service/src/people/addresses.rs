//! Which e-mail addresses were seen with which clients and accounts.

use std::sync::Arc;

use telemetry::sighting::Fact;

/// A list in order of kind, value and address, each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Addresses(Vec<(Fact, Arc<str>, Arc<str>)>);

impl FromIterator<(Fact, Arc<str>, Arc<str>)> for Addresses {
    fn from_iter<I: IntoIterator<Item = (Fact, Arc<str>, Arc<str>)>>(seen: I) -> Self {
        let mut seen: Vec<_> = seen.into_iter().collect();
        seen.sort_unstable();
        seen.dedup();
        seen.shrink_to_fit();
        Self(seen)
    }
}

impl Addresses {
    /// The addresses seen with a client or an account, in their order.
    pub(super) fn with<'a>(&'a self, fact: Fact, value: &str) -> impl Iterator<Item = &'a Arc<str>> {
        let start = self.0.partition_point(|(f, v, _)| (*f, &**v) < (fact, value));
        let rest = &self.0[start..];
        let count = rest.partition_point(|(f, v, _)| (*f, &**v) == (fact, value));
        rest[..count].iter().map(|(_, _, email)| email)
    }

    /// The addresses of each client, or account, with which several were seen.
    pub(super) fn several(&self, fact: Fact) -> impl Iterator<Item = impl Iterator<Item = &Arc<str>> + Clone> {
        let groups = self.0.chunk_by(|one, other| (one.0, &one.1) == (other.0, &other.1));
        let groups = groups.filter(move |group| group.len() > 1 && group[0].0 == fact);
        groups.map(|group| group.iter().map(|(_, _, email)| email))
    }
}
