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
//! | what was done on these days (report) | `<uid>#DAY#<month>#<shard>` | `<dd>#<source>`, and `<dd>` once closed |
//! | who was seen, how, and what was erased (users, health, merge, projection) | `<uid>#SEEN#<shard>` | `<source>` |
//! | how much came within an hour with which token (projection, health) | `<uid>#HOURS` | `<hour>#<generation>` |
//! | which packs cannot be read (health) | `<uid>#DAMAGED` | key of the pack |
//! | in which time zone are days closed, and since when (schedule) | `<uid>#CLOSING` | `CLOSING` |
//! | how far is the rebuild, and what was removed (schedule, projection) | `<uid>#REBUILD` | `REBUILD` |
//! | what is the state of people, which Git users are current (people, merge) | `<uid>#PEOPLE` | `STATE` |
//! | who was merged (users, reports, merge) | `<uid>#PEOPLE#<shard>` | `<person>` |
//! | what did admins decide (merge) | `<uid>#DECISIONS` | `<time>-<digest>` |
//! | what was merged, newest first (admin) | `<uid>#MERGES` | `<time>-<digest>` |
//! | which merges are suggested (admin, merge) | `<uid>#SUGGESTIONS` | `<user>` |
//! | has this run finished (admin) | `<uid>#RUNS` | `<time>-<digest>` |
//! | who commits (merge, users) | `<uid>#GIT` | `<set>#<chunk>` |
//! | what has arrived of a multi-part upload (upload) | `<uid>#IMPORT#<digest>`, …`#<part>` | `<part>`, `<piece>` |
//! | which parts of uploads are kept (erasure) | `<uid>#IMPORTS` | `<digest>#<part>` |
//! | who is being erased (erasure, schedule) | `<uid>#ERASING` | `<person>` |
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

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use model::bucket::Bucket;
use model::organisation::{OrgName, Uid};
use model::time::{DAY, Timestamp};
use model::token::TokenHash;
use otlp::Signal;
use telemetry::claude::source::SourceId;

mod activity;
mod people;

pub use activity::*;
pub use people::*;

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
/// The number of copies of a token's item.
pub const TOKEN_COPIES: u8 = 8;

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

/// The partition of a source's bucket.
#[must_use]
pub fn pack_partition(uid: &Uid, source: SourceId, bucket: Bucket) -> String {
    format!("{uid}#{}#{:08}", source.encoded(), bucket.0)
}

/// The key of a pack: source, bucket, signal, and the first claimed time and digest of its records.
#[must_use]
pub fn pack(uid: &Uid, signal: Signal, source: SourceId, bucket: Bucket, first: i64, digest: &[u8; 16]) -> Key {
    Key {
        pk: pack_partition(uid, source, bucket),
        sk: format!("{}#{first:014}#{}", signal_letter(signal), URL_SAFE_NO_PAD.encode(digest)),
    }
}

/// What a pack's key says without reading the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackKey {
    /// The source of the records.
    pub source: SourceId,
    /// The claimed bucket.
    pub bucket: Bucket,
    /// The signal.
    pub signal: Signal,
}

/// Parses the key of a pack of `uid`; `None` for a pack of another organisation and for any other key.
#[must_use]
pub fn read_pack(uid: &Uid, key: &Key) -> Option<PackKey> {
    let (owner, rest) = key.pk.split_once('#')?;
    let (source, bucket) = rest.split_once('#')?;
    let signal = match key.sk.split_once('#')?.0 {
        "l" => Signal::Logs,
        "m" => Signal::Metrics,
        "t" => Signal::Traces,
        _ => return None,
    };
    let found = PackKey { source: SourceId::parse(source)?, bucket: Bucket(bucket.parse().ok()?), signal };
    (owner == uid.as_str()).then_some(found)
}

/// The organisation, source and bucket in the partition key of any pack.
#[must_use]
pub fn read_pack_partition(pk: &str) -> Option<(Uid, SourceId, Bucket)> {
    let mut fields = pk.split('#');
    let found = (Uid::parse(fields.next()?)?, SourceId::parse(fields.next()?)?, Bucket(fields.next()?.parse().ok()?));
    fields.next().is_none().then_some(found)
}

fn signal_letter(signal: Signal) -> char {
    match signal {
        Signal::Logs => 'l',
        Signal::Metrics => 'm',
        Signal::Traces => 't',
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

/// The key of one of a token's copies; `copy` counts from 0 to [`TOKEN_COPIES`].
#[must_use]
pub fn token(hash: &TokenHash, copy: u8) -> Key {
    Key { pk: format!("TOKEN#{}#{}", hash.encoded(), copy % TOKEN_COPIES), sk: "TOKEN".into() }
}

/// The partition of an organisation's register of tokens.
#[must_use]
pub fn issued_partition(uid: &Uid) -> String {
    format!("{uid}#TOKENS")
}

/// The key of a token in its organisation's register.
#[must_use]
pub fn issued(uid: &Uid, generation: u32) -> Key {
    Key { pk: issued_partition(uid), sk: format!("{generation:010}") }
}

/// The partition of the uses of an organisation's replaced tokens. Its prefix follows that of tokens: all that ingest
/// may read of the Activity table begins with `TOKEN#`, and all that it may change with `TOKEN#USE#`, so it can never
/// reactivate a revoked token.
#[must_use]
pub fn use_partition(uid: &Uid) -> String {
    format!("TOKEN#USE#{uid}")
}

/// The key of one user's uses of a replaced token.
#[must_use]
pub fn token_use(uid: &Uid, generation: u32, user: SourceId) -> Key {
    Key { pk: use_partition(uid), sk: format!("{generation:010}#{}", user.encoded()) }
}

/// The key that counts the uses by all users of a token beyond the number that is distinguished, and holds the number
/// of distinguished ones.
#[must_use]
pub fn other_uses(uid: &Uid, generation: u32) -> Key {
    Key { pk: use_partition(uid), sk: format!("{generation:010}#") }
}

/// The partition of an organisation's rejected records. Ingest may write to it: see [`use_partition`].
#[must_use]
pub fn rejection_partition(uid: &Uid) -> String {
    format!("TOKEN#USE#{uid}#REJECTED")
}

/// The key of what was rejected for the reason with this name and came with a token.
#[must_use]
pub fn rejection(uid: &Uid, generation: u32, reason: &str) -> Key {
    Key { pk: rejection_partition(uid), sk: format!("{generation:010}#{reason}") }
}

/// The partition of exports that were refused and are no organisation's. Ingest may write to it: see [`use_partition`]. No uid is as
/// short as its end.
pub const REFUSALS: &str = "TOKEN#USE#REFUSED";

/// How the sort keys of a UTC day's refusals begin.
#[must_use]
pub fn refusals_of_day(at: Timestamp) -> String {
    format!("{:08}", at.count(DAY))
}

/// The key of a UTC day's refusals for the reason with this name.
#[must_use]
pub fn refusals(at: Timestamp, reason: &'static str) -> Key {
    Key { pk: REFUSALS.into(), sk: format!("{}#{reason}", refusals_of_day(at)) }
}

/// The key of the response to a rotation request with this `Idempotency-Key`.
#[must_use]
pub fn rotation(uid: &Uid, idempotency_key: &TokenHash) -> Key {
    Key { pk: format!("{uid}#ROTATIONS"), sk: idempotency_key.encoded() }
}

/// The key of the number of the day's tokens that are used up. No digest is as short as its sort key.
#[must_use]
pub fn token_quota(uid: &Uid) -> Key {
    Key { pk: format!("{uid}#ROTATIONS"), sk: "TAKEN".into() }
}

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
    use model::token::{PlainToken, TokenKind};
    use telemetry::claude::source::SourceKind;

    fn uid(text: &str) -> Uid {
        Uid::parse(text).unwrap()
    }

    #[test]
    fn the_keys_of_packs_never_change() {
        let source = SourceId::new(SourceKind::Email, "dana@example.com");
        let (bucket, first) = (Bucket::of(Timestamp(1_795_328_009_164)), 1_795_328_009_164);
        let key = pack(&uid("AbCdEfGhIjKl"), Signal::Logs, source, bucket, first, &[7; 16]);
        assert_eq!(key.pk, "AbCdEfGhIjKl#ip9BQre17h18nEqSOtppWQ#01994808");
        assert_eq!(key.sk, "l#01795328009164#BwcHBwcHBwcHBwcHBwcHBw");
        let read = read_pack(&uid("AbCdEfGhIjKl"), &key).unwrap();
        assert_eq!((read.source, read.bucket, read.signal), (source, bucket, Signal::Logs));
        assert_eq!(read_pack(&uid("aaaaaaaaaaaa"), &key), None, "another organisation's key");
    }

    #[test]
    fn a_key_is_neither_empty_nor_longer_than_dynamodb_takes() {
        let key = |pk: usize, sk: usize| Key { pk: "p".repeat(pk), sk: "s".repeat(sk) }.is_possible();
        assert!(key(1, 1) && key(2_048, 1_024));
        assert!(!key(0, 1) && !key(1, 0) && !key(2_049, 1) && !key(1, 1_025));
    }

    #[test]
    fn the_copies_of_a_token_stand_in_partitions_of_their_own() {
        let hash = PlainToken::from_random(TokenKind::Ingest, [3; 32]).hash();
        let partitions: std::collections::BTreeSet<_> = (0..TOKEN_COPIES).map(|c| token(&hash, c).pk).collect();
        assert_eq!(partitions.len(), usize::from(TOKEN_COPIES));
        assert!(partitions.iter().all(|p| p.starts_with("TOKEN#") && !p.contains("cct_")));
    }
}
