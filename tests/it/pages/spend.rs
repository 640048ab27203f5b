//! What a month costs, as the console shows it.

use model::time::{HOUR, Timestamp, from_days};
use tools::console::Visitor;
use tools::stack::{ROOT_KEY, START, Stack};
use tools::tenant::Tenant;

use super::{admin_of, look, work_at};

/// A month of Jane's with Opus and of John's with Haiku, and one request of Jane's in the month before.
async fn two_months() -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    for (who, model, days) in [
        ("jane@example.com", "claude-opus-5", -31),
        ("jane@example.com", "claude-opus-5", -9),
        ("jane@example.com", "claude-opus-5", -2),
        ("john@example.com", "claude-haiku-4-5", -2),
    ] {
        work_at(&tenant, who, model, START.plus(from_days(days))).await;
    }
    tenant.project(START.plus(HOUR)).await;
    tenant
}

#[tokio::test]
async fn a_month_is_shown_with_what_it_is_compared_with_and_what_changed() {
    let tenant = two_months().await;
    let mut admin = admin_of(&tenant).await;
    let shown = look(&mut admin, "analytics/spend?by=user").await.text;
    for part in [
        "Month to date",
        "<p class=\"value\">$3.75</p>",
        "+$2.50",
        "in the same part of October 2026",
        "Forecast",
        "What changed most",
        "<h2>Cost by person</h2>",
        "<th scope=\"col\">jane@example.com</th><th scope=\"col\">john@example.com</th>",
        // The Thursday before four weeks.
        "<td>19 Nov</td><td>$0.00</td><td>$0.00</td><td>$0.00</td><td>$1.25</td>",
        ">jane@example.com<",
        "<th scope=\"row\">All</th>",
        "<td>67 %</td>",
        "href=\"/orgs/acme/analytics/spend?month=2026-10&amp;by=user\"",
        "href=\"/orgs/acme/analytics?from=2026-11-01&amp;to=2026-11-22&amp;user=",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let october = look(&mut admin, "analytics/spend?month=2026-10&by=model").await.text;
    for part in ["Whole month", "<p class=\"value\">$1.25</p>", "November 2026</a>", ">claude-opus-5<"] {
        assert!(october.contains(part), "{part}: {october}");
    }
    assert!(!october.contains("Forecast"), "what is over needs none");
}

#[tokio::test]
async fn the_first_hour_of_a_month_says_that_nothing_cost_anything_yet() {
    let tenant = two_months().await;
    let mut admin = Visitor { now: Timestamp::parse("2026-12-01T00:30:00Z").unwrap(), ..Visitor::of(&tenant.stack) };
    assert_eq!(admin.post("/sign-in", &[("admin_key", ROOT_KEY)]).await.status, 303);
    let shown = look(&mut admin, "analytics/spend").await.text;
    assert!(shown.contains("November 2026") && shown.contains("Nothing cost anything yet"), "{shown}");
}

#[tokio::test]
async fn a_filter_stays_from_month_to_month_and_can_be_taken_away() {
    let tenant = two_months().await;
    let mut admin = admin_of(&tenant).await;
    let shown = look(&mut admin, "analytics/spend?by=model&user=john@example.com").await.text;
    for part in [
        "<p class=\"value\">$1.25</p>",
        "href=\"/orgs/acme/analytics/spend?month=2026-10&amp;by=model&amp;user=john%40example.com\"",
        "href=\"/orgs/acme/analytics/spend?by=model\" aria-label=\"Show every person\"",
        "analytics/spend.csv?by=model&amp;user=john%40example.com",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let nobody = look(&mut admin, "analytics/spend?team=nobody").await.text;
    assert!(nobody.contains("No cost in November 2026") && nobody.contains("Take a filter away"), "{nobody}");
}

#[tokio::test]
async fn lines_of_a_month_can_be_put_in_order_and_found_and_the_file_has_the_same() {
    let tenant = two_months().await;
    let mut admin = admin_of(&tenant).await;
    let order = |text: &str| [text.find(">john@example.com<"), text.find(">jane@example.com<")].map(Option::unwrap);
    let lines = |text: &str| text[text.find("id=\"breakdown\"").unwrap()..].to_owned();
    let usual = lines(&look(&mut admin, "analytics/spend?by=user").await.text);
    let [john, jane] = order(&usual);
    assert!(jane < john && usual.contains("sort=before#breakdown"), "{usual}");
    let cheapest = lines(&look(&mut admin, "analytics/spend?by=user&sort=before&order=up").await.text);
    let [john, jane] = order(&cheapest);
    assert!(john < jane && cheapest.contains("aria-sort=\"ascending\""), "{cheapest}");
    let found = lines(&look(&mut admin, "analytics/spend?by=user&find=John").await.text);
    assert!(found.contains(">john@example.com<") && !found.contains(">jane@example.com<"), "{found}");
    let file = look(&mut admin, "analytics/spend.csv?by=user&find=John").await.text;
    assert_eq!(file.lines().count(), 2, "{file}");
}

#[tokio::test]
async fn the_table_for_spreadsheets_has_what_is_shown_and_a_name_that_says_it() {
    let tenant = two_months().await;
    let mut admin = admin_of(&tenant).await;
    let table = look(&mut admin, "analytics/spend.csv?by=user").await;
    let jane = table.text.lines().find(|line| line.starts_with("jane@example.com,jane@example.com,")).unwrap();
    assert!(jane.ends_with(",2.5,0.666667,1.25,1.25"), "{}", table.text);
    let name = table.header("content-disposition");
    assert_eq!(name, "attachment; filename=\"claude-code-acme-spend-2026-11-by-user.csv\"");
}

#[tokio::test]
async fn a_month_or_name_that_makes_no_sense_is_named_and_the_rest_stays() {
    let tenant = two_months().await;
    let mut admin = admin_of(&tenant).await;
    for (query, said) in [
        ("month=2026-13&user=john@example.com", "This month is shown instead"),
        ("month=2027-01&user=john@example.com", "the month has not begun"),
        ("by=hour&user=john@example.com", "Teams are listed instead"),
    ] {
        let shown = look(&mut admin, &format!("analytics/spend?{query}")).await;
        assert_eq!(shown.status, 400, "{query}");
        assert!(
            shown.text.contains(said) && shown.text.contains("<p class=\"value\">$1.25</p>"),
            "{query}: {}",
            shown.text
        );
    }
}
