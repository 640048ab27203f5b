//! `DELETE …/activity?token_generation=&from=&to=`: takes out what came with one token, so that numbers and people are as if it had never
//! come. A stolen token is rotated first; as long as it is good, what is removed can be sent again.
//!
//! `from` and `to` are times of arrival, for a thief chooses the times that records claim. What arrived with other tokens, or at other times,
//! stays. What expired as events has no token any more, and stays as it was added up.
//!
//! * A removal is written down, then told to every projection: whatever is projected from then on leaves out what is removed, also what
//!   comes late.
//! * `shard` goes through the summaries, by which the packs of whoever used the token are found, and `bucket` takes it out of one bucket
//!   after the other. How far that is is noted, and the next request or the schedule continues from there. `sighting` then takes it out
//!   of what else is known of a source.
//! * In the end people are merged anew. The schedule looks once more, for what was being projected when it was asked for.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::merging::forget::forget;
use crate::merging::run::{RunStatus, run};
use crate::projection::ProjectError;
use model::organisation::Organisation;
use model::time::{SignedDuration, Timestamp};
use store::places::Place;
use store::removal::RemovalRecord;
use store::{Store, keys};

pub mod ask;
pub mod view;

mod bucket;
mod shard;
mod sighting;

/// How often everybody is looked at.
const ROUNDS: i64 = 2;
/// After how long nothing is under way any more that did not know of a removal when it began.
const SETTLED: SignedDuration = SignedDuration::from_secs(60);

/// Goes on with a removal until `deadline`, and gives it as it then is.
///
/// # Errors
/// See [`ProjectError`]; the next time continues where this one ended.
pub async fn go_on(
    store: &Store,
    organisation: &Organisation,
    mut removal: RemovalRecord,
    now: Timestamp,
    deadline: Instant,
) -> Result<RemovalRecord, ProjectError> {
    let uid = &organisation.uid;
    store.leave_out(uid, removal.haul).await?;
    // What an earlier release noted is no place; then it begins anew.
    let first = Place::read(&removal.after).unwrap_or(Place::start(0));
    for shard in first.shard..keys::SHARDS {
        let from = if shard == first.shard { first.clone() } else { Place::start(shard) };
        if !shard::clear(store, organisation, &mut removal, from, now, deadline).await? {
            return Ok(removal);
        }
    }
    // Whoever is about to make people of what is gone begins anew, and whoever was made of it is nobody.
    forget(store, uid, &BTreeSet::new()).await?;
    if run(store, uid, now, deadline).await? == RunStatus::Unfinished {
        return Ok(removal);
    }
    (removal.after, removal.rounds) = (String::new(), removal.rounds + 1);
    removal.finished_at.get_or_insert(now);
    store.put_removal(uid, &removal).await?;
    Ok(removal)
}

/// Goes on with the removals of an organisation until `deadline`; says whether nothing is left to do.
///
/// # Errors
/// See [`ProjectError`]; the next time continues where this one ended.
pub async fn carry_on(
    store: &Store,
    organisation: &Organisation,
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, ProjectError> {
    let mut is_complete = true;
    for removal in store.removals(&organisation.uid).await? {
        let is_due = match removal.finished_at {
            None => true,
            Some(finished) => removal.rounds < ROUNDS && finished.plus(SETTLED) <= now,
        };
        if is_due {
            let rounds = removal.rounds;
            is_complete &= go_on(store, organisation, removal, now, deadline).await?.rounds > rounds;
        }
    }
    Ok(is_complete)
}
