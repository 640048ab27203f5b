//! People as entries of the roster, and a directory of those of a few entries.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Attribution, Directory, Person};
use crate::people::owners::Owners;
use model::order;
use store::StoreError;
use store::person::PersonRecord;
use store::roster::Entry;
use telemetry::claude::source::SourceId;
use telemetry::sighting::Sighting;

impl Directory {
    /// What the roster says of a person.
    #[must_use]
    pub fn entry(&self, person: &Person) -> Entry {
        Entry {
            id: person.id.to_string(),
            email: person.email.clone(),
            name: person.name.clone(),
            emails: person.emails.clone(),
            label: person.label.clone(),
            united: person.united.iter().map(|id| id.to_string()).collect(),
            sources: self.sources_of(person).map(|source| source.encoded()).collect(),
            // What is stored of it has no revision either.
            record: self.record(person).map(|record| PersonRecord { revision: 0, ..record.clone() }),
        }
    }

    /// The people of these entries, with the sightings of their sources. It can look nobody else up, and not tell whose the rows of a
    /// source are that several people have in common.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](store::StoreErrorKind::Unreadable) if an entry names a source without a sighting.
    pub fn of_entries(entries: Vec<Entry>, mut sightings: Vec<(SourceId, Sighting)>) -> Result<Self, StoreError> {
        order::sort_by_key(&mut sightings, |(source, _)| *source);
        let places: HashMap<String, u32> =
            (0..).zip(&sightings).map(|(place, (source, _))| (source.encoded(), place)).collect();
        let mut people = BTreeMap::new();
        let mut records = Vec::new();
        for entry in entries {
            let id: Arc<str> = entry.id.into();
            let place = |source: &String| places.get(source).copied().ok_or(StoreError::unreadable("roster"));
            let person = Person {
                id: Arc::clone(&id),
                email: entry.email,
                name: entry.name,
                emails: entry.emails,
                places: entry.sources.iter().map(place).collect::<Result<_, _>>()?,
                label: entry.label,
                united: entry.united.into_iter().map(Arc::from).collect(),
                uses_claude_code: false,
            };
            records.extend(entry.record);
            people.insert(id, person);
        }
        let mut whose: Vec<Arc<str>> = vec![Arc::from(""); sightings.len()];
        for person in people.values() {
            for place in &person.places {
                whose[*place as usize] = Arc::clone(&person.id);
            }
        }
        let attribution = Attribution {
            sightings: Arc::new(sightings),
            whose: Arc::new(whose),
            owners: Arc::new(Owners::new(records)),
        };
        let mut directory = Self { people, attribution, ..Self::default() };
        directory.note_users();
        directory.note_nobody();
        Ok(directory)
    }
}
