//! How much memory the largest bucket takes that may be, and what goes through whole tables: in a program of its own, since it counts
//! all that is allocated.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use model::bucket::Bucket;
use model::time::{DAY, Timestamp};
use otlp::Signal;
use peak_alloc::PeakAlloc;
use service::projection::limits::Bounds;
use service::projection::project;
use store::keys;
use telemetry::claude::attribute::{Attribute, Value};
use telemetry::claude::record::{Context, Record};
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::pack;
use telemetry::pack::Header;
use tools::hostile::Numbers;
use tools::stack::{START, Stack};

mod erasing;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;
/// Held by whoever measures.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// What projecting may take beside what the process has.
const MOST: usize = 64 << 20;
/// Records of a pack.
const RECORDS: usize = 100;

/// Text that nothing compresses.
fn noise(numbers: &mut Numbers, length: usize) -> Box<str> {
    let eight = |number: usize| number.to_be_bytes().map(|byte| char::from(b'!' + byte % 90));
    (0..length / 8).flat_map(|_| eight(numbers.below(usize::MAX))).collect()
}

/// What a pack's records are like.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// As many bytes as fit.
    Noise,
    /// Nothing but what tells one from another.
    Plain,
    /// As many labels as fit.
    Labels,
}

fn pack(kind: Kind, time: Timestamp, numbers: &mut Numbers) -> Vec<u8> {
    let attribute = |key: &str, value: Box<str>| Attribute { key: key.into(), value: Value::Text(value) };
    let record = |numbers: &mut Numbers| {
        let mut attributes = vec![attribute("user.id", "c".into())];
        match kind {
            Kind::Plain => {}
            Kind::Noise => attributes.push(attribute("noise", noise(numbers, 160))),
            Kind::Labels => {
                for key in ["session.id", "model", "team", "terminal.type"] {
                    attributes.push(attribute(key, noise(numbers, 248)));
                }
            }
        }
        let digest = u32::try_from(numbers.below(1 << 32)).unwrap().to_be_bytes();
        Record { context: 0, name: "api_request".into(), time, digest, count: 1, attributes, point: None }
    };
    let records: Vec<Record> = (0..RECORDS).map(|_| record(numbers)).collect();
    let header = Header {
        received_at: START,
        generation: 1,
        accepted: u32::try_from(RECORDS).unwrap(),
        rejected: 0,
        reclocked: 0,
        cut: 0,
        dropped: Default::default(),
    };
    pack::encode(&header, &[&Context::default()], &records)
}

#[tokio::test]
async fn the_largest_bucket_that_may_be_takes_less_than_64_mib() {
    let _alone = ALONE.lock().await;
    let tenant = Stack::start().tenant("acme").await;
    let organisation = tenant.organisation().await;
    let bounds = Bounds::default();
    let mut numbers = Numbers(7);
    for (name, kind, time) in [
        ("bytes", Kind::Noise, START),
        ("records of a wrong clock", Kind::Plain, START.plus(9 * DAY)),
        ("labels", Kind::Labels, START),
    ] {
        let (source, bucket) = (SourceId::new(SourceKind::Client, name), Bucket::of(time));
        for n in 0..bounds.packs + 1 {
            let mut digest = [0; 16];
            digest[..8].copy_from_slice(&n.to_be_bytes());
            let key = keys::pack(&organisation.uid, Signal::Logs, source, bucket, time, &digest);
            let bytes = pack(kind, time, &mut numbers);
            tenant.store.put_pack(&key, bytes, START.plus(90 * DAY)).await.unwrap();
            if matches!(kind, Kind::Labels) && n == 200 {
                break;
            }
        }
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let projected = project(&tenant.store, &organisation, source, bucket, START).await.unwrap();
        let taken = MEMORY.peak_usage().saturating_sub(before);
        eprintln!("{name}: {} KiB", taken >> 10);
        assert!(projected.full.is_some() && projected.written == 1, "{name}: {projected:?}");
        assert!(taken < MOST, "{name} takes {taken} bytes");
    }
}
