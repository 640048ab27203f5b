//! What somebody has chosen goes along from page to page, and whatever can be chosen is a click away.

use model::time::from_days;
use telemetry::claude::source::SourceKind;

use super::analytics::{link, with_work};
use super::{admin_of, look, work_at};
use tools::stack::{START, Stack};

/// The address that the head of a table with this title leads to.
fn head(page: &str, title: &str) -> String {
    let mut links = page.split("<a href=\"").skip(1).filter_map(|rest| rest.split_once("\">"));
    let found = links.find(|(_, text)| text.starts_with(&format!("{title}<")));
    found.unwrap_or_else(|| panic!("{title}: {page}")).0.replace("&amp;", "&")
}

const DAYS: &str = "from=2026-11-20&to=2026-11-22";

#[tokio::test]
async fn days_and_filters_go_through_spend_to_a_person_and_through_a_session_back() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let chosen = format!("?{DAYS}&team=claude-opus");
    let spend = look(&mut admin, &format!("analytics/spend{chosen}")).await.text;
    for address in [link(&spend, "Adoption"), link(&spend, "Sessions")] {
        assert!(address.ends_with(&chosen), "{address}");
    }
    assert!(link(&spend, "By model").contains(DAYS), "{spend}");
    let october = look(&mut admin, "analytics/spend?month=2026-10").await.text;
    assert!(link(&october, "Overview").ends_with("analytics?from=2026-10-01&to=2026-10-31"), "{october}");
    let sessions = look(&mut admin, &format!("sessions{chosen}&user=john@example.com")).await.text;
    let person = link(&sessions, "<bdi>john@example.com</bdi>");
    assert!(person.ends_with(&chosen), "{person}");
    let opus = admin.get(&person).await.text;
    assert!(opus.contains("Team: </span><bdi>claude-opus</bdi>") && opus.contains("$1.25"), "{opus}");
    assert!(!opus.contains("$2.50"), "{opus}");
    let at = link(&sessions, "<bdi>22 Nov, 05:13:29</bdi>");
    let session = admin.get(&at).await.text;
    let back = link(&session, "Overview");
    assert!(
        back.ends_with("analytics?from=2026-11-20&to=2026-11-22&team=claude-opus&user=john%40example.com"),
        "{back}"
    );
    assert!(link(&session, "Sessions of this person").contains(&chosen), "{session}");
}

#[tokio::test]
async fn a_filter_is_added_by_a_form_and_one_that_makes_no_sense_leaves_the_others() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let added = look(&mut admin, "analytics?team=claude-opus&filter=team&value=+claude-haiku+").await;
    assert_eq!(added.status, 200);
    assert!(added.text.contains("Team: </span><bdi>claude-haiku</bdi>"), "{}", added.text);
    assert!(!added.text.contains("<bdi>jane@example.com</bdi>"), "{}", added.text);
    assert!(link(&added.text, "Sessions").ends_with("&team=claude-haiku"), "{}", added.text);
    let bad = look(&mut admin, "analytics?team=claude-haiku&attribute.nope=x").await;
    assert_eq!(bad.status, 400);
    assert!(bad.text.contains("attribute.nope") && bad.text.contains("It is left out"), "{}", bad.text);
    assert!(bad.text.contains("Team: </span><bdi>claude-haiku</bdi>"), "{}", bad.text);
    let month = link(&bad.text, "Last month");
    assert_eq!(month, "?from=2026-10-01&to=2026-10-31&team=claude-haiku");
}

#[tokio::test]
async fn every_head_of_a_table_puts_it_in_order_also_by_name_and_by_what_stands_beside() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let order = |text: &str| {
        let at = |person: &str| text.rfind(&format!("<bdi>{person}@example.com</bdi>")).unwrap();
        at("jane").cmp(&at("john"))
    };
    let (up, down) = (std::cmp::Ordering::Less, std::cmp::Ordering::Greater);
    let outcome = look(&mut admin, "analytics/outcome").await.text;
    let by_lines = head(&outcome, "Lines added");
    assert!(by_lines.contains("table=") && by_lines.contains("sort=lines"), "{by_lines}");
    for (page, title, expected) in [
        ("analytics", "Person", up),
        ("analytics/spend?by=user", "Person", up),
        ("analytics/outcome?table=people", "Person", up),
        ("sessions", "Person", up),
        ("sessions", "Terminal", down),
    ] {
        let path = page.split('?').next().unwrap();
        let address = head(&look(&mut admin, page).await.text, title);
        let address = if address.starts_with('?') { format!("/orgs/acme/{path}{address}") } else { address };
        let sorted = admin.get(&address).await.text;
        assert!(sorted.contains("aria-sort=\"ascending\""), "{page} by {title}: {sorted}");
        if title == "Person" {
            assert_eq!(order(&sorted), expected, "{page}: {sorted}");
            let other = head(&sorted, "Person ↑");
            let other = if other.starts_with('?') { format!("/orgs/acme/{path}{other}") } else { other };
            assert_eq!(order(&admin.get(&other).await.text), expected.reverse(), "{page}");
        }
    }
}

#[tokio::test]
async fn a_week_of_which_only_a_piece_is_shown_is_hatched() {
    let tenant = Stack::start().tenant("acme").await;
    for days in [3, 40] {
        work_at(&tenant, "jane@example.com", "claude-opus", START.minus(from_days(days))).await;
    }
    tenant.project(START).await;
    let mut admin = admin_of(&tenant).await;
    let hatched = |text: &str| text.matches("fill=\"url(#chart-0-hatch)\"").count();
    let piece = look(&mut admin, "analytics?from=2026-10-05&to=2026-11-20").await.text;
    assert_eq!(hatched(&piece), 1, "{piece}");
    assert_eq!(hatched(&look(&mut admin, "analytics?from=2026-10-04&to=2026-11-21").await.text), 0);
}

#[tokio::test]
async fn a_finding_about_many_leads_to_all_of_them() {
    let tenant = Stack::start().tenant("acme").await;
    for n in 0..230 {
        tenant.seen(SourceKind::Client, &format!("machine-{n}"), &[]).await;
    }
    let mut admin = admin_of(&tenant).await;
    let health = look(&mut admin, "health").await.text;
    assert!(health.contains("The first 100 of them are named, and 130 more are concerned."), "{health}");
    let all = admin.get(&link(&health, "Everybody it is about, in the list of users")).await.text;
    assert!(all.contains("Unattributed <span class=\"count\">230</span>") && all.contains("Page 1 of 8"), "{all}");
}

#[tokio::test]
async fn a_search_that_finds_nobody_says_what_was_looked_for() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let nobody = look(&mut admin, "users?q=zzz%3Cb%3E").await.text;
    assert!(nobody.contains("“<bdi>zzz&lt;b&gt;</bdi>”"), "{nobody}");
    let file = look(&mut admin, "users.csv?sort=seen").await;
    assert!(file.header("content-disposition").contains("acme-users-2026-11-22.csv"), "{file:?}");
}
