//! Whoever is erased, and what came with a stolen token, is in no stored byte of a stretch.

use local::embedded::Embedded;
use tools::pause::Pause;

use super::*;

/// The rest of the calls that take somebody's telemetry away.
fn erasing(person: usize) -> String {
    format!("DELETE users/{}", source(person).encoded())
}

const REMOVING: &str = "DELETE activity?token_generation=1&from=2026-01-01&to=2027-01-01&confirm=true";

#[tokio::test]
async fn whoever_is_erased_is_in_no_stretch_and_everybody_else_stays() {
    let tenant = with_half_a_day("UTC").await;
    let now = at(12, 0);
    put(&tenant, now).await;
    let rows = |answer: &Value| answer["items"].as_array().unwrap().clone();
    let by_user = async |now| rows(&tenant.get("/activity?group_by=user&limit=1000", now).await);
    let mut left = by_user(now).await;
    assert_eq!((left.len(), stored(&tenant).await.contains_key(&source(9))), (PEOPLE, true));
    assert_eq!(tenant.ask_at(&erasing(9), "", now).await.status, 204);
    assert_eq!(stored(&tenant).await, BTreeMap::new(), "they are put anew");
    left.retain(|row| row["user"]["id"] != json!(source(9).encoded()));
    assert_eq!(by_user(now).await, left);
    for hours in 1..3 {
        put(&tenant, now.plus(hours * HOUR)).await;
        let stored = stored(&tenant).await;
        assert_eq!((stored.contains_key(&source(9)), stored.len()), (false, PEOPLE - 1));
        assert_eq!(by_user(now).await, left);
    }
    // What comes later counts again.
    arrive(&tenant, &[request(9, at(4, 5), 5)], now.plus(3 * HOUR)).await;
    assert_eq!(by_user(now).await.len(), PEOPLE);
}

#[tokio::test]
async fn what_came_with_a_stolen_token_is_in_no_stretch() {
    let tenant = with_half_a_day("UTC").await;
    let now = at(12, 0);
    put(&tenant, now).await;
    // Of the packs that arrived from five on.
    let asked = format!("DELETE activity?token_generation=1&from={}&confirm=true", at(5, 0));
    assert_eq!(tenant.ask_at(&asked, "", now).await.status, 204);
    let told = |range: &'static str| {
        let tenant = tenant.clone();
        async move { tokens(&tenant.get(&format!("/activity?{range}"), now).await) }
    };
    let of_an_hour = (1..=PEOPLE as i64).sum::<i64>();
    for hours in 0..3 {
        assert_eq!(told("from=2026-11-22T05:00:00Z&to=2026-11-23").await, 0);
        assert_eq!(told("from=2026-11-22&to=2026-11-23").await, 5 * of_an_hour, "what was honest stays");
        put(&tenant, now.plus(hours * HOUR)).await;
    }
    assert_eq!(tenant.ask_at(REMOVING, "", now.plus(3 * HOUR)).await.status, 204);
    assert_eq!((total(&tenant, now).await, stored(&tenant).await), (0, BTreeMap::new()));
    put(&tenant, now.plus(4 * HOUR)).await;
    assert_eq!((total(&tenant, now).await, stored(&tenant).await), (0, BTreeMap::new()));
}

#[tokio::test]
async fn a_stretch_that_is_being_put_brings_nobody_back_who_is_erased_meanwhile() {
    brings_nobody_back(&erasing(9), 1).await;
}

#[tokio::test]
async fn a_stretch_that_is_being_put_brings_nothing_back_that_is_removed_meanwhile() {
    brings_nobody_back(REMOVING, PEOPLE).await;
}

/// Does something between any two requests of the putting, after which so many are gone.
async fn brings_nobody_back(call: &str, gone: usize) {
    let mut met = [0, 0];
    for after in AROUND {
        let (database, pause) = (Embedded::in_memory().unwrap(), Pause::default());
        let tenant = Stack::start().over(database.store()).tenant("acme").await;
        crowd(&tenant).await;
        let (now, slow) = (at(6, 0), database.store_through(|client| pause.before(client)));
        let between = async {
            met[usize::from(stored(&tenant).await.is_empty())] += 1;
            assert_eq!(tenant.ask_at(call, "", now).await.status, 204);
        };
        let (written, happened) = pause.with(after, put_stretches(&slow, &tenant.uid, now, soon()), between).await;
        assert!(written.is_ok() && happened);
        for hours in 0..2 {
            assert!(!stored(&tenant).await.contains_key(&source(9)), "{call} before {after}");
            assert_eq!(total(&tenant, now).await, (PEOPLE - gone) as i64, "{call} before {after}");
            put(&tenant, now.plus(HOUR + hours * HOUR)).await;
        }
        assert_eq!(stored(&tenant).await.len(), PEOPLE - gone, "{call} before {after}: it is put anew");
    }
    assert!(met.iter().all(|times| *times > 2), "before and after the stretch: {met:?}");
}

#[tokio::test]
async fn whatever_is_put_while_somebody_is_erased_is_gone_afterwards() {
    let mut met = 0;
    // It is in the middle of much else that is erased: every few requests are enough.
    for after in (0..).step_by(41) {
        let (database, pause) = (Embedded::in_memory().unwrap(), Pause::default());
        let tenant = Stack::start().over(database.store()).tenant("acme").await;
        crowd(&tenant).await;
        let now = at(6, 0);
        let slow = database.store_through(|client| pause.before(client));
        let organisation = tenant.organisation().await;
        let id = source(9).encoded();
        let erasing = service::erasure::erase(&slow, &organisation, &id, now, soon());
        let between = async { assert!(put(&tenant, now).await < 2) };
        let (erased, happened) = pause.with(after, erasing, between).await;
        assert!(erased.unwrap().is_complete());
        if !happened {
            break;
        }
        met += 1;
        assert!(!stored(&tenant).await.contains_key(&source(9)), "before {after}");
        assert_eq!(total(&tenant, now).await, PEOPLE as i64 - 1, "before {after}");
        put(&tenant, now.plus(HOUR)).await;
        assert!(!stored(&tenant).await.contains_key(&source(9)), "before {after}");
        assert_eq!(total(&tenant, now).await, PEOPLE as i64 - 1, "before {after}");
    }
    assert!(met > 10, "only {met}");
}
