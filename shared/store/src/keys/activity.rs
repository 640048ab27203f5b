//! Keys of what is derived from the events: summaries, days, sightings, and the progress of the derivation.

use jiff::civil::Date;

use super::Key;
use crate::hours::HourKey;
use model::bucket::Bucket;
use model::organisation::Uid;
use telemetry::claude::source::SourceId;

/// The number of partitions over which the sources of one organisation and time are spread. Ten thousand active people
/// write about 125 units per second to each, an eighth of what a partition takes, and the report of a month needs no
/// more queries than necessary.
pub const SHARDS: u8 = 8;

/// The shard of a source.
#[must_use]
pub fn shard(source: SourceId) -> u8 {
    source.bytes()[0] % SHARDS
}

/// The place of a summary: what was claimed for one bucket is shown in another if clocks were wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryPlace {
    /// The organisation.
    pub uid: Uid,
    /// The source.
    pub source: SourceId,
    /// The bucket that clients claimed, under which packs are filed.
    pub claimed: Bucket,
    /// The bucket in which it is shown.
    pub shown: Bucket,
}

/// The partition of the summaries shown on a UTC day.
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

/// The first and last sort key of the summaries of these buckets, `last` included.
#[must_use]
pub fn summaries_between(first: Bucket, last: Bucket) -> (String, String) {
    (format!("{:08}#", first.0), format!("{:08}#~", last.0))
}

/// The first and last sort key of the summaries of a source in a bucket.
#[must_use]
pub fn summaries_of(shown: Bucket, source: SourceId) -> (String, String) {
    let source = source.encoded();
    (format!("{:08}#{source}#", shown.0), format!("{:08}#{source}#~", shown.0))
}

/// Parses the sort key of a summary: shown bucket, source, claimed bucket and part.
#[must_use]
pub fn read_summary(sk: &str) -> Option<(Bucket, SourceId, Bucket, usize)> {
    let mut fields = sk.split('#');
    let mut next = || fields.next();
    let shown = Bucket(next()?.parse().ok()?);
    let source = SourceId::parse(next()?)?;
    let claimed = Bucket(next()?.parse().ok()?);
    Some((shown, source, claimed, next()?.parse().ok()?))
}

/// The UTC day of a bucket; out-of-range buckets fall on the ends of the calendar.
#[must_use]
pub fn utc_date(bucket: Bucket) -> Date {
    let instant = jiff::Timestamp::from_millisecond(bucket.start().0).unwrap_or(jiff::Timestamp::MAX);
    instant.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The days that something of a UTC day may be in, in any time zone.
#[must_use]
pub fn around(date: Date) -> Vec<Date> {
    [date.yesterday().ok(), Some(date), date.tomorrow().ok()].into_iter().flatten().collect()
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

/// What stands between the day and the number of a block. It sorts before `#`, so blocks come before the items of sources.
pub const BLOCK: char = '!';

/// The key of the outlines of a block of a shard's day.
#[must_use]
pub fn day_block(uid: &Uid, date: Date, shard: u8, number: u32) -> Key {
    Key { pk: day_partition(uid, date, shard), sk: format!("{:02}{BLOCK}{number:03}", date.day()) }
}

/// The key of the summaries of a block of a shard's day. They sort before all days, since most questions do not read them.
#[must_use]
pub fn whole_block(uid: &Uid, date: Date, shard: u8, number: u32) -> Key {
    Key { pk: day_partition(uid, date, shard), sk: format!("{BLOCK}{:02}{BLOCK}{number:03}", date.day()) }
}

/// The first and last sort key of the summaries of blocks from one day to another of the same month.
#[must_use]
pub fn whole_blocks((first, last): (Date, Date)) -> (String, String) {
    (format!("{BLOCK}{:02}{BLOCK}", first.day()), format!("{BLOCK}{:02}{BLOCK}~", last.day()))
}

/// The key of the mark that all days of this date and shard were closed.
#[must_use]
pub fn closed_day(uid: &Uid, date: Date, shard: u8) -> Key {
    Key { pk: day_partition(uid, date, shard), sk: format!("{:02}", date.day()) }
}

/// The partition of what of a shard's UTC day was put together, and of what changed of it.
#[must_use]
pub fn stretch_partition(uid: &Uid, date: Date, shard: u8) -> String {
    format!("{uid}#STRETCH#{date}#{shard:02}")
}

/// The key of a part of the stretch that ends with this bucket. By its last bucket, so that one query finds all that reach beyond the
/// beginning of a run.
#[must_use]
pub fn stretch(uid: &Uid, shard: u8, last: Bucket, part: usize) -> Key {
    Key { pk: stretch_partition(uid, utc_date(last), shard), sk: format!("{:08}{BLOCK}{part:03}", last.0) }
}

/// The key of the mark that a source's summaries of a bucket changed after that was past.
#[must_use]
pub fn stretch_mark(uid: &Uid, shown: Bucket, source: SourceId) -> Key {
    let pk = stretch_partition(uid, utc_date(shown), shard(source));
    Key { pk, sk: format!("{:08}#{}", shown.0, source.encoded()) }
}

/// The first and last sort key of the stretches and marks from a bucket on.
#[must_use]
pub fn stretches_from(first: Bucket) -> (String, String) {
    (format!("{:08}", first.0), "99999999#~".into())
}

/// The key of how far the stretches of a shard's UTC day are. It sorts after them.
#[must_use]
pub fn stretched_day(uid: &Uid, date: Date, shard: u8) -> Key {
    Key { pk: stretch_partition(uid, date, shard), sk: "HEAD".into() }
}

/// The key of how far the stretches of an organisation were looked at.
#[must_use]
pub fn stretched(uid: &Uid) -> Key {
    Key { pk: format!("{uid}#STRETCH"), sk: "STRETCH".into() }
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

/// The partition of the counts per hour.
#[must_use]
pub fn hour_partition(uid: &Uid) -> String {
    format!("{uid}#HOURS")
}

/// The key of the counts of an hour and token.
#[must_use]
pub fn hour(uid: &Uid, HourKey { hour, generation }: HourKey) -> Key {
    Key { pk: hour_partition(uid), sk: format!("{hour:08}#{generation:010}") }
}

/// A sort key between those of `hour`, counted since the epoch, and those of earlier hours.
#[must_use]
pub fn hours_since(hour: i64) -> String {
    format!("{hour:08}#")
}

/// The partition of packs that cannot be read.
#[must_use]
pub fn damaged_partition(uid: &Uid) -> String {
    format!("{uid}#DAMAGED")
}

/// The key of the record that a pack cannot be read.
#[must_use]
pub fn damaged(uid: &Uid, pack: &Key) -> Key {
    Key { pk: damaged_partition(uid), sk: format!("{}#{}", pack.pk, pack.sk) }
}

/// The key of the pack in the sort key of such a record. A partition key contains two `#`.
#[must_use]
pub fn read_damaged(sk: &str) -> Option<Key> {
    let (end, _) = sk.match_indices('#').nth(2)?;
    Some(Key { pk: sk[..end].into(), sk: sk[end + 1..].into() })
}

/// The key of the time zone in which days are closed.
#[must_use]
pub fn closing(uid: &Uid) -> Key {
    Key { pk: format!("{uid}#CLOSING"), sk: "CLOSING".into() }
}

/// The key of the state of a rebuild.
#[must_use]
pub fn rebuild(uid: &Uid) -> Key {
    Key { pk: format!("{uid}#REBUILD"), sk: "REBUILD".into() }
}

/// The partition of the removals of what came with a token.
#[must_use]
pub fn removal_partition(uid: &Uid) -> String {
    format!("{uid}#REMOVALS")
}

/// The key of a removal.
#[must_use]
pub fn removal(uid: &Uid, id: &str) -> Key {
    Key { pk: removal_partition(uid), sk: id.into() }
}

#[cfg(test)]
mod tests {
    use super::super::{pack, read_pack};
    use super::*;
    use model::time::Timestamp;
    use otlp::Signal;
    use telemetry::claude::source::SourceKind;

    #[test]
    fn the_note_of_a_pack_tells_the_pack() {
        let uid = Uid::parse("AbCdEfGhIjKl").unwrap();
        let key = pack(
            &uid,
            Signal::Metrics,
            SourceId::new(SourceKind::Client, "c"),
            Bucket(1_994_808),
            Timestamp(5),
            &[7; 16],
        );
        let note = damaged(&uid, &key);
        assert_eq!(read_damaged(&note.sk).as_ref(), Some(&key));
        assert!(read_pack(&uid, &key).is_some());
        assert_eq!(read_damaged("no#key"), None);
    }
}
