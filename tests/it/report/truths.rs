//! Every group of real captures, number by number, against a second decoder.

use std::collections::BTreeMap;

use model::time::SignedDuration;

use super::*;

/// The rows of `answer` by what they were grouped by.
fn rows(answer: &Value, name: &str) -> BTreeMap<String, Value> {
    let rows = answer["items"].as_array().unwrap().iter();
    let key = |row: &Value| if name == "user" { row["user"]["id"].clone() } else { row[name].clone() };
    rows.map(|row| (key(row).to_string(), row.clone())).collect()
}

fn assert_rows(found: &BTreeMap<String, Value>, expected: &BTreeMap<String, Value>, what: &str) {
    for (key, numbers) in expected {
        let nothing = numbers.as_object().unwrap().values().all(|n| n.as_f64() == Some(0.0));
        match found.get(key) {
            Some(row) => assert_row(row, numbers, &format!("{what} {key}")),
            None => assert!(nothing, "{what} {key} is missing"),
        }
    }
    assert!(found.keys().all(|key| expected.contains_key(key)), "{what}: {:?}", found.keys());
}

#[tokio::test]
async fn every_person_model_tool_and_day_has_the_numbers_of_a_second_decoder() {
    let (tenant, flat) = with_captures(&captures()).await;
    let activity = async |name: &str| tenant.get(&format!("/activity?group_by={name}&limit=1000"), NOW).await;
    let models = truth::rows(&flat, |_, record| json!(truth::model(record)));
    assert!(models.len() > 3, "{:?}", models.keys());
    assert_rows(&rows(&activity("model").await, "model"), &models, "model");
    let tools = truth::rows(&flat, |_, record| json!(truth::tool(record)));
    assert!(tools.len() > 3, "{:?}", tools.keys());
    assert_rows(&rows(&activity("tool").await, "tool"), &tools, "tool");
    let users = tenant.get("/users?limit=1000", NOW).await;
    let id = |name: &str| {
        let named = |user: &&Value| user["claude"].as_array().unwrap().iter().any(|c| c["value"] == name);
        let by_email = users["items"].as_array().unwrap().iter().find(|user| user["email"] == name);
        by_email.or_else(|| users["items"].as_array().unwrap().iter().find(named)).unwrap()["id"].clone()
    };
    let owners = truth::people(&flat);
    let people = truth::rows(&flat, |index, _| id(&owners[index]));
    assert!(people.len() > 2, "{:?}", people.keys());
    assert_rows(&rows(&activity("user").await, "user"), &people, "user");
    for (zone, offset) in
        [("UTC", SignedDuration::ZERO), ("Asia/Kolkata", 11 * HOUR / 2), ("Asia/Kathmandu", 23 * HOUR / 4)]
    {
        tenant.ask("PUT /api/orgs/acme", &format!(r#"{{"timezone": "{zone}"}}"#)).await;
        let day = |time: i64| Timestamp(time).plus(offset).to_string()[..10].to_owned();
        let days = truth::rows(&flat, |_, record| json!(day(record.time)));
        assert_rows(&rows(&activity("day").await, "day"), &days, zone);
    }
}
