//! Who is behind each source: by the merge and the admins' decisions first, else by the one address that was seen with it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::addresses::Addresses;
use super::named::{Named, identities, named, own_address, placeholder};
use super::owners::Owners;
use super::wanted::{Wanted, person_id};
use model::organisation::Uid;
use model::time::{DAY, Millis};
use store::person::PersonRecord;
use store::{Store, StoreError};
use telemetry::activity::dimensions::Label;
use telemetry::claude::source::{SourceId, SourceKind, normalised};
use telemetry::sighting::{Fact, Seen, Sighting};

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
    /// The sources that are this person's.
    pub sources: Vec<SourceId>,
    /// Whom telemetry names otherwise than by an e-mail address.
    pub label: Option<String>,
    /// The ids of the people that this one would be without any merge.
    pub united: Vec<Arc<str>>,
}

/// Everybody in an organisation's telemetry.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    people: BTreeMap<Arc<str>, Person>,
    whose: HashMap<SourceId, Arc<str>>,
    /// In order of source.
    sightings: Vec<(SourceId, Sighting)>,
    addresses: Addresses,
    /// Whose the addresses are that only a merge or an admin gave.
    given: HashMap<String, BTreeSet<Arc<str>>>,
    owners: Owners,
    automation: Arc<HashSet<Arc<str>>>,
    nobody: Arc<HashSet<Arc<str>>>,
}

impl Directory {
    /// Reads everything that says who is who. Nothing of activity is read.
    pub async fn read(store: &Store, uid: &Uid) -> Result<Self, StoreError> {
        let (sightings, owners) = tokio::try_join!(store.sightings(uid), Owners::read(store, uid))?;
        Ok(Self::new(sightings, owners))
    }

    /// Makes people of sightings.
    #[must_use]
    pub fn new(mut sightings: Vec<(SourceId, Sighting)>, owners: Owners) -> Self {
        sightings.sort_unstable_by_key(|(source, _)| *source);
        let mut directory = Self { addresses: addresses(&sightings), owners, ..Self::default() };
        for (source, sighting) in &sightings {
            directory.settle(*source, sighting);
        }
        directory.people.values_mut().for_each(Person::shrink);
        directory.sightings = sightings;
        directory.note_given();
        let automation = directory.people().filter(|person| directory.is_automation(person));
        directory.automation = Arc::new(automation.map(|person| Arc::clone(&person.id)).collect());
        let placeholders = directory.people().filter(|person| directory.is_placeholder(person));
        let nobody = placeholders.map(|person| Arc::clone(&person.id)).chain(directory.automation.iter().cloned());
        directory.nobody = Arc::new(nobody.collect());
        directory
    }

    /// Whether somebody is no person, but a run of automation: it says so, or nobody knows who it is and it was there for less than a
    /// day. Somebody who is about to begin is one until the next day.
    fn is_automation(&self, person: &Person) -> bool {
        let mut sightings = self.sightings_of(person).peekable();
        if sightings.peek().is_some() && sightings.all(Sighting::is_automated) {
            return true;
        }
        let is_anonymous = |sighting: &Sighting| {
            let kind = sighting.kind.as_deref().and_then(SourceKind::parse);
            let is_known = matches!(kind, Some(SourceKind::Email | SourceKind::EndUser | SourceKind::Account));
            !is_known && sighting.values(Fact::Account).next().is_none()
        };
        // Whom an organisation's own attribute names by a number is known, too.
        let is_named = || {
            let mut named = self.sightings_of(person).flat_map(identities);
            named.any(|identity| person.united.contains(&identity.id()))
        };
        person.email.is_none()
            && self.record(person).is_none()
            && self.sightings_of(person).all(is_anonymous)
            && self.seen(person).is_some_and(|seen| seen.last - seen.first < DAY)
            && !is_named()
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

    fn settle(&mut self, source: SourceId, sighting: &Sighting) {
        let encoded: Arc<str> = source.encoded().into();
        let identities = identities(sighting);
        let email = self.address(&encoded, sighting, &identities);
        // A source with which one person alone was named is that person's.
        let only = match &identities[..] {
            [only @ Named::Name(_)] if email.is_none() => Some(only),
            _ => None,
        };
        let alone = match (&email, only) {
            (Some(email), _) => person_id(email),
            (None, Some(only)) => only.id(),
            (None, None) => Arc::clone(&encoded),
        };
        let id = self.owners.find(&encoded).or_else(|| self.owners.find(&alone)).unwrap_or(&alone).clone();
        self.whose.insert(source, Arc::clone(&id));
        let label = match only {
            Some(Named::Name(name)) => Some(name.as_str()),
            _ => sighting.own_name().map(|name| &**name),
        };
        self.enter(id, alone, email.as_deref(), label.filter(|_| email.is_none()), source);
        // Identities that an organisation's own attribute names are people too, though their source is another's.
        for identity in &identities {
            let alone = identity.id();
            let (email, label) = match identity {
                Named::Address(email) => (Some(email.as_str()), None),
                Named::Name(name) => (None, Some(name.as_str())),
            };
            self.enter(self.owner_of(&alone), alone, email, label, source);
        }
    }

    /// Notes that a source is the person's, who without any merge would be `alone`.
    fn enter(&mut self, id: Arc<str>, alone: Arc<str>, email: Option<&str>, label: Option<&str>, source: SourceId) {
        let record = self.owners.person(&id);
        let person = self.people.entry(Arc::clone(&id)).or_insert_with(|| {
            let known = record.and_then(|record| record.email.clone());
            Person {
                id,
                emails: known.iter().cloned().collect(),
                email: known,
                name: record.and_then(|record| record.name.clone()),
                sources: Vec::new(),
                label: None,
                united: Vec::new(),
            }
        });
        if let Some(email) = email {
            if !person.emails.iter().any(|known| known.eq_ignore_ascii_case(email)) {
                person.emails.push(email.to_owned());
            }
            person.email.get_or_insert_with(|| email.to_owned());
        }
        if person.label.is_none() && person.email.is_none() {
            person.label = label.map(str::to_owned);
        }
        if !person.united.contains(&alone) {
            person.united.push(alone);
        }
        // Sources are settled one after another: somebody may have tens of thousands.
        if person.sources.last() != Some(&source) {
            person.sources.push(source);
        }
    }

    /// Adds the addresses that Git knows, and notes by which ones people are found.
    fn note_given(&mut self) {
        for record in self.owners.people() {
            let Some(person) = self.people.get_mut(record.id.as_str()) else { continue };
            for git in &record.git {
                if !person.emails.iter().any(|known| known.eq_ignore_ascii_case(&git.email)) {
                    person.emails.push(git.email.clone());
                }
            }
            for email in &person.emails {
                let found = self.given.entry(normalised(SourceKind::Email, email)).or_default();
                found.insert(Arc::clone(&person.id));
            }
        }
    }

    fn owner_of(&self, id: &Arc<str>) -> Arc<str> {
        self.owners.find(id).unwrap_or(id).clone()
    }

    /// The e-mail address that a source belongs to, if all that were seen with it are one person's.
    fn address(&self, source: &str, sighting: &Sighting, identities: &[Named]) -> Option<Arc<str>> {
        if identities.iter().any(|identity| matches!(identity, Named::Name(_))) {
            return None;
        }
        let mut seen: BTreeSet<Arc<str>> = emails(sighting).into_iter().collect();
        if seen.is_empty() {
            let fact = match sighting.kind.as_deref() {
                Some("account") => Fact::Account,
                Some("client") => Fact::Client,
                _ => return None,
            };
            seen = self.addresses.with(fact, sighting.own_name()?).cloned().collect();
            if seen.iter().any(|email| self.owners.are_apart(source, &person_id(email))) {
                return None;
            }
        }
        let mut people = seen.iter().map(|email| self.owner_of(&person_id(email)));
        let first = people.next()?;
        if people.all(|person| person == first) { seen.pop_first() } else { None }
    }

    /// The id of the person of a row: whom its own identity names, else whose the source is.
    #[must_use]
    pub fn whose(&self, source: SourceId, identity: &Label) -> Option<Arc<str>> {
        let is_addressed = || self.sighting(source).is_some_and(|sighting| own_address(sighting).is_some());
        match identity.as_deref().and_then(named).filter(|_| !is_addressed()) {
            Some(identity) => Some(self.owner_of(&identity.id())),
            // A sighting is put together with the first summary, so a source without one was erased meanwhile.
            None => self.whose.get(&source).cloned(),
        }
    }

    /// When anything last arrived from anybody.
    #[must_use]
    pub fn last_activity(&self) -> Option<Millis> {
        self.sightings().filter_map(|(_, sighting)| sighting.seen).map(|seen| Millis(seen.last)).max()
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
        let source = || self.whose.get(&SourceId::parse(wanted.id())?);
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
        self.people.get(self.owners.owner(id))
    }

    /// What the merge made of a person; none for somebody whom it left alone.
    #[must_use]
    pub fn record(&self, person: &Person) -> Option<&PersonRecord> {
        self.owners.person(&person.id)
    }

    /// Whose identities are by the merge.
    #[must_use]
    pub fn owners(&self) -> &Owners {
        &self.owners
    }

    /// The sighting of a source.
    #[must_use]
    pub fn sighting(&self, source: SourceId) -> Option<&Sighting> {
        let at = self.sightings.binary_search_by_key(&source, |(source, _)| *source).ok()?;
        Some(&self.sightings[at].1)
    }

    /// All sightings.
    pub fn sightings(&self) -> impl Iterator<Item = (SourceId, &Sighting)> {
        self.sightings.iter().map(|(source, sighting)| (*source, sighting))
    }

    /// The sightings of a person's sources.
    pub fn sightings_of<'a>(&'a self, person: &'a Person) -> impl Iterator<Item = &'a Sighting> {
        person.sources.iter().filter_map(|source| self.sighting(*source))
    }

    /// Whether a person uses Claude Code, and not only other services.
    #[must_use]
    pub fn uses_claude_code(&self, person: &Person) -> bool {
        self.sightings_of(person).any(Sighting::is_of_claude_code)
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

    /// Whether somebody is nobody: all that names them is a [placeholder].
    #[must_use]
    pub fn is_placeholder(&self, person: &Person) -> bool {
        let mut sightings = self.sightings_of(person).peekable();
        person.email.is_none()
            && sightings.peek().is_some()
            && sightings.all(|sighting| placeholder(sighting).is_some())
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
    /// Leaves no room for more: there may be many people.
    fn shrink(&mut self) {
        self.emails.shrink_to_fit();
        self.sources.shrink_to_fit();
        self.united.shrink_to_fit();
    }
}

fn addresses(sightings: &[(SourceId, Sighting)]) -> Addresses {
    let of = |(_, sighting): &'_ (SourceId, Sighting)| {
        let mut seen = Vec::new();
        for email in emails(sighting) {
            for fact in [Fact::Client, Fact::Account] {
                seen.extend(sighting.facts.of(fact).map(|(value, _)| (fact, Arc::clone(value), Arc::clone(&email))));
            }
        }
        seen
    };
    sightings.iter().flat_map(of).collect()
}

/// The addresses that a source itself says are its own.
fn emails(sighting: &Sighting) -> Vec<Arc<str>> {
    let address = |identity: Named| match identity {
        Named::Address(address) => Some(Arc::from(address)),
        Named::Name(_) => None,
    };
    own_address(sighting)
        .map_or_else(|| identities(sighting).into_iter().filter_map(address).collect(), |own| vec![Arc::from(own)])
}

#[cfg(test)]
mod tests;
