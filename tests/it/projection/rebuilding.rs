//! Rebuilds beside the work that goes on meanwhile.

use std::time::{Duration, Instant};

use model::time::{MINUTE, SignedDuration};
use serde_json::json;

use local::embedded::Embedded;
use service::projection::limits::Bounds;
use service::projection::rebuild;
use store::keys;
use tools::faults::{Fault, Faults};
use tools::meter::Meter;
use tools::pause::Pause;
use tools::stack::Stack;
use tools::tenant::Tenant;

use super::thrift::{begin, dana, settle, sighting, tokens, works};

/// A deadline that nothing here reaches.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

/// Who has worked in two buckets, the second of which is not over.
async fn at_work(start: tools::stack::Start) -> Tenant {
    let tenant = start.bounds(Bounds::thrifty()).tenant("acme").await;
    for minute in [1, 2, 16] {
        let now = begin().plus(SignedDuration::from_mins(minute));
        works(&tenant, "2.1.330", 1, now).await;
        tenant.project(now).await;
    }
    tenant
}

/// Goes on with a rebuild, and works before the request after so many; says how many requests that takes, and whether this one was among
/// them.
async fn rebuilt_while_at_work(after: usize) -> (usize, bool) {
    let (database, pause, meter) = (Embedded::in_memory().unwrap(), Pause::default(), Meter::default());
    let tenant = at_work(Stack::start().over(database.store())).await;
    let (now, organisation) = (begin().plus(17 * MINUTE), tenant.organisation().await);
    rebuild::begin(&tenant.store, &tenant.uid, now).await.unwrap();
    let slow = database.store_through(|client| pause.before(meter.before(client)));
    let rebuilding = rebuild::carry_on(&slow, &organisation, now, usize::MAX, soon());
    let between = async {
        works(&tenant, "2.1.330", 1, now).await;
        tenant.project(now).await;
    };
    let (done, happened) = pause.with(after, rebuilding, between).await;
    assert!(done.unwrap().is_complete, "before {after}");
    settle(&tenant, now.plus(15 * MINUTE)).await;
    let counted = sighting(&tenant).await.sighting.traffic.accepted[0];
    let sent = if happened { 7 } else { 6 };
    assert_eq!((counted, tokens(&tenant).await), (sent, json!(sent)), "before {after}");
    let took = meter.take();
    ((took.reads + took.writes) as usize, happened)
}

#[tokio::test]
async fn what_comes_while_a_rebuild_counts_anew_is_counted() {
    let (requests, _) = rebuilt_while_at_work(usize::MAX).await;
    // Nearly all of them look for summaries of days without any; the last ones find some, and change the sighting.
    let interesting = [4, requests / 2].into_iter().chain(requests - 12..requests);
    for after in interesting {
        assert!(rebuilt_while_at_work(after).await.1, "{after} of {requests}");
    }
}

#[tokio::test]
async fn a_finished_rebuild_is_not_turned_back_by_a_slower_run_of_the_same() {
    let tenant = at_work(Stack::start()).await;
    let (now, organisation) = (begin().plus(17 * MINUTE), tenant.organisation().await);
    let slow = rebuild::begin(&tenant.store, &tenant.uid, now).await.unwrap();
    let done = rebuild::carry_on(&tenant.store, &organisation, now, usize::MAX, soon()).await.unwrap();
    assert!(done.is_complete);
    let finished = tenant.store.rebuild_state(&tenant.uid).await.unwrap();
    let noted = tenant.store.put_rebuild_state(&tenant.uid, &slow, slow.epoch).await;
    assert!(noted.unwrap_err().is_conflict());
    assert_eq!(tenant.store.rebuild_state(&tenant.uid).await.unwrap(), finished);
    assert_eq!(rebuild::begin(&tenant.store, &tenant.uid, now).await.unwrap().epoch, slow.epoch + 1);
}

#[tokio::test]
async fn a_rebuild_that_fails_goes_on_from_where_it_was() {
    for after in (0..).step_by(2) {
        let faults = Faults::default();
        let tenant = at_work(Stack::start().through(|client| faults.before(client))).await;
        let (now, organisation) = (begin().plus(17 * MINUTE), tenant.organisation().await);
        rebuild::begin(&tenant.store, &tenant.uid, now).await.unwrap();
        faults.arm(after, Fault::Lost);
        let failed = rebuild::carry_on(&tenant.store, &organisation, now, usize::MAX, soon()).await;
        assert!(failed.is_err(), "{after}");
        // The first of two buckets was done.
        if tenant.store.rebuild_state(&tenant.uid).await.unwrap().projected == 1 {
            let done = rebuild::carry_on(&tenant.store, &organisation, now, usize::MAX, soon()).await.unwrap();
            assert_eq!((done.projected, done.is_complete), (1, true), "it is not projected again");
            return;
        }
        assert!(after < 40, "nothing was noted");
    }
}

#[tokio::test]
async fn counting_anew_that_fails_goes_on_and_nothing_is_projected_again() {
    let (database, meter) = (Embedded::in_memory().unwrap(), Meter::default());
    let (faults, metered) = (Faults::default(), meter.clone());
    let tenant = at_work(Stack::start().over(database.store())).await;
    let (now, organisation) = (begin().plus(17 * MINUTE), tenant.organisation().await);
    let store = database.store_through(|client| faults.before(metered.before(client)));
    rebuild::begin(&store, &tenant.uid, now).await.unwrap();
    let _ = meter.take();
    assert!(rebuild::carry_on(&store, &organisation, now, usize::MAX, soon()).await.unwrap().is_complete);
    let whole = meter.take().reads;
    rebuild::begin(&store, &tenant.uid, now).await.unwrap();
    faults.arm(whole as usize * 7 / 10, Fault::Lost);
    assert!(rebuild::carry_on(&store, &organisation, now, usize::MAX, soon()).await.is_err());
    let noted = tenant.store.rebuild_state(&tenant.uid).await.unwrap();
    let counting = format!("\n{}\n0", keys::shard(dana()));
    assert_eq!((noted.projected, noted.after), (2, Some(counting)), "in the shard where somebody is");
    let done = rebuild::carry_on(&store, &organisation, now, usize::MAX, soon()).await.unwrap();
    assert_eq!((done.projected, done.is_complete), (0, true));
}
