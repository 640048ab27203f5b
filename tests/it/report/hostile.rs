//! Questions that make no sense, cursors of others, and names that a spreadsheet would run.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use model::time::SignedDuration;
use telemetry::activity::ledger::Grouping;

use super::*;
use tools::stack::Stack;

#[tokio::test]
async fn no_cell_of_a_table_is_run_as_a_formula() {
    let tenant = Stack::start().tenant("acme").await;
    for (number, start) in ["=", "+", "-", "@", "\t", "\n", "\u{ff1d}"].iter().enumerate() {
        let text = format!("{start}HYPERLINK(\"x\")");
        let who = json!({"user.email": format!("{text}@example.com"), "session.id": text, "terminal.type": text,
            "app.version": text, "team": text, "model": text, "tool_name": text, "success": "true"});
        let at = START.plus(SignedDuration::from_millis(number as i64));
        tenant
            .send(
                &logs(json!({}), &["user_prompt", "api_request", "tool_result"].map(|n| event(n, at.0, who.clone()))),
                at,
            )
            .await;
    }
    tenant.project(START).await;
    for table in ["activity?group_by=user,model,team,tool,version,terminal&format=csv", "events?format=csv&limit=1000"]
    {
        let answer = tenant.ask_at(&format!("GET /api/orgs/acme/{table}"), "", NOW).await;
        assert_eq!(answer.status, 200);
        let mut reader = csv::Reader::from_reader(&*answer.body);
        let mut cells = 0;
        for record in reader.records() {
            for cell in &record.unwrap() {
                let is_number = cell.parse::<f64>().is_ok();
                assert!(is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}']), "{cell:?}");
                cells += 1;
            }
        }
        assert!(cells > 50, "{cells}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_a_problem_that_names_it() {
    let tenant = Stack::start().tenant("acme").await;
    for (rest, field) in [
        ("activity?from=yesterday", "from"),
        ("activity?to=2026-13-01", "to"),
        ("activity?from=2026-11-22&to=2026-11-21", "from"),
        ("activity?from=2025-01-01&to=2026-11-21", "from"),
        ("activity?from=99999-01-01", "from"),
        ("activity?from=-9999-01-01T00:00:00Z", "from"),
        ("activity?from=1969-12-31", "from"),
        ("activity?from=2554-07-01&to=2554-07-23", "to"),
        ("events?from=9999-12-30&to=9999-12-31", "to"),
        ("events?from=4821-01-01&to=4822-01-01", "to"),
        ("activity?group_by=day,colour", "group_by"),
        ("activity?group_by=day,day", "group_by"),
        ("activity?format=xml", "format"),
        ("activity?limit=0", "limit"),
        ("activity?cursor=AAAA", "cursor"),
        ("activity?colour=red", "colour"),
        ("events?signal=traces", "signal"),
        ("events?format=json", "format"),
        ("events?limit=1001", "limit"),
        ("sessions?from=x", "from"),
        ("users?include=svn", "include"),
    ] {
        let answer = tenant.ask_at(&format!("GET /api/orgs/acme/{rest}"), "", NOW).await;
        assert_eq!((answer.status, answer.text("field").as_str()), (400, field), "{rest}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    assert_eq!(tenant.ask_at("GET /api/orgs/acme/users/nobody", "", NOW).await.status, 404);
}

#[tokio::test]
async fn the_first_and_the_last_time_that_anything_can_be_of_can_be_asked_for() {
    let tenant = Stack::start().tenant("acme").await;
    for range in ["to=1970-01-02", "from=1970-01-01&to=1970-01-01", "to=2554-07-21", "from=2554-07-01&to=2554-07-21"] {
        for rest in ["events", "activity", "sessions"] {
            let answer = tenant.ask_at(&format!("GET /api/orgs/acme/{rest}?{range}"), "", NOW).await;
            assert_eq!(answer.status, 200, "{rest} {range} {answer:?}");
        }
    }
    let key = admin_key(&tenant).await;
    for (day, status) in [
        ("1969-12-31", 400),
        ("1970-01-01", 200),
        ("2554-07-21", 200),
        ("2554-07-22", 400),
        ("9999-12-31", 400),
        ("1960-06-15", 400),
    ] {
        let call = format!("GET /v1/organizations/usage_report/claude_code?starting_at={day}");
        assert_eq!(tenant.ask_as(&key, &call, "", NOW).await.status, status, "{day}");
    }
}

#[tokio::test]
async fn nothing_of_another_organisation_is_seen_not_even_with_its_cursor() {
    let stack = Stack::start().await;
    let (ours, theirs) = (stack.tenant("acme").await, stack.tenant("other").await);
    for sent in requests("pb-tools") {
        theirs.send(&sent, START).await;
    }
    theirs.project(START).await;
    let key = admin_key(&ours).await;
    for rest in ["status", "users", "activity", "events", "sessions", "users/x"] {
        assert_eq!(ours.ask_as(&key, &format!("GET /api/orgs/other/{rest}"), "", NOW).await.status, 404, "{rest}");
    }
    let page = theirs.ask_at("GET /api/orgs/other/events?limit=3", "", NOW).await;
    let link = page.headers["link"].to_str().unwrap();
    let cursor = link.split("cursor=").nth(1).unwrap().split('>').next().unwrap();
    let answer = ours.ask_as(&key, &format!("GET /api/orgs/acme/events?cursor={cursor}"), "", NOW).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    // Positions made up by hand lead nowhere either.
    let uid = theirs.organisation().await.uid;
    for position in ["#", "00000000#", "99999999#~", &format!("{uid}#SEEN#00"), "\u{0}", "é#é"] {
        let cursor = URL_SAFE_NO_PAD.encode(position);
        for rest in ["events", "sessions", "users", "activity?group_by=user"] {
            let separator = if rest.contains('?') { '&' } else { '?' };
            let answer =
                ours.ask_as(&key, &format!("GET /api/orgs/acme/{rest}{separator}cursor={cursor}"), "", NOW).await;
            let is_empty = answer.body.is_empty() || answer.json()["items"] == json!([]);
            assert!(answer.status == 400 || (answer.status == 200 && is_empty), "{rest} {position}: {answer:?}");
        }
    }
    assert_eq!(ours.account(&[Grouping::User]).await.lines.len(), 0);
}
