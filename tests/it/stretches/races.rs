//! Changes that meet the putting of a stretch, in both orders and at every request.

use local::embedded::Embedded;
use service::projection::limits::Bounds;
use service::projection::project_within;
use tools::pause::Pause;
use tools::stale::Stale;

use super::*;

#[tokio::test]
async fn a_late_export_between_any_two_requests_of_the_putting_counts_once() {
    let mut met = [0, 0];
    for after in AROUND {
        let (database, pause) = (Embedded::in_memory().unwrap(), Pause::default());
        let tenant = Stack::start().over(database.store()).tenant("acme").await;
        crowd(&tenant).await;
        let (now, slow) = (at(6, 0), database.store_through(|client| pause.before(client)));
        // Of somebody whose summary there is, and of somebody else.
        let late = [request(9, at(1, 7), 100), request(PEOPLE, at(1, 8), 1_000)];
        let between = async {
            met[usize::from(stored(&tenant).await.is_empty())] += 1;
            arrive(&tenant, &late, now).await;
        };
        let (written, happened) = pause.with(after, put_stretches(&slow, &tenant.uid, now, soon()), between).await;
        assert_eq!((written.unwrap().written, happened), (1, true));
        for hours in 0..2 {
            assert_eq!(total(&tenant, now).await, 1_100 + PEOPLE as i64, "before {after}");
            put(&tenant, now.plus(HOUR * hours)).await;
        }
    }
    assert!(met.iter().all(|times| *times > 2), "before and after the stretch: {met:?}");
}

#[tokio::test]
async fn a_stretch_that_is_put_between_any_two_requests_of_a_late_projection_is_right() {
    for bounds in [Bounds::default(), Bounds::thrifty()] {
        for after in 0.. {
            let (database, pause) = (Embedded::in_memory().unwrap(), Pause::default());
            let tenant = Stack::start().over(database.store()).bounds(bounds).tenant("acme").await;
            crowd(&tenant).await;
            let (now, organisation) = (at(6, 0), tenant.organisation().await);
            tenant.send(&request(9, at(1, 7), 100), now).await;
            let slow = database.store_through(|client| pause.before(client));
            let bucket = Bucket::of(at(1, 5));
            let projecting = project_within(&bounds, &slow, &organisation, source(9), bucket, now);
            let (projected, happened) =
                pause.with(after, projecting, async { assert_eq!(put(&tenant, now).await, 1) }).await;
            projected.unwrap();
            if !happened {
                assert!(after > 4, "only {after} requests");
                break;
            }
            assert_eq!(total(&tenant, now).await, 100 + PEOPLE as i64, "before {after}");
        }
    }
}

#[tokio::test]
async fn two_that_put_the_same_stretch_leave_one() {
    for after in AROUND {
        let (database, pause) = (Embedded::in_memory().unwrap(), Pause::default());
        let tenant = Stack::start().over(database.store()).tenant("acme").await;
        crowd(&tenant).await;
        let (now, slow) = (at(6, 0), database.store_through(|client| pause.before(client)));
        let between = async { assert!(put(&tenant, now).await < 2) };
        let (written, happened) = pause.with(after, put_stretches(&slow, &tenant.uid, now, soon()), between).await;
        assert!(written.unwrap().written < 2 && happened);
        assert_eq!(stored(&tenant).await.values().sum::<usize>(), PEOPLE, "before {after}");
        assert_eq!(total(&tenant, now).await, PEOPLE as i64, "before {after}");
    }
}

#[tokio::test]
async fn who_reads_what_was_a_moment_ago_is_told_what_was_told_then() {
    let stale = Stale::open();
    let tenant = Stack::start().stale_reads(&stale).tenant("acme").await;
    crowd(&tenant).await;
    let (now, people) = (at(6, 0), PEOPLE as i64);
    // The write before the last one is the stretch, and the last one that all was looked at.
    assert_eq!(put(&tenant, now).await, 1);
    assert_eq!(total(&tenant, now).await, people);
    arrive(&tenant, &[request(9, at(1, 7), 100)], now).await;
    let late = total(&tenant, now).await;
    assert!(late == people || late == people + 100, "{late}");
    arrive(&tenant, &[request(10, at(1, 7), 1_000)], now).await;
    let late = total(&tenant, now).await;
    assert!(late == people + 100 || late == people + 1_100, "{late}");
    assert_eq!(put(&tenant, now.plus(HOUR)).await, 0, "it is written that all was looked at");
    assert_eq!(total(&tenant, now).await, people + 1_100);
}
