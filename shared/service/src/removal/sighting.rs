//! What was sent is taken out of what else is known of a source.
//!
//! What is left is what was seen at other times, and what the packs tell that stay. As long as these have not all been read, what they
//! tell is kept beside the sighting, which says until then that the source has something to be removed.

use std::collections::BTreeSet;

use super::bucket::ATTEMPTS;
use crate::merging::forget::forget;
use model::organisation::Uid;
use store::places::Place;
use store::removal::{Haul, RemovalRecord};
use store::sighting::{Retold, SightingChange, StoredSighting};
use store::{Store, StoreError, keys};
use telemetry::claude::source::SourceId;
use telemetry::sighting::Sighting;

/// The identities that people, decisions, suggestions and the history of merges name.
#[derive(Debug)]
pub(super) struct Known(BTreeSet<String>);

impl Known {
    pub(super) async fn read(store: &Store, uid: &Uid) -> Result<Self, StoreError> {
        let (people, decisions, suggestions, merges) = tokio::try_join!(
            store.people(uid),
            store.decisions(uid),
            store.suggestions(uid, None, usize::MAX),
            store.merges(uid, None, usize::MAX)
        )?;
        let mut named: BTreeSet<String> = suggestions.into_iter().map(|suggestion| suggestion.user).collect();
        named.extend(people.iter().flat_map(|person| person.identities().map(str::to_owned)));
        named
            .extend(decisions.iter().flat_map(|record| record.decision.verdict.named().into_iter().map(str::to_owned)));
        named.extend(merges.iter().flat_map(|record| record.identities().cloned()));
        Ok(Self(named))
    }
}

/// What was read of a source's packs.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) source: SourceId,
    /// Up to where they had been read before; `None` if that had not begun.
    pub(super) from: Option<Place>,
    /// Up to where they have been read now.
    pub(super) until: Place,
    /// What those tell that stay.
    pub(super) sighting: Sighting,
}

/// What became of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// What its packs tell is kept, or took the place of its sighting.
    Noted,
    /// Nothing is left of it.
    Gone,
    /// Another run works on it, and has come to this place.
    Behind(Place),
}

/// How the packs of a source are named that a round of a removal leaves.
pub(super) fn name(removal: &RemovalRecord) -> String {
    format!("{}#{}", removal.id, removal.rounds)
}

impl Told {
    /// Keeps it, or has it take the place of the sighting if it is all of it.
    pub(super) async fn take_over(
        self,
        store: &Store,
        uid: &Uid,
        (name, haul): (&str, Haul),
        identities: &Known,
    ) -> Result<Outcome, StoreError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let known = store.sighting(uid, self.source).await?;
            if known.revision == 0 {
                return Ok(Outcome::Noted);
            }
            let before = known.retold.get(name);
            if before.map(|before| &before.until) != self.from.as_ref() {
                // What it has come to the end of is done.
                return Ok(before.map_or(Outcome::Noted, |before| Outcome::Behind(before.until.clone())));
            }
            match self.replace(store, uid, (name, haul), identities, &known).await {
                Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
                outcome => return outcome,
            }
        }
    }

    async fn replace(
        &self,
        store: &Store,
        uid: &Uid,
        (name, haul): (&str, Haul),
        identities: &Known,
        known: &StoredSighting,
    ) -> Result<Outcome, StoreError> {
        let mut after = known.clone();
        after.revision += 1;
        let mut told = after.retold.remove(name).map(|before| before.sighting).unwrap_or_default();
        told.merge(self.sighting.clone());
        if self.until.shard == keys::shard(self.source) {
            after.retold.insert(name.to_owned(), Retold { until: self.until.clone(), sighting: told });
        } else {
            after.sighting = known.sighting.outside(haul.from, haul.to);
            after.sighting.merge(told);
        }
        if after.sighting == known.sighting && after.retold == known.retold {
            return Ok(Outcome::Noted);
        }
        let is_gone = after.sighting.seen.is_none();
        let id = self.source.encoded();
        if is_gone && identities.0.contains(&id) {
            forget(store, uid, &BTreeSet::from([id])).await?;
        }
        if is_gone && known.erasure.times == 0 {
            store.delete_sighting(uid, self.source, known).await?;
        } else {
            store.replace_sighting(uid, self.source, SightingChange { known, after: &after }).await?;
        }
        Ok(if is_gone { Outcome::Gone } else { Outcome::Noted })
    }
}
