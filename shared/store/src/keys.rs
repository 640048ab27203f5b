//! Every key of the two tables, and the questions that they answer. Keys are built nowhere else.
//!
//! Keys contain the organisation's `uid` (created with the organisation, so that a purged name can be reused at once)
//! and sources as 128-bit digests: fixed width, no `#` from outside, no e-mail address.
//!
//! Keys of the Events table:
//!
//! | question | partition key | sort key |
//! | --- | --- | --- |
//! | is this export stored already (ingest) | `<uid>#<source>#<bucket>` | `<signal>#<first time>#<digest>` |
//! | what did this source send in this bucket (projection, report) | the same | all of it |
//!
//! Keys of the Activity table:
//!
//! | question | partition key | sort key |
//! | --- | --- | --- |
//! | what is this organisation (everything) | `ORG#<org>` | `ORG` |
//! | which organisations are there (admin with the root key) | `ORGS` | `<org>` |
//! | is this token valid, and whose is it (ingest) | `TOKEN#<digest>#<copy>` | `TOKEN` |
//! | which tokens were issued, newest first (rotation, tokens, purge) | `<uid>#TOKENS` | `<generation>` |
//! | who still uses a replaced token (tokens; written by ingest) | `TOKEN#USE#<uid>` | `<generation>#<user>` |
//! | which numbers were impossible (health; written by ingest) | `TOKEN#USE#<uid>#REJECTED` | `<generation>#<reason>` |
//! | how many exports came without a token that is known (health; written by ingest) | `TOKEN#USE#REFUSED` | `<day>#<reason>` |
//! | was this rotation request answered before (rotation) | `<uid>#ROTATIONS` | `<digest of the Idempotency-Key>` |
//! | how many of the day's tokens are used up (rotation) | `<uid>#ROTATIONS` | `TAKEN` |
//! | whose admin key is this (authentication) | `ADMIN#<digest>` | `ADMIN` |
//! | is this sign-in code valid (console) | `SIGNIN#<digest>` | `SIGNIN` |
//! | was this session ended (console) | `SESSION#<nonce>` | `SESSION` |
//! | how many wrong keys came from this peer (console) | `PEER#<address or network>` | `<window>` |
//! | which admin keys does an organisation have (admin) | `<uid>#KEYS` | `<key id>` |
//! | which purges are unfinished (schedule) | `PURGES` | `<uid>` |
//! | how far is a purge (schedule) | `<uid>#PURGE` | `PASS` |
//! | what was done in these buckets (report, days) | `<uid>#SUM#<date>#<shard>` | `<shown>#<source>#<claimed>#<part>` |
//! | the same, of many sources and buckets at once, and what changed since (report) | `<uid>#STRETCH#<date>#<shard>` | `<last>!<part>`, `<shown>#<source>` |
//! | how far is that (schedule, erasure) | the same, `<uid>#STRETCH` | `HEAD`, `STRETCH` |
//! | what was done on these days (report) | `<uid>#DAY#<month>#<shard>` | `<dd>#<source>`, `<dd>!<block>`, and `<dd>` once closed |
//! | in which sessions was it done (report) | the same | `!<dd>!<block>`, and `<dd>#<source>` |
//! | who was seen, how, and what was erased (users, health, merge, projection) | `<uid>#SEEN#<shard>` | `<source>` |
//! | how much came within an hour with which token (projection, health) | `<uid>#HOURS` | `<hour>#<generation>` |
//! | which packs cannot be read (health) | `<uid>#DAMAGED` | key of the pack |
//! | in which time zone are days closed, and since when (schedule) | `<uid>#CLOSING` | `CLOSING` |
//! | how far is the rebuild, and what was removed (schedule, projection) | `<uid>#REBUILD` | `REBUILD` |
//! | what is the state of people, which Git users are current (people, merge) | `<uid>#PEOPLE` | `STATE` |
//! | who is listed, in order of id (users) | `<uid>#ROSTER#<part>` | `<person>` |
//! | the same by number (console) | `<uid>#ROSTER#<part>#ORDER` | `<list>#<run>`, `counts` |
//! | is the list of people current (users, schedule, projection) | `<uid>#ROSTER#STATE` | `KEPT`, `MOVES#<number>` |
//! | who was merged (users, reports, merge) | `<uid>#PEOPLE#<shard>` | `<person>` |
//! | what did admins decide (merge) | `<uid>#DECISIONS` | `<time>-<digest>` |
//! | what was merged, newest first (admin) | `<uid>#MERGES` | `<time>-<digest>` |
//! | which merges are suggested (admin, merge) | `<uid>#SUGGESTIONS` | `<user>` |
//! | has this run finished (admin) | `<uid>#RUNS` | `<time>-<digest>` |
//! | who commits (merge, users) | `<uid>#GIT` | `<set>#<chunk>` |
//! | what has arrived of a multi-part upload (upload) | `<uid>#IMPORT#<digest>`, …`#<part>` | `<part>`, `<piece>` |
//! | which parts of uploads are kept (erasure) | `<uid>#IMPORTS` | `<digest>#<part>` |
//! | who is being erased, and how far is that (erasure, schedule) | `<uid>#ERASING` | `<person>` |
//! | how far is the pass that looks for stray packs of who is erased (erasure, schedule) | `<uid>#STRAYS` | `PASS` |
//! | what that came with a token is being removed (removal) | `<uid>#REMOVALS` | `<time>-<token and beginning>` |
//!
//! What is left of a purged organisation is found by going through both tables for `<uid>#`, page by page.
//!
//! Dates are in UTC for buckets and in the organisation's time zone for days. The shard is a hash of the source, so
//! that an organisation with many people does not overload one partition; shards are read in parallel.
//!
//! A token's item is stored in [`TOKEN_COPIES`] partitions, so that the 3,000 reads per second of one partition do not
//! limit an organisation's exports.
//!
//! The format of the Events keys can never change once anything is stored: it is what makes exports count once. For the
//! same reason the digest of a source cannot be keyed with a secret of the organisation: a repeated export would not be
//! recognised, and everything stored would have to be rewritten. So anyone who has both the tables and an address can
//! tell whether that address occurs in them. The exposure is limited by time instead: a source's packs are removed
//! after the retention period or when it is erased, the fact of the erasure is kept for 36 days (see
//! `store::sighting`), and a purge removes every key of the organisation.

use model::organisation::{OrgName, Uid};
use model::token::TokenHash;

mod activity;
mod packs;
mod people;
mod tokens;

pub use activity::*;
pub use packs::*;
pub use people::*;
pub use tokens::*;

/// Name of the partition key of both tables.
pub const PK: &str = "pk";
/// Name of the sort key of both tables.
pub const SK: &str = "sk";
/// Name of the attribute for DynamoDB's time to live, in seconds since the epoch.
pub const TTL: &str = "ttl";
/// The longest partition key that DynamoDB accepts, in bytes; keys are never empty.
const LONGEST_PK: usize = 2_048;
/// The longest sort key that DynamoDB accepts, in bytes.
pub const LONGEST_SK: usize = 1_024;

/// The key of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    /// Whether an item can have this key. A name supplied from outside may result in a key that no item can have;
    /// DynamoDB refuses a request with such a key instead of finding nothing.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        (1..=LONGEST_PK).contains(&self.pk.len()) && (1..=LONGEST_SK).contains(&self.sk.len())
    }
}

/// The key of an organisation.
#[must_use]
pub fn organisation(org: &OrgName) -> Key {
    Key { pk: format!("ORG#{org}"), sk: "ORG".into() }
}

/// The key of an organisation's entry in the list of all.
#[must_use]
pub fn organisation_in_list(org: &OrgName) -> Key {
    Key { pk: ORGANISATIONS.into(), sk: org.to_string() }
}

/// The partition of the list of organisations.
pub const ORGANISATIONS: &str = "ORGS";

/// The key of an admin key.
#[must_use]
pub fn admin_key(hash: &TokenHash) -> Key {
    Key { pk: format!("ADMIN#{}", hash.encoded()), sk: "ADMIN".into() }
}

/// The key of a one-time sign-in code.
#[must_use]
pub fn sign_in_code(code: &TokenHash) -> Key {
    Key { pk: format!("SIGNIN#{}", code.encoded()), sk: "SIGNIN".into() }
}

/// The key of an ended session. Its nonce is not a secret: without a signature it does not make a session.
#[must_use]
pub fn ended_session(nonce: &str) -> Key {
    Key { pk: format!("SESSION#{nonce}"), sk: "SESSION".into() }
}

/// The key of a peer's wrong keys in the window with this number.
#[must_use]
pub fn attempts(peer: &str, window: i64) -> Key {
    Key { pk: format!("PEER#{peer}"), sk: format!("{window:010}") }
}

/// The partition of the list of an organisation's admin keys.
#[must_use]
pub fn admin_key_partition(uid: &Uid) -> String {
    format!("{uid}#KEYS")
}

/// The key of an admin key's entry in its organisation's list.
#[must_use]
pub fn admin_key_in_list(uid: &Uid, id: &str) -> Key {
    Key { pk: admin_key_partition(uid), sk: id.into() }
}

/// The partition of the unfinished purges.
pub const PURGES: &str = "PURGES";

/// The key of an unfinished purge.
#[must_use]
pub fn purge(uid: &Uid) -> Key {
    Key { pk: PURGES.into(), sk: uid.to_string() }
}

/// The key of how far a purge is. It begins as everything that the purge removes, so that who may remove may note it too.
#[must_use]
pub fn purge_pass(uid: &Uid) -> Key {
    Key { pk: format!("{uid}#PURGE"), sk: "PASS".into() }
}

/// The prefix of the partition keys of everything that belongs to one organisation.
#[must_use]
pub fn everything_of(uid: &Uid) -> String {
    format!("{uid}#")
}

/// A key that no item has, for opening a connection. It looks like the key of a token, because ingest may read no other
/// keys.
#[must_use]
pub fn nothing() -> Key {
    Key { pk: "TOKEN#".into(), sk: "TOKEN".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_neither_empty_nor_longer_than_dynamodb_takes() {
        let key = |pk: usize, sk: usize| Key { pk: "p".repeat(pk), sk: "s".repeat(sk) }.is_possible();
        assert!(key(1, 1) && key(2_048, 1_024));
        assert!(!key(0, 1) && !key(1, 0) && !key(2_049, 1) && !key(1, 1_025));
    }
}
