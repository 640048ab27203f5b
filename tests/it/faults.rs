//! What AWS and the network do wrong is never seen in the numbers. `cargo run --release -p tests --example faults` does it a hundred
//! thousand times.

use http::Request;
use local::embedded::Embedded;
use otlp::Limits;
use service::app::App;
use service::ingest::{DEADLINE, Ingest};
use store::secrets::Secrets;
use tests::captures;
use tests::endurance::round;
use tests::faults::random::{RandomFaults, Trouble};
use tests::orgs::START;
use tests::projection::World;

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

/// A world, and its database as seen through requests of which every second write meets another transaction.
async fn contended() -> (World, store::Store) {
    let database = Embedded::in_memory().unwrap();
    database.store().create_tables().await.unwrap();
    let secrets = store::secrets::Secrets::Embedded(store::secrets::Embedded::in_memory());
    let world = World::beside(tests::orgs::Office::over(database.store(), secrets), "acme").await;
    let faults = RandomFaults::new(7);
    faults.only(Trouble::Conflict);
    (world, database.store_through(|client| faults.before(client)))
}

#[tokio::test]
async fn a_write_that_met_a_transaction_is_never_taken_for_one_that_was_stored_before() {
    let (world, store) = contended().await;
    let ingest = Ingest::new(store, Limits::default(), DEADLINE);
    let mut acknowledged = 0;
    for capture in captures::all().into_iter().map(|capture| capture.as_protobuf()) {
        let request = Request::post(&capture.path)
            .header("content-type", &capture.content_type)
            .header("authorization", format!("Bearer {}", world.token));
        let before = world.pack_keys().await.len();
        let answer = ingest.answer(request.body(capture.body.clone()).unwrap(), START).await;
        let stored = world.pack_keys().await.len() > before;
        if capture.path != "/v1/traces" {
            assert_eq!(answer.status() == 200, stored, "{}", capture.name);
        }
        acknowledged += usize::from(answer.status() == 200);
    }
    assert!(acknowledged > 10, "only {acknowledged}");
}

#[tokio::test]
async fn a_person_is_forgotten_whatever_transactions_are_in_the_way() {
    let (world, store) = contended().await;
    for sent in tests::activity::captures().iter().take(6).flat_map(|run| tests::activity::requests(run)) {
        world.send(&sent, START).await;
    }
    world.project(START).await;
    let root_key = service::auth::root_key::RootKey::given(tests::orgs::ROOT_KEY).unwrap();
    let secrets = Secrets::Embedded(store::secrets::Embedded::in_memory());
    let (app, base_url) = (App::new(store, secrets, root_key), tests::orgs::BASE_URL.parse().unwrap());
    let users = world.get("/users", START).await;
    for user in users["items"].as_array().unwrap() {
        let path = format!("/api/orgs/acme/users/{}", user["id"].as_str().unwrap());
        let statuses = async || {
            let request = Request::delete(&path).header("authorization", format!("Bearer {}", tests::orgs::ROOT_KEY));
            maintain::handle(&app, request.body("".into()).unwrap(), &base_url, START.plus(1)).await.status().as_u16()
        };
        let mut status = 503;
        while status == 503 {
            status = statuses().await;
        }
        assert_eq!(status, 204, "{path}");
    }
    assert_eq!((world.pack_keys().await.len(), world.summaries().await.len()), (0, 0));
}
