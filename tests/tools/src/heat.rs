//! Ten thousand developers of one organisation, through the real keys: which partition gets how many units a second, and what a
//! developer costs a day.
//!
//! Nothing is sent or stored but the captured sessions once, which say how large the items are; the rest is arithmetic.

use std::collections::HashMap;

use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::Timestamp;
use model::token::{PlainToken, TokenKind};
use otlp::Signal;
use settings::Variant;
use store::keys;
use telemetry::claude::source::{SourceId, SourceKind};

use crate::activity::{captures, requests};
use crate::stack::{START, Stack};
use crate::template::Template;

/// The kind of the partitions that are not in the Activity table.
const PACKS: &str = "packs of a bucket";
/// The units a second that DynamoDB gives one partition.
pub const READS_OF_A_PARTITION: f64 = 3_000.0;
/// See [`READS_OF_A_PARTITION`].
pub const WRITES_OF_A_PARTITION: f64 = 1_000.0;

/// How large items are, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// The largest pack.
    pub pack: usize,
    /// The largest summary of a bucket.
    pub summary: usize,
    /// The largest sighting.
    pub sighting: usize,
}

/// Units.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Units {
    /// Read units.
    pub reads: f64,
    /// Write units.
    pub writes: f64,
}

/// How often what happens, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// Exports of events.
    pub events: u32,
    /// Exports of metrics.
    pub metrics: u32,
    /// The stream's window.
    pub window: u32,
}

impl Rhythm {
    /// As generated settings and the template have it.
    ///
    /// # Panics
    /// The template names no window.
    #[must_use]
    pub fn of_defaults() -> Self {
        let (events, metrics) = Variant::Managed.intervals();
        let window = Template::read().section("Parameters")["StreamWindowSeconds"]["Default"].as_u64();
        Self { events: events / 1_000, metrics: metrics / 1_000, window: window.unwrap() as u32 }
    }
}

/// How hot it gets.
#[derive(Debug, Clone)]
pub struct Heat {
    /// Units a second by kind of partition: how many partitions there are, and the hottest of them.
    pub kinds: Vec<(&'static str, usize, Units)>,
    /// Units a second of each table.
    pub tables: [(&'static str, Units); 2],
    /// Units of one developer in one hour of work.
    pub developer_hour: Units,
}

/// The largest items that the captured sessions become.
pub async fn sizes() -> Sizes {
    let tenant = Stack::start().tenant("acme").await;
    for sent in captures().iter().flat_map(|run| requests(run)) {
        tenant.send(&sent, START).await;
    }
    tenant.project(START).await;
    let mut sizes = Sizes { pack: 0, summary: 0, sighting: 0 };
    for table in [tenant.store.events(), tenant.store.activity()] {
        for item in tenant.store.client().scan().table_name(table).send().await.unwrap().items.unwrap_or_default() {
            let pk = item["pk"].as_s().unwrap().clone();
            let size: usize = item.iter().map(|(name, value)| name.len() + size_of_value(value)).sum();
            if table == tenant.store.events() {
                sizes.pack = sizes.pack.max(size);
            } else if pk.contains("#SUM#") {
                sizes.summary = sizes.summary.max(size);
            } else if pk.contains("#SEEN#") {
                sizes.sighting = sizes.sighting.max(size);
            }
        }
    }
    sizes
}

fn size_of_value(value: &aws_sdk_dynamodb::types::AttributeValue) -> usize {
    use aws_sdk_dynamodb::types::AttributeValue::{B, N, S};
    match value {
        S(text) => text.len(),
        // Two digits a byte, and one.
        N(number) => number.len().div_ceil(2) + 1,
        B(bytes) => bytes.as_ref().len(),
        _ => 100,
    }
}

fn writing(size: usize) -> f64 {
    size.div_ceil(1024) as f64
}

fn reading(size: usize) -> f64 {
    size.div_ceil(4096) as f64
}

/// All `developers` at work for a quarter hour, at the same time.
///
/// # Panics
/// There is no randomness.
#[must_use]
pub fn simulate(developers: u32, sizes: Sizes) -> Heat {
    const SECONDS: u32 = 900;
    let Rhythm { events: events_every, metrics: metrics_every, window } = Rhythm::of_defaults();
    let uid = Uid::parse("AbCdEfGhIjKl").unwrap();
    let token = PlainToken::generate(TokenKind::Ingest).unwrap().hash();
    let begin = Bucket::of(START).0 * 900;
    let mut units: HashMap<(&'static str, String), Units> = HashMap::new();
    let mut heat = |kind, key: String, reads: f64, writes: f64| {
        let unit = units.entry((kind, key)).or_default();
        unit.reads += reads;
        unit.writes += writes;
    };
    let mut turn = 0_u8;
    for number in 0..developers {
        let source = SourceId::new(SourceKind::Email, &format!("developer{number}@example.com"));
        // Everybody started at a moment of their own.
        let offset = number % metrics_every;
        let (mut packs, mut bucket_of_packs) = (0, 0);
        for second in 0..SECONDS {
            let at = Timestamp((begin + i64::from(second)) * 1_000);
            let bucket = Bucket::of(at);
            let events = second % events_every == offset % events_every;
            let metrics = second % metrics_every == offset;
            for (sends, signal) in [(events, Signal::Logs), (metrics, Signal::Metrics)] {
                if sends {
                    turn = turn.wrapping_add(1);
                    heat("token", keys::token(&token, turn).pk, 1.0, 0.0);
                    let digest = [number as u8; 16];
                    let key = keys::pack(&uid, signal, source, bucket, at, &digest);
                    heat(PACKS, key.pk, 0.0, writing(sizes.pack));
                    packs += 1;
                }
            }
            if second % window == (offset + 1) % window && packs > bucket_of_packs {
                let is_first = bucket_of_packs == 0;
                bucket_of_packs = packs;
                // One projection: the state of a rebuild, all packs of the bucket, the summary, and the sighting, which is read
                // again to see whether it has changed. The summary is written alone, the sighting once per bucket, and then
                // another summary is settled.
                heat("state of a rebuild", keys::rebuild(&uid).pk, 1.0, 0.0);
                let (seen, sum) = (keys::sighting(&uid, source).pk, summaries_of(&uid, source, bucket));
                let once = f64::from(u8::from(is_first));
                heat("sightings", seen, 2.0 * reading(sizes.sighting), once * writing(sizes.sighting));
                let packed = keys::pack_partition(&uid, source, bucket);
                heat(PACKS, packed, reading(packs as usize * sizes.pack), 0.0);
                heat("summaries", sum, (1.0 + once) * reading(sizes.summary), writing(sizes.summary));
            }
        }
    }
    let mut kinds: HashMap<&'static str, (usize, Units)> = HashMap::new();
    let mut tables = [("Events", Units::default()), ("Activity", Units::default())];
    for ((kind, _), unit) in units {
        let (count, hottest) = kinds.entry(kind).or_default();
        *count += 1;
        hottest.reads = hottest.reads.max(unit.reads / f64::from(SECONDS));
        hottest.writes = hottest.writes.max(unit.writes / f64::from(SECONDS));
        let (_, table) = &mut tables[usize::from(kind != PACKS)];
        table.reads += unit.reads / f64::from(SECONDS);
        table.writes += unit.writes / f64::from(SECONDS);
    }
    let mut kinds: Vec<_> = kinds.into_iter().map(|(kind, (count, hottest))| (kind, count, hottest)).collect();
    kinds.sort_by_key(|(kind, ..)| *kind);
    let [(_, events), (_, activity)] = tables;
    let an_hour = |a_second: f64| a_second * 3_600.0 / f64::from(developers);
    let developer_hour =
        Units { reads: an_hour(events.reads + activity.reads), writes: an_hour(events.writes + activity.writes) };
    Heat { kinds, tables, developer_hour }
}

fn summaries_of(uid: &Uid, source: SourceId, bucket: Bucket) -> String {
    keys::summary_partition(uid, keys::utc_date(bucket), keys::shard(source))
}
