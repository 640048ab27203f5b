//! A removal in runs that each have time for little of it.

use std::time::Duration;

use local::embedded::Embedded;
use serde_json::json;
use store::pace::Rates;
use telemetry::claude::source::{SourceId, SourceKind};

use super::{
    DAY, HOUR, NOW, ROTATION, SECOND, THEFT, Tenant, assert_as_if_it_had_never_come, email, logs, loot, remove,
    request, since_the_theft, tenant_over, tick, told,
};

/// The time of a run, of which four fifths are for reading, at three units of the Activity table a second.
const RUN: Duration = Duration::from_secs(60);
const MUCH: u32 = 1_000_000;
const RATES: Rates = Rates { deletes: MUCH, activity_writes: MUCH, event_reads: MUCH, activity_reads: 3 };

/// Removes what the thief sent in runs, and does something between two of them; gives the places at which they ended.
async fn removed_in_runs(
    tenant: &mut Tenant,
    database: &Embedded,
    mut between: impl AsyncFnMut(&Tenant, usize),
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

/// After the theft everybody says, with the new token, what they did long ago, and with which version: it is in the packs alone, which are
/// come to long before the others, that this was honest.
async fn says_what_was_long_ago(tenant: &Tenant, people: usize) {
    let accepted = tenant.ask("PUT /api/orgs/acme", r#"{"limits": {"accept_late_days": 365}}"#).await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    let now = ROTATION.plus(HOUR / 2);
    for person in 0..people {
        let who = json!({"user.email": email(person), "session.id": "long-ago", "app.version": "1.9.9"});
        tenant.send(&logs(json!({}), &[request(now.minus(80 * DAY), who, 1, 0.1)]), now).await;
    }
    tenant.project(now).await;
}

#[tokio::test(start_paused = true)]
async fn in_runs_that_read_a_little_each_it_ends_as_if_it_had_never_come() {
    let database = Embedded::in_memory().unwrap();
    database.store().create_tables().await.unwrap();
    let mut tenant = tenant_over(database.store(), 5, &loot(30)).await;
    says_what_was_long_ago(&tenant, 5).await;
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
    let honest = super::tenant(5, &[]).await;
    says_what_was_long_ago(&honest, 5).await;
    tick(&honest, NOW).await;
    assert_as_if_it_had_never_come(&tenant, &told(&honest).await, "in runs").await;
    for (source, _) in tenant.sightings().await {
        assert!(tenant.store.sighting(&tenant.uid, source).await.unwrap().retold.is_empty(), "{source:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_between_two_runs_stays() {
    // Jane and John go on, also in a bucket that the thief wrote into.
    let works = async |tenant: &Tenant, run: usize| {
        let now = ROTATION.plus(SECOND * run as i32);
        let (who, client) = [("jane@example.com", "client0"), ("john@example.com", "client1")][run % 2];
        let at = if run.is_multiple_of(3) { THEFT.plus(2 * SECOND) } else { now };
        let who = json!({"user.email": who, "user.id": client, "session.id": "late"});
        tenant.send(&logs(json!({}), &[request(at, who, 7, 0.25)]), now).await;
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
