//! Who is behind each source.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::sighting::{Fact, Seen, Sighting};
use crate::activity::dimensions::Label;
use crate::claude::source::{SourceId, SourceKind, normalised};

/// A person, or a source that nobody knows the person of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Stable: made of the e-mail address, or of the source that stands alone.
    pub id: Arc<str>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The sources that are this person's.
    pub sources: Vec<SourceId>,
    /// Whom telemetry names otherwise than by an e-mail address.
    pub label: Option<String>,
}

/// Everybody in an organisation's telemetry.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    people: BTreeMap<Arc<str>, Person>,
    whose: HashMap<SourceId, Arc<str>>,
    sightings: BTreeMap<SourceId, Sighting>,
    /// The e-mail addresses seen with each client and account, by kind and value.
    addresses: HashMap<(Fact, String), BTreeSet<String>>,
}

impl Directory {
    /// Makes people of sightings.
    #[must_use]
    pub fn new(sightings: Vec<(SourceId, Sighting)>) -> Self {
        let mut directory = Self { sightings: sightings.into_iter().collect(), ..Self::default() };
        for sighting in directory.sightings.values() {
            for email in emails(sighting) {
                for fact in [Fact::Client, Fact::Account] {
                    for (value, _) in sighting.values(fact) {
                        let seen = directory.addresses.entry((fact, value.to_owned())).or_default();
                        seen.insert(email.clone());
                    }
                }
            }
        }
        for (source, sighting) in std::mem::take(&mut directory.sightings) {
            directory.settle(source, &sighting);
            directory.sightings.insert(source, sighting);
        }
        directory
    }

    fn settle(&mut self, source: SourceId, sighting: &Sighting) {
        let email = self.address(sighting);
        let id = email.as_deref().map_or_else(|| source.encoded().into(), person_id);
        self.whose.insert(source, Arc::clone(&id));
        let label = sighting.own_name().map(str::to_owned);
        let person = self.people.entry(Arc::clone(&id)).or_insert_with(|| Person {
            id,
            label: if email.is_some() { None } else { label },
            email,
            sources: Vec::new(),
        });
        person.sources.push(source);
        // Identities that an organisation's own attribute names are people too, though their source is another's.
        for email in identities(sighting) {
            let id = person_id(&email);
            let person = Person { id: Arc::clone(&id), email: Some(email), sources: Vec::new(), label: None };
            let person = self.people.entry(id).or_insert(person);
            if !person.sources.contains(&source) {
                person.sources.push(source);
            }
        }
    }

    /// The one e-mail address that a source belongs to, if there is exactly one.
    fn address(&self, sighting: &Sighting) -> Option<String> {
        let mut seen: BTreeSet<String> = emails(sighting).into_iter().collect();
        if seen.is_empty() {
            let fact = match sighting.kind.as_deref() {
                Some("account") => Fact::Account,
                Some("client") => Fact::Client,
                _ => return None,
            };
            let name = sighting.own_name()?.to_owned();
            seen = self.addresses.get(&(fact, name)).cloned().unwrap_or_default();
        }
        if seen.len() == 1 { seen.pop_first() } else { None }
    }

    /// The id of the person of a row: whom its own identity names, else whose the source is.
    #[must_use]
    pub fn whose(&self, source: SourceId, identity: &Label) -> Option<Arc<str>> {
        let is_email = self.sightings.get(&source).and_then(|s| s.kind.as_deref()) == Some(SourceKind::Email.name());
        match identity.as_deref().filter(|identity| !is_email && identity.contains('@')) {
            Some(email) => Some(person_id(&normalised(SourceKind::Email, email))),
            // A sighting is put together with the first summary, so a source without one was erased meanwhile.
            None => self.whose.get(&source).cloned(),
        }
    }

    /// Everybody, in order of id.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// The person with this id or e-mail address.
    #[must_use]
    pub fn find(&self, id_or_email: &str) -> Option<&Person> {
        self.people
            .get(id_or_email)
            .or_else(|| self.people.get(&person_id(&normalised(SourceKind::Email, id_or_email))))
    }

    /// The sighting of a source.
    #[must_use]
    pub fn sighting(&self, source: SourceId) -> Option<&Sighting> {
        self.sightings.get(&source)
    }

    /// All sightings.
    pub fn sightings(&self) -> impl Iterator<Item = (SourceId, &Sighting)> {
        self.sightings.iter().map(|(source, sighting)| (*source, sighting))
    }

    /// The sightings of a person's sources.
    pub fn sightings_of<'a>(&'a self, person: &'a Person) -> impl Iterator<Item = &'a Sighting> {
        person.sources.iter().filter_map(|source| self.sightings.get(source))
    }

    /// When a person was seen, by arrival.
    #[must_use]
    pub fn seen(&self, person: &Person) -> Option<Seen> {
        let all = self.sightings_of(person).filter_map(|s| s.seen);
        all.reduce(|a, b| Seen { first: a.first.min(b.first), last: a.last.max(b.last) })
    }

    /// Clients with which more than one e-mail address was seen.
    pub fn shared_clients(&self) -> impl Iterator<Item = &BTreeSet<String>> {
        self.addresses.iter().filter(|((fact, _), seen)| *fact == Fact::Client && seen.len() > 1).map(|(_, seen)| seen)
    }
}

/// The id of the person with an e-mail address.
#[must_use]
pub fn person_id(email: &str) -> Arc<str> {
    SourceId::new(SourceKind::Email, email).encoded().into()
}

/// The addresses that a source itself says are its own.
fn emails(sighting: &Sighting) -> Vec<String> {
    if sighting.kind.as_deref() == Some(SourceKind::Email.name()) {
        sighting.own_name().map(str::to_owned).into_iter().collect()
    } else {
        identities(sighting)
    }
}

fn identities(sighting: &Sighting) -> Vec<String> {
    if sighting.kind.as_deref() == Some(SourceKind::Email.name()) {
        return Vec::new();
    }
    let named = sighting.values(Fact::Identity).filter(|(value, _)| value.contains('@'));
    named.map(|(value, _)| normalised(SourceKind::Email, value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(kind: SourceKind, name: &str, facts: &[(Fact, &str)]) -> (SourceId, Sighting) {
        let mut sighting = Sighting { kind: Some(kind.name().into()), ..Sighting::default() };
        for (fact, value) in std::iter::once(&(Fact::Name, name)).chain(facts) {
            sighting.facts.entry(*fact).or_default().insert((*value).into(), Seen { first: 1, last: 1 });
        }
        (SourceId::new(kind, name), sighting)
    }

    fn owner(sightings: &[(SourceId, Sighting)], source: SourceId) -> Option<String> {
        let directory = Directory::new(sightings.to_vec());
        let id = directory.whose(source, &None).unwrap();
        directory.find(&id).unwrap().email.clone()
    }

    #[test]
    fn past_activity_of_a_client_counts_for_the_only_address_ever_seen_with_it() {
        let anonymous = source(SourceKind::Client, "c", &[(Fact::Client, "c")]);
        let dana = source(SourceKind::Email, "dana@example.com", &[(Fact::Client, "c")]);
        assert_eq!(owner(&[anonymous.clone(), dana.clone()], anonymous.0).as_deref(), Some("dana@example.com"));
        assert_eq!(owner(std::slice::from_ref(&anonymous), anonymous.0), None);
        let eve = source(SourceKind::Email, "eve@example.com", &[(Fact::Client, "c")]);
        assert_eq!(owner(&[anonymous.clone(), dana.clone(), eve.clone()], anonymous.0), None, "two addresses");
        let directory = Directory::new(vec![anonymous, dana, eve]);
        assert_eq!(directory.people().count(), 3);
        assert_eq!(directory.shared_clients().count(), 1);
    }

    #[test]
    fn an_account_goes_by_its_own_address_whatever_machine_it_was_on() {
        let account = source(SourceKind::Account, "a", &[(Fact::Account, "a"), (Fact::Client, "shared")]);
        let dana = source(SourceKind::Email, "dana@example.com", &[(Fact::Account, "a"), (Fact::Client, "shared")]);
        let eve = source(SourceKind::Email, "eve@example.com", &[(Fact::Client, "shared")]);
        assert_eq!(owner(&[account.clone(), dana, eve], account.0).as_deref(), Some("dana@example.com"));
    }

    #[test]
    fn an_organisations_own_attribute_names_the_person_of_each_row() {
        let machine = source(
            SourceKind::Client,
            "ci",
            &[(Fact::Identity, "Dana@Example.com"), (Fact::Identity, "eve@example.com")],
        );
        let directory = Directory::new(vec![machine.clone()]);
        let dana = directory.whose(machine.0, &Some("Dana@example.com".into())).unwrap();
        assert_eq!(directory.find(&dana).unwrap().email.as_deref(), Some("dana@example.com"));
        assert_eq!(directory.find("EVE@example.com").unwrap().email.as_deref(), Some("eve@example.com"));
    }
}
