//! Erasing, rebuilding and purging take the memory of a page, however much there is.

use std::time::{Duration, Instant};

use local::embedded::Embedded;
use model::time::{DAY, HOUR};
use service::erasure;
use service::organisations::purge;
use service::projection::rebuild;
use tools::meter::Meter;
use tools::multitude::{Multitude, email_of};
use tools::packs::pack_keys;
use tools::stack::{START, Stack};

use super::{ALONE, MEMORY};

/// By how much more memory five times as many packs may take: a tenth of what their keys would.
const MORE: usize = 512 << 10;
/// The largest answer to anything: a page of a table is 1 MB of what is stored, of which the keys are asked for.
const LARGEST: usize = 2 << 20;

/// The most memory that a deed takes beside what the process has.
async fn peak(deed: impl Future<Output = ()>) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    deed.await;
    MEMORY.peak_usage().saturating_sub(before)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

/// What erasing one person of two, rebuilding and purging take where each has so many quarter hours with 50 packs.
async fn peaks(buckets: i64) -> [usize; 3] {
    let (folder, meter) = (tempfile::tempdir().unwrap(), Meter::default());
    let file = folder.path().join("database");
    let tenant = Stack::start().over(Embedded::open(&file).unwrap().store()).tenant("acme").await;
    let all = Multitude { people: 2, buckets, packs: 50 };
    all.fill(&file, "acme").await;
    let (organisation, now) = (tenant.organisation().await, START.plus(HOUR));
    let (uid, address) = (&organisation.uid, email_of(0));
    let store = Embedded::open(&file).unwrap().store_through(|client| meter.before(client));
    let erased = peak(async {
        let erased = erasure::erase(&store, &organisation, &address, now, soon()).await.unwrap();
        assert!(erased.is_complete());
    })
    .await;
    assert_eq!(pack_keys(&store, uid, now).await.len(), all.packs() / 2);
    let _ = meter.take();
    let rebuilt = peak(async {
        rebuild::begin(&store, uid, now).await.unwrap();
        let done = rebuild::carry_on(&store, &organisation, now, usize::MAX, soon()).await.unwrap();
        assert_eq!((done.projected as i64, done.is_complete), (buckets, true));
    })
    .await;
    let purged = peak(async {
        purge::purge(&store, &organisation, now).await.unwrap();
        assert_eq!(purge::carry_on(&store, &tenant.secrets, START.plus(DAY), soon()).await.unwrap(), 0);
    })
    .await;
    assert!(pack_keys(&store, uid, now).await.is_empty());
    assert!(meter.take().largest < LARGEST);
    [erased, rebuilt, purged]
}

#[tokio::test]
async fn erasing_rebuilding_and_purging_take_no_more_memory_where_there_is_five_times_as_much() {
    let _alone = ALONE.lock().await;
    let (few, many) = (peaks(20).await, peaks(100).await);
    eprintln!("{few:?} bytes with 2,000 packs, {many:?} with 10,000");
    for (few, many) in few.into_iter().zip(many) {
        assert!(many < few + MORE, "{many} bytes in place of {few}");
    }
}
