//! What nothing leads to is erased with its person: packs that were never projected, outlived their summaries, or cannot be read.

use std::time::{Duration, Instant};

use local::embedded::Embedded;
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::{DAY, HOUR, MINUTE, Timestamp};
use otlp::Signal;
use serde_json::json;
use service::erasure;
use service::erasure::ErasureView;
use service::projection::rebuild;
use store::Store;
use store::erasure::{PendingErasure, Stage};
use store::keys;
use store::pace::Rates;
use telemetry::claude::source::{SourceId, SourceKind};
use tools::activity::exports::{event, logs};
use tools::meter::Meter;
use tools::packs::pack_keys;
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

const LATER: Timestamp = START.plus(HOUR);
const PEOPLE: [&str; 3] = ["jane@example.com", "kim@example.com", "zed@example.com"];

fn source(email: &str) -> SourceId {
    SourceId::new(SourceKind::Email, email)
}

async fn works(tenant: &Tenant, email: &str, at: Timestamp) {
    let attributes = json!({"session.id": "s", "user.email": email, "model": "m", "input_tokens": 1});
    tenant.send(&logs(json!({}), &[event("api_request", at.0, attributes)]), at).await;
}

/// People of whom one quarter hour was projected, and one, of days ago, was not.
async fn tenant(store: Store) -> Tenant {
    let tenant = Stack::start().over(store).tenant("acme").await;
    for email in PEOPLE {
        works(&tenant, email, START).await;
    }
    tenant.project(START).await;
    for email in PEOPLE {
        works(&tenant, email, START.minus(3 * DAY)).await;
    }
    tenant
}

async fn packs_of(tenant: &Tenant, email: &str) -> usize {
    let found = pack_keys(&tenant.store, &tenant.uid, START).await;
    found.iter().filter(|(_, key)| key.source == source(email)).count()
}

async fn erase(tenant: &Tenant, email: &str) -> u16 {
    tenant.ask_at(&format!("DELETE /api/orgs/acme/users/{email}"), "", LATER).await.status
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

#[tokio::test]
async fn what_was_never_projected_is_erased_and_what_comes_later_or_is_of_others_stays() {
    let tenant = tenant(Embedded::in_memory().unwrap().store()).await;
    works(&tenant, PEOPLE[0], LATER.plus(MINUTE)).await;
    assert_eq!(packs_of(&tenant, PEOPLE[0]).await, 3);
    assert_eq!(erase(&tenant, PEOPLE[0]).await, 204);
    assert_eq!(packs_of(&tenant, PEOPLE[0]).await, 1, "what came later");
    assert_eq!(packs_of(&tenant, PEOPLE[1]).await, 2);
    assert_eq!(tenant.store.stray_pass(&tenant.uid).await.unwrap(), None);
    assert_eq!(tenant.store.erasures(&tenant.uid).await.unwrap(), []);
}

#[tokio::test]
async fn a_pack_that_cannot_be_read_is_erased_with_its_note() {
    let tenant = tenant(Embedded::in_memory().unwrap().store()).await;
    let damaged =
        |email: &str, uid: &Uid| keys::pack(uid, Signal::Logs, source(email), Bucket::of(START), START, &[7; 16]);
    for email in &PEOPLE[..2] {
        let key = damaged(email, &tenant.uid);
        tenant.store.put_pack(&key, vec![1, 0xff], START.plus(90 * DAY)).await.unwrap();
    }
    tenant.project(START).await;
    assert_eq!(tenant.store.damaged(&tenant.uid, START).await.unwrap().len(), 2);
    assert_eq!(erase(&tenant, PEOPLE[0]).await, 204);
    assert_eq!((packs_of(&tenant, PEOPLE[0]).await, packs_of(&tenant, PEOPLE[1]).await), (0, 3));
    let [left] = &tenant.store.damaged(&tenant.uid, START).await.unwrap()[..] else { panic!("one is left") };
    assert_eq!(left.key.unwrap().source, source(PEOPLE[1]));
}

#[tokio::test]
async fn one_whose_pack_is_of_a_later_release_keeps_nobody_else_from_being_erased() {
    let tenant = tenant(Embedded::in_memory().unwrap().store()).await;
    // One where a summary leads to it, and one where nothing does.
    for (email, bucket) in [(PEOPLE[0], START), (PEOPLE[1], START.minus(9 * DAY))] {
        let key = keys::pack(&tenant.uid, Signal::Logs, source(email), Bucket::of(bucket), bucket, &[7; 16]);
        tenant.store.put_pack(&key, vec![200], START.plus(90 * DAY)).await.unwrap();
    }
    assert_eq!(erase(&tenant, PEOPLE[0]).await, 503);
    assert_eq!(erase(&tenant, PEOPLE[1]).await, 503);
    assert_eq!(erase(&tenant, PEOPLE[2]).await, 204, "though the same pass fails for the one before");
    let organisation = tenant.organisation().await;
    assert!(erasure::carry_on(&tenant.store, &organisation, LATER, soon()).await.is_err());
    let waiting = tenant.store.erasures(&tenant.uid).await.unwrap();
    let mut waiting: Vec<&str> = waiting.iter().map(|erasure| erasure.person.as_str()).collect();
    waiting.sort_unstable();
    let mut expected = [source(PEOPLE[0]).encoded(), source(PEOPLE[1]).encoded()];
    expected.sort_unstable();
    assert_eq!(waiting, expected);
    assert_eq!([packs_of(&tenant, PEOPLE[1]).await, packs_of(&tenant, PEOPLE[2]).await], [1, 0]);
}

/// Packs of somebody else that fill so many pages of the table, each of 1 MB.
async fn pages(tenant: &Tenant, pages: usize) {
    for number in 0..pages * 4 {
        let bucket = Bucket(i64::try_from(number).unwrap());
        let key = keys::pack(&tenant.uid, Signal::Logs, source("crowd"), bucket, START, &[7; 16]);
        tenant.store.put_pack(&key, vec![0; 260_000], START.plus(90 * DAY)).await.unwrap();
    }
}

/// Erases somebody with time for so many more pages, at one each second of a clock that goes on only when nobody works.
async fn erased_within(tenant: &Tenant, store: &Store, email: &str, pages: u32) -> ErasureView {
    let time = Duration::from_secs(1) * pages - Duration::from_millis(500);
    let deadline = (tokio::time::Instant::now() + time).into_std();
    let organisation = tenant.organisation().await;
    erasure::erase(store, &organisation, email, LATER, deadline).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_pass_goes_on_from_where_it_was_and_is_one_for_all_who_waited_when_it_began() {
    let (database, meter) = (Embedded::in_memory().unwrap(), Meter::default());
    let tenant = tenant(database.store()).await;
    pages(&tenant, 6).await;
    let everything =
        Rates { deletes: 1_000_000, activity_writes: 1_000_000, event_reads: 128, activity_reads: 1_000_000 };
    let store = database.store_through(|client| meter.before(client)).paced(everything);
    let metered = database.store_through(|client| meter.before(client));
    pack_keys(&metered, &tenant.uid, START).await;
    let whole = meter.take().scans;
    assert!(whole > 5);
    // Ahead of the clock of the machine, by which deadlines are looked at, too.
    tokio::time::advance(Duration::from_secs(3_600)).await;
    let waits = async |email| !erased_within(&tenant, &store, email, 2).await.is_complete();
    assert!(waits(PEOPLE[0]).await);
    let noted = tenant.store.stray_pass(&tenant.uid).await.unwrap().unwrap();
    assert!(noted.after.is_some() && noted.people.len() == 1, "{noted:?}");
    assert_eq!(meter.take().scans, 2, "no more than there was time for");
    assert!(waits(PEOPLE[1]).await && waits(PEOPLE[2]).await, "it is not for them");
    assert_eq!([packs_of(&tenant, PEOPLE[1]).await, packs_of(&tenant, PEOPLE[2]).await], [1, 1], "all that leads to");
    let first = meter.take().scans;
    let organisation = tenant.organisation().await;
    let deadline = (tokio::time::Instant::now() + Duration::from_secs(600)).into_std();
    let (erased, is_complete) = erasure::carry_on(&store, &organisation, LATER, deadline).await.unwrap();
    assert_eq!((erased, is_complete), (3, true));
    assert_eq!(2 + first + meter.take().scans, 2 * whole, "one for the first, and one for both others");
    for email in PEOPLE {
        assert_eq!(packs_of(&tenant, email).await, 0, "{email}");
    }
}

#[tokio::test]
async fn without_time_no_page_of_the_table_is_read_however_little_is_in_it() {
    let (database, meter) = (Embedded::in_memory().unwrap(), Meter::default());
    let tenant = tenant(database.store()).await;
    let store = database.store_through(|client| meter.before(client));
    let waiting = PendingErasure {
        person: source("nobody@example.com").encoded(),
        identities: vec![source("nobody@example.com").encoded()],
        before: LATER,
        stage: Stage::Strays,
    };
    store.put_erasure(&tenant.uid, &waiting).await.unwrap();
    rebuild::begin(&store, &tenant.uid, LATER).await.unwrap();
    let organisation = tenant.organisation().await;
    assert_eq!(erasure::carry_on(&store, &organisation, LATER, Instant::now()).await.unwrap(), (0, false));
    let rebuilt = rebuild::carry_on(&store, &organisation, LATER, usize::MAX, Instant::now()).await.unwrap();
    assert!(!rebuilt.is_complete);
    assert_eq!(meter.take().scans, 0);
    assert_eq!(erasure::carry_on(&store, &organisation, LATER, soon()).await.unwrap(), (1, true));
}
