//! Whose the rows of a report are. It is a part of a directory that is cheap to clone, for whatever is added up beside another.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::people::named::{named, own_address};
use crate::people::owners::Owners;
use telemetry::activity::dimensions::Label;
use telemetry::claude::source::SourceId;
use telemetry::sighting::Sighting;

/// Says whose rows are.
#[derive(Debug, Clone, Default)]
pub struct Attribution {
    /// In order of source.
    pub(super) sightings: Arc<Vec<(SourceId, Sighting)>>,
    /// Whose each of them is.
    pub(super) whose: Arc<Vec<Arc<str>>>,
    pub(super) owners: Arc<Owners>,
}

impl Attribution {
    /// The id of the person of a row: whom its own identity names, else whose the source is.
    #[must_use]
    pub fn whose(&self, source: SourceId, identity: &Label) -> Option<Arc<str>> {
        let is_addressed = || self.sighting(source).is_some_and(|sighting| own_address(sighting).is_some());
        match identity.as_deref().and_then(named).filter(|_| !is_addressed()) {
            Some(identity) => Some(self.owner_of(&identity.id())),
            // A sighting is put together with the first summary, so a source without one was erased meanwhile.
            None => Some(Arc::clone(&self.whose[self.place(source)?])),
        }
    }

    /// The sources whose rows can be of one of these people: their own, and all that are not an address themselves, whose rows may name
    /// anybody.
    pub fn sources_of<'s>(&'s self, people: &'s BTreeSet<Arc<str>>) -> impl Iterator<Item = SourceId> + 's {
        let can_be_theirs = |((_, sighting), whose): &(&(SourceId, Sighting), &Arc<str>)| {
            people.contains(*whose) || own_address(sighting).is_none()
        };
        self.sightings.iter().zip(self.whose.iter()).filter(can_be_theirs).map(|((source, _), _)| *source)
    }

    pub(super) fn owner_of(&self, id: &Arc<str>) -> Arc<str> {
        self.owners.find(id).unwrap_or(id).clone()
    }

    pub(super) fn sighting(&self, source: SourceId) -> Option<&Sighting> {
        Some(&self.sightings[self.place(source)?].1)
    }

    pub(super) fn place(&self, source: SourceId) -> Option<usize> {
        self.sightings.binary_search_by_key(&source, |(source, _)| *source).ok()
    }
}
