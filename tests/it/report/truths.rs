//! Every group of real captures, number by number, against a second decoder.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use service::projection::days::close_days;
use service::report::groupings::{find, is_time, names};
use tools::activity::relived::Life;
use tools::activity::truth::labels;

use super::*;

/// Attributes that these clients send and that an organisation may ask for by name.
const OWN: [&str; 2] = ["organization.id", "os.version"];

/// What no captured session has a label of: nobody set attributes of their own or worked in a checkout with a remote, no
/// agent, skill or server was used, and the plugins were loaded and no more.
const NEVER_SAID: [&str; 11] = [
    "team",
    "repository",
    "entrypoint",
    "agent",
    "skill",
    "plugin",
    "mcp_server",
    "branch",
    "department",
    "cost_center",
    "group",
];

/// How many minutes clocks are ahead of UTC at a time.
type Ahead = fn(i64) -> i64;

/// Time zones. In Berlin clocks were set back on 25 October 2026.
const ZONES: [(&str, Ahead); 4] = [
    ("UTC", |_| 0),
    ("Asia/Kolkata", |_| 330),
    ("Asia/Kathmandu", |_| 345),
    ("Europe/Berlin", |time| if time < 1_792_890_000_000 { 120 } else { 60 }),
];

/// An organisation with the captured sessions, each 41 hours before the one after it, and what a second decoder reads in them.
async fn with_captures_of_a_month() -> (Tenant, Vec<truth::Flat>) {
    let tenant = Stack::start().tenant("acme").await;
    let named = json!({"report_attributes": OWN}).to_string();
    assert_eq!(tenant.ask("PUT /api/orgs/acme", &named).await.status, 200);
    let runs = captures();
    let mut flat = Vec::new();
    for (number, run) in runs.iter().enumerate() {
        let earlier = 41 * HOUR * i32::try_from(runs.len() - 1 - number).unwrap();
        let nanos = u64::try_from(earlier.as_nanos()).unwrap();
        for sent in requests(run) {
            let sent = Life { person: 0, session: number, earlier: nanos }.relive(&sent);
            tenant.send(&sent, START.plus(10 * MINUTE).minus(earlier)).await;
            flat.extend(truth::flat(&sent));
        }
    }
    tenant.project(NOW).await;
    (tenant, flat)
}

/// Closes the days that are over.
async fn close(tenant: &Tenant) {
    let (organisation, deadline) = (tenant.organisation().await, Instant::now() + Duration::from_secs(600));
    let mut written = 0;
    for at in [NOW.minus(2 * HOUR), NOW] {
        written += close_days(&tenant.store, &organisation, at, deadline).await.unwrap().written;
    }
    assert!(written >= captures().len() - 1, "{written}: every day but the present one is closed");
}

/// The rows of these sessions by what they are grouped by.
async fn rows(tenant: &Tenant, name: &str) -> BTreeMap<String, Value> {
    let range = "from=2026-10-01&to=2026-12-01&limit=1000";
    let answer = tenant.get(&format!("/activity?group_by={name}&{range}"), NOW).await;
    assert_eq!(answer["next_cursor"], Value::Null, "{name}");
    let rows = answer["items"].as_array().unwrap().iter();
    let key = |row: &Value| if name == "user" { row["user"]["id"].clone() } else { row[name].clone() };
    rows.map(|row| (key(row).to_string(), row.clone())).collect()
}

/// Compares every row, and says how many have a label and something to tell.
fn assert_rows(found: &BTreeMap<String, Value>, expected: &BTreeMap<String, Value>, what: &str) -> usize {
    let mut labelled = 0;
    for (key, numbers) in expected {
        let nothing = numbers.as_object().unwrap().values().all(|n| n.as_f64() == Some(0.0));
        labelled += usize::from(!nothing && key != "null");
        match found.get(key) {
            Some(row) => assert_row(row, numbers, &format!("{what} {key}")),
            None => assert!(nothing, "{what} {key} is missing"),
        }
    }
    assert!(found.keys().all(|key| expected.contains_key(key)), "{what}: {:?}", found.keys());
    labelled
}

#[tokio::test]
async fn every_label_of_every_dimension_has_the_numbers_of_a_second_decoder() {
    let (tenant, flat) = with_captures_of_a_month().await;
    let own = OWN.map(str::to_owned);
    let mut never_said = Vec::new();
    for is_closed in [false, true] {
        if is_closed {
            close(&tenant).await;
        }
        never_said.clear();
        for name in names(&own) {
            if name == "user" || is_time(&find(&name, &own).unwrap()) {
                continue;
            }
            let expected = truth::rows(&flat, |_, record| json!(labels::label(&name, record)));
            let what = format!("{name} (days closed: {is_closed})");
            if assert_rows(&rows(&tenant, &name).await, &expected, &what) == 0 {
                never_said.push(name);
            }
        }
    }
    assert_eq!(never_said, NEVER_SAID);
}

#[tokio::test]
async fn every_hour_day_week_and_month_has_the_numbers_of_a_second_decoder() {
    let (tenant, flat) = with_captures_of_a_month().await;
    for (zone, ahead) in ZONES {
        tenant.ask("PUT /api/orgs/acme", &json!({"timezone": zone}).to_string()).await;
        for (name, at_least) in [("hour", 18), ("day", 18), ("week", 5), ("month", 2)] {
            let expected = truth::rows(&flat, |_, record| json!(labels::time(name, record, ahead(record.time))));
            let told = assert_rows(&rows(&tenant, name).await, &expected, &format!("{name} in {zone}"));
            assert!(told >= at_least, "{name}: {:?}", expected.keys());
        }
    }
}

#[tokio::test]
async fn every_person_has_the_numbers_of_a_second_decoder() {
    let (tenant, flat) = with_captures_of_a_month().await;
    let users = tenant.get("/users?limit=1000", NOW).await;
    let users = users["items"].as_array().unwrap();
    let id = |name: &str| {
        let named = |user: &&Value| user["claude"].as_array().unwrap().iter().any(|c| c["value"] == name);
        let by_email = users.iter().find(|user| user["email"] == name);
        by_email.or_else(|| users.iter().find(named)).unwrap()["id"].clone()
    };
    let owners = truth::people(&flat);
    let people = truth::rows(&flat, |index, _| id(&owners[index]));
    assert!(assert_rows(&rows(&tenant, "user").await, &people, "user") > 2, "{:?}", people.keys());
}
