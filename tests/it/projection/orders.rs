//! Exports in any order, late, of several processes: the outcome is one.

use super::*;

use model::time::{MILLISECOND, SignedDuration};

/// Every derived item of buckets and sightings, byte for byte.
async fn stored(tenant: &Tenant) -> Vec<String> {
    let scan = tenant.store.client().scan().table_name(tenant.store.activity()).consistent_read(true);
    let items = scan.send().await.unwrap().items.unwrap();
    let uid = tenant.organisation().await.uid;
    let derived = |pk: &str| pk.contains("#SUM#") || pk.contains("#SEEN#");
    let mut found: Vec<String> = items
        .iter()
        .filter(|item| derived(item["pk"].as_s().unwrap()))
        .map(|item| {
            // How often something was written is no outcome.
            let mut attributes: Vec<String> = item
                .iter()
                .filter(|(name, _)| *name != "revision")
                .map(|(name, value)| format!("{name}={value:?}").replace(uid.as_str(), "uid"))
                .collect();
            attributes.sort();
            attributes.join(" ")
        })
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

fn some_exports() -> Vec<Sent> {
    let names = ["pb-tools", "pb-oauth", "json-tools", "pb-tui", "pb-bedrock", "old-2.0.77-pb-tools"];
    names.map(requests).into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn projecting_twice_out_of_order_and_at_once_stores_the_same_bytes() {
    let sent = some_exports();
    let (once, reversed, at_once) =
        (Stack::start().tenant("acme").await, Stack::start().tenant("acme").await, Stack::start().tenant("acme").await);
    for export in &sent {
        once.send(export, START).await;
    }
    once.project(START).await;
    let expected = stored(&once).await;
    once.project(START).await;
    assert_eq!(stored(&once).await, expected, "twice");
    for export in sent.iter().rev() {
        reversed.send(export, START).await;
        reversed.project(START).await;
    }
    assert_eq!(stored(&reversed).await, expected, "one by one, from the last to the first");
    let mut running = tokio::task::JoinSet::new();
    for export in sent {
        let tenant = at_once.clone();
        running.spawn(async move {
            tenant.send(&export, START).await;
            while tenant.stream(&tenant.pack_keys().await, START).await != json!({"batchItemFailures": []}) {}
        });
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
    assert_eq!(stored(&at_once).await, expected, "at once");
}

/// What a counter of a process says after so many minutes.
fn counter(process: i64, minute: i64, value: f64) -> Sent {
    let begin = START.plus(SignedDuration::from_millis(process * 7));
    let attributes = json!({"user.id": "c", "session.id": "s", "type": "added"});
    let at = START.plus(SignedDuration::from_mins(minute));
    metrics("claude_code.lines_of_code.count", 2, &[point(begin.0, at.0, value, attributes)])
}

#[tokio::test]
async fn cumulative_counters_of_several_processes_over_three_hours_are_exact_late_and_out_of_order() {
    let mut sent = Vec::new();
    let mut truth = 0.0;
    // Three processes of one session and identity; the second one begins again at zero after two hours, without saying so.
    for process in 0..3 {
        let (mut value, mut before) = (0.0, 0.0);
        for minute in (1..=180).step_by(5) {
            value += f64::from((minute * (process + 3)) % 11);
            if process == 1 && minute == 121 {
                (value, before) = (2.0, 0.0);
            }
            truth += value - before;
            before = value;
            sent.push(counter(process.into(), minute.into(), value));
        }
    }
    let lines = async |tenant: &Tenant| {
        let answer = tenant.get("/activity?from=2026-11-21&to=2026-11-23", START.plus(6 * DAY)).await;
        answer["total"]["lines_added"].as_f64().unwrap()
    };
    let in_order = Stack::start().tenant("acme").await;
    for (index, export) in sent.iter().enumerate() {
        in_order.send(export, START.plus(SignedDuration::from_millis(index as i64))).await;
    }
    in_order.project(START).await;
    assert_eq!(lines(&in_order).await, truth);
    // A shuffle that is the same every time; a third arrives days later, and some twice.
    let late = Stack::start().tenant("acme").await;
    for index in 0..sent.len() {
        let place = (index * 41 + 17) % sent.len();
        let now = START
            .plus(if place % 3 == 0 { 5 * DAY } else { SignedDuration::ZERO })
            .plus(SignedDuration::from_millis(index as i64));
        late.send(&sent[place], now).await;
        if place % 5 == 0 {
            late.send(&sent[place], now.plus(MILLISECOND)).await;
        }
        if index % 9 == 0 {
            late.project(now).await;
        }
    }
    late.project(START.plus(5 * DAY)).await;
    assert_eq!(lines(&late).await, truth);
    let counted = |found: Vec<(Bucket, SourceId, Summary)>| -> Vec<_> {
        found.into_iter().map(|(bucket, source, summary)| (bucket, source, summary.rows, summary.series)).collect()
    };
    assert_eq!(counted(late.summaries().await), counted(in_order.summaries().await));
}

#[tokio::test]
async fn delta_counters_of_several_processes_under_one_identity_add_up() {
    let tenant = Stack::start().tenant("acme").await;
    // The same moment, the same attributes, the same value, from processes that began at different times.
    for process in 0..4 {
        let attributes = json!({"user.id": "c", "session.id": "s"});
        let points = [point(START.minus(SignedDuration::from_millis(process)).0, START.0, 2.0, attributes)];
        tenant.send(&metrics("claude_code.commit.count", 1, &points), START).await;
    }
    tenant.project(START).await;
    assert_eq!(tenant.total().await["commits"], 8);
}
