//! Histories as they arrive at the service, some of it late: buckets that are put together at any moment change nothing of what is told.

use std::time::{Duration, Instant};

use model::time::SignedDuration;
use service::projection::days::close_days;
use service::projection::stretches::put_stretches;
use store::keys;
use telemetry::claude::source::SourceKind;
use tools::stack::Stack;
use tools::tenant::Tenant;

use super::*;

/// How long after its records an export may arrive that is late, in minutes.
const LATEST: i64 = 40 * 60;
/// How late it may be without leaving a mark, and somewhat more.
const SHORTLY: i64 = 100;
/// Minutes between two looks at what has arrived.
const STEP: i64 = 45;

/// Numbers of people whose addresses are in the same shard, which has enough to be put together then.
fn people() -> Vec<u8> {
    let source = |person: u8| SourceId::new(SourceKind::Email, &format!("person{person}@example.com"));
    (0..=255).filter(|person| keys::shard(source(*person)) == 0).take(8).collect()
}

/// An export, and when it arrives, in minutes from the first midnight.
type Arrival = (i64, Sent);

/// What processes send; one in three comes as late as `late` says.
fn arrivals(processes: &[Process], late: &[i64]) -> Vec<Arrival> {
    let mut all = Vec::new();
    for process in processes {
        for sent in play(process).0 {
            let buckets = filed(packs(&sent, MIDNIGHT));
            let last = buckets.keys().map(|(_, bucket)| *bucket).max().unwrap();
            let on_time = Bucket(last.0 + 1).start().since(MIDNIGHT).as_mins();
            let after = if all.len() % 3 == 0 { late[all.len() % late.len()] } else { 0 };
            all.push((on_time + after, sent));
        }
    }
    all.sort_by_key(|(at, _)| *at);
    all
}

async fn arrive(tenant: &Tenant, sent: &[Arrival], now: Timestamp) {
    let mut buckets = BTreeSet::new();
    for (_, sent) in sent {
        tenant.send(sent, now).await;
        buckets.extend(filed(packs(sent, now)).into_keys());
    }
    let mut keys = tenant.pack_keys().await;
    keys.retain(|key| {
        keys::read_pack_partition(&key.pk).is_some_and(|(_, source, bucket)| buckets.contains(&(source, bucket)))
    });
    assert_eq!(tenant.stream(&keys, now).await, json!({"batchItemFailures": []}));
}

async fn shown(tenant: &Tenant, now: Timestamp) -> Vec<Value> {
    let mut all = Vec::new();
    for question in [
        "group_by=day,user,model&limit=1000",
        "group_by=hour&from=2026-11-22&to=2026-11-25",
        "group_by=user&from=2026-11-22T07:30:00Z&to=2026-11-23T19:45:00Z",
    ] {
        all.push(tenant.get(&format!("/activity?{question}"), now).await);
    }
    all.push(tenant.get("/sessions?limit=1000", now).await);
    all
}

/// What is done at a step, by chance: whether stretches are put, whether days are closed, and whether everything is asked for.
type Step = (bool, bool, bool);

async fn compare(arrivals: &[Arrival], steps: &[Step], zone: &str) -> usize {
    let stack = Stack::start().await;
    let mut tenants = Vec::new();
    for org in ["acme", "other"] {
        let tenant = stack.tenant(org).await;
        tenant.ask(&format!("PUT /api/orgs/{org}"), &json!({"timezone": zone}).to_string()).await;
        tenants.push(tenant);
    }
    let deadline = Instant::now() + Duration::from_secs(600);
    let put = async |now| put_stretches(&tenants[0].store, &tenants[0].uid, now, deadline).await.unwrap().written;
    let (mut left, mut written) = (arrivals, put(MIDNIGHT).await);
    for (step, (puts, closes, asks)) in (1..=4 * 24 * 60 / STEP).zip(steps.iter().cycle()) {
        let now = MIDNIGHT.plus(SignedDuration::from_mins(step * STEP));
        let (come, rest) = left.split_at(left.partition_point(|(at, _)| *at < step * STEP));
        left = rest;
        for tenant in tenants.iter().filter(|_| !come.is_empty()) {
            arrive(tenant, come, now).await;
        }
        if *closes && step % 8 == 0 {
            for tenant in &tenants {
                close_days(&tenant.store, &tenant.organisation().await, now, deadline).await.unwrap();
            }
        }
        if *puts {
            written += put(now).await;
        }
        if (*asks && step % 16 == 0) || (left.is_empty() && !come.is_empty()) {
            assert_eq!(shown(&tenants[0], now).await, shown(&tenants[1], now).await, "step {step}");
        }
    }
    written
}

/// A longer run sets `MONEY_CASES`.
fn few_cases() -> ProptestConfig {
    ProptestConfig { cases: cases().cases.div_ceil(15), ..cases() }
}

proptest! {
    #![proptest_config(few_cases())]

    #[test]
    fn buckets_that_are_put_together_at_any_moment_change_nothing_of_what_is_told(
        mut processes in prop::collection::vec(process(true, true, true), 14..24),
        late in prop::collection::vec(prop_oneof![0..SHORTLY, 0..LATEST], 1..9),
        steps in prop::collection::vec(any::<Step>(), 20..40),
        zone in prop::sample::select(vec!["UTC", "Asia/Kolkata", "America/New_York"]),
    ) {
        let people = people();
        processes.iter_mut().enumerate().for_each(|(index, process)| process.person = people[index % people.len()]);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let written = runtime.block_on(compare(&arrivals(&processes, &late), &steps, zone));
        // Few of the histories have too little for a stretch; what is put in others is put for something.
        prop_assume!(written > 0);
    }
}
