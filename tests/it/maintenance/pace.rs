//! What is deleted in the background takes no more than its share of what the tables can write, whatever it is deleted for.

use local::embedded::Embedded;
use model::bucket::Bucket;
use model::time::{DAY, HOUR, Timestamp};
use otlp::Signal;
use service::organisations::purge;
use service::{erasure, removal};
use store::Store;
use store::keys;
use store::pace::Rates;
use store::removal::{Haul, RemovalRecord};
use telemetry::claude::attribute::{Attribute, Value};
use telemetry::claude::record::{Context, Record};
use telemetry::pack;
use tools::hostile::Numbers;
use tools::packs::pack_keys;
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

use super::{JANE, after, request, source};

/// Write units a second.
const RATE: u32 = 50;
/// Packs beside one that was projected.
const PACKS: u8 = 100;
/// Write units of each.
const EACH: f64 = 3.0;
/// How many are under way when the first of them is answered.
const AT_ONCE: f64 = 16.0;

/// Somebody with packs of about 2.5 KB, and a store with a pace.
async fn paced() -> (Tenant, Store) {
    let database = Embedded::in_memory().unwrap();
    let tenant = Stack::start().over(database.store()).tenant("acme").await;
    tenant.send(&request(JANE, START), START).await;
    tenant.project(START).await;
    let mut numbers = Numbers(3);
    for number in 0..PACKS {
        let noise: String = (0..2_500).map(|_| char::from(b'!' + (numbers.below(90) as u8))).collect();
        let text = |key: &str, value: &str| Attribute { key: key.into(), value: Value::Text(value.into()) };
        let record = Record {
            context: 0,
            name: "api_request".into(),
            time: START,
            digest: [number; 4],
            count: 1,
            attributes: vec![text("user.email", JANE), text("noise", &noise)],
            point: None,
        };
        let header = pack::Header {
            received_at: START,
            generation: 1,
            accepted: 1,
            rejected: 0,
            reclocked: 0,
            cut: 0,
            dropped: Default::default(),
        };
        let key = keys::pack(&tenant.uid, Signal::Logs, source(JANE), Bucket::of(START), START, &[number; 16]);
        let bytes = pack::encode(&header, &[&Context::default()], &[record]);
        let put = tenant.store.put_pack(&key, bytes, START.plus(90 * DAY)).await.unwrap();
        assert_eq!(put.write_units, EACH);
    }
    let rates = Rates { deletes: RATE, activity_writes: RATE, event_reads: 100_000, activity_reads: 100_000 };
    (tenant, database.store().paced(rates))
}

/// Does something that deletes all packs, and looks how fast that was by the clock of the test, which goes on only when nobody works.
async fn assert_paced(deletes: impl AsyncFnOnce(&Tenant, &Store)) {
    let (tenant, store) = paced().await;
    let begun = tokio::time::Instant::now();
    deletes(&tenant, &store).await;
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!(pack_keys(&tenant.store, &tenant.uid, START).await, []);
    let units = f64::from(PACKS) * EACH;
    assert!(units <= f64::from(RATE) * seconds + AT_ONCE * EACH, "{units} units in {seconds} s");
}

#[tokio::test(start_paused = true)]
async fn erasing_a_person_deletes_within_its_share() {
    assert_paced(async |tenant, store| {
        let organisation = tenant.organisation().await;
        let erased = erasure::erase(store, &organisation, JANE, START.plus(HOUR), after(600)).await.unwrap();
        assert!(erased.is_complete());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn purging_an_organisation_deletes_within_its_share() {
    assert_paced(async |tenant, store| {
        tenant.ask_at("DELETE /api/orgs/acme?purge=true", "", START).await;
        assert_eq!(purge::carry_on(store, &tenant.secrets, START.plus(DAY), after(600)).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn removing_what_came_with_a_token_deletes_within_its_share() {
    assert_paced(async |tenant, store| {
        let removal = RemovalRecord {
            id: "1".into(),
            haul: Haul { generation: 1, from: Timestamp(0), to: START.plus(HOUR) },
            is_open: false,
            asked_at: START.plus(HOUR),
            after: String::new(),
            rounds: 0,
            finished_at: None,
            packs: 0,
            sources: 0,
        };
        let organisation = tenant.organisation().await;
        let removed = removal::go_on(store, &organisation, removal, START.plus(HOUR), after(600)).await.unwrap();
        assert!(removed.finished_at.is_some());
    })
    .await;
}
