//! The schedule of work that no request waits for: whatever happens to one organisation, the others get theirs.

use std::time::{Duration, Instant};

use model::bucket::Bucket;
use model::time::{DAY, HOUR, Timestamp};
use serde_json::{Value, json};
use service::maintenance::Summary;
use service::projection::rebuild;
use store::erasure::{PendingErasure, Stage};
use store::keys;
use store::range::Reading;
use telemetry::claude::source::{SourceId, SourceKind};
use tools::activity::Sent;
use tools::activity::exports::{event, logs};
use tools::poison::{Effect, Poison};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

mod pace;

/// Whose erasing is asked for.
const JANE: &str = "jane@example.com";
/// Who waits for the merge and the closing of days.
const KIM: &str = "kim@example.com";

fn source(email: &str) -> SourceId {
    SourceId::new(SourceKind::Email, email)
}

fn request(email: &str, at: Timestamp) -> Sent {
    let attributes = json!({"session.id": "s", "user.email": email, "model": "m", "input_tokens": 1});
    logs(json!({}), &[event("api_request", at.0, attributes)])
}

/// A deadline by the clock of the test, which goes on when nobody works, and by that of the machine.
fn after(seconds: u64) -> Instant {
    tokio::time::Instant::now().into_std() + Duration::from_secs(seconds)
}

/// Whether Kim's day is closed, and Kim is merged with the author of the address.
async fn is_cared_for(tenant: &Tenant, now: Timestamp) -> (bool, bool) {
    let date = keys::utc_date(Bucket::of(START));
    let shard = keys::shard(source(KIM));
    let days = tenant.store.days(&tenant.uid, shard, (date, date), Reading::Latest).await.unwrap();
    let users = tenant.get("/users", now).await;
    let is_merged = |user: &Value| user["email"] == KIM && user["state"] == "merged";
    (days.own().contains(&(date, source(KIM))), users["items"].as_array().unwrap().iter().any(is_merged))
}

/// Two organisations of one stack, in both of which two people worked; whoever reads what Jane sent to the first one meets the poison.
async fn two(effect: Effect) -> (Tenant, Tenant) {
    let poison = Poison::that(effect);
    let acme = Stack::start().through(|client| poison.before(client)).tenant("acme").await;
    let other = acme.tenant("other").await;
    for tenant in [&acme, &other] {
        tenant.send(&request(JANE, START), START).await;
        tenant.send(&request(KIM, START), START).await;
        tenant.project(START).await;
        tenant.authors("Kim Kimmer <kim@example.com>\n").await;
    }
    poison.put_into(Some(&keys::pack_partition(&acme.uid, source(JANE), Bucket::of(START))));
    (acme, other)
}

/// Runs the schedule, with the time zones of both known, when the first organisation comes first and when it comes last.
async fn assert_nobody_else_waits(effect: Effect, begin: impl AsyncFn(&Tenant)) {
    for hours in [0, 1] {
        let (acme, other) = two(effect).await;
        let app = &acme.stack.handlers.app;
        maintain::scheduled(app, START.plus(HOUR), after(600)).await.unwrap();
        begin(&acme).await;
        let now = START.plus(2 * DAY + HOUR * hours);
        let maintained = maintain::scheduled(app, now, after(600)).await.unwrap();
        let merged = merge_users::scheduled(app, now, after(60_000)).await.unwrap();
        assert_eq!((maintained.done, maintained.failed), (1, 1), "{effect:?}, {hours}: {maintained:?}");
        assert_eq!((merged.done, merged.failed), (2, 0), "{effect:?}, {hours}: {merged:?}");
        for tenant in [&acme, &other] {
            assert_eq!(is_cared_for(tenant, now).await, (true, true), "{} {effect:?}, {hours}", tenant.org);
        }
    }
}

async fn ask_to_erase(tenant: &Tenant) {
    let erasure = PendingErasure {
        person: source(JANE).encoded(),
        identities: vec![source(JANE).encoded()],
        before: START.plus(HOUR),
        stage: Stage::Summaries(None),
    };
    tenant.store.put_erasure(&tenant.uid, &erasure).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_erasure_that_panics_keeps_nobody_from_the_merge_and_the_closing_of_days() {
    assert_nobody_else_waits(Effect::Panics, ask_to_erase).await;
}

#[tokio::test(start_paused = true)]
async fn an_erasure_that_never_ends_keeps_nobody_from_the_merge_and_the_closing_of_days() {
    assert_nobody_else_waits(Effect::Hangs, ask_to_erase).await;
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_that_never_ends_keeps_nobody_from_the_merge_and_the_closing_of_days() {
    assert_nobody_else_waits(Effect::Hangs, async |tenant| {
        rebuild::begin(&tenant.store, &tenant.uid, START.plus(HOUR)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn without_any_time_everything_is_left_and_nothing_fails() {
    let (acme, _) = two(Effect::Panics).await;
    ask_to_erase(&acme).await;
    let summary = maintain::scheduled(&acme.stack.handlers.app, START.plus(DAY), Instant::now()).await.unwrap();
    assert_eq!(summary, Summary { done: 0, failed: 0, left: 2 });
}
