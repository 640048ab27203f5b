//! The end of a rebuild, which counts the traffic anew, in runs that each have time for little of it.

use std::collections::BTreeMap;
use std::time::Duration;

use local::embedded::Embedded;
use model::time::{DAY, MINUTE, SignedDuration, Timestamp};
use serde_json::json;
use service::projection::limits::Bounds;
use service::projection::rebuild;
use store::Store;
use store::pace::Rates;
use store::sighting::{SightingChange, StoredSighting};
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::sighting::Sighting;
use tools::activity::exports::{event, logs};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

/// The time of a run, of which four fifths are for reading, at a unit a second.
const RUN: Duration = Duration::from_secs(60);
const PEOPLE: u64 = 6;

fn email(person: u64) -> String {
    format!("person{person}@example.com")
}

fn source(person: u64) -> SourceId {
    SourceId::new(SourceKind::Email, &email(person))
}

/// A request that somebody makes at `at`, and that arrives at `now`.
async fn sends(tenant: &Tenant, person: u64, at: Timestamp, now: Timestamp) {
    let who = json!({"user.email": email(person), "session.id": "s", "model": "m", "input_tokens": 1});
    tenant.send(&logs(json!({}), &[event("api_request", at.0, who)]), now).await;
}

/// The same, projected.
async fn works(tenant: &Tenant, person: u64, at: Timestamp, now: Timestamp) {
    sends(tenant, person, at, now).await;
    tenant.project(now).await;
}

/// Several people at work on several days, whose traffic is said to be something else.
async fn at_work(store: Store, bounds: Bounds) -> Tenant {
    let tenant = Stack::start().over(store).bounds(bounds).tenant("acme").await;
    for day in [40, 3, 1, 0] {
        let at = START.minus(DAY * day);
        for person in 0..PEOPLE {
            works(&tenant, person, at, at).await;
        }
    }
    for person in 0..PEOPLE {
        let known = tenant.store.sighting(&tenant.uid, source(person)).await.unwrap();
        let mut wrong = StoredSighting { revision: known.revision + 1, ..known.clone() };
        wrong.sighting.traffic.accepted[0] += 1_000 * (person + 1);
        let change = SightingChange { known: &known, after: &wrong };
        tenant.store.replace_sighting(&tenant.uid, source(person), change).await.unwrap();
    }
    tenant
}

/// How many requests are counted of each.
async fn counted(tenant: &Tenant) -> BTreeMap<SourceId, u64> {
    let sightings = tenant.sightings().await.into_iter().filter(|(_, sighting)| sighting.seen.is_some());
    sightings.map(|(source, sighting)| (source, sighting.traffic.accepted[0])).collect()
}

fn whole(sent: [u64; PEOPLE as usize]) -> BTreeMap<SourceId, u64> {
    (0..).zip(sent).map(|(person, sent)| (source(person), sent)).collect()
}

/// A store that reads a unit of the Activity table a second, by a clock that goes on only when nobody works.
fn slow(database: &Embedded) -> Store {
    const MUCH: u32 = 1_000_000;
    database.store().paced(Rates { deletes: MUCH, activity_writes: MUCH, event_reads: MUCH, activity_reads: 1 })
}

/// Rebuilds in runs, and does something between two of them; says how many it took.
async fn rebuilt(tenant: &Tenant, store: &Store, mut between: impl AsyncFnMut(usize)) -> usize {
    let organisation = tenant.organisation().await;
    rebuild::begin(&tenant.store, &tenant.uid, START).await.unwrap();
    // Ahead of the clock of the machine, by which deadlines are looked at, too.
    tokio::time::advance(Duration::from_secs(3_600)).await;
    let mut noted = Vec::new();
    loop {
        let deadline = (tokio::time::Instant::now() + RUN).into_std();
        let done = rebuild::carry_on(store, &organisation, START, usize::MAX, deadline).await.unwrap();
        if done.is_complete {
            return noted.len();
        }
        let state = tenant.store.rebuild_state(&tenant.uid).await.unwrap();
        noted.push(state.after.unwrap());
        assert!(noted.len() < 300, "it comes to no end: {:?}", noted.last());
        between(noted.len()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn in_runs_that_read_a_little_each_it_ends_with_what_one_run_ends_with() {
    let database = Embedded::in_memory().unwrap();
    let tenant = at_work(database.store(), Bounds::default()).await;
    assert_ne!(counted(&tenant).await, whole([4; 6]));
    let runs = rebuilt(&tenant, &slow(&database), async |_| {}).await;
    assert!(runs > 20, "{runs} runs");
    assert_eq!(counted(&tenant).await, whole([4; 6]));
    let once = rebuilt(&tenant, &database.store(), async |_| {}).await;
    assert_eq!((once, counted(&tenant).await), (0, whole([4; 6])));
}

/// Between two runs everybody says what they did long ago, where has been counted by then of some, and somebody works now.
async fn with_work_in_between(bounds: Bounds) {
    let database = Embedded::in_memory().unwrap();
    let tenant = at_work(database.store(), bounds).await;
    let accepted = tenant.ask("PUT /api/orgs/acme", r#"{"limits": {"accept_late_days": 365}}"#).await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    let mut sent = [4; PEOPLE as usize];
    let runs = rebuilt(&tenant, &slow(&database), async |run| {
        let now = START.plus(SignedDuration::from_secs(run as i64));
        for person in 0..PEOPLE {
            sends(&tenant, person, now.minus(80 * DAY), now).await;
        }
        works(&tenant, run as u64 % PEOPLE, now, now).await;
        sent.iter_mut().for_each(|sent| *sent += 1);
        sent[run % PEOPLE as usize] += 1;
    })
    .await;
    assert!(runs > 20, "{runs} runs");
    // Where writes are saved, what is counted of a bucket is known with the second bucket after it.
    for minutes in [20, 40, 60] {
        let now = START.plus(MINUTE * minutes);
        for person in 0..PEOPLE {
            works(&tenant, person, now, now).await;
            sent[person as usize] += 1;
        }
    }
    let behind = if bounds.seen_again.is_some() { 2 } else { 0 };
    for ((source, counted), (_, whole)) in counted(&tenant).await.into_iter().zip(whole(sent)) {
        assert!((whole - behind..=whole).contains(&counted), "{source:?}: {counted} of {whole}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_between_two_runs_is_counted_once_wherever_it_is_shown() {
    with_work_in_between(Bounds::default()).await;
}

#[tokio::test(start_paused = true)]
async fn what_comes_between_two_runs_is_counted_once_where_writes_are_saved_too() {
    with_work_in_between(Bounds::thrifty()).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_is_erased_between_two_runs_has_no_traffic_in_the_end() {
    let database = Embedded::in_memory().unwrap();
    let tenant = at_work(database.store(), Bounds::default()).await;
    let erase = async |run: usize| {
        if run == 15 {
            let path = format!("DELETE /api/orgs/acme/users/{}", email(2));
            assert_eq!(tenant.ask_at(&path, "", START.plus(MINUTE)).await.status, 204);
        }
    };
    rebuilt(&tenant, &slow(&database), erase).await;
    let mut left = whole([4; 6]);
    left.remove(&source(2));
    assert_eq!(counted(&tenant).await, left);
    let erased = tenant.store.sighting(&tenant.uid, source(2)).await.unwrap();
    assert_eq!((erased.sighting, erased.erasure.times), (Sighting::default(), 1));
}
