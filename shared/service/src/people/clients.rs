//! What people work with: the version of Claude Code and the settings that their telemetry came with last, beside the newest there are.

use super::directory::{Directory, Person};
use crate::health::rollout::{newest_settings, newest_token};
use crate::health::versions::Version;
use model::organisation::Organisation;
use model::time::Timestamp;
use telemetry::sighting::{Fact, Mark, Seen, Sighting};

impl Directory {
    /// When a person was seen at work, by arrival.
    #[must_use]
    pub fn at_work(&self, person: &Person) -> Option<Seen> {
        let marks = |sighting: &Sighting| [Mark::Work, Mark::WorkPoint].map(|mark| sighting.marked(mark));
        let all = self.sightings_of(person).flat_map(marks).flatten();
        all.reduce(|a, b| Seen { first: a.first.min(b.first), last: a.last.max(b.last) })
    }

    /// Whether a person is counted as one who uses Claude Code: no automation, no placeholder, and not other services alone.
    #[must_use]
    pub fn is_counted(&self, person: &Person) -> bool {
        person.uses_claude_code() && !self.nobody().contains(&person.id)
    }

    /// The version of Claude Code that a person's telemetry came with last.
    #[must_use]
    pub fn version<'a>(&'a self, person: &'a Person) -> Option<&'a str> {
        let seen = self.sightings_of(person).flat_map(|sighting| sighting.values(Fact::Version));
        // What came within the same quarter of an hour may be noted as of one moment: then the later version is.
        seen.max_by_key(|(version, seen)| (seen.last, Version::parse(version))).map(|(version, _)| version)
    }

    /// The generation of the settings that a person's telemetry came with last: of the token in them or, where that is older, of the
    /// rest. `None` if nothing says it.
    #[must_use]
    pub fn settings_generation(&self, person: &Person) -> Option<u32> {
        let token = newest_token(self, person).map(|(generation, _)| generation);
        token.into_iter().chain(newest_settings(self, person)).min()
    }
}

/// The newest that there is of each.
#[derive(Debug, Clone, Copy)]
pub struct Newest {
    /// The generation of the settings.
    pub generation: u32,
    version: Option<Version>,
}

impl Newest {
    /// The settings of the organisation, and the newest of the versions that people send with.
    #[must_use]
    pub fn of(organisation: &Organisation, directory: &Directory) -> Self {
        let people = directory.people().filter(|person| directory.is_counted(person));
        let version = people.filter_map(|person| Version::parse(directory.version(person)?)).max();
        Self { generation: organisation.generation, version }
    }

    /// The newest version, if anybody says theirs.
    #[must_use]
    pub fn version(&self) -> Option<String> {
        self.version.map(|version| version.to_string())
    }

    /// Whether somebody sends with older settings. What says nothing of its settings is not said to be old.
    #[must_use]
    pub fn has_older_settings(&self, directory: &Directory, person: &Person) -> bool {
        directory.settings_generation(person).is_some_and(|generation| generation < self.generation)
    }

    /// Whether somebody sends with an older version. What says no version, or none of Claude Code's, is not said to be old.
    #[must_use]
    pub fn has_older_version(&self, directory: &Directory, person: &Person) -> bool {
        directory.version(person).and_then(Version::parse).is_some_and(|version| Some(version) < self.version)
    }
}

/// What people work with who are listed alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Behind {
    /// Settings that are not the newest.
    pub older_settings: bool,
    /// A version that is not the newest.
    pub older_version: bool,
    /// They were at work since then, by arrival.
    pub active_since: Option<Timestamp>,
}

impl Behind {
    /// Whether everybody is listed.
    #[must_use]
    pub fn is_anybody(&self) -> bool {
        *self == Self::default()
    }

    /// Whether somebody is listed.
    #[must_use]
    pub fn has(&self, newest: &Newest, directory: &Directory, person: &Person) -> bool {
        let is_at_work = |since: Timestamp| directory.at_work(person).is_some_and(|seen| seen.last >= since);
        (!self.older_settings || newest.has_older_settings(directory, person))
            && (!self.older_version || newest.has_older_version(directory, person))
            && (self.is_anybody() || directory.is_counted(person))
            && self.active_since.is_none_or(is_at_work)
    }
}
