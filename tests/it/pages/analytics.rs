//! Numbers: the same as the API's, in any order, for any days.

use super::{admin_of, look, work};
use model::time::HOUR;
use serde_json::json;
use tools::activity::exports::{event, logs};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

pub(super) async fn with_work() -> Tenant {
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
        "<td>22 Nov</td><td>$2.50</td><td>$1.25</td><td>$3.75</td>",
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
    assert!(one.contains("<bdi>jane@example.com</bdi></a><a href") && one.contains("$1.25"), "{one}");
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
    ] {
        let shown = look(&mut admin, &format!("analytics?{}", query.replace('<', "%3C").replace('>', "%3E"))).await;
        assert_eq!(shown.status, 400, "{query}");
        assert!(shown.text.contains("The last 30 days are shown instead") && shown.text.contains("$3.75"), "{query}");
        assert!(!shown.text.contains("<script>\"") && !shown.text.contains("<script><"), "{query}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_leaves_the_rest_of_an_address_as_it_is() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let bad_days = look(&mut admin, "analytics?from=never&by=model&user=jane@example.com").await;
    assert_eq!(bad_days.status, 400);
    for part in
        ["The last 30 days are shown instead", "<bdi>jane@example.com</bdi></a><a href", "$1.25", ">claude-opus<"]
    {
        assert!(bad_days.text.contains(part), "{part}: {}", bad_days.text);
    }
    let bad_breakdown = look(&mut admin, "analytics?by=everything&team=claude-haiku").await;
    assert_eq!(bad_breakdown.status, 400);
    for part in ["People are listed instead", "mcp_server", "Team: </span><bdi>claude-haiku</bdi>", "$1.25"] {
        assert!(bad_breakdown.text.contains(part), "{part}: {}", bad_breakdown.text);
    }
    let bad_filter = look(&mut admin, "analytics?attribute.site=x&by=model").await;
    assert_eq!(bad_filter.status, 400);
    for part in ["attribute.site", "It is left out", "$3.75"] {
        assert!(bad_filter.text.contains(part), "{part}: {}", bad_filter.text);
    }
}

/// The address of the link with this text.
pub(super) fn link(page: &str, text: &str) -> String {
    let end = page.find(&format!(">{text}<")).unwrap_or_else(|| panic!("{text}: {page}"));
    let begin = page[..end].rfind("href=\"").unwrap() + 6;
    page[begin..].split('"').next().unwrap().replace("&amp;", "&")
}

#[tokio::test]
async fn every_name_of_a_breakdown_leads_to_its_numbers_alone_and_back() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let models = look(&mut admin, "analytics?by=model&from=2026-11-20&to=2026-11-22").await.text;
    let to = link(&models, "<bdi>claude-haiku</bdi>");
    assert_eq!(to, "?from=2026-11-20&to=2026-11-22&model=claude-haiku");
    let haiku = look(&mut admin, &format!("analytics{to}")).await.text;
    assert!(haiku.contains("Model: </span><bdi>claude-haiku</bdi>") && haiku.contains("$1.25"), "{haiku}");
    assert!(haiku.contains("What does not say its model is left out"), "{haiku}");
    assert!(haiku.contains(">john@example.com<") && !haiku.contains(">jane@example.com<"), "{haiku}");
    // A filter stays from link to link, until it is taken away.
    let teams = look(&mut admin, &format!("analytics{}", link(&haiku, "By team"))).await.text;
    assert!(teams.contains("Model: </span><bdi>claude-haiku</bdi>") && teams.contains(">claude-haiku<"), "{teams}");
    let week = look(&mut admin, &format!("analytics{}", link(&haiku, "7 days"))).await.text;
    assert!(week.contains("Model: </span><bdi>claude-haiku</bdi>"), "{week}");
    let all = look(&mut admin, &format!("analytics{}", link(&haiku, "×"))).await.text;
    assert!(!all.contains("Model: </span>") && all.contains("$3.75"), "{all}");
}

#[tokio::test]
async fn a_filter_that_nothing_fits_is_named_where_the_numbers_would_be() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let nobody = look(&mut admin, "analytics?team=nobody&model=claude-opus&user=ghost@example.com").await;
    assert_eq!(nobody.status, 200);
    for part in [
        "No activity in these days",
        "team <bdi>nobody</bdi> and model <bdi>claude-opus</bdi> and person <bdi>ghost@example.com</bdi>",
        "show everything",
    ] {
        assert!(nobody.text.contains(part), "{part}: {}", nobody.text);
    }
    assert!(look(&mut admin, "sessions?team=nobody").await.text.contains("No sessions in these days"));
    let bad = look(&mut admin, "sessions?from=never&user=jane@example.com").await;
    assert!(bad.status == 400 && bad.text.contains("The last 30 days are shown instead"), "{}", bad.text);
    assert!(bad.text.contains("1 line.") && bad.text.contains("$1.25"), "{}", bad.text);
}

#[tokio::test]
async fn numbers_can_be_looked_at_by_everything_that_reports_know() {
    let tenant = with_work().await;
    tenant.stack.ask("PUT /api/orgs/acme", &serde_json::json!({"report_attributes": ["site"]}).to_string()).await;
    let mut admin = admin_of(&tenant).await;
    let shown = look(&mut admin, "analytics").await.text;
    let names = shown.split("<option value=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    let names: Vec<String> = names.collect();
    assert!(names.len() > 25 && names.contains(&"attribute.site".to_owned()), "{names:?}");
    for name in names {
        let page = look(&mut admin, &format!("analytics?by={name}")).await;
        assert_eq!(page.status, 200, "{name}");
        // What nothing says has a sentence in place of lines.
        let is_said =
            page.text.contains("<th scope=\"row\">") != page.text.contains("Nothing in these days says which");
        assert!(is_said && page.text.contains(&format!("<option value=\"{name}\" selected>")), "{name}: {}", page.text);
    }
    let versions = look(&mut admin, "analytics?by=version").await.text;
    assert!(versions.contains("By version") && versions.contains(">claude-opus<"), "{versions}");
}

#[tokio::test]
async fn a_long_breakdown_has_pages() {
    let tenant = Stack::start().tenant("acme").await;
    for number in 10..55 {
        work(&tenant, &format!("dev{number}@example.com"), "claude-opus").await;
    }
    tenant.project(START).await;
    let mut admin = admin_of(&tenant).await;
    let mut seen = std::collections::BTreeSet::new();
    for (page, lines) in [(1, 20), (2, 20), (3, 5), (9, 5)] {
        let shown = look(&mut admin, &format!("analytics?page={page}")).await.text;
        let (_, breakdown) = shown.split_once("id=\"breakdown\"").unwrap();
        let people = breakdown.split("<bdi>dev").skip(1).map(|rest| rest[..2].to_owned()).collect::<Vec<_>>();
        assert_eq!(people.len(), lines, "{page}");
        seen.extend(people);
    }
    assert_eq!(seen.len(), 45);
}

#[tokio::test]
async fn a_table_has_the_whole_the_share_of_each_line_and_a_search_where_it_is_long() {
    let tenant = Stack::start().tenant("acme").await;
    for person in 0..45 {
        work(&tenant, &format!("person{person}@example.com"), "claude-opus").await;
    }
    tenant.project(START).await;
    let mut admin = admin_of(&tenant).await;
    let all = look(&mut admin, "analytics").await.text;
    let table = &all[all.find("id=\"breakdown\"").unwrap()..];
    assert!(
        table.contains(
            "<tr class=\"sum\"><th scope=\"row\">All</th><td>$56.25 <small class=\"share\">100 %</small></td><td>45</td>"
        ),
        "{table}"
    );
    assert!(table.contains("<td>$1.25 <small class=\"share\">2.2 %</small></td><td>1</td>"), "{table}");
    assert!(table.contains("45 lines; the CSV has all.") && table.contains("name=\"find\""), "{table}");
    let found = look(&mut admin, "analytics?find=Person44&sort=sessions").await.text;
    let table = &found[found.find("id=\"breakdown\"").unwrap()..];
    assert!(table.contains("person44@example.com") && !table.contains("person4@example.com"), "{table}");
    assert!(table.contains("1 line of 45.") && table.contains("value=\"Person44\""), "{table}");
    assert!(table.contains("name=\"sort\" value=\"sessions\""), "the search keeps the order: {table}");
    let none = look(&mut admin, "analytics/outcome?table=people&find=%3Cnobody%3E").await.text;
    assert!(none.contains("No line has “<bdi>&lt;nobody&gt;</bdi>” in its name."), "{none}");
    let teams = look(&mut admin, "analytics/outcome?table=people").await.text;
    assert!(teams.contains(">All</th>") && teams.contains("45 lines; the CSV has all."), "{teams}");
}

#[tokio::test]
async fn a_table_for_spreadsheets_comes_with_the_session_alone() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let table = look(&mut admin, "analytics.csv?by=user&from=2026-11-22&to=2026-11-22").await;
    assert!(table.header("content-type").starts_with("text/csv"));
    let name = "attachment; filename=\"claude-code-acme-by-person-2026-11-22-2026-11-22.csv\"";
    assert_eq!(table.header("content-disposition"), name);
    let narrowed = look(&mut admin, "analytics.csv?by=user&from=2026-11-22&to=2026-11-22&model=claude-haiku").await;
    assert!(narrowed.header("content-disposition").contains("-2026-11-22-model-claude-haiku.csv"));
    assert!(narrowed.text.contains("john@example.com") && !narrowed.text.contains("jane@example.com"));
    let lines: Vec<&str> = table.text.lines().collect();
    assert!(lines[0].starts_with("Person,E-mail,Id,\"Cost (US$, estimate)\",Sessions,Prompts,"), "{}", table.text);
    assert!(lines[1].starts_with("john@example.com,john@example.com,") && lines[1].contains(",2.5,"), "{}", table.text);
    assert!(lines[2].starts_with("jane@example.com,jane@example.com,") && lines.len() == 3, "{}", table.text);
    let other = look(&mut admin, "analytics.csv?by=user&from=2026-11-22&to=2026-11-22&order=up&find=JANE").await.text;
    assert_eq!(other.lines().skip(1).collect::<Vec<_>>(), lines[2..]);
    let days = look(&mut admin, "analytics.csv?from=2026-11-22&to=2026-11-22").await;
    let call = format!("GET /api/orgs/{}/activity?from=2026-11-22&to=2026-11-23&group_by=day&format=csv", tenant.org);
    assert_eq!(days.text, String::from_utf8_lossy(&tenant.ask_at(&call, "", START).await.body));
    assert!(look(&mut admin, "analytics.csv").await.text.starts_with("day,sessions,"));
    assert_eq!(look(&mut admin, "analytics.csv?from=never").await.status, 400);
    admin.cookies.clear();
    assert_eq!(look(&mut admin, "analytics.csv").await.status, 303, "nobody is signed in");
}

#[tokio::test]
async fn whoever_signs_in_comes_to_the_numbers_as_soon_as_there_are_any() {
    let tenant = Stack::start().tenant("zebra").await;
    tenant.stack.tenant("acme").await;
    let mut admin = admin_of(&tenant).await;
    let start = admin.get("/").await;
    assert_eq!(
        start.header("location"),
        "/orgs/acme/settings/claude-code",
        "nothing has arrived: there is something to set up"
    );
    work(&tenant, "jane@example.com", "claude-opus").await;
    tenant.project(START).await;
    assert_eq!(admin.get("/").await.header("location"), "/orgs/zebra/analytics");
}

#[tokio::test]
async fn who_is_in_two_groups_is_in_both_and_their_day_counts_once() {
    let tenant = Stack::start().tenant("acme").await;
    let at = START.minus(HOUR).0;
    let request =
        json!({"session.id": "s", "user.email": "dana@example.com", "model": "claude-opus-5", "cost_usd": 1.25});
    let export = logs(json!({"user.groups": "ops,dev"}), &[event("api_request", at, request)]);
    tenant.send(&export, START).await;
    tenant.project(START).await;
    let mut admin = admin_of(&tenant).await;
    let shown = look(&mut admin, "analytics?by=group").await.text;
    for part in [
        "<bdi>dev</bdi></a></th><td>$1.25</td>",
        "<bdi>ops</bdi></a></th><td>$1.25</td>",
        "<td>22 Nov</td><td>$1.25</td>",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(
        shown.contains("counts in each of them") && !shown.contains("Cost by group"),
        "nothing is stacked: {shown}"
    );
    let spend = look(&mut admin, "analytics/spend?by=group").await.text;
    assert!(spend.contains("<p class=\"value\">$1.25</p>") && spend.contains("counts in each of them"), "{spend}");
}
