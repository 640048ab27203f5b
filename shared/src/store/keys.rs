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
//! | was this request to rotate answered before (rotation) | Activity | `<uid>#ROTATIONS` | `<digest of the Idempotency-Key>` |
//! | whose admin key is this (admin gate) | Activity | `ADMIN#<digest>` | `ADMIN` |
//! | which admin keys has an organisation (admin) | Activity | `<uid>#KEYS` | `<key id>` |
//! | which purges are not finished (scheduled work) | Activity | `PURGES` | `<uid>` |
//! | what did sources do in these quarter hours (report, days) | Activity | `<uid>#SUM#<yyyy-mm-dd>#<shard>` | `<bucket>#<source>#<claimed bucket>#<part>` |
//! | what did sources do on these days (report) | Activity | `<uid>#DAY#<yyyy-mm>#<shard>` | `<dd>#<source>`, `<dd>` once the day is closed |
//! | who was seen, how and when, and what was erased of them (users, health, merge, projection) | Activity | `<uid>#SEEN#<shard>` | `<source>` |
//! | which packs cannot be read (health) | Activity | `<uid>#DAMAGED` | key of the pack |
//! | since when are days closed in which time zone (scheduled work) | Activity | `<uid>#CLOSING` | `CLOSING` |
//! | how far is the rebuild (scheduled work, projection) | Activity | `<uid>#REBUILD` | `REBUILD` |
//! | how far are people, and which Git users are in force (people, merge) | Activity | `<uid>#PEOPLE` | `STATE` |
//! | who was put together (users, reports, merge) | Activity | `<uid>#PEOPLE#<shard>` | `<person>` |
//! | what did admins decide (merge) | Activity | `<uid>#DECISIONS` | `<time>-<digest>` |
//! | what was merged, newest first (admin) | Activity | `<uid>#MERGES` | `<time>-<digest>` |
//! | who may be whom (admin, merge) | Activity | `<uid>#SUGGESTIONS` | `<user>` |
//! | did this run end (admin) | Activity | `<uid>#RUNS` | `<time>-<digest>` |
//! | who commits (merge, users) | Activity | `<uid>#GIT` | `<set>#<chunk>` |
//! | what has arrived of an upload in parts (upload) | Activity | `<uid>#IMPORT#<digest>`, …`#<part>` | `<part>`, `<piece>` |
//! | what is left of a purged organisation (scheduled work, by a scan) | both | `<uid>#`… | |
//!
//! Dates are of UTC for quarter hours and of the organisation's time zone for days. Shards are a hash of the source, so that
//! many people of one organisation never heat one partition; they are read in parallel.
//!
//! A token's item stands in [`TOKEN_COPIES`] partitions, so that the 3,000 reads a second of one partition are no ceiling
//! for one organisation's exports.
//!
//! The format of the Events keys cannot change after the first stored byte: it is what makes exports count once.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use jiff::civil::Date;

use crate::claude::source::SourceId;
use crate::organisation::{OrgName, Uid};
use crate::otlp::Signal;
use crate::pack::group::Bucket;
use crate::token::TokenHash;

mod people;

pub use people::*;

/// Name of the partition key of both tables.
pub const PK: &str = "pk";
/// Name of the sort key of both tables.
pub const SK: &str = "sk";
/// Name of the attribute that DynamoDB's time to live reads, in seconds since the epoch.
pub const TTL: &str = "ttl";
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

/// The key of the answer to a request to rotate that had this `Idempotency-Key`.
#[must_use]
pub fn rotation(uid: &Uid, idempotency_key: &TokenHash) -> Key {
    Key { pk: format!("{uid}#ROTATIONS"), sk: idempotency_key.encoded() }
}

/// The key of an admin key.
#[must_use]
pub fn admin_key(hash: &TokenHash) -> Key {
    Key { pk: format!("ADMIN#{}", hash.encoded()), sk: "ADMIN".into() }
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

/// How many partitions sources of one organisation and time are spread over: ten thousand people at work write some 125 units a
/// second to each, an eighth of what a partition takes, and a report of a month is not more queries than it has to be.
pub const SHARDS: u8 = 8;

/// The shard of a source.
#[must_use]
pub fn shard(source: SourceId) -> u8 {
    source.bytes()[0] % SHARDS
}

/// Where a summary stands: what was claimed of one quarter hour, shown in another if clocks were wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryPlace {
    /// Whose organisation.
    pub uid: Uid,
    /// Whose.
    pub source: SourceId,
    /// The quarter hour that clients claimed, by which packs are filed.
    pub claimed: Bucket,
    /// The quarter hour that it shows in.
    pub shown: Bucket,
}

/// The partition of the summaries that show on a UTC day.
#[must_use]
pub fn summary_partition(uid: &Uid, date: Date, shard: u8) -> String {
    format!("{uid}#SUM#{date}#{shard:02}")
}

/// The key of a part of a summary.
#[must_use]
pub fn summary(place: &SummaryPlace, part: usize) -> Key {
    let SummaryPlace { uid, source, claimed, shown } = place;
    Key {
        pk: summary_partition(uid, utc_date(*shown), shard(*source)),
        sk: format!("{:08}#{}#{:08}#{part:02}", shown.0, source.encoded(), claimed.0),
    }
}

/// The sort keys between which the summaries of these quarter hours stand, the last included.
#[must_use]
pub fn summaries_between(first: Bucket, last: Bucket) -> (String, String) {
    (format!("{:08}#", first.0), format!("{:08}#~", last.0))
}

/// What the sort key of a summary tells: shown quarter hour, source, claimed quarter hour and part.
#[must_use]
pub fn read_summary(sk: &str) -> Option<(Bucket, SourceId, Bucket, usize)> {
    let mut fields = sk.split('#');
    let mut next = || fields.next();
    let shown = Bucket(next()?.parse().ok()?);
    let source = SourceId::parse(next()?)?;
    let claimed = Bucket(next()?.parse().ok()?);
    Some((shown, source, claimed, next()?.parse().ok()?))
}

/// The UTC day of a quarter hour; absurd ones fall on the ends of the calendar.
#[must_use]
pub fn utc_date(bucket: Bucket) -> Date {
    let instant = jiff::Timestamp::from_millisecond(bucket.start().0).unwrap_or(jiff::Timestamp::MAX);
    instant.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The partition of the days of a month.
#[must_use]
pub fn day_partition(uid: &Uid, date: Date, shard: u8) -> String {
    format!("{uid}#DAY#{:04}-{:02}#{shard:02}", date.year(), date.month())
}

/// The key of a source's day.
#[must_use]
pub fn day(uid: &Uid, date: Date, source: SourceId) -> Key {
    Key { pk: day_partition(uid, date, shard(source)), sk: format!("{:02}#{}", date.day(), source.encoded()) }
}

/// The key of the mark that all days of this date and shard were closed.
#[must_use]
pub fn closed_day(uid: &Uid, date: Date, shard: u8) -> Key {
    Key { pk: day_partition(uid, date, shard), sk: format!("{:02}", date.day()) }
}

/// The partition of a shard's sightings.
#[must_use]
pub fn sighting_partition(uid: &Uid, shard: u8) -> String {
    format!("{uid}#SEEN#{shard:02}")
}

/// The key of a source's sighting.
#[must_use]
pub fn sighting(uid: &Uid, source: SourceId) -> Key {
    Key { pk: sighting_partition(uid, shard(source)), sk: source.encoded() }
}

/// The partition of packs that cannot be read.
#[must_use]
pub fn damaged_partition(uid: &Uid) -> String {
    format!("{uid}#DAMAGED")
}

/// The key of the note that a pack cannot be read.
#[must_use]
pub fn damaged(uid: &Uid, pack: &Key) -> Key {
    Key { pk: damaged_partition(uid), sk: format!("{}#{}", pack.pk, pack.sk) }
}

/// The key of since when days are closed in which time zone.
#[must_use]
pub fn closing(uid: &Uid) -> Key {
    Key { pk: format!("{uid}#CLOSING"), sk: "CLOSING".into() }
}

/// The key of the state of a rebuild.
#[must_use]
pub fn rebuild(uid: &Uid) -> Key {
    Key { pk: format!("{uid}#REBUILD"), sk: "REBUILD".into() }
}

/// The organisation and place that the key of any pack tells.
#[must_use]
pub fn read_pack_partition(pk: &str) -> Option<(Uid, SourceId, Bucket)> {
    let mut fields = pk.split('#');
    let found = (Uid::parse(fields.next()?)?, SourceId::parse(fields.next()?)?, Bucket(fields.next()?.parse().ok()?));
    fields.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::source::SourceKind;
    use crate::token::{PlainToken, TokenKind};

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
    fn the_copies_of_a_token_stand_in_partitions_of_their_own() {
        let hash = PlainToken::from_random(TokenKind::Ingest, [3; 32]).hash();
        let partitions: std::collections::BTreeSet<_> = (0..TOKEN_COPIES).map(|c| token(&hash, c).pk).collect();
        assert_eq!(partitions.len(), usize::from(TOKEN_COPIES));
        assert!(partitions.iter().all(|p| p.starts_with("TOKEN#") && !p.contains("cct_")));
    }
}
