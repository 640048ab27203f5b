//! What came with a stolen token is taken out, and then everything is as if it had never come.

use std::time::{Duration, Instant};

use local::embedded::Embedded;
use model::time::{DAY, HOUR, MILLISECOND, SECOND, SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::Store;
use telemetry::claude::source::{SourceId, SourceKind};
use tools::activity::Sent;
use tools::activity::exports::{event, logs, metrics, point};
use tools::faults::{Fault, Faults};
use tools::reply::Reply;
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

mod hostile;
mod resumed;

/// The days before the theft; the theft; the rotation; and when somebody looks.
const YESTERDAY: Timestamp = START.minus(DAY);
const THEFT: Timestamp = START;
const ROTATION: Timestamp = START.plus(HOUR);
const NOW: Timestamp = START.plus(SignedDuration::from_hours(2));
/// As long as a slow machine needs: how long a request takes decides nothing here but where a test says so.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// Twenty people, of whom some are like others.
const PEOPLE: [&str; 5] = ["jane", "john", "maria", "ann", "robin"];

fn email(person: usize) -> String {
    match PEOPLE.get(person) {
        Some(name) => format!("{name}@example.com"),
        None => format!("person{person}@example.com"),
    }
}

fn request(at: Timestamp, who: Value, tokens: i64, dollars: f64) -> Value {
    let mut attributes = json!({"model": "m", "terminal.type": "tmux", "organization.id": "11111111-0000-4000-8000-000000000000",
        "input_tokens": tokens, "cost_usd": dollars});
    attributes.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
    event("api_request", at.0, attributes)
}

/// A piece of work of each of the first `people`, one after another from `at` on.
async fn work(tenant: &Tenant, people: usize, at: Timestamp) {
    for person in 0..people {
        let now = at.plus(SignedDuration::from_secs(person as i64));
        let session = format!("session-{person}-{}", at.count(DAY));
        let who = json!({"user.email": email(person), "user.id": format!("client{person}"), "session.id": session});
        let prompt = event("user_prompt", now.0, who.clone());
        tenant.send(&logs(json!({}), &[prompt, request(now, who.clone(), 100, 0.5)]), now).await;
        let mut added = who;
        added["type"] = json!("added");
        tenant.send(&metrics("claude_code.lines_of_code.count", 1, &[point(now.0 - 1, now.0, 3.0, added)]), now).await;
    }
}

/// What a thief sends, who invents so many people and makes up what others did.
fn loot(people: usize) -> Vec<Sent> {
    let at = THEFT.plus(SECOND);
    let invented: Vec<usize> = (0..people).collect();
    let crowds = invented.chunks(500).map(|crowd| {
        let records: Vec<Value> = crowd
            .iter()
            .map(|n| {
                let who = json!({"user.email": format!("invented{n}@example.com"), "user.id": format!("forged{n}"),
                    "session.id": format!("theft-{n}"), "app.version": "2.0.64"});
                // Some with a clock that cannot be right, some on a day that is over.
                let claimed = [at, Timestamp(0), YESTERDAY][n % 3];
                request(claimed, who, 1, 9.0)
            })
            .collect();
        logs(json!({}), &records)
    });
    let mut sent: Vec<Sent> = crowds.collect();
    let jane =
        |session: &str| json!({"user.email": "jane@example.com", "user.id": "thiefs-own", "session.id": session});
    sent.push(logs(json!({}), &[request(at, jane("made-up"), 1_000_000, 900.0)]));
    sent.push(logs(json!({}), &[request(YESTERDAY.plus(SECOND), jane("rewritten"), 1_000_000, 900.0)]));
    // Jane's installation under another's address and under none, and an account that puts two of them together.
    let forged = json!({"user.email": "evil@example.com", "user.id": "client0", "session.id": "evil"});
    sent.push(logs(json!({}), &[request(at, forged, 1, 1.0)]));
    sent.push(logs(json!({}), &[request(at, json!({"user.id": "client1", "session.id": "nameless"}), 1, 1.0)]));
    for address in ["ann@example.com", "robin@example.com", "mdoe@example.org"] {
        let who = json!({"user.email": address, "user.account_uuid": "one-account", "session.id": "joined"});
        sent.push(logs(json!({}), &[request(at, who, 1, 1.0)]));
    }
    sent
}

const AUTHORS: &str = "Jane Doe <jane@example.com>\nJohn Roe <john.roe@example.com>\nMaria Doe <md@example.org>\nMaria Roe <mr@example.org>\n\
     Mo Doe <mdoe@example.org>\nInventa Seven <invented7@example.com>\n";

/// An organisation with work of some people before and after the rotation of a token, and of a thief, if there is one, in between.
async fn tenant_over(store: Store, people: usize, theft: &[Sent]) -> Tenant {
    let mut tenant = Stack::start().over(store).patience(PATIENCE).tenant("acme").await;
    work(&tenant, people, YESTERDAY).await;
    tenant.project(YESTERDAY.plus(HOUR)).await;
    tenant.authors(AUTHORS).await;
    // Twice: a time zone that was not known before waits for an hour. Then the day is closed.
    for hours in [8, 22] {
        tick(&tenant, YESTERDAY.plus(SignedDuration::from_hours(hours))).await;
    }
    for sent in theft {
        tenant.send(sent, THEFT.plus(SECOND)).await;
    }
    tenant.project(THEFT.plus(SECOND)).await;
    tick(&tenant, THEFT.plus(20 * SECOND)).await;
    tenant.token = tenant.rotate("acme", 0, ROTATION).await;
    work(&tenant, people, ROTATION.plus(SECOND)).await;
    tenant.project(ROTATION.plus(HOUR / 2)).await;
    tenant
}

async fn tenant(people: usize, theft: &[Sent]) -> Tenant {
    tenant_over(fresh().await, people, theft).await
}

async fn fresh() -> Store {
    let store = Embedded::in_memory().unwrap().store();
    store.create_tables().await.unwrap();
    store
}

/// What the clock does.
async fn tick(tenant: &Tenant, now: Timestamp) {
    // The clock of a test may be ahead of the machine's.
    let deadline = tokio::time::Instant::now().into_std().max(Instant::now()) + Duration::from_secs(600);
    let tally = maintain::scheduled(&tenant.stack.handlers.app, now, deadline).await.unwrap();
    let merged = merge_users::scheduled(&tenant.stack.handlers.app, now, deadline).await.unwrap();
    assert_eq!(merged.failed, 0);
    assert_eq!((tally.failed, tally.left), (0, 0));
}

async fn remove(tenant: &Tenant, query: &str, now: Timestamp) -> Reply {
    tenant.ask_at(&format!("DELETE /api/orgs/acme/activity?{query}"), "", now).await
}

fn since_the_theft() -> String {
    format!("token_generation=1&from={THEFT}")
}

/// All that anybody is told, and how much is stored. When somebody was last put together with somebody else may be later, by the thief's
/// doing.
async fn told(tenant: &Tenant) -> Value {
    let mut told = json!({});
    for call in [
        "/status",
        "/activity",
        "/activity?group_by=day,user,model",
        "/activity?group_by=version,terminal&from=2019-01-01&to=2020-01-01",
        "/sessions?limit=1000",
        "/users?limit=1000&include=git",
        "/users/jane@example.com",
    ] {
        told[call] = tenant.get(call, NOW).await;
    }
    told["suggestions"] = tenant.ask_at("GET suggestions", "", NOW).await.json();
    let events = tenant.ask_at("GET /api/orgs/acme/events?limit=1000", "", NOW).await;
    told["events"] = json!(String::from_utf8(events.body.to_vec()).unwrap());
    let key = tenant.ask_at("POST admin-keys", "{}", NOW).await.text("admin_key");
    for day in ["2026-11-21", "2026-11-22"] {
        let call = format!("GET /v1/organizations/usage_report/claude_code?limit=1000&starting_at={day}");
        told[day] = tenant.ask_as(&key, &call, "", NOW).await.json();
    }
    told["packs"] = json!(tenant.pack_keys().await.len());
    told["summaries"] =
        json!(tenant.summaries().await.iter().map(|(at, source, _)| (at.0, source.encoded())).collect::<Vec<_>>());
    let sightings = tenant.sightings().await;
    told["sightings"] = json!(sightings.iter().map(|(s, sighting)| (s.encoded(), sighting)).collect::<Vec<_>>());
    without(&mut told, "merged_at");
    told
}

fn without(value: &mut Value, member: &str) {
    match value {
        Value::Object(members) => {
            members.remove(member);
            members.values_mut().for_each(|value| without(value, member));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| without(value, member)),
        _ => {}
    }
}

async fn assert_as_if_it_had_never_come(tenant: &Tenant, honest: &Value, what: &str) {
    tick(tenant, NOW).await;
    let now = told(tenant).await;
    for (call, answer) in honest.as_object().unwrap() {
        assert_eq!(&now[call], answer, "{what}: {call}");
    }
}

async fn honest(people: usize) -> Value {
    let tenant = tenant(people, &[]).await;
    tick(&tenant, NOW).await;
    told(&tenant).await
}

#[tokio::test]
async fn what_a_stolen_token_sent_is_taken_out_of_every_report_and_honest_work_stays() {
    let tenant = tenant(20, &loot(300)).await;
    let robbed = told(&tenant).await;
    assert!(robbed["/status"]["users"]["total"].as_u64().unwrap() > 300);
    assert!(robbed["/activity"]["total"]["cost_usd"].as_f64().unwrap() > 1_800.0);
    let reply = remove(&tenant, &since_the_theft(), NOW).await;
    assert_eq!(reply.status, 204, "{reply:?}");
    assert!(reply.body.is_empty());
    assert_as_if_it_had_never_come(&tenant, &honest(20).await, "removed").await;
}

#[tokio::test]
async fn a_removal_that_breaks_off_at_any_write_is_finished_by_asking_again_or_by_the_clock() {
    let (theft, honest) = (loot(3), honest(3).await);
    for n in (0..).step_by(9) {
        let faults = Faults::default();
        let store = Embedded::in_memory().unwrap().store_through(|client| faults.before(client));
        store.create_tables().await.unwrap();
        let tenant = tenant_over(store, 3, &theft).await;
        faults.arm_writes(n, [Fault::DiesBefore, Fault::DiesAfter][n % 4 / 2]);
        let _ = faults.or_dies(remove(&tenant, &since_the_theft(), NOW)).await;
        if faults.disarm() {
            assert!(n > 20, "{n} writes are fewer than it takes");
            return;
        }
        // Before the first write nothing says that it was asked for.
        if n % 2 == 0 {
            assert_eq!(remove(&tenant, &since_the_theft(), NOW).await.status, 204, "at write {n}");
        }
        assert_as_if_it_had_never_come(&tenant, &honest, &format!("at write {n}")).await;
    }
}

#[tokio::test]
async fn two_removals_at_once_and_one_more_remove_what_one_removes() {
    let tenant = tenant(3, &loot(12)).await;
    let query = since_the_theft();
    let (one, other) = tokio::join!(remove(&tenant, &query, NOW), remove(&tenant, &query, NOW));
    assert_eq!((one.status, other.status), (204, 204));
    assert_eq!(remove(&tenant, &query, NOW.plus(SECOND)).await.status, 204);
    assert_as_if_it_had_never_come(&tenant, &honest(3).await, "twice").await;
}

#[tokio::test]
async fn what_was_not_projected_when_it_was_removed_never_shows() {
    let tenant = tenant(3, &[]).await;
    assert_eq!(
        remove(&tenant, &format!("token_generation=2&from={NOW}&confirm=true"), NOW.plus(SECOND)).await.status,
        204
    );
    let who = json!({"user.email": "late@example.com", "session.id": "late"});
    tenant.send(&logs(json!({}), &[request(NOW, who, 1, 1.0)]), NOW).await;
    tenant.send(&logs(json!({}), &[request(NOW, json!({"user.email": "jane@example.com"}), 1, 1.0)]), NOW).await;
    tenant.project(NOW.plus(5 * SECOND)).await;
    assert_as_if_it_had_never_come(&tenant, &honest(3).await, "late").await;
}

#[tokio::test]
async fn what_is_projected_while_a_removal_waits_brings_nothing_back_and_loses_nothing() {
    // Jane goes on in a bucket that the thief wrote into.
    let goes_on = async |tenant: &Tenant| {
        let who = json!({"user.email": "jane@example.com", "user.id": "client0", "session.id": "late"});
        tenant.send(&logs(json!({}), &[request(THEFT.plus(2 * SECOND), who, 7, 0.25)]), NOW).await;
        tenant.project(NOW).await;
    };
    let mut robbed = tenant(3, &loot(3)).await;
    robbed.stack.handlers.app.patience = Duration::ZERO;
    assert_eq!(remove(&robbed, &since_the_theft(), NOW).await.status, 202);
    goes_on(&robbed).await;
    let honest = tenant(3, &[]).await;
    goes_on(&honest).await;
    tick(&honest, NOW).await;
    assert_as_if_it_had_never_come(&robbed, &told(&honest).await, "meanwhile").await;
}

#[tokio::test]
async fn what_arrived_at_other_times_or_with_other_tokens_stays() {
    let tenant = tenant(3, &loot(3)).await;
    let before = told(&tenant).await;
    for other in [
        format!("token_generation=1&to={THEFT}&from={}", YESTERDAY.plus(HOUR)),
        format!("token_generation=1&from={}", THEFT.plus(2 * SECOND)),
        format!("token_generation=2&from={THEFT}&to={ROTATION}&confirm=true"),
    ] {
        assert_eq!(remove(&tenant, &other, NOW).await.status, 204, "{other}");
        let after = told(&tenant).await;
        assert_eq!(after, before, "{other}");
    }
    assert_eq!(remove(&tenant, "token_generation=1", NOW).await.status, 204, "all of it");
    let left = tenant.get("/activity?group_by=day", NOW).await;
    assert_eq!(left["items"].as_array().unwrap().len(), 1, "what came with the second token: {left}");
}

#[tokio::test]
async fn a_removal_that_takes_longer_than_a_request_may_is_asked_for_where_the_answer_says() {
    let mut tenant = tenant(3, &loot(12)).await;
    tenant.stack.handlers.app.patience = Duration::ZERO;
    let begun = remove(&tenant, &since_the_theft(), NOW).await;
    assert_eq!((begun.status, begun.text("status")), (202, "running".into()), "{begun:?}");
    let location = begun.headers["location"].to_str().unwrap().to_owned();
    let path = location.strip_prefix(tools::stack::BASE_URL).unwrap();
    assert_eq!(path, format!("/api/orgs/acme/activity/removals/{}", begun.text("id")));
    let asked = async |now| tenant.ask_at(&format!("GET {path}"), "", now).await;
    assert_eq!((asked(NOW).await.status, asked(NOW).await.json()), (202, begun.json()), "asking changes nothing");
    let again = remove(&tenant, &since_the_theft(), NOW.plus(SECOND)).await;
    assert_eq!((again.status, again.text("id")), (202, begun.text("id")), "it is the same one");
    tick(&tenant, NOW).await;
    let done = asked(NOW).await;
    assert_eq!((done.status, done.text("status")), (200, "done".into()));
    // The thief's clients, and the six addresses and one installation that nobody honest has.
    assert_eq!((done.json()["packs"].as_i64(), done.json()["sources"].as_i64()), (Some(19), Some(17)), "{done:?}");
    assert_as_if_it_had_never_come(&tenant, &honest(3).await, "by the clock").await;
}

#[tokio::test]
async fn what_has_expired_as_events_stays_as_it_was_added_up() {
    let tenant = Stack::start().patience(PATIENCE).tenant("acme").await;
    // What the thief sends claims to be eighty days older than it is.
    let accepted = tenant.ask("PUT /api/orgs/acme", r#"{"limits": {"accept_late_days": 365}}"#).await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    let long_ago = START.minus(95 * DAY);
    for n in 0..3 {
        let who = json!({"user.email": "jane@example.com", "session.id": format!("s{n}")});
        tenant
            .send(&logs(json!({}), &[request(long_ago.plus(SignedDuration::from_millis(n)), who, 10, 1.0)]), long_ago)
            .await;
    }
    tenant.project(long_ago).await;
    let of_that_day = format!("/activity?from={}&to={}", long_ago.minus(DAY), long_ago.plus(DAY));
    let honest = tenant.get(&of_that_day, NOW).await;
    assert_eq!(honest["total"]["input_tokens"], 30);
    let theft = START.minus(15 * DAY);
    let who = json!({"user.email": "jane@example.com", "session.id": "rewritten"});
    tenant.send(&logs(json!({}), &[request(long_ago.plus(9 * MILLISECOND), who, 1_000, 1.0)]), theft).await;
    tenant.project(theft).await;
    let robbed = tenant.get(&of_that_day, NOW).await;
    assert_eq!(robbed["total"]["input_tokens"], 1_030);
    assert_eq!(remove(&tenant, &format!("token_generation=1&from={theft}&confirm=true"), NOW).await.status, 204);
    tenant.project(NOW).await;
    assert_eq!(tenant.get(&of_that_day, NOW).await, robbed, "nobody can tell any more what of it was whose");
    assert_eq!(tenant.pack_keys().await.len(), 3, "the thief's is gone");
    let jane = tenant.get("/users/jane@example.com", NOW).await;
    let first = SourceId::new(SourceKind::Email, "jane@example.com");
    assert_eq!(
        (jane["id"].as_str(), jane["first_seen"].as_str()),
        (Some(&*first.encoded()), Some(&*long_ago.to_string()))
    );
    assert_eq!(jane["last_seen"], jane["first_seen"], "of what expired it is known no better");
}
