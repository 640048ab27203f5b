//! Lists of sessions over closed days and open ones, which read no more than the days that they show.

use aws_sdk_dynamodb::types::AttributeValue;
use service::people::directory::Directory;
use service::report::filters::Filters;
use service::report::range::Range;
use service::report::sessions::{latest, listed, of_range};
use store::keys::SHARDS;
use telemetry::activity::measure::Measure;

use super::*;

/// Enough for several in each shard.
const PEOPLE: i64 = 48;

/// Four days of many people: sessions of one day, over midnight, and gone on with two days later; the last day stays open.
async fn with_sessions() -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    let noon = START.floor(DAY).plus(12 * HOUR);
    let record = |person: i64, session: &str, at: Timestamp| {
        let attributes = json!({"session.id": format!("{session}-{person}"), "user.email": format!("p{person}@example.com"),
            "model": "m", "terminal.type": "tmux", "input_tokens": 1 + person, "cost_usd": 0.01});
        event("api_request", at.0 + person, attributes)
    };
    for day in 0..4 {
        let at = noon.plus(day * DAY);
        for person in 0..PEOPLE {
            let mut records = vec![record(person, &format!("short-{day}"), at)];
            if (person + i64::from(day)) % 3 == 0 {
                records.push(record(person, &format!("night-{day}"), at.plus(11 * HOUR)));
            }
            if day > 0 && (person + i64::from(day) - 1) % 3 == 0 {
                records.push(record(person, &format!("night-{}", day - 1), at.minus(11 * HOUR)));
            }
            if day % 2 == 0 && person % 4 == 0 {
                records.push(record(person, "resumed", at.minus(HOUR)));
            }
            // On the same day, or it would be no block that tells of it.
            tenant.send(&logs(json!({}), &records), at.plus(11 * HOUR + HOUR / 2)).await;
        }
        tenant.project(at.plus(11 * HOUR + HOUR / 2)).await;
    }
    tenant
}

/// When all days but the last are over and closed.
fn now() -> Timestamp {
    START.floor(DAY).plus(3 * DAY + 14 * HOUR)
}

/// Everything that pages of sessions show, one after another.
async fn in_pages(tenant: &Tenant, question: &str, limit: usize) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = tenant.get(&format!("/sessions?limit={limit}{question}{cursor}"), now()).await;
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[tokio::test]
async fn pages_of_sessions_follow_each_other_as_one_page_has_them_whether_days_are_closed_or_open() {
    let tenant = with_sessions().await;
    let questions =
        ["", "&user=p4%40example.com", "&from=2026-11-21&to=2026-11-23", "&session=resumed-8", "&session=nobody"];
    let mut open = Vec::new();
    for question in questions {
        open.push(in_pages(&tenant, question, 1_000).await);
    }
    let found: Vec<usize> = open.iter().map(Vec::len).collect();
    let nights = found[0] - 4 * PEOPLE as usize - PEOPLE as usize / 4;
    assert!((3 * PEOPLE as usize / 3..4 * PEOPLE as usize / 3).contains(&nights), "{found:?}");
    assert_eq!(found[3..], [1, 0]);
    assert!(close(&tenant, now()).await > PEOPLE as usize);
    for (question, open) in questions.iter().zip(&open) {
        for limit in [1_000, 50, 7] {
            assert_eq!(&in_pages(&tenant, question, limit).await, open, "{question} by {limit}");
        }
    }
}

#[tokio::test]
async fn the_latest_sessions_are_the_last_of_all_from_any_place_on() {
    let tenant = with_sessions().await;
    close(&tenant, now()).await;
    let organisation = tenant.organisation().await;
    let directory = Directory::read(&tenant.store, &organisation.uid).await.unwrap();
    let (filters, range) = (Filters::default(), Range { from: now().minus(30 * DAY), to: now().plus(DAY) });
    let asked = (range, &filters);
    let mut all = of_range(&tenant.store, &organisation, &directory, asked, now()).await.unwrap();
    all.reverse();
    let listed = listed(&tenant.store, &organisation, &directory, asked, now()).await.unwrap();
    assert_eq!(listed.len(), all.len());
    for (skip, take) in [(0, 30), (0, 1), (29, 30), (all.len() - 3, 30), (all.len(), 30), (0, 1_000)] {
        let place = (&listed, skip, take);
        let found = latest(&tenant.store, &organisation, &directory, asked, place, now()).await.unwrap();
        let wanted: Vec<_> = all.iter().skip(skip).take(take).collect();
        assert_eq!(format!("{:?}", found.iter().collect::<Vec<_>>()), format!("{wanted:?}"), "{take} from {skip} on");
    }
}

/// Who is in another shard than `other`.
fn apart_from(other: &str) -> String {
    let shard = |address: &str| keys::shard(SourceId::new(SourceKind::Email, address));
    let mut others = (0..).map(|number| format!("other{number}@example.com"));
    others.find(|address| shard(address) != shard(other)).unwrap()
}

#[tokio::test]
async fn what_somebody_elses_events_explain_of_one_persons_metrics_is_not_counted_as_theirs() {
    let tenant = Stack::start().tenant("acme").await;
    let (jane, john) = ("jane@example.com".to_owned(), apart_from("jane@example.com"));
    let about = |user: &str| json!({"session.id": "shared", "user.email": user, "model": "m", "type": "input"});
    let of = |user: &str, tokens: i64| {
        let mut about = about(user);
        about["input_tokens"] = json!(tokens);
        logs(json!({}), &[event("api_request", START.0, about)])
    };
    tenant.send(&of(&jane, 7), START).await;
    tenant.send(&of(&john, 1), START).await;
    tenant
        .send(
            &metrics("claude_code.token.usage", 1, &[point(START.0 - 1_000, START.0 + 1_000, 8.0, about(&john))]),
            START,
        )
        .await;
    tenant.project(START).await;
    let organisation = tenant.organisation().await;
    let directory = Directory::read(&tenant.store, &organisation.uid).await.unwrap();
    for is_closed in [false, true] {
        if is_closed {
            close(&tenant, LATER).await;
        }
        for (user, tokens) in [(&john, 1), (&jane, 7)] {
            let filters = Filters::of([("user", user.as_str())], &organisation).unwrap();
            let shard = |address: &str| keys::shard(SourceId::new(SourceKind::Email, address));
            let other = if user == &john { &jane } else { &john };
            assert!(filters.shards(&directory).has(shard(user)) && !filters.shards(&directory).has(shard(other)));
            let asked = (Range { from: START.minus(DAY), to: START.plus(DAY) }, &filters);
            let listed = listed(&tenant.store, &organisation, &directory, asked, LATER).await.unwrap();
            assert_eq!(listed.total.numbers[Measure::Input], tokens, "{user}, closed: {is_closed}");
            let question = format!("/activity?from=2026-11-20&to=2026-11-25&user={}", user.replace('@', "%40"));
            assert_eq!(tenant.get(&question, LATER).await["total"]["input_tokens"], tokens);
        }
    }
}

#[tokio::test]
async fn a_session_of_two_people_was_when_the_one_who_is_asked_for_was_in_it() {
    let tenant = Stack::start().tenant("acme").await;
    let (jane, john) = ("jane@example.com".to_owned(), apart_from("jane@example.com"));
    for (user, at) in [(&jane, START), (&john, START.plus(2 * DAY))] {
        let about = json!({"session.id": "shared", "user.email": user, "model": "m", "input_tokens": 1});
        tenant.send(&logs(json!({}), &[event("api_request", at.0, about)]), at).await;
        tenant.project(at).await;
    }
    let organisation = tenant.organisation().await;
    let directory = Directory::read(&tenant.store, &organisation.uid).await.unwrap();
    let range = Range { from: START.minus(DAY), to: START.plus(4 * DAY) };
    for (user, at) in [(&jane, START), (&john, START.plus(2 * DAY))] {
        let filters = Filters::of([("user", user.as_str())], &organisation).unwrap();
        let asked = (range, &filters);
        let listed = listed(&tenant.store, &organisation, &directory, asked, LATER).await.unwrap();
        let page = latest(&tenant.store, &organisation, &directory, asked, (&listed, 0, 8), LATER).await.unwrap();
        let whole = of_range(&tenant.store, &organisation, &directory, asked, LATER).await.unwrap();
        for found in [&page, &whole] {
            assert_eq!(found.iter().map(|session| session.span.first).collect::<Vec<_>>(), [at], "{user}");
        }
    }
}

/// Puts blocks as the first release with blocks had them: one item, of summaries, where outlines are now.
async fn make_them_old(tenant: &Tenant) -> usize {
    let (client, table) = (tenant.store.client(), tenant.store.activity());
    let (uid, mut made) = (tenant.organisation().await.uid, 0);
    let date = keys::utc_date(Bucket::of(START));
    for shard in 0..SHARDS {
        let (first, last) = keys::whole_blocks((date.first_of_month(), date.last_of_month()));
        let partition = keys::day_partition(&uid, date, shard);
        for whole in tenant.store.between(&partition, Some((&first, &last)), Reading::Latest).await.unwrap() {
            let sk = whole.required_text(keys::SK).unwrap().trim_start_matches(keys::BLOCK).to_owned();
            let key = |sk: &str| {
                [(keys::PK, partition.as_str()), (keys::SK, sk)]
                    .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())))
            };
            let mut item =
                client.get_item().table_name(table).set_key(Some(key(&sk).into())).send().await.unwrap().item.unwrap();
            let apart = key(whole.required_text(keys::SK).unwrap());
            let bytes = client
                .get_item()
                .table_name(table)
                .set_key(Some(apart.clone().into()))
                .send()
                .await
                .unwrap()
                .item
                .unwrap();
            item.remove("o").unwrap();
            item.insert("b".into(), bytes["b"].clone());
            client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
            client.delete_item().table_name(table).set_key(Some(apart.into())).send().await.unwrap();
            made += 1;
        }
    }
    made
}

#[tokio::test]
async fn blocks_of_the_first_release_that_had_them_say_the_same_and_forget_as_well() {
    let tenant = with_sessions().await;
    let open = shown(&tenant, now()).await;
    close(&tenant, now()).await;
    close(&tenant, now().plus(2 * HOUR)).await;
    assert!(make_them_old(&tenant).await >= 2 * usize::from(SHARDS));
    assert_eq!(shown(&tenant, now()).await, open);
    assert_eq!(tenant.ask_at("DELETE /api/orgs/acme/users/p5%40example.com", "", now().plus(DAY)).await.status, 204);
    let left = in_pages(&tenant, "", 1_000).await;
    let is_theirs = |session: &&Value| session["id"].as_str().unwrap().ends_with("-5");
    assert_eq!(left.iter().filter(is_theirs).count(), 0);
    assert!(left.len() > 3 * PEOPLE as usize);
}
