//! Names in legends of charts and in the list of people: each leads to its numbers.

use super::analytics::{link, with_work};
use super::{admin_of, look};
use serde_json::json;
use tools::activity::exports::{event, logs};
use tools::stack::{START, Stack};

/// The legend of the first chart of a page.
fn legend(page: &str) -> &str {
    page.split("<ul class=\"legend\">").nth(1).unwrap_or_else(|| panic!("{page}")).split("</ul>").next().unwrap()
}

#[tokio::test]
async fn names_in_the_legend_of_a_chart_lead_to_their_numbers() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let jane = look(&mut admin, "users").await.text;
    let jane = link(&jane, "<bdi>jane@example.com</bdi>").rsplit('/').next().unwrap().to_owned();
    let days = "from=2026-10-24&to=2026-11-22";
    for (page, name, to) in [
        ("analytics?by=model".to_owned(), "claude-haiku", format!("?{days}&model=claude-haiku")),
        ("analytics".to_owned(), "jane@example.com", format!("?{days}&by=model&user={jane}")),
        (format!("users/{jane}"), "claude-opus", format!("/orgs/acme/analytics?{days}&user={jane}&model=claude-opus")),
        (
            "analytics/spend?by=model".to_owned(),
            "claude-opus",
            "/orgs/acme/analytics?from=2026-11-01&to=2026-11-22&model=claude-opus".to_owned(),
        ),
    ] {
        let shown = look(&mut admin, &page).await.text;
        assert_eq!(link(legend(&shown), &format!("<bdi>{name}</bdi>")), to, "{page}");
    }
}

#[tokio::test]
async fn the_version_of_somebody_leads_to_its_numbers() {
    let tenant = Stack::start().tenant("acme").await;
    let about = json!({"session.id": "s", "user.email": "jane@example.com"});
    let sent = logs(json!({"service.version": "2.1.330"}), &[event("user_prompt", START.0, about)]);
    tenant.send(&sent, START).await;
    tenant.project(START).await;
    let mut admin = admin_of(&tenant).await;
    let people = look(&mut admin, "users").await.text;
    let person = admin.get(&link(&people, "<bdi>jane@example.com</bdi>")).await.text;
    for page in [&people, &person] {
        let to = link(page, "<bdi>2.1.330</bdi>");
        assert_eq!(to, "/orgs/acme/analytics?version=2.1.330");
        let numbers = admin.get(&to).await.text;
        assert!(numbers.contains("Version: </span><bdi>2.1.330</bdi>"), "{numbers}");
        assert!(!numbers.contains("No activity in these days"), "{numbers}");
    }
}
