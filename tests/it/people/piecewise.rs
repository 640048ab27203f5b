//! Erasing somebody in runs that each have time for few summaries.

use std::time::Duration;

use local::embedded::Embedded;
use model::time::{DAY, HOUR, Timestamp};
use serde_json::json;
use service::erasure;
use store::erasure::Stage;
use store::pace::Rates;
use telemetry::claude::source::{SourceId, SourceKind};
use tools::activity::exports::{event, logs};
use tools::packs::pack_keys;
use tools::stack::{START, Stack};

const LATER: Timestamp = START.plus(HOUR);
const PEOPLE: [&str; 2] = ["jane@example.com", "kim@example.com"];
const RUN: Duration = Duration::from_secs(60);
const MUCH: u32 = 1_000_000;
/// A unit of the Activity table is read a second.
const RATES: Rates = Rates { deletes: MUCH, activity_writes: MUCH, event_reads: MUCH, activity_reads: 1 };

#[tokio::test(start_paused = true)]
async fn an_erasure_goes_on_from_the_summary_it_was_at_and_leaves_nothing() {
    let database = Embedded::in_memory().unwrap();
    let tenant = Stack::start().over(database.store()).tenant("acme").await;
    for day in [80, 40, 3, 1, 0] {
        let at = START.minus(DAY * day);
        for email in PEOPLE {
            let who = json!({"session.id": "s", "user.email": email, "model": "m", "input_tokens": 1});
            tenant.send(&logs(json!({}), &[event("api_request", at.0, who)]), at).await;
        }
        tenant.project(at).await;
    }
    let (organisation, slow) = (tenant.organisation().await, database.store().paced(RATES));
    // Ahead of the clock of the machine, by which deadlines are looked at, too.
    tokio::time::advance(Duration::from_secs(3_600)).await;
    let deadline = || (tokio::time::Instant::now() + RUN).into_std();
    let begun = erasure::erase(&slow, &organisation, PEOPLE[0], LATER, deadline()).await.unwrap();
    assert!(!begun.is_complete());
    let mut places = Vec::new();
    while let [known] = &tenant.store.erasures(&tenant.uid).await.unwrap()[..] {
        if let Stage::Summaries(Some(place)) = &known.stage {
            places.push(place.clone());
        }
        assert!(places.len() < 300, "it comes to no end: {:?}", places.last());
        erasure::carry_on(&slow, &organisation, LATER, deadline()).await.unwrap();
    }
    assert!(places.len() > 5 && places.is_sorted(), "{places:?}");
    let kim = SourceId::new(SourceKind::Email, PEOPLE[1]);
    let packs = pack_keys(&tenant.store, &tenant.uid, START).await;
    assert_eq!((packs.len(), packs.iter().all(|(_, key)| key.source == kim)), (5, true));
    // The oldest is older than what is read here.
    let summaries = tenant.summaries().await;
    assert!(summaries.len() >= 4 && summaries.iter().all(|(_, source, _)| *source == kim), "{summaries:?}");
}
