//! Single records and sessions, and the erasure of a person's.

use super::*;
use model::time::{MILLISECOND, MINUTE};
use tools::activity::exports::bare_logs;

pub(super) async fn all_events(tenant: &Tenant, question: &str) -> Vec<Value> {
    let mut target = format!("/api/orgs/{}/events?{question}", tenant.org);
    let mut found = Vec::new();
    loop {
        let page = tenant.ask_at(&format!("GET {target}"), "", NOW).await;
        assert_eq!(page.status, 200, "{:?}", page.body);
        assert_eq!(page.headers["content-type"], "application/x-ndjson");
        let text = String::from_utf8(page.body.to_vec()).unwrap();
        found.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        let Some(link) = page.headers.get("link").map(|link| link.to_str().unwrap()) else { return found };
        let url = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        target = url.strip_prefix(tools::stack::BASE_URL).unwrap().to_owned();
    }
}

#[tokio::test]
async fn every_record_is_listed_once_in_order_on_pages_of_any_size() {
    let (tenant, flat) = with_captures(&captures()).await;
    let whole = all_events(&tenant, "limit=1000").await;
    assert_eq!(whole.len(), flat.len());
    for (limit, question) in [(7, "limit=7"), (100, "")] {
        assert_eq!(all_events(&tenant, question).await, whole, "pages of {limit}");
    }
    let mut ids: Vec<&str> = whole.iter().map(|line| line["id"].as_str().unwrap()).collect();
    let places: Vec<(i64, &str, &str)> = whole
        .iter()
        .map(|line| {
            let time = Timestamp::parse(line["time"].as_str().unwrap()).unwrap();
            (time.count(BUCKET), line["user"]["id"].as_str().unwrap(), line["time"].as_str().unwrap())
        })
        .collect();
    assert!(places.is_sorted(), "by bucket, person and time");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), whole.len());
}

#[tokio::test]
async fn events_are_filtered() {
    let (tenant, flat) = with_captures(&captures()).await;
    let count = |name: &str| flat.iter().filter(|record| record.name == name).count();
    assert_eq!(all_events(&tenant, "name=api_request").await.len(), count("api_request"));
    let points = all_events(&tenant, "signal=metrics&name=claude_code.cost.usage").await;
    assert_eq!(points.len(), count("claude_code.cost.usage"));
    assert_eq!((&points[0]["unit"], points[0]["value"].is_number()), (&json!("USD"), true));
    let session = &flat[0].attributes["session.id"];
    let of_session = flat.iter().filter(|r| r.attributes.get("session.id") == Some(session)).count();
    assert_eq!(all_events(&tenant, &format!("session={session}")).await.len(), of_session);
    assert_eq!(tenant.ask_at("GET events?user=nobody@example.com", "", NOW).await.status, 404);
    let dev = flat.iter().find_map(|r| r.attributes.get("user.email")).unwrap();
    let theirs = all_events(&tenant, &format!("user={dev}")).await;
    assert!(!theirs.is_empty() && theirs.iter().all(|line| line["user"]["email"] == **dev));
}

#[tokio::test]
async fn an_event_shows_what_an_admin_set_on_its_resource() {
    let tenant = Stack::start().tenant("acme").await;
    let resource = json!({"service.name": "claude-code", "team.id": "platform", "cost_center": "eng-123"});
    let sent = logs(resource, &[event("user_prompt", START.0, json!({"user.email": "dana@example.com"}))]);
    tenant.send(&sent, START).await;
    tenant.project(NOW).await;
    let lines = all_events(&tenant, "").await;
    assert_eq!((lines.len(), &lines[0]["resource"]["cost_center"]), (1, &json!("eng-123")));
    assert_eq!(lines[0]["resource"]["team.id"], "platform");
    assert!(lines[0]["attributes"].get("cost_center").is_none(), "the client did not copy it: {}", lines[0]);
    let table = tenant.ask_at("GET events?format=csv", "", NOW).await;
    let mut table = csv::Reader::from_reader(&table.body[..]);
    let column = table.headers().unwrap().iter().position(|name| name == "resource").unwrap();
    let cell: Value = serde_json::from_str(&table.records().next().unwrap().unwrap()[column]).unwrap();
    assert_eq!(cell, lines[0]["resource"]);
}

#[tokio::test]
async fn a_filter_finds_a_plus_address_however_it_is_written_and_says_whom_nobody_knows() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.send(&prompt(json!({"user.email": "dana+work@example.com"}), "s", START), START).await;
    tenant.project(NOW).await;
    let git = r#"[{"name": "Gil", "email": "gil+git@example.com"}]"#;
    let headers = [("content-type", "application/json")];
    assert_eq!(tenant.upload("", &headers, git).await.status, 200);
    let answer = async |call: &str, user: &str| tenant.ask_at(&format!("GET {call}user={user}"), "", NOW).await;
    for call in ["activity?", "events?", "sessions?", "activity?format=csv&group_by=user&"] {
        for spelling in ["dana%2Bwork@example.com", "dana+work@example.com", "DANA%2bwork%40example.com"] {
            let found = answer(call, spelling).await;
            let text = String::from_utf8_lossy(&found.body).into_owned();
            assert!(
                found.status == 200
                    && text.contains("\"s\"") | text.contains("\"prompts\":1") | text.contains("dana+work")
            );
        }
        // Known, and without activity.
        assert_eq!(answer(call, "gil+git@example.com").await.status, 200, "{call}");
        for unknown in ["nobody@example.com", "dana@example.com", "dana-work@example.com", "x%00y"] {
            let refused = answer(call, unknown).await;
            assert_eq!((refused.status, &refused.json()["code"]), (404, &json!("not_found")), "{call}{unknown}");
        }
    }
    for path in ["users/dana+work@example.com", "users/dana%2Bwork@example.com"] {
        let person = tenant.ask_at(&format!("GET {path}"), "", NOW).await;
        assert_eq!((person.status, &person.json()["email"]), (200, &json!("dana+work@example.com")));
    }
}

#[tokio::test]
async fn sessions_have_their_span_cost_and_tokens() {
    let (tenant, flat) = with_captures(&captures()).await;
    let answer = tenant.get("/sessions?limit=1000", NOW).await;
    let sessions = answer["items"].as_array().unwrap();
    assert_eq!(sessions.len(), captures().len());
    for session in sessions {
        let own: Vec<truth::Flat> = flat
            .iter()
            .filter(|r| r.attributes.get("session.id").map(String::as_str) == session["id"].as_str())
            .cloned()
            .collect();
        let expected = truth::row(&own);
        for name in ["prompts", "cost_usd", "input_tokens", "output_tokens"] {
            assert_eq!(session[name].as_f64(), expected[name].as_f64(), "{name}");
        }
        assert!(session["start"].as_str() <= session["end"].as_str());
    }
    let first = tenant.get("/sessions?limit=2", NOW).await;
    let next = first["next_cursor"].as_str().unwrap();
    let second = tenant.get(&format!("/sessions?limit=2&cursor={next}"), NOW).await;
    assert_eq!(json!([first["items"][0], first["items"][1], second["items"][0]]), json!(sessions[..3]));
}

#[tokio::test]
async fn a_session_is_found_by_its_id_and_tells_what_it_is_made_of() {
    let (tenant, flat) = with_captures(&captures()).await;
    let listed = tenant.get("/sessions?limit=1000", NOW).await["items"].as_array().unwrap().clone();
    for session in &listed {
        let id = session["id"].as_str().unwrap();
        let (from, user) = (session["start"].as_str().unwrap(), session["user"]["id"].as_str().unwrap());
        let to = Timestamp::parse(session["end"].as_str().unwrap()).unwrap().plus(MILLISECOND);
        let mut one = tenant.get(&format!("/sessions/{id}?from={from}&to={to}&user={user}"), NOW).await;
        let models = one.as_object_mut().unwrap().remove("by_model").unwrap();
        assert_eq!(&one, session, "the range is all of its buckets");
        let own = flat.iter().filter(|r| r.attributes.get("session.id").map(String::as_str) == Some(id));
        let expected = truth::row(&own.cloned().collect::<Vec<_>>());
        for name in ["api_requests", "output_tokens", "prompts"] {
            let sum: f64 = models.as_array().unwrap().iter().map(|model| model[name].as_f64().unwrap()).sum();
            assert_eq!(Some(sum), expected[name].as_f64(), "{name}: {models}");
        }
    }
    let id = listed[0]["id"].as_str().unwrap();
    for unknown in
        [format!("{id}x"), format!("{id}?to=2001-01-01&from=2000-12-31"), format!("{id}?user=nobody@example.com")]
    {
        let refused = tenant.ask_at(&format!("GET /api/orgs/acme/sessions/{unknown}"), "", NOW).await;
        assert_eq!((refused.status, &refused.json()["code"]), (404, &json!("not_found")), "{unknown}");
    }
    let odd = tenant.ask_at(&format!("GET /api/orgs/acme/sessions/{id}?model=x"), "", NOW).await;
    assert_eq!(odd.status, 400, "{:?}", odd.json());
}

#[tokio::test]
async fn a_person_who_is_forgotten_leaves_nothing_and_may_come_again() {
    let tenant = Stack::start().tenant("acme").await;
    let dana = || json!({"user.email": "dana@example.com", "user.id": "c"});
    tenant.send(&prompt(dana(), "s1", START), START).await;
    tenant.send(&prompt(json!({"user.email": "eve@example.com"}), "s2", START), START).await;
    tenant.project(START).await;
    // This one is stored and not projected when she is forgotten.
    tenant.send(&prompt(dana(), "s3", START.plus(MILLISECOND)), START.plus(MILLISECOND)).await;
    let late = tenant.pack_keys().await;
    let erased = tenant.ask_at("DELETE /api/orgs/acme/users/dana@example.com", "", START.plus(HOUR)).await;
    assert_eq!(erased.status, 204);
    assert_eq!(tenant.stream(&late, NOW).await, json!({"batchItemFailures": []}));
    assert_eq!(tenant.get("/users", NOW).await["items"].as_array().unwrap().len(), 1);
    assert_eq!(tenant.get("/activity", NOW).await["total"]["prompts"], 1);
    assert_eq!(all_events(&tenant, "").await.len(), 2);
    assert_eq!(tenant.ask_at("DELETE /api/orgs/acme/users/dana@example.com", "", NOW).await.status, 404);
    let after = START.plus(2 * HOUR);
    tenant.send(&prompt(dana(), "s4", START.plus(2 * MILLISECOND)), after).await;
    tenant.project(after).await;
    assert_eq!(tenant.get("/activity?user=dana@example.com", after).await["total"]["prompts"], 1);
}

#[tokio::test]
async fn an_event_without_times_is_shown_at_the_time_that_it_names() {
    let tenant = Stack::start().tenant("acme").await;
    let named = START.minus(90 * MINUTE);
    let attribute = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let record = json!({"attributes": [attribute("event.name", "user_prompt"), attribute("user.email", "dana@example.com"),
        attribute("session.id", "s"), attribute("event.timestamp", &named.to_string())]});
    let sent = bare_logs(json!([record])).to_string();
    let headers = [("content-type", "application/json")];
    for _ in 0..2 {
        let answer = tenant.post_as(&tenant.token, "/v1/logs", &headers, sent.clone(), START).await;
        assert_eq!((answer.status, answer.json()), (200, json!({})), "nothing is wrong with it");
    }
    tenant.project(START).await;
    let events = all_events(&tenant, "").await;
    assert_eq!((events.len(), &events[0]["time"]), (1, &json!(named.to_string())));
    assert_eq!(tenant.get("/activity", NOW).await["total"]["prompts"], 1);
    let findings = tenant.get("/status", NOW).await["findings"].clone();
    assert!(findings.as_array().unwrap().iter().all(|finding| finding["code"] != "wrong_clock"), "{findings}");
}
