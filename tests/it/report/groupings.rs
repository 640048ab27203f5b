//! What numbers can be grouped and filtered by.

use std::time::{Duration, Instant};

use model::time::{MILLISECOND, SignedDuration, from_days};
use service::projection::days::close_days;
use service::report::groupings::NAMED;
use tools::activity::Sent;

use super::*;

/// What of a company's work is of one kind, and what of another: an event, and the attributes that tell them apart.
const APART: [(&str, &str, &str, [&str; 2]); 21] = [
    ("model", "api_request", "model", ["claude-opus-5-5", "claude-haiku-4-9"]),
    ("model_as_sent", "api_request", "model", ["claude-opus-5-5", "claude-haiku-4-9"]),
    ("team", "user_prompt", "team", ["core", "web"]),
    ("repository", "user_prompt", "vcs.repository.name", ["shop", "site"]),
    ("tool", "tool_result", "tool_name", ["Bash", "Edit"]),
    ("terminal", "user_prompt", "terminal.type", ["vscode", "tmux"]),
    ("entrypoint", "user_prompt", "app.entrypoint", ["cli", "claude-vscode"]),
    ("provider", "api_request", "anthropic.provider", ["firstParty", "bedrock"]),
    ("query_source", "api_request", "query_source", ["repl_main_thread", "agent:custom"]),
    ("agent", "api_request", "agent.name", ["Explore", "reviewer"]),
    ("skill", "api_request", "skill.name", ["fix", "hello"]),
    ("plugin", "api_request", "plugin.name", ["one", "two"]),
    ("mcp_server", "api_request", "mcp_server.name", ["github", "jira"]),
    ("command", "user_prompt", "command_name", ["cost", "init"]),
    ("effort", "api_request", "effort", ["low", "max"]),
    ("speed", "api_request", "speed", ["normal", "fast"]),
    ("plan", "user_prompt", "anthropic.plan", ["team", "enterprise"]),
    ("department", "user_prompt", "department", ["sales", "research"]),
    ("cost_center", "user_prompt", "cost_center", ["eng-1", "eng-2"]),
    ("group", "user_prompt", "user.groups", ["ops", "dev"]),
    ("attribute.project", "user_prompt", "project", ["apollo", "gemini"]),
];

/// Closes the days that are over at `now`, when the time zone is known for long.
async fn close(tenant: &Tenant, now: Timestamp) {
    let (organisation, deadline) = (tenant.organisation().await, Instant::now() + Duration::from_secs(600));
    for at in [now.minus(2 * HOUR), now] {
        close_days(&tenant.store, &organisation, at, deadline).await.unwrap();
    }
}

fn with(resource: Value, attributes: Value, name: &str, at: Timestamp) -> Sent {
    let mut all = json!({"user.email": "dana@example.com", "session.id": "s", "success": "true"});
    all.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    logs(resource, &[event(name, at.0, all)])
}

/// The rows by the label of `name`, each with how much work it tells of.
async fn by(tenant: &Tenant, name: &str, rest: &str) -> Vec<(Value, i64)> {
    let answer = tenant.get(&format!("/activity?group_by={name}{rest}"), NOW).await;
    let work = |row: &Value| {
        let counted = ["prompts", "commands", "api_requests", "tool_calls"];
        counted.iter().map(|measure| row[*measure].as_i64().unwrap()).max().unwrap()
    };
    answer["items"].as_array().unwrap().iter().map(|row| (row[name].clone(), work(row))).collect()
}

#[tokio::test]
async fn numbers_are_grouped_and_filtered_by_everything_that_records_say() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.ask("PUT /api/orgs/acme", r#"{"report_attributes": ["project"]}"#).await;
    let mut at = START;
    for (_, name, attribute, [one, other]) in APART {
        for value in [one, other, other] {
            at = at.plus(MILLISECOND);
            tenant.send(&with(json!({}), json!({attribute: value}), name, at), at).await;
        }
        at = at.plus(MILLISECOND);
        tenant.send(&with(json!({}), json!({}), name, at), at).await;
    }
    tenant.project(at).await;
    for (name, _, _, [one, other]) in APART {
        let rows = by(&tenant, name, "").await;
        let of = |label: &str| rows.iter().filter(|(known, _)| *known == json!(label)).map(|(_, n)| n).sum::<i64>();
        assert_eq!((of(other) / of(one), of(other) % of(one)), (2, 0), "{name}: {rows:?}");
        let without = rows.iter().find(|(label, _)| label.is_null()).unwrap();
        assert_eq!(by(&tenant, name, &format!("&{name}=none")).await, std::slice::from_ref(without), "{name}");
        let only: Vec<_> = rows.iter().filter(|(label, _)| *label == json!(one)).cloned().collect();
        assert_eq!(by(&tenant, name, &format!("&{name}={one}")).await, only, "{name}");
        assert_eq!(by(&tenant, name, &format!("&{name}={one},none,{other}")).await, rows, "{name}");
    }
}

#[tokio::test]
async fn who_is_in_several_groups_is_found_in_each_of_them_and_counts_once_in_all() {
    let tenant = Stack::start().tenant("acme").await;
    let list = |names: &[&str]| {
        let values: Vec<Value> = names.iter().map(|name| json!({"stringValue": name})).collect();
        json!({"arrayValue": {"values": values}})
    };
    let sent = [
        ("dana", json!({"stringValue": "ops,dev"}), 4),
        ("eve", list(&["dev", "Domain Users"]), 2),
        ("finn", list(&[]), 1),
    ];
    let mut at = START;
    for (name, groups, prompts) in &sent {
        let resource = json!({"attributes": [{"key": "user.groups", "value": groups},
            {"key": "user.email", "value": {"stringValue": format!("{name}@example.com")}}]});
        for _ in 0..*prompts {
            at = at.plus(MILLISECOND);
            let mut export: Value = serde_json::from_slice(
                &logs(json!({}), &[event("user_prompt", at.0, json!({"session.id": name}))]).body,
            )
            .unwrap();
            export["resourceLogs"][0]["resource"] = resource.clone();
            let headers = [("content-type", "application/json")];
            let answer = tenant.post_as(&tenant.token, "/v1/logs", &headers, export.to_string(), at).await;
            assert_eq!(answer.status, 200);
        }
    }
    tenant.project(at).await;
    let rows = async |filter: &str| {
        let answer = tenant.get(&format!("/activity?group_by=group{filter}"), NOW).await;
        let rows = answer["items"].as_array().unwrap().iter();
        let rows: Vec<_> =
            rows.map(|row| json!([row["group"], row["prompts"], row["sessions"], row["active_users"]])).collect();
        (json!(rows), answer["total"]["prompts"].clone())
    };
    let all = json!([[null, 1, 1, 1], ["Domain Users", 2, 1, 1], ["dev", 6, 2, 2], ["ops", 4, 1, 1]]);
    assert_eq!(rows("").await, (all, json!(7)));
    assert_eq!(rows("&group=dev").await, (json!([["dev", 6, 2, 2]]), json!(6)));
    assert_eq!(rows("&group=none,ops").await, (json!([[null, 1, 1, 1], ["ops", 4, 1, 1]]), json!(5)));
    for (group, sessions, events) in [("dev", 2, 6), ("Domain%20Users", 1, 2), ("none", 1, 1)] {
        let listed = tenant.get(&format!("/sessions?group={group}"), NOW).await["items"].as_array().unwrap().len();
        assert_eq!(listed, sessions, "{group}");
        let lines = tenant.ask_at(&format!("GET events?group={group}"), "", NOW).await;
        assert_eq!(String::from_utf8_lossy(&lines.body).lines().count(), events, "{group}");
    }
}

#[tokio::test]
async fn every_grouping_there_is_adds_up_to_the_whole() {
    let (tenant, flat) = with_captures(&captures()).await;
    let expected = truth::row(&flat);
    for (name, _) in NAMED {
        let answer = tenant.get(&format!("/activity?group_by={name}&limit=1000"), NOW).await;
        assert_row(&answer["total"], &expected, name);
        let mut sum = json!({});
        for (measure, _) in expected.as_object().unwrap() {
            let all: f64 = answer["items"].as_array().unwrap().iter().map(|row| row[measure].as_f64().unwrap()).sum();
            sum[measure] = json!((all * 1e6).round() / 1e6);
        }
        assert_row(&sum, &expected, name);
        for list in ["sessions", "events"] {
            assert_eq!(tenant.ask_at(&format!("GET {list}?{name}=none"), "", NOW).await.status, 200, "{list} {name}");
        }
    }
}

#[tokio::test]
async fn hours_weeks_and_months_are_those_of_the_organisation_also_of_days_that_are_closed() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.ask("PUT /api/orgs/acme", r#"{"timezone": "Asia/Kolkata"}"#).await;
    // Half past midnight on Sunday, Monday, and the first of December there.
    for at in ["2026-11-21T19:00:00Z", "2026-11-22T19:00:00Z", "2026-11-30T19:00:00Z"] {
        let at = Timestamp::parse(at).unwrap();
        tenant.send(&with(json!({}), json!({}), "user_prompt", at), at).await;
    }
    let now = START.plus(20 * DAY);
    tenant.project(now).await;
    let rows = async |name: &str| {
        let answer = tenant.get(&format!("/activity?group_by={name}"), now).await;
        let rows = answer["items"].as_array().unwrap().iter();
        rows.map(|row| (row[name].as_str().unwrap().to_owned(), row["prompts"].as_i64().unwrap())).collect::<Vec<_>>()
    };
    let of = |rows: &[(&str, i64)]| rows.iter().map(|(label, n)| ((*label).to_owned(), *n)).collect::<Vec<_>>();
    for is_closed in [false, true] {
        if is_closed {
            close(&tenant, now).await;
        }
        assert_eq!(rows("week").await, of(&[("2026-11-16", 1), ("2026-11-23", 1), ("2026-11-30", 1)]));
        assert_eq!(rows("month").await, of(&[("2026-11", 2), ("2026-12", 1)]));
        let hours = [("2026-11-21T18:30:00.000Z", 1), ("2026-11-22T18:30:00.000Z", 1), ("2026-11-30T18:30:00.000Z", 1)];
        assert_eq!(rows("hour").await, of(&hours));
    }
}

#[tokio::test]
async fn numbers_are_claude_codes_unless_services_are_asked_for() {
    let tenant = Stack::start().tenant("acme").await;
    let services = ["claude-code", "claude-code-desktop", "cowork", "renamed"];
    for (number, service) in services.iter().enumerate() {
        let session = json!({"session.id": service, "user.email": format!("{service}@example.com")});
        tenant
            .send(
                &with(
                    json!({"service.name": service}),
                    session,
                    "user_prompt",
                    START.plus(SignedDuration::from_millis(number as i64)),
                ),
                START,
            )
            .await;
    }
    let codex = json!({"resourceLogs": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "codex_exec"}},
            {"key": "user.email", "value": {"stringValue": "codex@example.com"}}]},
        "scopeLogs": [{"scope": {"name": "codex_otel"}, "logRecords": [{"timeUnixNano": (START.0 * 1_000_000).to_string(),
            "attributes": [{"key": "event.name", "value": {"stringValue": "codex.user_prompt"}}]}]}]}]});
    let headers = [("content-type", "application/json")];
    assert_eq!(tenant.post_as(&tenant.token, "/v1/logs", &headers, codex.to_string(), START).await.status, 200);
    tenant.project(START).await;
    let total = async |query: &str| {
        let total = tenant.get(&format!("/activity{query}"), NOW).await["total"].clone();
        (total["prompts"].as_i64().unwrap(), total["active_users"].as_i64().unwrap())
    };
    assert_eq!(total("").await, (3, 3), "in the terminal, in the desktop app, and under a name of its own");
    assert_eq!(total("?service=cowork").await, (1, 1));
    assert_eq!(total("?service=cowork,claude-code").await, (3, 3));
    assert_eq!(total("?group_by=service").await, (4, 4));
    let expected = [("claude-code", 2), ("claude-code-desktop", 1), ("cowork", 1)];
    assert_eq!(by(&tenant, "service", "").await, expected.map(|(service, n)| (json!(service), n)));
    let sessions = tenant.get("/sessions", NOW).await;
    assert_eq!(sessions["items"].as_array().unwrap().len(), 3);
    let key = admin_key(&tenant).await;
    let report = "GET /v1/organizations/usage_report/claude_code?starting_at=2026-11-22";
    assert_eq!(tenant.ask_as(&key, report, "", NOW).await.json()["data"].as_array().unwrap().len(), 3);
    let status = tenant.get("/status", NOW).await;
    assert_eq!(status["users"], json!({"total": 3, "active_24h": 3, "unattributed": 0, "automation": 0}));
    let known: Vec<&str> =
        status["services"].as_array().unwrap().iter().map(|known| known["service"].as_str().unwrap()).collect();
    assert_eq!(known, ["claude-code", "claude-code-desktop", "codex", "cowork"]);
    let events = all_events(&tenant, "&service=codex").await;
    assert_eq!((events.len(), &events[0]["service"]), (1, &json!("codex")));
}

#[tokio::test]
async fn a_filter_that_makes_no_sense_is_refused_and_nobody_knows_a_stranger() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.send(&with(json!({}), json!({}), "user_prompt", START), START).await;
    tenant.send(&with(json!({}), json!({"user.email": "d+a@example.com"}), "user_prompt", START), START).await;
    tenant.project(START).await;
    tenant.authors("Eve Roe <eve@example.com>\n").await;
    for list in ["activity", "sessions", "events"] {
        for (query, status) in [
            ("model=", 400),
            ("model=,", 400),
            ("attribute.project=x", 400),
            ("colour=red", 400),
            ("model=a&model=b", 400),
            ("user=nobody@example.com", 404),
            ("user=dana@example.com,nobody@example.com", 404),
            ("user=dana@example.com,none", 200),
            ("user=eve@example.com", 200),
            ("model=unheard-of", 200),
        ] {
            let answer = tenant.ask_at(&format!("GET {list}?{query}"), "", NOW).await;
            assert_eq!(answer.status, status, "{list}?{query}: {:?}", answer.body);
        }
    }
    let prompts =
        async |user: &str| tenant.get(&format!("/activity?user={user}"), NOW).await["total"]["prompts"].clone();
    assert_eq!(prompts("eve@example.com").await, 0, "Git alone knows her");
    assert_eq!((prompts("d%2Ba@example.com").await, prompts("d+a@example.com").await), (json!(1), json!(1)));
    assert_eq!(prompts("dana@example.com,d%2Ba@example.com").await, 2);
    let unknown = tenant.ask_at("GET activity?group_by=attribute.project", "", NOW).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn the_range_before_is_compared_row_by_row() {
    let tenant = Stack::start().tenant("acme").await;
    for (day, times) in [(-7, 1), (-6, 2), (-3, 5), (0, 4), (1, 8)] {
        for number in 0..times {
            let at = START.plus(from_days(day)).plus(SignedDuration::from_millis(number));
            tenant.send(&with(json!({}), json!({}), "user_prompt", at), at).await;
        }
    }
    let now = START.plus(3 * DAY);
    tenant.project(now).await;
    let answer = tenant.get("/activity?from=2026-11-22&to=2026-11-29&group_by=day&compare=previous", now).await;
    let row = |row: &Value| (row["prompts"].as_i64().unwrap(), row["previous"]["prompts"].as_i64().unwrap());
    let rows: Vec<_> = answer["items"].as_array().unwrap().iter().map(row).collect();
    assert_eq!((rows, row(&answer["total"])), (vec![(4, 1), (8, 2), (0, 5)], (12, 8)), "what is gone has a row, too");
    let alone = tenant.get("/activity?from=2026-11-22&to=2026-11-29", now).await;
    assert!(alone["total"].get("previous").is_none());
    assert_eq!(tenant.ask_at("GET activity?compare=next", "", now).await.status, 400);
    let table = tenant.ask_at("GET activity?from=2026-11-22&to=2026-11-29&compare=previous&format=csv", "", now).await;
    let text = String::from_utf8(table.body.to_vec()).unwrap();
    assert!(text.lines().next().unwrap().contains(",previous_prompts,"), "{text}");
}

#[tokio::test]
async fn events_are_filtered_by_what_they_say() {
    let tenant = Stack::start().tenant("acme").await;
    for (number, model) in ["claude-opus-5-5", "eu.anthropic.claude-opus-5-5", "claude-haiku-4-9"].iter().enumerate() {
        let sent = with(
            json!({}),
            json!({"model": model}),
            "api_request",
            START.plus(SignedDuration::from_millis(number as i64)),
        );
        tenant.send(&sent, START).await;
    }
    tenant.project(START).await;
    assert_eq!(all_events(&tenant, "&model=claude-opus-5-5").await.len(), 2);
    assert_eq!(all_events(&tenant, "&model_as_sent=claude-opus-5-5").await.len(), 1);
    assert_eq!(all_events(&tenant, "&provider=bedrock&model=claude-opus-5-5").await.len(), 1);
    assert_eq!(all_events(&tenant, "&model=none").await.len(), 0);
    assert_eq!(all_events(&tenant, "&user=none").await.len(), 0);
}
