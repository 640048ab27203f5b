//! People are forgotten, whatever comes in between.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use model::bucket::{BUCKET, Bucket};
use model::time::{HOUR, Timestamp};
use serde_json::json;
use store::Item;
use store::keys::Key;
use telemetry::claude::source::{SourceId, SourceKind};
use tools::activity::exports::{event as happened, logs};
use tools::captures;
use tools::lambda::event;
use tools::stack::Stack;
use tools::tenant::stream_event;

use super::{organisation, pack_keys, project, requests, send, users};

/// More sessions than one item can tell of.
const CROWD: u64 = 5_000;

/// Who is erased stays erased, also if a pack of before turns up again.
pub(super) async fn outlives_a_pack_of_before(service: &Stack, token: &str) {
    let (events, mut packs) = (service.store.events(), Vec::new());
    for key in pack_keys(service, "acme").await {
        let get = service.store.client().get_item().table_name(events).set_key(Some(Item::at(key).into()));
        packs.push(get.send().await.unwrap().item.unwrap());
    }
    let user = users(service, "acme").await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(service.ask(&format!("DELETE /api/orgs/acme/users/{user}"), "").await.status, 204);
    let left = pack_keys(service, "acme").await.len();
    assert!(left < packs.len());
    for pack in packs {
        service.store.client().put_item().table_name(events).set_item(Some(pack)).send().await.unwrap();
    }
    project(service, "acme").await;
    assert_eq!(pack_keys(service, "acme").await.len(), left);
    assert_eq!(service.export_as(token, &captures::named("pb-tools/001"), Timestamp::now()).await.status, 200);
}

/// A request that ends early has written down whom to forget. The one works on and is counted anew, the other one not; the schedule
/// forgets both for good.
pub(super) async fn is_finished_by_the_schedule(service: &Stack, token: &str) {
    let now = Timestamp::now();
    let bucket = Bucket::of(now.minus(HOUR)).start();
    crowd(service, token, "casey@example.com", bucket).await;
    assert_eq!(send(service, token, &requests("erin@example.com", 2, now.minus(HOUR))).await, 200);
    project(service, "acme").await;
    assert_eq!(sessions_of(service, "casey@example.com").await, CROWD);
    // A note of it says whom it named.
    let impossible = happened("api_request", now.0, json!({"user.email": "erin@example.com", "cost_usd": 1e300}));
    assert_eq!(send(service, token, &logs(json!({}), &[impossible])).await, 400);
    service.deployment().recorder.break_off("maintain", "dynamodb:DeleteItem");
    for person in ["casey@example.com", "erin@example.com"] {
        let broken = service.ask(&format!("DELETE /api/orgs/acme/users/{person}"), "").await;
        assert_eq!(broken.status, 503, "{broken:?}");
    }
    service.deployment().recorder.mend();
    assert_eq!(send(service, token, &requests("casey@example.com", 1, bucket)).await, 200);
    let keys = pack_keys(service, "acme").await;
    let casey = stream_event(&of(&keys, "casey@example.com"));
    let answer = service.deployment().invoke("project-activity", &casey).await.answer();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(sessions_of(service, "casey@example.com").await, 1);
    assert!(service.deployment().invoke("maintain", &event("schedule")).await.answer().is_null());
    let known = users(service, "acme").await;
    assert!(known.iter().all(|user| user["email"] != "erin@example.com"), "{known:?}");
    assert!(known.iter().any(|user| user["email"] == "casey@example.com"), "{known:?}");
    let uid = organisation(service, "acme").await.uid;
    assert_eq!(service.store.erasures(&uid).await.unwrap(), []);
    assert!(of(&pack_keys(service, "acme").await, "erin@example.com").is_empty());
}

/// Those of the keys that are of one person's packs.
fn of(keys: &[Key], email: &str) -> Vec<Key> {
    let source = format!("#{}#", SourceId::new(SourceKind::Email, email).encoded());
    keys.iter().filter(|key| format!("{}#", key.pk).contains(&source)).cloned().collect()
}

async fn sessions_of(service: &Stack, email: &str) -> u64 {
    let activity = service.ask(&format!("GET /api/orgs/acme/activity?user={email}"), "").await.json();
    // Whom nobody knows any more has none.
    if activity["code"] == "not_found" {
        return 0;
    }
    activity["total"]["sessions"].as_u64().unwrap_or_else(|| panic!("{activity}"))
}

/// A bucket of so many sessions that its summary is larger than an item, spread over it.
async fn crowd(service: &Stack, token: &str, email: &str, bucket: Timestamp) {
    let hashed = |number: u64| {
        let mut hasher = DefaultHasher::new();
        number.hash(&mut hasher);
        hasher.finish()
    };
    // As long as nothing but chance can be in it, so that packing does not help.
    let session = |number| (0..12).map(|part| format!("{:016x}", hashed(number + part * CROWD))).collect::<String>();
    let request = |number: u64| {
        let at = bucket.plus(BUCKET * number as i32 / CROWD as i32).0;
        happened("api_request", at, json!({"user.email": email, "session.id": session(number)}))
    };
    let export = logs(json!({}), &(0..CROWD).map(request).collect::<Vec<_>>());
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&export.body).unwrap();
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer), ("content-type", "application/json"), ("content-encoding", "gzip")];
    let answer = service.deployment().send("POST", export.signal.path(), &headers, &packed.finish().unwrap()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}
