//! Days of many people are put together, and say what they said, whatever changes meanwhile.

use std::collections::BTreeSet;

use jiff::civil::Date;
use model::bucket::Bucket;
use model::organisation::Uid;
use store::day::blocks::Blocked;
use store::day::{StoredDay, StoredDays};
use store::keys::SHARDS;
use store::summary::LIFE;
use telemetry::activity::wire::block::Block;

use super::*;

/// Enough for several in each shard.
const PEOPLE: i64 = 80;

fn source_of(person: i64) -> SourceId {
    SourceId::new(SourceKind::Client, &format!("client-{person}"))
}

/// A request of somebody, by tokens.
fn request_of(person: i64, tokens: i64) -> Sent {
    request_at(person, START, tokens)
}

fn request_at(person: i64, at: Timestamp, tokens: i64) -> Sent {
    let attributes = json!({"session.id": format!("session-{person}"), "user.id": format!("client-{person}"),
        "model": "m", "terminal.type": "tmux", "input_tokens": tokens});
    logs(json!({}), &[event("api_request", at.0 + person, attributes)])
}

async fn with_people() -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    for person in 0..PEOPLE {
        tenant.send(&request_of(person, person), START).await;
    }
    tenant.project(START).await;
    tenant
}

fn date() -> Date {
    keys::utc_date(Bucket::of(START))
}

/// What is stored of the day, shard by shard.
async fn stored(tenant: &Tenant) -> Vec<StoredDays> {
    let uid = tenant.organisation().await.uid;
    let mut shards = Vec::new();
    for shard in 0..SHARDS {
        shards.push(tenant.store.days(&uid, shard, (date(), date()), Reading::Latest).await.unwrap());
    }
    shards
}

/// The sources in blocks.
fn together(shards: &[StoredDays], are_whole: bool) -> BTreeSet<SourceId> {
    let blocks = shards.iter().flat_map(|shard| &shard.blocks).map(|block| block.open().unwrap());
    let sources = |block: Block| {
        assert_eq!(block.is_whole(), are_whole);
        block.sources().collect::<Vec<_>>()
    };
    blocks.flat_map(sources).collect()
}

/// How many sources have an item of their own, and who is in a block: in its outlines as in its summaries.
async fn places(tenant: &Tenant) -> (usize, BTreeSet<SourceId>) {
    let (uid, shards) = (tenant.organisation().await.uid, stored(tenant).await);
    let own = shards.iter().flat_map(|shard| &shard.days).filter(|day| day.source.is_some()).count();
    let mut whole = Vec::new();
    for shard in 0..SHARDS {
        whole.push(tenant.store.whole_days(&uid, shard, (date(), date()), Reading::Latest).await.unwrap());
    }
    let found = together(&whole, true);
    assert_eq!(together(&shards, false), found);
    (own, found)
}

fn tokens(answer: &Value) -> i64 {
    answer["total"]["input_tokens"].as_i64().unwrap()
}

#[tokio::test]
async fn days_that_are_put_together_say_what_they_said() {
    let tenant = with_people().await;
    let open = shown(&tenant, LATER).await;
    let everybody: BTreeSet<SourceId> = (0..PEOPLE).map(source_of).collect();
    assert_eq!(close(&tenant, LATER).await, PEOPLE as usize);
    assert_eq!(places(&tenant).await, (PEOPLE as usize, everybody.clone()), "both at first");
    assert_eq!(shown(&tenant, LATER).await, open);
    close(&tenant, LATER.plus(HOUR / 2)).await;
    assert_eq!(places(&tenant).await.0, PEOPLE as usize, "who reads may have missed the block");
    assert_eq!(close(&tenant, LATER.plus(HOUR)).await, 0);
    assert_eq!(places(&tenant).await, (0, everybody));
    assert_eq!(shown(&tenant, LATER).await, open);
    assert_eq!(close(&tenant, LATER.plus(HOUR * 2)).await, 0, "and stay so");
    assert_eq!(shown(&tenant, LATER).await, open);
}

async fn put_together(tenant: &Tenant) {
    close(tenant, LATER).await;
    close(tenant, LATER.plus(HOUR)).await;
    assert_eq!(places(tenant).await.0, 0);
}

#[tokio::test]
async fn a_late_export_comes_before_what_a_block_says_of_its_source_and_of_nobody_else() {
    let tenant = with_people().await;
    put_together(&tenant).await;
    let before = tokens(&tenant.get("/activity", LATER).await);
    tenant.send(&request_of(7, 1_000), LATER).await;
    tenant.project(LATER).await;
    assert_eq!(tokens(&tenant.get("/activity", LATER).await), before + 1_000, "open again");
    for days in 1..4 {
        let now = LATER.plus(DAY * days);
        close(&tenant, now).await;
        assert_eq!(tokens(&tenant.get("/activity?from=2026-11-01", now).await), before + 1_000);
    }
    let (own, together) = places(&tenant).await;
    assert_eq!((own, together.len()), (1, PEOPLE as usize), "what changed once stays apart");
    tenant.send(&request_of(7, 10_000), LATER).await;
    tenant.project(LATER).await;
    assert_eq!(tokens(&tenant.get("/activity", LATER).await), before + 11_000);
}

#[tokio::test]
async fn whoever_is_forgotten_is_in_no_block() {
    let tenant = with_people().await;
    put_together(&tenant).await;
    let before = tokens(&tenant.get("/activity", LATER).await);
    let id = source_of(9).encoded();
    assert_eq!(tenant.ask_at(&format!("DELETE /api/orgs/acme/users/{id}"), "", LATER).await.status, 204);
    let (_, together) = places(&tenant).await;
    assert_eq!((together.contains(&source_of(9)), together.len()), (false, PEOPLE as usize - 1));
    assert_eq!(tokens(&tenant.get("/activity", LATER).await), before - 9);
    close(&tenant, LATER.plus(DAY)).await;
    close(&tenant, LATER.plus(DAY * 2)).await;
    assert!(!places(&tenant).await.1.contains(&source_of(9)));
    assert_eq!(tokens(&tenant.get("/activity", LATER).await), before - 9);
}

#[tokio::test]
async fn what_a_deadline_leaves_is_forgotten_the_next_time() {
    let tenant = with_people().await;
    put_together(&tenant).await;
    let (uid, gone) = (tenant.organisation().await.uid, BTreeSet::from([source_of(0), source_of(1)]));
    assert!(!tenant.store.forget_days(&uid, &gone, LATER, Instant::now()).await.unwrap());
    assert!(places(&tenant).await.1.is_superset(&gone), "there was no time for any of it");
    assert!(tenant.store.forget_days(&uid, &gone, LATER, soon()).await.unwrap());
    assert!(places(&tenant).await.1.is_disjoint(&gone));
}

#[tokio::test]
async fn whoever_is_forgotten_beside_others_of_the_same_day_is_in_no_block() {
    let tenant = with_people().await;
    put_together(&tenant).await;
    let uid = tenant.organisation().await.uid;
    let forget = async |person| {
        let gone = BTreeSet::from([source_of(person)]);
        tenant.store.forget_days(&uid, &gone, LATER, soon()).await.unwrap()
    };
    let all = futures::future::join_all((0..PEOPLE / 2).map(forget)).await;
    assert_eq!(all, vec![true; PEOPLE as usize / 2]);
    assert_eq!(places(&tenant).await.1, (PEOPLE / 2..PEOPLE).map(source_of).collect());
}

/// The shard of somebody's day, with what is stored of it.
async fn shard_of(tenant: &Tenant, uid: &Uid, person: i64) -> (u8, StoredDays) {
    let shard = keys::shard(source_of(person));
    (shard, tenant.store.days(uid, shard, (date(), date()), Reading::Latest).await.unwrap())
}

#[tokio::test]
async fn what_was_read_before_somebody_was_forgotten_is_not_put_together_afterwards() {
    let tenant = with_people().await;
    let uid = tenant.organisation().await.uid;
    // Closed, and the job has read what it is about to put together.
    close(&tenant, LATER).await;
    let (shard, read) = shard_of(&tenant, &uid, 9).await;
    let mark = read.days.iter().find(|day| day.source.is_none()).unwrap().version;
    let own: Vec<&StoredDay> = read.days.iter().filter(|day| day.source.is_some()).collect();
    let id = source_of(9).encoded();
    assert_eq!(tenant.ask_at(&format!("DELETE /api/orgs/acme/users/{id}"), "", LATER).await.status, 204);
    let blocked = Blocked { uid: &uid, date: date(), shard, zone: "UTC" };
    assert!(!tenant.store.put_blocks(blocked, (&own, mark), &read.blocks, LATER).await.unwrap());
    assert!(!tenant.store.put_blocks(blocked, (&own, mark), &[], LATER).await.unwrap());
    assert!(!places(&tenant).await.1.contains(&source_of(9)));
}

#[tokio::test]
async fn an_item_that_changed_since_it_was_put_together_stays() {
    let tenant = with_people().await;
    let uid = tenant.organisation().await.uid;
    close(&tenant, LATER).await;
    tenant.send(&request_of(7, 1_000), LATER).await;
    tenant.project(LATER).await;
    tenant.store.delete_blocked_day(&uid, date(), source_of(7), "UTC").await.unwrap();
    tenant.store.delete_blocked_day(&uid, date(), source_of(8), "Asia/Kathmandu").await.unwrap();
    assert_eq!(places(&tenant).await.0, PEOPLE as usize, "of another version, and of another time zone");
    tenant.store.delete_blocked_day(&uid, date(), source_of(8), "UTC").await.unwrap();
    assert_eq!(places(&tenant).await.0, PEOPLE as usize - 1);
}

#[tokio::test]
async fn blocks_of_another_time_zone_count_no_more_and_are_replaced() {
    let tenant = with_people().await;
    put_together(&tenant).await;
    tenant.ask("PUT /api/orgs/acme", r#"{"timezone": "Asia/Kathmandu"}"#).await;
    let open = shown(&tenant, LATER).await;
    for hours in [4, 6, 8, 10] {
        close(&tenant, LATER.plus(HOUR * hours)).await;
        assert_eq!(shown(&tenant, LATER).await, open, "{hours} hours later");
    }
    let (own, together) = places(&tenant).await;
    assert_eq!((own, together.len()), (0, PEOPLE as usize));
    let zones: BTreeSet<String> =
        stored(&tenant).await.into_iter().flat_map(|shard| shard.blocks).map(|block| block.zone).collect();
    assert_eq!(zones, ["Asia/Kathmandu".to_owned()].into());
}

#[tokio::test]
async fn what_came_with_a_stolen_token_is_in_no_block_afterwards() {
    let tenant = with_people().await;
    put_together(&tenant).await;
    let asked = format!("token_generation=1&from={}&confirm=true", START.minus(HOUR));
    let removed = tenant.ask_at(&format!("DELETE /api/orgs/acme/activity?{asked}"), "", LATER).await;
    assert_eq!(removed.status, 204, "{:?}", removed.body);
    assert_eq!(places(&tenant).await.1, BTreeSet::new());
    assert_eq!(tokens(&tenant.get("/activity", LATER).await), 0);
}

/// What was done on each day: by whom, and how many tokens.
async fn by_day(tenant: &Tenant) -> Vec<(String, String, i64)> {
    let answer = tenant.get("/activity?group_by=day,user&limit=1000", LATER).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let row = |row: &Value| (text(&row["day"]), text(&row["user"]["id"]), row["input_tokens"].as_i64().unwrap());
    answer["items"].as_array().unwrap().iter().map(row).collect()
}

#[tokio::test]
async fn a_removal_leaves_the_days_before_and_after_as_they_were_in_any_time_zone() {
    for zone in ["UTC", "Asia/Tokyo", "America/Los_Angeles"] {
        let tenant = Stack::start().tenant("acme").await;
        tenant.ask("PUT /api/orgs/acme", &json!({"timezone": zone}).to_string()).await;
        // What is put together was projected before its day was over. The token is stolen on the second day.
        let stolen = START;
        for (day, at) in [START.minus(DAY), stolen, START.plus(DAY)].into_iter().enumerate() {
            for person in 0..PEOPLE {
                tenant.send(&request_at(person, at, 1 + day as i64), at).await;
            }
            tenant.project(at).await;
        }
        put_together(&tenant).await;
        let mut honest = by_day(&tenant).await;
        honest.retain(|(.., tokens)| *tokens != 2);
        assert_eq!(honest.len(), 2 * PEOPLE as usize);
        let (from, to) = (stolen.minus(HOUR), stolen.plus(HOUR));
        let asked = format!("token_generation=1&from={from}&to={to}&confirm=true");
        let removed = tenant.ask_at(&format!("DELETE /api/orgs/acme/activity?{asked}"), "", LATER).await;
        assert_eq!(removed.status, 204, "{:?}", removed.body);
        assert_eq!(by_day(&tenant).await, honest, "{zone}");
        for hours in [2, 4] {
            close(&tenant, LATER.plus(HOUR * hours)).await;
            assert_eq!(by_day(&tenant).await, honest, "{zone}, {hours} hours later");
        }
    }
}

#[tokio::test]
async fn a_day_expires_with_what_it_was_made_from() {
    let tenant = with_people().await;
    put_together(&tenant).await;
    let uid = tenant.organisation().await.uid;
    let expired = START.plus(LIFE + DAY);
    for shard in 0..SHARDS {
        let day = format!("{:02}", date().day());
        let ends = (day.clone(), format!("{day}#~"));
        let mut items = Vec::new();
        for (first, last) in [ends, keys::whole_blocks((date(), date()))] {
            let partition = keys::day_partition(&uid, date(), shard);
            items.extend(tenant.store.between(&partition, Some((&first, &last)), Reading::Latest).await.unwrap());
        }
        let days = |item: &store::Item| (item.required_number(keys::TTL).unwrap() - expired.seconds()) / 86_400;
        assert!(!items.is_empty() && items.iter().all(|item| (0..2).contains(&days(item))), "{items:?}");
    }
    let question = "/activity?from=2026-11-20&to=2026-11-25";
    assert_eq!(tokens(&tenant.get(question, LATER).await), (0..PEOPLE).sum::<i64>());
    assert_eq!(tokens(&tenant.get(question, expired).await), 0, "before DynamoDB has deleted it, too");
}
