//! Git users who are brought back while something else happens to them.

use local::embedded::Embedded;
use service::merging::error::UploadError;
use service::merging::upload::restore;
use store::Store;
use tools::pause::Pause;
use tools::stack::Stack;
use tools::tenant::Tenant;

/// An organisation whose first set of Git users was replaced by a second one, and a store of which one request waits.
async fn tenant() -> (Tenant, Pause, Store) {
    let database = Embedded::in_memory().unwrap();
    let pause = Pause::default();
    let paused = database.store_through(|client| pause.before(client));
    let tenant = Stack::start().over(database.store()).tenant("acme").await;
    for set in ["first", "second"] {
        tenant.authors(&of(set)).await;
    }
    (tenant, pause, paused)
}

fn of(set: &str) -> String {
    format!("Somebody <{set}@example.com>\n")
}

/// The set that is current.
async fn current(tenant: &Tenant) -> String {
    let (_, users) = tenant.store.git_users(&tenant.uid).await.unwrap();
    users.iter().map(|user| user.email.trim_end_matches("@example.com")).collect()
}

#[tokio::test]
async fn an_import_at_any_moment_of_it_leaves_a_set_that_is_whole() {
    for n in 0.. {
        let (tenant, pause, paused) = tenant().await;
        let third = of("third");
        let (restored, was_paused) = pause.with(n, restore(&paused, &tenant.uid), tenant.authors(&third)).await;
        if !was_paused {
            assert!(n > 2, "{n} requests are fewer than it has");
            assert_eq!(current(&tenant).await, "first");
            break;
        }
        let expected = if n == 0 { "second" } else { "third" };
        assert_eq!(current(&tenant).await, expected, "at request {n}");
        if n == 1 {
            assert!(matches!(restored, Err(UploadError::NothingBefore)), "what was to come back is gone: {restored:?}");
        } else {
            assert_eq!(restored.unwrap().stored, 1, "at request {n}");
        }
        for _ in 0..2 {
            assert_eq!(restore(&tenant.store, &tenant.uid).await.unwrap().stored, 1, "at request {n}");
        }
        assert_eq!(current(&tenant).await, expected, "at request {n}");
    }
}

#[tokio::test]
async fn asked_for_twice_at_once_it_is_done_once() {
    let (tenant, pause, paused) = tenant().await;
    let other = async { assert_eq!(restore(&tenant.store, &tenant.uid).await.unwrap().stored, 1) };
    let (restored, was_paused) = pause.with(1, restore(&paused, &tenant.uid), other).await;
    assert!(was_paused && restored.unwrap().stored == 1);
    assert_eq!(current(&tenant).await, "first");
}

#[tokio::test]
async fn a_decision_meanwhile_is_not_in_its_way() {
    let (tenant, pause, paused) = tenant().await;
    let decision = async { tenant.store.decide(&tenant.uid, &[], Vec::new()).await.unwrap() };
    let (restored, was_paused) = pause.with(1, restore(&paused, &tenant.uid), decision).await;
    assert!(was_paused && restored.unwrap().stored == 1);
    assert_eq!(current(&tenant).await, "first");
}
