//! Who is behind each source: by the merge and the admins' decisions first, else by the one address that was seen with it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::addresses::Addresses;
use super::owners::Owners;
use super::wanted::{Wanted, person_id};
use model::organisation::Uid;
use model::time::Timestamp;
use store::person::PersonRecord;
use store::{Store, StoreError};
use telemetry::activity::dimensions::Label;
use telemetry::claude::source::SourceId;
use telemetry::sighting::{Fact, Seen, Sighting};

mod attribution;
mod entries;
mod settle;

pub use attribution::Attribution;

/// A person, or a source that nobody knows the person of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Stable: made of the e-mail address, or of the source that stands alone, or the id that a merge gave.
    pub id: Arc<str>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The name, which Git knows.
    pub name: Option<String>,
    /// All addresses, the person's own first, then those in telemetry, then those in Git.
    pub emails: Vec<String>,
    /// Where the sightings of this person's sources stand among all.
    places: Vec<u32>,
    /// Whom telemetry names otherwise than by an e-mail address.
    pub label: Option<String>,
    /// The ids of the people that this one would be without any merge.
    pub united: Vec<Arc<str>>,
    uses_claude_code: bool,
}

/// Everybody in an organisation's telemetry.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    people: BTreeMap<Arc<str>, Person>,
    attribution: Attribution,
    addresses: Addresses,
    /// Whose the addresses are that only a merge or an admin gave.
    given: HashMap<String, BTreeSet<Arc<str>>>,
    automation: Arc<HashSet<Arc<str>>>,
    nobody: Arc<HashSet<Arc<str>>>,
}

impl Directory {
    /// Reads everything that says who is who. Nothing of activity is read.
    pub async fn read(store: &Store, uid: &Uid) -> Result<Self, StoreError> {
        let (sightings, owners) = tokio::try_join!(store.sightings(uid), Owners::read(store, uid))?;
        Ok(Self::new(sightings, owners))
    }

    /// The ids of those who are no people, but runs of automation.
    #[must_use]
    pub fn automation(&self) -> &Arc<HashSet<Arc<str>>> {
        &self.automation
    }

    /// The ids of those who are not counted as people: runs of automation, and placeholders.
    #[must_use]
    pub fn nobody(&self) -> &Arc<HashSet<Arc<str>>> {
        &self.nobody
    }

    fn owner_of(&self, id: &Arc<str>) -> Arc<str> {
        self.attribution.owner_of(id)
    }

    /// The id of the person of a row. See [`Attribution::whose`].
    #[must_use]
    pub fn whose(&self, source: SourceId, identity: &Label) -> Option<Arc<str>> {
        self.attribution.whose(source, identity)
    }

    /// Says whose rows are.
    #[must_use]
    pub fn attribution(&self) -> &Attribution {
        &self.attribution
    }

    /// When anything last arrived from anybody.
    #[must_use]
    pub fn last_activity(&self) -> Option<Timestamp> {
        self.sightings().filter_map(|(_, sighting)| sighting.seen).map(|seen| seen.last).max()
    }

    /// Everybody, in order of id.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// The person with this id or e-mail address, or who once had it: ids of whoever was merged lead to the person. See [`Wanted`].
    #[must_use]
    pub fn find(&self, id_or_email: &str) -> Option<&Person> {
        let wanted = Wanted::new(id_or_email);
        self.with_id(&wanted).or_else(|| self.with_email(&wanted))
    }

    /// The person with this id, or who once had it.
    #[must_use]
    pub fn with_id(&self, wanted: &Wanted<'_>) -> Option<&Person> {
        let source = || Some(&self.attribution.whose[self.attribution.place(SourceId::parse(wanted.id())?)?]);
        let own = self.people.get(wanted.id()).or_else(|| self.former(wanted.id()));
        own.or_else(|| self.people.get(source()?))
    }

    /// The person with this e-mail address, unless only a merge or an admin gave it, and to several.
    #[must_use]
    pub fn with_email(&self, wanted: &Wanted<'_>) -> Option<&Person> {
        let given = || self.given.get(wanted.email()).filter(|found| found.len() == 1)?.first();
        self.former(&wanted.person_id()).or_else(|| self.people.get(given()?))
    }

    fn former(&self, id: &str) -> Option<&Person> {
        self.people.get(self.attribution.owners.owner(id))
    }

    /// What the merge made of a person; none for somebody whom it left alone.
    #[must_use]
    pub fn record(&self, person: &Person) -> Option<&PersonRecord> {
        self.attribution.owners.person(&person.id)
    }

    /// Whose identities are by the merge.
    #[must_use]
    pub fn owners(&self) -> &Owners {
        &self.attribution.owners
    }

    /// The sighting of a source.
    #[must_use]
    pub fn sighting(&self, source: SourceId) -> Option<&Sighting> {
        self.attribution.sighting(source)
    }

    /// All sightings.
    pub fn sightings(&self) -> impl Iterator<Item = (SourceId, &Sighting)> {
        self.attribution.sightings.iter().map(|(source, sighting)| (*source, sighting))
    }

    /// The sightings of a person's sources.
    pub fn sightings_of<'a>(&'a self, person: &'a Person) -> impl Iterator<Item = &'a Sighting> {
        person.places.iter().map(|place| &self.attribution.sightings[*place as usize].1)
    }

    /// A person's sources.
    pub fn sources_of(&self, person: &Person) -> impl Iterator<Item = SourceId> {
        person.places.iter().map(|place| self.attribution.sightings[*place as usize].0)
    }

    /// The [services](telemetry::claude::service) that speak, and when each was seen, by arrival.
    #[must_use]
    pub fn services(&self) -> BTreeMap<&str, Seen> {
        let mut services: BTreeMap<&str, Seen> = BTreeMap::new();
        for (service, seen) in self.sightings().flat_map(|(_, sighting)| sighting.values(Fact::Service)) {
            let known = services.entry(service).or_insert(seen);
            *known = Seen { first: known.first.min(seen.first), last: known.last.max(seen.last) };
        }
        services
    }

    /// When a person was seen, by arrival.
    #[must_use]
    pub fn seen(&self, person: &Person) -> Option<Seen> {
        let all = self.sightings_of(person).filter_map(|s| s.seen);
        all.reduce(|a, b| Seen { first: a.first.min(b.first), last: a.last.max(b.last) })
    }

    /// The e-mail addresses of each client with which those of more than one person were seen.
    pub fn shared_clients(&self) -> impl Iterator<Item = impl Iterator<Item = &Arc<str>>> {
        self.addresses.several(Fact::Client).filter(|emails| {
            let mut people = emails.clone().map(|email| self.owner_of(&person_id(email)));
            let first = people.next();
            people.any(|person| Some(person) != first)
        })
    }
}

impl Person {
    /// Whether this person uses Claude Code, and not other services alone.
    #[must_use]
    pub fn uses_claude_code(&self) -> bool {
        self.uses_claude_code
    }
}

#[cfg(test)]
mod tests;
