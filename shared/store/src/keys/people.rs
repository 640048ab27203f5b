//! Keys of people: who they are, what admins decided about them, and what is known from Git.

use super::Key;
use crate::roster::Shelf;
use model::organisation::Uid;
use model::token::TokenHash;

/// The number of partitions over which the people of an organisation are spread.
pub const PERSON_SHARDS: u8 = 8;

/// The key of the state of an organisation's people.
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

/// The partition of a shelf of the roster, by id.
#[must_use]
pub fn roster_partition(uid: &Uid, shelf: Shelf) -> String {
    match shelf {
        Shelf::Entries(part) => format!("{uid}#ROSTER#{}", part.name()),
        Shelf::Order(part) => format!("{uid}#ROSTER#{}#ORDER", part.name()),
    }
}

/// The key of what lies on a shelf.
#[must_use]
pub fn roster_entry(uid: &Uid, shelf: Shelf, id: &str) -> Key {
    Key { pk: roster_partition(uid, shelf), sk: id.into() }
}

/// The number of items that count which sources move the roster on, so that many who are new at once are not in each other's way.
const ROSTER_COUNTS: u8 = 64;

/// The partition of what says whether the roster is current.
#[must_use]
pub fn roster_state_partition(uid: &Uid) -> String {
    format!("{uid}#ROSTER#STATE")
}

/// The key of the state that the roster was put together in.
#[must_use]
pub fn roster_state(uid: &Uid) -> Key {
    Key { pk: roster_state_partition(uid), sk: "KEPT".into() }
}

/// What the keys of counts begin with.
pub const ROSTER_COUNT: &str = "MOVES#";

/// The key of the count of what the merge, admins and imports change. It is none that sources are counted in: a merge is not to be in the
/// way of whoever is seen for the first time.
#[must_use]
pub fn roster_count_of_people(uid: &Uid) -> Key {
    Key { pk: roster_state_partition(uid), sk: format!("{ROSTER_COUNT}PEOPLE") }
}

/// The key of the count of what moves the roster on because of this source.
#[must_use]
pub fn roster_count(uid: &Uid, source: &str) -> Key {
    let number = TokenHash::of(source).encoded().bytes().fold(0_u8, u8::wrapping_add) % ROSTER_COUNTS;
    Key { pk: roster_state_partition(uid), sk: format!("{ROSTER_COUNT}{number:02}") }
}

/// The partition of decisions.
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

/// The key of the suggestion for a user.
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

/// The partition of a multi-part upload.
#[must_use]
pub fn import_partition(uid: &Uid, import: &str) -> String {
    format!("{uid}#IMPORT#{}", TokenHash::of(import).encoded())
}

/// The partition that names the parts which are kept of any upload.
#[must_use]
pub fn imports_partition(uid: &Uid) -> String {
    format!("{uid}#IMPORTS")
}

/// The key of the name of a part that is kept.
#[must_use]
pub fn kept_part(uid: &Uid, import: &str, part: usize) -> Key {
    Key { pk: imports_partition(uid), sk: format!("{}#{part:04}", TokenHash::of(import).encoded()) }
}

/// The key of a part, and the partition of its pieces, by the key of its name.
#[must_use]
pub fn part_of(uid: &Uid, kept: &Key) -> Option<(Key, String)> {
    let (import, part) = kept.sk.split_once('#')?;
    let pk = format!("{uid}#IMPORT#{import}");
    Some((Key { pk: pk.clone(), sk: part.to_owned() }, format!("{pk}#{part}")))
}

/// The key of a part of an upload.
#[must_use]
pub fn import_part(uid: &Uid, import: &str, part: usize) -> Key {
    Key { pk: import_partition(uid, import), sk: format!("{part:04}") }
}

/// The key of a piece of a part. Pieces have a partition of their own, so that listing the parts does not read them.
#[must_use]
pub fn import_piece(uid: &Uid, import: &str, part: usize, piece: usize) -> Key {
    Key { pk: format!("{}#{part:04}", import_partition(uid, import)), sk: format!("{piece:04}") }
}

/// The partition of the people being erased.
#[must_use]
pub fn pending_erasure_partition(uid: &Uid) -> String {
    format!("{uid}#ERASING")
}

/// The key of a person being erased.
#[must_use]
pub fn pending_erasure(uid: &Uid, person: &str) -> Key {
    Key { pk: pending_erasure_partition(uid), sk: person.into() }
}

/// The key of how far the pass is that looks for stray packs of people being erased.
#[must_use]
pub fn stray_pass(uid: &Uid) -> Key {
    Key { pk: format!("{uid}#STRAYS"), sk: "PASS".into() }
}
