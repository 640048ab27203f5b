//! With which versions of Claude Code people send.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::health::versions::Version;
use crate::people::clients::Newest;
use crate::people::directory::Directory;
use telemetry::activity::ledger::People;

/// Versions that are told one by one: whoever has a token can invent any number.
const NAMED: usize = 50;

/// The people of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct VersionView {
    /// The version; null if telemetry says none.
    pub version: Option<String>,
    /// How many of the active people sent with it last.
    pub people: usize,
}

/// The versions of active people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct VersionsView {
    /// The newest that anybody of the organisation sends with; null if nobody says any.
    pub newest: Option<String>,
    /// The versions, the newest first; 50 at most.
    pub items: Vec<VersionView>,
    /// How many of the active people send with one that is not told.
    pub others: usize,
}

pub(super) fn of(active: &People, directory: &Directory, newest: &Newest) -> VersionsView {
    let mut versions: BTreeMap<(Reverse<Option<Version>>, Option<&str>), usize> = BTreeMap::new();
    for id in active {
        let version = directory.find(id).and_then(|person| directory.version(person));
        *versions.entry((Reverse(version.and_then(Version::parse)), version)).or_default() += 1;
    }
    let mut items: Vec<VersionView> = versions
        .into_iter()
        .map(|((_, version), people)| VersionView { version: version.map(str::to_owned), people })
        .collect();
    let others = items.iter().skip(NAMED).map(|view| view.people).sum();
    items.truncate(NAMED);
    VersionsView { newest: newest.version(), items, others }
}
