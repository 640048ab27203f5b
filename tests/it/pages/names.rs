//! Names in legends of charts and in the list of people: each leads to its numbers.

use super::analytics::{link, with_work};
use super::{admin_of, look};

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
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let people = look(&mut admin, "users").await.text;
    let to = link(&people, "<bdi>claude-opus</bdi>");
    assert_eq!(to, "/orgs/acme/analytics?version=claude-opus");
    let numbers = admin.get(&to).await.text;
    assert!(numbers.contains("$2.50") && !numbers.contains("claude-haiku"), "{numbers}");
    let person = admin.get(&link(&people, "<bdi>john@example.com</bdi>")).await.text;
    let newest = &person[person.find("Newest version").unwrap()..];
    assert!(link(newest, "<bdi>claude-opus</bdi>").ends_with("/analytics?version=claude-opus"), "{person}");
}
