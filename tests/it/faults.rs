//! What AWS and the network do wrong is never seen in the numbers. `cargo run --release -p tests --example faults` does it a hundred
//! thousand times.

use local::embedded::Embedded;
use model::time::MILLISECOND;
use tools::captures;
use tools::endurance::round;
use tools::faults::random::{RandomFaults, Trouble};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

#[test]
fn hundreds_of_faults_lose_nothing_double_nothing_and_lock_nobody_out() {
    let mut all = round(20_261_122, 300);
    // Who meets what depends on how threads take turns: another round, until everything has happened.
    for seed in 1..5 {
        let is_whole = all.faults.len() == 12 && all.given_up > 0 && all.refused > 0 && all.rotations > 0;
        if is_whole && all.merges > 0 && all.batches > 0 && all.readings > 0 {
            break;
        }
        all.add(&round(seed, 300));
    }
    assert!(all.fault_count() >= 300, "{all:?}");
    assert_eq!(all.faults.len(), 12, "some kind of fault did not happen: {:?}", all.faults);
    assert_eq!(all.micro_dollars.0, all.micro_dollars.1);
    assert!(all.acknowledged > 0 && all.given_up > 0 && all.refused > 0, "{all:?}");
    assert!(all.rotations > 0 && all.merges > 0 && all.batches > 0 && all.readings > 0, "{all:?}");
}

/// An organisation, and the service over its database as seen through requests of which every second write meets another transaction.
async fn contended() -> (Tenant, Stack) {
    let database = Embedded::in_memory().unwrap();
    let tenant = Stack::start().over(database.store()).tenant("acme").await;
    let faults = RandomFaults::new(7);
    let contended = Stack::start().over(database.store_through(|client| faults.before(client))).await;
    faults.only(Trouble::Conflict);
    (tenant, contended)
}

#[tokio::test]
async fn a_write_that_met_a_transaction_is_never_taken_for_one_that_was_stored_before() {
    let (tenant, contended) = contended().await;
    let mut acknowledged = 0;
    for capture in captures::all().into_iter().map(|capture| capture.as_protobuf()) {
        let before = tenant.pack_keys().await.len();
        let status = contended.export_as(&tenant.token, &capture, START).await.status;
        let stored = tenant.pack_keys().await.len() > before;
        if capture.path != "/v1/traces" {
            assert_eq!(status == 200, stored, "{}", capture.name);
        }
        acknowledged += usize::from(status == 200);
    }
    assert!(acknowledged > 10, "only {acknowledged}");
}

#[tokio::test]
async fn a_person_is_forgotten_whatever_transactions_are_in_the_way() {
    let (tenant, contended) = contended().await;
    for sent in tools::activity::captures().iter().take(6).flat_map(|run| tools::activity::requests(run)) {
        tenant.send(&sent, START).await;
    }
    tenant.project(START).await;
    let users = tenant.get("/users", START).await;
    for user in users["items"].as_array().unwrap() {
        let call = format!("DELETE /api/orgs/acme/users/{}", user["id"].as_str().unwrap());
        let mut status = 503;
        // Not now, or not yet.
        while [503, 202].contains(&status) {
            status = contended.ask_at(&call, "", START.plus(MILLISECOND)).await.status;
        }
        assert_eq!(status, 204, "{call}");
    }
    assert_eq!((tenant.pack_keys().await.len(), tenant.summaries().await.len()), (0, 0));
}
