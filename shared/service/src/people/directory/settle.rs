//! Makes people of sightings. Each sighting is read once: there may be many.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::{Attribution, Directory, Person};
use crate::people::addresses::Addresses;
use crate::people::named::{Named, Names, placeholder};
use crate::people::owners::Owners;
use crate::people::wanted::person_id;
use model::order;
use model::time::DAY;
use telemetry::claude::source::{SourceId, SourceKind, normalised};
use telemetry::sighting::{Fact, Sighting};

impl Directory {
    /// Makes people of sightings.
    #[must_use]
    pub fn new(mut sightings: Vec<(SourceId, Sighting)>, owners: Owners) -> Self {
        order::sort_by_key(&mut sightings, |(source, _)| *source);
        let names: Vec<Names> = sightings.iter().map(|(_, sighting)| Names::of(sighting)).collect();
        let addresses = addresses(&sightings, &names);
        let attribution = Attribution { owners: Arc::new(owners), ..Attribution::default() };
        let mut directory = Self { addresses, attribution, ..Self::default() };
        let mut whose = Vec::with_capacity(sightings.len());
        for (place, ((source, sighting), names)) in sightings.iter().zip(names).enumerate() {
            // No directory has billions of sources.
            whose.push(directory.settle(place as u32, *source, sighting, &names));
        }
        directory.attribution.sightings = Arc::new(sightings);
        directory.attribution.whose = Arc::new(whose);
        directory.note_given();
        directory.note_users();
        directory.note_nobody();
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
            let mut named = self.sightings_of(person).flat_map(|sighting| Names::of(sighting).identities);
            named.any(|identity| person.united.contains(&identity.id()))
        };
        person.email.is_none()
            && self.record(person).is_none()
            && self.sightings_of(person).all(is_anonymous)
            && self.seen(person).is_some_and(|seen| seen.last.since(seen.first) < DAY)
            && !is_named()
    }

    /// Whether somebody is nobody: all that names them is a [placeholder].
    fn is_placeholder(&self, person: &Person) -> bool {
        let mut sightings = self.sightings_of(person).peekable();
        person.email.is_none()
            && sightings.peek().is_some()
            && sightings.all(|sighting| placeholder(sighting).is_some())
    }

    /// Enters the people of a sighting, and says whose it is.
    fn settle(&mut self, place: u32, source: SourceId, sighting: &Sighting, names: &Names) -> Arc<str> {
        let encoded: Arc<str> = source.encoded().into();
        let email = self.address(&encoded, sighting, names);
        // A source with which one person alone was named is that person's.
        let only = match &names.identities[..] {
            [only @ Named::Name(_)] if email.is_none() => Some(only),
            _ => None,
        };
        let alone = match (&email, only) {
            (Some(email), _) => person_id(email),
            (None, Some(only)) => only.id(),
            (None, None) => Arc::clone(&encoded),
        };
        let owners = &self.attribution.owners;
        let id = owners.find(&encoded).or_else(|| owners.find(&alone)).unwrap_or(&alone).clone();
        let label = match only {
            Some(Named::Name(name)) => Some(name.as_str()),
            _ => sighting.own_name().map(|name| &**name),
        };
        self.enter(Arc::clone(&id), alone, email.as_deref(), label.filter(|_| email.is_none()), place);
        // Identities that an organisation's own attribute names are people too, though their source is another's.
        for identity in &names.identities {
            let alone = identity.id();
            let (email, label) = match identity {
                Named::Address(email) => (Some(email.as_str()), None),
                Named::Name(name) => (None, Some(name.as_str())),
            };
            self.enter(self.owner_of(&alone), alone, email, label, place);
        }
        id
    }

    /// Notes that the source of a sighting is the person's, who without any merge would be `alone`.
    fn enter(&mut self, id: Arc<str>, alone: Arc<str>, email: Option<&str>, label: Option<&str>, place: u32) {
        let owners = Arc::clone(&self.attribution.owners);
        let record = owners.person(&id);
        let person = self.people.entry(Arc::clone(&id)).or_insert_with(|| {
            let known = record.and_then(|record| record.email.clone());
            Person {
                id,
                emails: known.iter().cloned().collect(),
                email: known,
                name: record.and_then(|record| record.name.clone()),
                places: Vec::new(),
                label: None,
                united: Vec::new(),
                uses_claude_code: false,
            }
        });
        if let Some(email) = email {
            if !person.emails.iter().any(|known| known.eq_ignore_ascii_case(email)) {
                push(&mut person.emails, email.to_owned());
            }
            person.email.get_or_insert_with(|| email.to_owned());
        }
        if person.label.is_none() && person.email.is_none() {
            person.label = label.map(str::to_owned);
        }
        if !person.united.contains(&alone) {
            push(&mut person.united, alone);
        }
        // Sources are settled one after another: somebody may have tens of thousands.
        if person.places.last() != Some(&place) {
            push(&mut person.places, place);
        }
    }

    /// Adds the addresses that Git knows, and notes by which ones people are found.
    fn note_given(&mut self) {
        for record in self.attribution.owners.people() {
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

    /// Notes who is not counted as a person.
    pub(super) fn note_nobody(&mut self) {
        let automation = self.people().filter(|person| self.is_automation(person));
        self.automation = Arc::new(automation.map(|person| Arc::clone(&person.id)).collect());
        let placeholders = self.people().filter(|person| self.is_placeholder(person));
        let nobody = placeholders.map(|person| Arc::clone(&person.id)).chain(self.automation.iter().cloned());
        self.nobody = Arc::new(nobody.collect::<HashSet<_>>());
    }

    /// Notes who uses Claude Code, and not other services alone.
    pub(super) fn note_users(&mut self) {
        let uses: Vec<bool> =
            self.attribution.sightings.iter().map(|(_, sighting)| sighting.is_of_claude_code()).collect();
        for person in self.people.values_mut() {
            person.uses_claude_code = person.places.iter().any(|place| uses[*place as usize]);
        }
    }

    /// The e-mail address that a source belongs to, if all that were seen with it are one person's.
    fn address(&self, source: &str, sighting: &Sighting, names: &Names) -> Option<Arc<str>> {
        if names.identities.iter().any(|identity| matches!(identity, Named::Name(_))) {
            return None;
        }
        let mut seen: BTreeSet<Arc<str>> = names.emails().collect();
        if seen.is_empty() {
            let fact = match sighting.kind.as_deref() {
                Some("account") => Fact::Account,
                Some("client") => Fact::Client,
                _ => return None,
            };
            seen = self.addresses.with(fact, sighting.own_name()?).cloned().collect();
            if seen.iter().any(|email| self.attribution.owners.are_apart(source, &person_id(email))) {
                return None;
            }
        }
        if seen.len() > 1 {
            let mut people = seen.iter().map(|email| self.owner_of(&person_id(email)));
            let first = people.next();
            if people.any(|person| Some(person) != first) {
                return None;
            }
        }
        seen.pop_first()
    }
}

/// Adds to a list that mostly stays as long as it is. There may be many of them, so none leaves room for more than it has.
fn push<T>(list: &mut Vec<T>, one: T) {
    if list.len() < 2 {
        list.reserve_exact(1);
    }
    list.push(one);
}

fn addresses(sightings: &[(SourceId, Sighting)], names: &[Names]) -> Addresses {
    let mut seen = Vec::new();
    for ((_, sighting), names) in sightings.iter().zip(names) {
        for email in names.emails() {
            for fact in [Fact::Client, Fact::Account] {
                seen.extend(sighting.facts.of(fact).map(|(value, _)| (fact, Arc::clone(value), Arc::clone(&email))));
            }
        }
    }
    seen.into_iter().collect()
}
