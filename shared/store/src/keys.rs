//! Every key of the two tables, and above them the questions they answer. No key is built anywhere else.
//!
//! Keys carry the organisation's `uid` (made at each enabling, so that a purged name can be used again at once) and sources as
//! 128-bit digests: fixed width, no `#` from outside, no e-mail address.
//!
//! | question | table | partition key | sort key |
//! | --- | --- | --- | --- |
//! | is this export stored already (ingest, by condition) | Events | `<uid>#<source>#<bucket>` | `<signal>#<first time>#<digest>` |
//! | what did this source send in this quarter hour (projection, report) | Events | the same | all of it |
//! | what is this organisation (everybody) | Activity | `ORG#<org>` | `ORG` |
//! | which organisations are there (admin with the root key) | Activity | `ORGS` | `<org>` |
//! | is this token good, and whose is it (ingest) | Activity | `TOKEN#<digest>#<copy>` | `TOKEN` |
//! | which tokens were there, newest first (rotation, token answer, purge) | Activity | `<uid>#TOKENS` | `<generation>` |
//! | who still uses which replaced token (token answer; ingest counts) | Activity | `TOKEN#USE#<uid>` | `<generation>#<user>` |
//! | which numbers could not be (health; ingest counts) | Activity | `TOKEN#USE#<uid>#REJECTED` | `<generation>#<reason>` |
//! | was this request to rotate answered before (rotation) | Activity | `<uid>#ROTATIONS` | `<digest of the Idempotency-Key>` |
//! | how many of the day's tokens are taken (rotation) | Activity | `<uid>#ROTATIONS` | `TAKEN` |
//! | whose admin key is this (admin gate) | Activity | `ADMIN#<digest>` | `ADMIN` |
//! | is this sign-in code good (console) | Activity | `SIGNIN#<digest>` | `SIGNIN` |
//! | was this session ended (console) | Activity | `SESSION#<nonce>` | `SESSION` |
//! | how many wrong keys came from this peer (console) | Activity | `PEER#<address or network>` | `<window>` |
//! | which admin keys has an organisation (admin) | Activity | `<uid>#KEYS` | `<key id>` |
//! | which purges are not finished (scheduled work) | Activity | `PURGES` | `<uid>` |
//! | what did sources do in these quarter hours (report, days) | Activity | `<uid>#SUM#<yyyy-mm-dd>#<shard>` | `<bucket>#<source>#<claimed bucket>#<part>` |
//! | what did sources do on these days (report) | Activity | `<uid>#DAY#<yyyy-mm>#<shard>` | `<dd>#<source>`, `<dd>` once the day is closed |
//! | who was seen, how and when, and what was erased of them (users, health, merge, projection) | Activity | `<uid>#SEEN#<shard>` | `<source>` |
//! | how much came within an hour, with which token (projection, health) | Activity | `<uid>#HOURS` | `<hour>#<generation>` |
//! | which packs cannot be read (health) | Activity | `<uid>#DAMAGED` | key of the pack |
//! | since when are days closed in which time zone (scheduled work) | Activity | `<uid>#CLOSING` | `CLOSING` |
//! | how far is the rebuild, and what is left out because it was removed (scheduled work, projection) | Activity | `<uid>#REBUILD` | `REBUILD` |
//! | how far are people, and which Git users are in force (people, merge) | Activity | `<uid>#PEOPLE` | `STATE` |
//! | who was put together (users, reports, merge) | Activity | `<uid>#PEOPLE#<shard>` | `<person>` |
//! | what did admins decide (merge) | Activity | `<uid>#DECISIONS` | `<time>-<digest>` |
//! | what was merged, newest first (admin) | Activity | `<uid>#MERGES` | `<time>-<digest>` |
//! | who may be whom (admin, merge) | Activity | `<uid>#SUGGESTIONS` | `<user>` |
//! | did this run end (admin) | Activity | `<uid>#RUNS` | `<time>-<digest>` |
//! | who commits (merge, users) | Activity | `<uid>#GIT` | `<set>#<chunk>` |
//! | what has arrived of an upload in parts (upload) | Activity | `<uid>#IMPORT#<digest>`, …`#<part>` | `<part>`, `<piece>` |
//! | who is being forgotten (erasure, scheduled work) | Activity | `<uid>#ERASING` | `<person>` |
//! | what is being taken out that came with a token (removal, scheduled work) | Activity | `<uid>#REMOVALS` | `<time>-<token and beginning>` |
//! | what is left of a purged organisation (scheduled work, by a scan) | both | `<uid>#`… | |
//!
//! Dates are of UTC for quarter hours and of the organisation's time zone for days. Shards are a hash of the source, so that
//! many people of one organisation never heat one partition; they are read in parallel.
//!
//! A token's item stands in [`TOKEN_COPIES`] partitions, so that the 3,000 reads a second of one partition are no ceiling
//! for one organisation's exports.
//!
//! The format of the Events keys cannot change after the first stored byte: it is what makes exports count once. So the digest of a
//! source cannot be keyed with a secret of the organisation either: an export that comes again would not be known again, and what is
//! stored would have to be read and written anew. Whoever has both the tables and an address can therefore tell whether that address
//! is in them. What that is worth is bounded by time instead: a source's packs go with the retention or when it is erased, that it was
//! erased is remembered for 36 days (see `store::sighting`), and a purge removes every key of the organisation.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use model::bucket::Bucket;
use model::organisation::{OrgName, Uid};
use model::token::TokenHash;
use otlp::Signal;
use telemetry::claude::bounds::Impossible;
use telemetry::claude::source::SourceId;

mod activity;
mod people;

pub use activity::*;
pub use people::*;

/// Name of the partition key of both tables.
pub const PK: &str = "pk";
/// Name of the sort key of both tables.
pub const SK: &str = "sk";
/// Name of the attribute that DynamoDB's time to live reads, in seconds since the epoch.
pub const TTL: &str = "ttl";
/// The longest partition key that DynamoDB takes, in bytes; a key is never empty.
const LONGEST_PK: usize = 2_048;
/// The longest sort key that DynamoDB takes, in bytes.
pub const LONGEST_SK: usize = 1_024;
/// How many copies of a token's item there are.
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
    /// Whether an item can have this key. A name that somebody made up may make one that no item can have, and then nothing has it:
    /// DynamoDB does not say so, it refuses the request.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        (1..=LONGEST_PK).contains(&self.pk.len()) && (1..=LONGEST_SK).contains(&self.sk.len())
    }
}

/// The partition of a source's quarter hour.
#[must_use]
pub fn pack_partition(uid: &Uid, source: SourceId, bucket: Bucket) -> String {
    format!("{uid}#{}#{:08}", source.encoded(), bucket.0)
}

/// The key of a pack: whose, which quarter hour, and the first claimed time and digest of its records.
#[must_use]
pub fn pack(uid: &Uid, signal: Signal, source: SourceId, bucket: Bucket, first: i64, digest: &[u8; 16]) -> Key {
    Key {
        pk: pack_partition(uid, source, bucket),
        sk: format!("{}#{first:014}#{}", signal_letter(signal), URL_SAFE_NO_PAD.encode(digest)),
    }
}

/// What a pack's key tells without reading the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackKey {
    /// Whose records.
    pub source: SourceId,
    /// The quarter hour claimed.
    pub bucket: Bucket,
    /// Which signal.
    pub signal: Signal,
}

/// Reads the key of a pack of `uid`; `None` for another organisation's and for what is no key of a pack.
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

/// The organisation and place that the key of any pack tells.
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

/// The key of an organisation's place in the list of all.
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

/// The partition of an organisation's ledger of tokens.
#[must_use]
pub fn issued_partition(uid: &Uid) -> String {
    format!("{uid}#TOKENS")
}

/// The key of a token in its organisation's ledger.
#[must_use]
pub fn issued(uid: &Uid, generation: u32) -> Key {
    Key { pk: issued_partition(uid), sk: format!("{generation:010}") }
}

/// The partition of the uses of an organisation's replaced tokens. Beside the tokens, so that all ingest may read of the Activity
/// table begins with `TOKEN#`, and all it may change with `TOKEN#USE#`: it can never bring a revoked token back to life.
#[must_use]
pub fn use_partition(uid: &Uid) -> String {
    format!("TOKEN#USE#{uid}")
}

/// The key of one user's uses of a replaced token.
#[must_use]
pub fn token_use(uid: &Uid, generation: u32, user: SourceId) -> Key {
    Key { pk: use_partition(uid), sk: format!("{generation:010}#{}", user.encoded()) }
}

/// The key under which all those of a token's users are counted who came after there were too many to tell apart, and how
/// many are told apart.
#[must_use]
pub fn other_uses(uid: &Uid, generation: u32) -> Key {
    Key { pk: use_partition(uid), sk: format!("{generation:010}#") }
}

/// The partition of what was rejected of an organisation's records. Where ingest may change things, see [`use_partition`].
#[must_use]
pub fn rejection_partition(uid: &Uid) -> String {
    format!("TOKEN#USE#{uid}#REJECTED")
}

/// The key of what was rejected for `reason` that came with a token.
#[must_use]
pub fn rejection(uid: &Uid, generation: u32, reason: Impossible) -> Key {
    Key { pk: rejection_partition(uid), sk: format!("{generation:010}#{}", reason.name()) }
}

/// The key of the answer to a request to rotate that had this `Idempotency-Key`.
#[must_use]
pub fn rotation(uid: &Uid, idempotency_key: &TokenHash) -> Key {
    Key { pk: format!("{uid}#ROTATIONS"), sk: idempotency_key.encoded() }
}

/// The key of how many of the day's tokens are taken. No digest is as short as its sort key.
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

/// The key of a session that was ended. Its nonce is no secret: without a signature it is no session.
#[must_use]
pub fn ended_session(nonce: &str) -> Key {
    Key { pk: format!("SESSION#{nonce}"), sk: "SESSION".into() }
}

/// The key of what a peer got wrong in the window of this number.
#[must_use]
pub fn attempts(peer: &str, window: i64) -> Key {
    Key { pk: format!("PEER#{peer}"), sk: format!("{window:010}") }
}

/// The partition of the list of an organisation's admin keys.
#[must_use]
pub fn admin_key_partition(uid: &Uid) -> String {
    format!("{uid}#KEYS")
}

/// The key of an admin key's place in its organisation's list.
#[must_use]
pub fn admin_key_in_list(uid: &Uid, id: &str) -> Key {
    Key { pk: admin_key_partition(uid), sk: id.into() }
}

/// The partition of the purges that are not finished.
pub const PURGES: &str = "PURGES";

/// The key of an unfinished purge.
#[must_use]
pub fn purge(uid: &Uid) -> Key {
    Key { pk: PURGES.into(), sk: uid.to_string() }
}

/// What the partition keys of everything begin with that belongs to an organisation alone.
#[must_use]
pub fn everything_of(uid: &Uid) -> String {
    format!("{uid}#")
}

/// A key that no item has, for opening a connection. Ingest may read keys of tokens alone, so it looks like one.
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
        let (bucket, first) = (Bucket::of(1_795_328_009_164), 1_795_328_009_164);
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
