//! Numbers: the same as the API's, in any order, for any days.

use super::{admin_of, look, work};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

async fn with_work() -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, "jane@example.com", "claude-opus").await;
    work(&tenant, "john@example.com", "claude-opus").await;
    work(&tenant, "john@example.com", "claude-haiku").await;
    tenant.project(START).await;
    tenant
}

#[tokio::test]
async fn totals_trends_and_breakdowns_are_those_of_the_reports() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let shown = look(&mut admin, "analytics").await.text;
    for part in [
        "Active people",
        "$3.75",
        "estimated by the client",
        "75 % of input tokens came from the cache",
        "120",
        "role=\"img\"",
        "There is no activity in the 30 days before",
        "<td>22 Nov</td><td>$3.75</td>",
        "aria-sort=\"descending\"",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let order = |text: &str| text.rfind(">john@example.com<").unwrap() < text.rfind(">jane@example.com<").unwrap();
    assert!(order(&shown), "the dearest first");
    assert!(!order(&look(&mut admin, "analytics?sort=cost&order=up").await.text));
    let models = look(&mut admin, "analytics?by=model&from=2026-11-20&to=2026-11-22").await.text;
    assert!(models.contains(">claude-haiku<") && models.contains("20 Nov – 22 Nov 2026"), "{models}");
    let one = look(&mut admin, "analytics?user=jane@example.com").await.text;
    assert!(one.contains("Only <bdi>jane@example.com</bdi>") && one.contains("$1.25"), "{one}");
    let before = look(&mut admin, "analytics?from=2026-11-23&to=2026-11-24").await.text;
    assert!(before.contains("No activity in these days"), "{before}");
}

#[tokio::test]
async fn days_that_make_no_sense_are_named_beside_the_usual_ones() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    for query in [
        "from=yesterday",
        "from=2026-11-31",
        "to=<script>",
        "from=2026-11-22&to=2026-11-01",
        "from=2020-01-01&to=2026-11-22",
        "from=9999-12-31&to=9999-12-31",
        "from=-009999-01-01",
        "by=everything",
    ] {
        let shown = look(&mut admin, &format!("analytics?{}", query.replace('<', "%3C").replace('>', "%3E"))).await;
        assert_eq!(shown.status, 400, "{query}");
        assert!(shown.text.contains("The last 30 days are shown instead") && shown.text.contains("$3.75"), "{query}");
        assert!(!shown.text.contains("<script>\"") && !shown.text.contains("<script><"), "{query}");
    }
}

#[tokio::test]
async fn a_table_for_spreadsheets_comes_with_the_session_alone() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let table = look(&mut admin, "analytics.csv?by=user&from=2026-11-22&to=2026-11-22").await;
    assert!(table.header("content-type").starts_with("text/csv"));
    assert_eq!(table.header("content-disposition"), "attachment; filename=\"claude-code-2026-11-22-2026-11-22.csv\"");
    let call = format!("GET /api/orgs/{}/activity?from=2026-11-22&to=2026-11-23&group_by=user&format=csv", tenant.org);
    let report = tenant.ask_at(&call, "", START).await;
    assert_eq!(table.text, String::from_utf8_lossy(&report.body));
    assert!(look(&mut admin, "analytics.csv").await.text.starts_with("day,sessions,"));
    assert_eq!(look(&mut admin, "analytics.csv?from=never").await.status, 400);
    admin.cookies.clear();
    assert_eq!(look(&mut admin, "analytics.csv").await.status, 303, "nobody is signed in");
}
