//! Keys of people: who they are, what admins decided about them, and what Git knows.

use super::Key;
use model::organisation::Uid;
use model::token::TokenHash;

/// How many partitions the people of an organisation are spread over.
pub const PERSON_SHARDS: u8 = 8;

/// The key of how far an organisation's people are.
#[must_use]
pub fn people_state(uid: &Uid) -> Key {
    Key { pk: format!("{uid}#PEOPLE"), sk: "STATE".into() }
}

/// The partition of a shard's people.
#[must_use]
pub fn person_partition(uid: &Uid, shard: u8) -> String {
    format!("{uid}#PEOPLE#{shard:02}")
}

/// The key of a person.
#[must_use]
pub fn person(uid: &Uid, id: &str) -> Key {
    let shard = TokenHash::of(id).encoded().bytes().fold(0_u8, u8::wrapping_add) % PERSON_SHARDS;
    Key { pk: person_partition(uid, shard), sk: id.into() }
}

/// The partition of what admins decided.
#[must_use]
pub fn decision_partition(uid: &Uid) -> String {
    format!("{uid}#DECISIONS")
}

/// The key of a decision.
#[must_use]
pub fn decision(uid: &Uid, id: &str) -> Key {
    Key { pk: decision_partition(uid), sk: id.into() }
}

/// The partition of the history of merges.
#[must_use]
pub fn merge_partition(uid: &Uid) -> String {
    format!("{uid}#MERGES")
}

/// The key of a merge.
#[must_use]
pub fn merge(uid: &Uid, id: &str) -> Key {
    Key { pk: merge_partition(uid), sk: id.into() }
}

/// The partition of suggestions.
#[must_use]
pub fn suggestion_partition(uid: &Uid) -> String {
    format!("{uid}#SUGGESTIONS")
}

/// The key of the suggestion who a user may be.
#[must_use]
pub fn suggestion(uid: &Uid, user: &str) -> Key {
    Key { pk: suggestion_partition(uid), sk: user.into() }
}

/// The partition of the runs of the merge.
#[must_use]
pub fn merge_runs(uid: &Uid) -> String {
    format!("{uid}#RUNS")
}

/// The key of a run of the merge.
#[must_use]
pub fn merge_run(uid: &Uid, id: &str) -> Key {
    Key { pk: merge_runs(uid), sk: id.into() }
}

/// The partition of the Git side.
#[must_use]
pub fn git_partition(uid: &Uid) -> String {
    format!("{uid}#GIT")
}

/// The key of a chunk of a set of Git users.
#[must_use]
pub fn git_chunk(uid: &Uid, set: &str, chunk: usize) -> Key {
    Key { pk: git_partition(uid), sk: format!("{set}#{chunk:06}") }
}

/// The partition of an upload in parts.
#[must_use]
pub fn import_partition(uid: &Uid, import: &str) -> String {
    format!("{uid}#IMPORT#{}", TokenHash::of(import).encoded())
}

/// The key of a part of an upload.
#[must_use]
pub fn import_part(uid: &Uid, import: &str, part: usize) -> Key {
    Key { pk: import_partition(uid, import), sk: format!("{part:04}") }
}

/// The key of a piece of a part; pieces stand apart, so that a list of parts does not read them.
#[must_use]
pub fn import_piece(uid: &Uid, import: &str, part: usize, piece: usize) -> Key {
    Key { pk: format!("{}#{part:04}", import_partition(uid, import)), sk: format!("{piece:04}") }
}

/// The partition of who is being forgotten.
#[must_use]
pub fn pending_erasure_partition(uid: &Uid) -> String {
    format!("{uid}#ERASING")
}

/// The key of somebody who is being forgotten.
#[must_use]
pub fn pending_erasure(uid: &Uid, person: &str) -> Key {
    Key { pk: pending_erasure_partition(uid), sk: person.into() }
}
