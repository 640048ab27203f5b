//! A removal in runs that each have time for little of it.

use std::time::Duration;

use local::embedded::Embedded;
use serde_json::json;
use store::pace::Rates;
use telemetry::claude::source::{SourceId, SourceKind};

use super::{
    NOW, ROTATION, SECOND, assert_as_if_it_had_never_come, honest, loot, remove, request, since_the_theft, tenant_over,
    tick, told,
};

/// The time of a run, of which four fifths are for reading, at five units of the Activity table a second.
const RUN: Duration = Duration::from_secs(60);
const MUCH: u32 = 1_000_000;
const RATES: Rates = Rates { deletes: MUCH, activity_writes: MUCH, event_reads: MUCH, activity_reads: 5 };

/// Removes what the thief sent in runs, and does something between two of them; gives the places at which they ended.
async fn removed_in_runs(
    tenant: &mut tools::tenant::Tenant,
    database: &Embedded,
    mut between: impl AsyncFnMut(&tools::tenant::Tenant, usize),
) -> Vec<String> {
    tenant.stack.handlers.app.patience = Duration::ZERO;
    assert_eq!(remove(tenant, &since_the_theft(), NOW).await.status, 202);
    let (store, organisation) = (database.store().paced(RATES), tenant.organisation().await);
    // Ahead of the clock of the machine, by which deadlines are looked at, too.
    tokio::time::advance(Duration::from_secs(3_600)).await;
    let mut noted = Vec::new();
    loop {
        let [removal] = &tenant.store.removals(&tenant.uid).await.unwrap()[..] else { panic!("one was asked for") };
        if removal.finished_at.is_some() {
            return noted;
        }
        noted.push(removal.after.clone());
        assert!(noted.len() < 300, "it comes to no end: {:?}", noted.last());
        between(tenant, noted.len()).await;
        let deadline = (tokio::time::Instant::now() + RUN).into_std();
        service::removal::carry_on(&store, &organisation, NOW, deadline).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn in_runs_that_read_a_little_each_it_ends_as_if_it_had_never_come() {
    let database = Embedded::in_memory().unwrap();
    database.store().create_tables().await.unwrap();
    let mut tenant = tenant_over(database.store(), 5, &loot(30)).await;
    let jane = SourceId::new(SourceKind::Email, "jane@example.com");
    let mut is_retold = false;
    let noted = removed_in_runs(&mut tenant, &database, async |tenant, _| {
        is_retold |= !tenant.store.sighting(&tenant.uid, jane).await.unwrap().retold.is_empty();
    })
    .await;
    let mut places = noted.clone();
    places.dedup();
    assert!(noted.len() > 10 && places.is_sorted(), "{noted:?}");
    assert!(is_retold, "what stays of Jane's is kept from run to run");
    assert_as_if_it_had_never_come(&tenant, &honest(5).await, "in runs").await;
    for (source, _) in tenant.sightings().await {
        assert!(tenant.store.sighting(&tenant.uid, source).await.unwrap().retold.is_empty(), "{source:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_between_two_runs_stays() {
    // Jane and John go on, also in a bucket that the thief wrote into.
    let works = async |tenant: &tools::tenant::Tenant, run: usize| {
        let now = ROTATION.plus(SECOND * run as i32);
        let (who, client) = [("jane@example.com", "client0"), ("john@example.com", "client1")][run % 2];
        let at = if run % 3 == 0 { super::THEFT.plus(2 * SECOND) } else { now };
        let who = json!({"user.email": who, "user.id": client, "session.id": "late"});
        tenant.send(&super::logs(json!({}), &[request(at, who, 7, 0.25)]), now).await;
        tenant.project(now).await;
    };
    let database = Embedded::in_memory().unwrap();
    database.store().create_tables().await.unwrap();
    let mut robbed = tenant_over(database.store(), 3, &loot(3)).await;
    let runs = removed_in_runs(&mut robbed, &database, async |tenant, run| works(tenant, run).await).await.len();
    let honest = super::tenant(3, &[]).await;
    for run in 1..=runs {
        works(&honest, run).await;
    }
    tick(&honest, NOW).await;
    assert_as_if_it_had_never_come(&robbed, &told(&honest).await, "meanwhile").await;
}
