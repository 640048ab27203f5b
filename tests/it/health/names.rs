//! Names that stand for nobody, for a whole company, or for a member of staff.

use super::*;

#[tokio::test]
async fn one_address_on_many_installations_is_found_and_one_on_a_few_is_not() {
    for (installations, expected) in [(12, &[("one_address_many_installations", &["dana"][..])][..]), (9, &[])] {
        let tenant = Stack::start().tenant("acme").await;
        for number in 0..installations {
            let machine = format!("machine-{number}");
            work(&tenant, "dana", json!({"user.id": machine, "session.id": machine}), START).await;
        }
        tenant.project(START).await;
        assert_found(found(&tenant, START).await, expected);
        // What was copied months ago and is mended is no finding any more.
        assert!(!found(&tenant, START.plus(8 * DAY)).await.contains_key("one_address_many_installations"));
    }
}

#[tokio::test]
async fn a_placeholder_is_found_and_is_not_a_person() {
    let names =
        ["user@company.com", "$USER@acme.com", "${USER}", "%USERNAME%", "unknown", "null", "user%40company.com"];
    let tenant = Stack::start().tenant("acme").await;
    for (number, name) in names.into_iter().enumerate() {
        // OTEL_RESOURCE_ATTRIBUTES stands on the resource, and clients copy it to their records.
        let who = json!({"user.email": name, "session.id": format!("session-{number}"), "app.version": "2.1.330"});
        let sent = logs(json!({"user.email": name}), &[event("user_prompt", START.0, who)]);
        tenant.send(&sent, START).await;
    }
    work(&tenant, "dana", json!({}), START).await;
    // Where the meaning is certain it is an address, and hers.
    let link = json!({"user.email": "mailto:Dana@example.com", "session.id": "link", "app.version": "2.1.330"});
    work_as(&tenant, link, START).await;
    work_as(&tenant, json!({"user.email": "dana%40example.com", "session.id": "encoded"}), START).await;
    tenant.project(START).await;
    let status = tenant.get("/status", START).await;
    assert_eq!(status["users"]["total"], 1, "{}", status["users"]);
    assert_eq!((&status["users"]["active_24h"], &status["users"]["unattributed"]), (&json!(1), &json!(0)));
    let findings = status["findings"].as_array().unwrap();
    let codes: Vec<&str> = findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["placeholder_identity"]);
    assert_eq!(findings[0]["users"].as_array().unwrap().len(), names.len());
    assert!(findings[0]["message"].as_str().unwrap().contains("$user@acme.com"), "{}", findings[0]);
    let dana = tenant.get("/activity?user=dana@example.com", START.plus(HOUR)).await;
    assert_eq!(dana["total"]["sessions"], 3);
}

#[tokio::test]
async fn staff_numbers_tell_people_apart_and_can_be_linked_to_an_address() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.ask("PUT /api/orgs/acme", r#"{"identity_attributes": ["employee"]}"#).await;
    for (number, session) in [("E1", "one"), ("E2", "two"), ("E2", "three"), ("unknown", "four")] {
        // One build machine for all of them.
        work_as(&tenant, json!({"user.id": "build", "session.id": session, "employee": number}), START).await;
    }
    tenant.project(START).await;
    let sessions = async || {
        let answer = tenant.get("/activity?group_by=user", START.plus(HOUR)).await;
        let rows = answer["items"].as_array().unwrap().iter();
        let mut found: Vec<i64> = rows.map(|row| row["sessions"].as_i64().unwrap()).collect();
        found.sort_unstable();
        found
    };
    assert_eq!(sessions().await, [1, 1, 2], "E1, whoever the machine is without a number, and E2");
    let second = SourceId::new(SourceKind::EndUser, "E2").encoded();
    let linked = tenant.ask(&format!("POST users/{second}/link"), r#"{"email": "eve@example.com"}"#).await;
    assert_eq!(linked.status, 200, "{linked:?}");
    let eve = tenant.get("/activity?user=eve@example.com", START.plus(HOUR)).await;
    assert_eq!(eve["total"]["sessions"], 2);
    assert_eq!(sessions().await, [1, 1, 2], "nobody else's");
}
