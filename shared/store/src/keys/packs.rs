//! Keys of the Events table. Their format can never change.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::Key;
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::Timestamp;
use otlp::Signal;
use telemetry::claude::source::SourceId;

/// The partition of a source's bucket.
#[must_use]
pub fn pack_partition(uid: &Uid, source: SourceId, bucket: Bucket) -> String {
    format!("{uid}#{}#{:08}", source.encoded(), bucket.0)
}

/// The key of a pack: source, bucket, signal, and the first claimed time and digest of its records.
#[must_use]
pub fn pack(uid: &Uid, signal: Signal, source: SourceId, bucket: Bucket, first: Timestamp, digest: &[u8; 16]) -> Key {
    Key {
        pk: pack_partition(uid, source, bucket),
        sk: format!("{}#{:014}#{}", signal_letter(signal), first.0, URL_SAFE_NO_PAD.encode(digest)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Timestamp;
    use telemetry::claude::source::SourceKind;

    fn uid(text: &str) -> Uid {
        Uid::parse(text).unwrap()
    }

    #[test]
    fn the_keys_of_packs_never_change() {
        let source = SourceId::new(SourceKind::Email, "dana@example.com");
        let (bucket, first) = (Bucket::of(Timestamp(1_795_328_009_164)), Timestamp(1_795_328_009_164));
        let key = pack(&uid("AbCdEfGhIjKl"), Signal::Logs, source, bucket, first, &[7; 16]);
        assert_eq!(key.pk, "AbCdEfGhIjKl#ip9BQre17h18nEqSOtppWQ#01994808");
        assert_eq!(key.sk, "l#01795328009164#BwcHBwcHBwcHBwcHBwcHBw");
        let read = read_pack(&uid("AbCdEfGhIjKl"), &key).unwrap();
        assert_eq!((read.source, read.bucket, read.signal), (source, bucket, Signal::Logs));
        assert_eq!(read_pack(&uid("aaaaaaaaaaaa"), &key), None, "another organisation's key");
    }
}
