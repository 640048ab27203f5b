//! Tables of people for spreadsheets, whoever named them.

use model::text::invisible::is_taken_out;
use model::time::{HOUR, Timestamp};
use serde_json::json;
use tools::activity::exports::{event, logs};
use tools::stack::{START, Stack};

const NOW: Timestamp = START.plus(HOUR);

#[tokio::test]
async fn no_name_from_telemetry_or_git_is_a_formula_or_turns_a_table_around() {
    let tenant = Stack::start().tenant("acme").await;
    for user in ["=1+1@example.com", "jane\u{202e}@example.com", "@sum\u{1b}[2J@example.com"] {
        let attributes = json!({"user.email": user, "session.id": user, "model": "m", "input_tokens": 1});
        tenant.send(&logs(json!({}), &[event("api_request", START.0, attributes)]), START).await;
    }
    tenant.project(START).await;
    let rows =
        json!([{"name": "=HYPERLINK(\"http://example.net\")\u{202e}", "email": "jane@example.com", "login": "-2"}]);
    tenant.upload("", &[("content-type", "application/json")], rows.to_string()).await;
    tenant.merge().await;
    for call in ["activity?group_by=user&format=csv", "events?format=csv"] {
        let table = tenant.ask_at(&format!("GET /api/orgs/acme/{call}"), "", NOW).await;
        assert_eq!(table.status, 200, "{table:?}");
        let text = String::from_utf8(table.body.to_vec()).unwrap();
        assert!(text.lines().count() > 3, "{text}");
        assert!(!text.chars().any(|c| c != '\n' && is_taken_out(c)), "{text:?}");
        for row in csv::Reader::from_reader(text.as_bytes()).records() {
            assert!(row.unwrap().iter().all(|cell| !cell.starts_with(['=', '@', '+'])), "{text}");
        }
    }
}
