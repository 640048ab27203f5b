//! The pages of analytics that answer one question each: who uses it, how reliable it is, and what comes of it.

use model::time::from_days;
use serde_json::Value;

use super::*;

/// Sends events of somebody's, so many days before the beginning, when they happened.
async fn does(tenant: &Tenant, name: &str, days: i64, about: Value, events: &[(&str, Value)]) {
    let at = START.minus(from_days(days));
    let mut sent = Vec::new();
    for (number, (event_name, more)) in events.iter().enumerate() {
        let mut all = json!({"session.id": format!("{name}-{days}"), "user.email": format!("{name}@example.com")});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        sent.push(event(event_name, at.0 + number as i64, all));
    }
    tenant.send(&logs(about, &sent), at).await;
}

async fn prompts(tenant: &Tenant, name: &str, days: i64, team: &str) {
    let about = json!({"team": team, "service.version": "2.1.330"});
    does(tenant, name, days, about, &[("user_prompt", json!({}))]).await;
}

/// The line of a table that begins with this name, without markup.
fn line(page: &str, name: &str) -> Vec<String> {
    let row = page.split("<tr>").find(|row| row.contains("scope=\"row\"") && row.contains(name));
    let row = row.unwrap_or_else(|| panic!("{name}: {page}")).replace("<td class=\"said\">", "<td>");
    let plain = |cell: &str| cell.split('<').map(|part| part.rsplit('>').next().unwrap()).collect::<String>();
    let cell = |cell: &str| plain(cell.split("</td>").next().unwrap().split(" <small class=\"share\"").next().unwrap());
    row.split("<td>").skip(1).map(cell).collect()
}

/// The figure below this title.
fn figure<'p>(page: &'p str, title: &str) -> &'p str {
    let rest = page.split(&format!("<h2>{title}</h2><p class=\"value\">")).nth(1);
    rest.unwrap_or_else(|| panic!("{title}: {page}")).split('<').next().unwrap()
}

/// The address of the link with this text.
fn link(page: &str, text: &str) -> String {
    let end = page.find(&format!(">{text}<")).unwrap_or_else(|| panic!("{text}: {page}"));
    let begin = page[..end].rfind("href=\"").unwrap() + 6;
    page[begin..].split('"').next().unwrap().replace("&amp;", "&")
}

#[tokio::test]
async fn adoption_shows_shares_weeks_teams_and_leads_to_who_is_missing() {
    let mut tenant = Stack::start().tenant("acme").await;
    prompts(&tenant, "jane", 40, "core").await;
    prompts(&tenant, "mary", 41, "core").await;
    let old = tenant.token.clone();
    tenant.token = tenant.rotate("acme", 29 * 86_400, START.minus(20 * DAY)).await;
    prompts(&tenant, "jane", 3, "core").await;
    let new = std::mem::replace(&mut tenant.token, old);
    prompts(&tenant, "john", 2, "web").await;
    tenant.token = new;
    tenant.project(START).await;
    tenant.authors("Jane Doe <jane@example.com>\nZed Zedder <zed@example.org>\n").await;
    tenant.merge().await;
    let mut admin = admin_of(&tenant).await;
    let page = look(&mut admin, "analytics/adoption").await.text;
    for (title, value) in [
        ("Committers who use it", "50 %"),
        ("Active people", "2"),
        ("New", "1"),
        ("Retained", "50 %"),
        ("Latest settings", "50 %"),
        ("Newest version", "100 %"),
    ] {
        assert_eq!(figure(&page, title), value, "{title}: {page}");
    }
    assert_eq!(line(&page, ">core<"), ["1", "0", "1", "0", "1", "100 %", "100 %"], "{page}");
    assert_eq!(line(&page, ">web<"), ["1", "1", "0", "0", "0", "0 %", "100 %"]);
    assert!(page.contains("Active people by week") && page.contains("2.1.330"), "{page}");
    assert!(page.contains("<h2>Committers who use it, by week</h2>") && page.contains("<td>50 %</td>"), "{page}");
    let missing = look(&mut admin, &format!("analytics/adoption{}", link(&page, "1 missing"))).await.text;
    assert!(missing.contains(">People without the latest settings<"), "{missing}");
    assert_eq!(line(&missing, ">john@example.com<"), ["new", "1", "2.1.330", "settings", "2026-11-20"], "{missing}");
    assert!(!missing.contains("Jane Doe") && !missing.contains("mary@example.com"), "{missing}");
    let git = admin.get(&link(&page, "1 never")).await.text;
    assert!(git.contains("Zed Zedder") && !git.contains("Jane Doe"), "{git}");
    // A team leads to its people alone, and the days and filters go along to the other pages.
    let web = look(&mut admin, &format!("analytics/adoption{}", link(&page, "<bdi>web</bdi>"))).await.text;
    assert_eq!((figure(&web, "Active people"), figure(&web, "Committers who use it")), ("1", "–"));
    let tab = link(&web, "Reliability");
    assert!(tab.starts_with("/orgs/acme/analytics/reliability?") && tab.ends_with("&team=web"), "{tab}");
    let table = look(&mut admin, "analytics/adoption.csv?table=people").await.text;
    let shown =
        "Team,Active (people),New,Retained,Returned,Lapsed,Latest settings (of active),Newest version (of active)";
    assert_eq!(table, format!("{shown}\ncore,1,0,1,0,1,1,1\nweb,1,1,0,0,0,0,1\n"));
}

/// A company as the page has it by default: who stayed, who began, who came back, and who left, without the latest settings.
async fn with_a_coming_and_going() -> Tenant {
    let mut tenant = Stack::start().tenant("acme").await;
    for (name, days) in [("stays", 40), ("leaves", 41), ("returns", 70)] {
        prompts(&tenant, name, days, "core").await;
    }
    let old = tenant.token.clone();
    tenant.token = tenant.rotate("acme", 29 * 86_400, START.minus(20 * DAY)).await;
    for (name, team) in [("stays", "core"), ("returns", "core"), ("begins", "web")] {
        prompts(&tenant, name, 3, team).await;
    }
    let new = std::mem::replace(&mut tenant.token, old);
    does(&tenant, "late", 2, json!({"team": "web", "service.version": "2.1.300"}), &[("user_prompt", json!({}))]).await;
    tenant.token = new;
    tenant.project(START).await;
    tenant
}

/// The people of a file of adoption, by what it says of them.
fn told(table: &str) -> Vec<(&str, Vec<&str>)> {
    table
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|cells| (cells[0], cells[3..].to_vec()))
        .collect()
}

#[tokio::test]
async fn adoption_lists_people_by_what_became_of_them_and_by_what_they_are_missing() {
    let tenant = with_a_coming_and_going().await;
    let mut admin = admin_of(&tenant).await;
    let page = look(&mut admin, "analytics/adoption").await.text;
    let table = look(&mut admin, "analytics/adoption.csv?table=persons").await.text;
    assert!(table.starts_with("Person,E-mail,Id,State,Settings,Version,Older,Last seen\n"), "{table}");
    let all = [
        ("leaves@example.com", vec!["lapsed", "1", "2.1.330", "settings", "2026-10-12"]),
        ("begins@example.com", vec!["new", "2", "2.1.330", "", "2026-11-19"]),
        ("late@example.com", vec!["new", "1", "2.1.300", "settings and version", "2026-11-20"]),
        ("stays@example.com", vec!["retained", "2", "2.1.330", "", "2026-11-19"]),
        ("returns@example.com", vec!["returned", "2", "2.1.330", "", "2026-11-19"]),
    ];
    assert_eq!(told(&table), all);
    for (title, figure, listed) in [
        ("2 new", "New", vec!["begins@example.com", "late@example.com"]),
        ("1 returned", "New", vec!["returns@example.com"]),
        ("1 lapsed", "Retained", vec!["leaves@example.com"]),
        ("1 missing", "Latest settings", vec!["late@example.com"]),
    ] {
        let address = link(&page[page.find(&format!("<h2>{figure}</h2>")).unwrap()..], title);
        let alone = look(&mut admin, &format!("analytics/adoption{address}")).await.text;
        let shown: Vec<&str> =
            all.iter().map(|(name, _)| *name).filter(|name| alone.contains(&format!("<bdi>{name}<"))).collect();
        let mut listed_in_order = listed.clone();
        listed_in_order.sort_by_key(|name| all.iter().position(|(known, _)| known == name));
        assert_eq!(shown, listed_in_order, "{title}: {alone}");
        let file = admin.get(&link(&alone, "CSV")).await;
        assert_eq!(told(&file.text).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), listed_in_order, "{title}");
        assert!(file.header("content-disposition").contains("-persons-2026-10-24-2026-11-22-who-"), "{title}");
    }
    // A person leads to their page, and the other kinds of people are one click away.
    let lapsed = look(&mut admin, "analytics/adoption?table=persons&who=lapsed").await.text;
    assert!(link(&lapsed, "<bdi>leaves@example.com</bdi>").starts_with("/orgs/acme/users/"), "{lapsed}");
    assert!(lapsed.contains("aria-current=\"true\">Lapsed <span class=\"count\">1<"), "{lapsed}");
    let everybody =
        look(&mut admin, &format!("analytics/adoption{}", link(&lapsed, "All <span class=\"count\">5</span>")))
            .await
            .text;
    assert!(all.iter().all(|(name, _)| everybody.contains(name)) && everybody.contains(">People<"), "{everybody}");
}

#[tokio::test]
async fn the_list_of_adoption_knows_filters_days_order_and_search() {
    let tenant = with_a_coming_and_going().await;
    let mut admin = admin_of(&tenant).await;
    let mut names = async |query: &str| {
        let table = look(&mut admin, &format!("analytics/adoption.csv?table=persons&{query}")).await.text;
        told(&table).into_iter().map(|(name, _)| name.split('@').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("team=web").await, ["begins", "late"]);
    assert_eq!(names("team=core&who=new").await, [""; 0]);
    assert_eq!(names("team=web&who=older-settings").await, ["late"]);
    assert_eq!(names("who=older-version").await, ["late"]);
    assert_eq!(names("from=2026-10-01&to=2026-10-31&who=new").await, ["leaves", "stays"]);
    assert_eq!(names("sort=last%20seen").await[0], "leaves");
    assert_eq!(names("sort=name&order=up").await, ["stays", "returns", "leaves", "late", "begins"]);
    assert_eq!(names("find=LATE").await, ["late"]);
    let bad = look(&mut admin, "analytics/adoption?who=gone&table=persons").await;
    assert!(bad.status == 400 && bad.text.contains("Everybody is listed instead"), "{}", bad.text);
    assert!(bad.text.contains("one of new,retained,returned,lapsed,older-settings,older-version"), "{}", bad.text);
    assert_eq!(look(&mut admin, "analytics/adoption.csv?who=gone").await.status, 400);
}

#[tokio::test]
async fn a_list_of_many_people_has_pages_and_never_shows_all() {
    let tenant = Stack::start().tenant("acme").await;
    for number in 10..95 {
        prompts(&tenant, &format!("dev{number}"), 1, "core").await;
    }
    tenant.project(START).await;
    let mut admin = admin_of(&tenant).await;
    let shown = |page: &str| page.matches("<bdi>dev").count();
    let page = look(&mut admin, "analytics/adoption").await.text;
    assert_eq!(shown(&page), 10, "{page}");
    let first = look(&mut admin, &format!("analytics/adoption{}", link(&page, "85 new"))).await.text;
    let second = look(&mut admin, &format!("analytics/adoption{}", link(&first, "Next"))).await.text;
    let third = look(&mut admin, &format!("analytics/adoption{}", link(&second, "Next"))).await.text;
    assert_eq!([&first, &second, &third].map(|page| shown(page)), [40, 40, 5]);
    assert!(third.contains(">New people<") && third.contains("85 lines"), "{third}");
}

async fn with_troubles() -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    let request = |model: &str, more: Value| {
        let mut all = json!({"model": model, "duration_ms": 2000, "ttft_ms": 500, "cost_usd": 0.5});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("api_request", all)
    };
    let events = [
        ("user_prompt", json!({})),
        request("claude-opus-5-5", json!({"skill.name": "review"})),
        request("claude-opus-5-5", json!({"agent.name": "Explore"})),
        request("claude-haiku-4-9", json!({"plugin.name": "tidy"})),
        ("api_error", json!({"model": "claude-opus-5-5", "status_code": 429, "attempt": 1})),
        ("api_error", json!({"model": "claude-opus-5-5", "status_code": 529, "attempt": 11})),
        ("api_retries_exhausted", json!({"model": "claude-opus-5-5", "status_code": 529, "total_attempts": 11})),
        ("api_refusal", json!({"model": "claude-haiku-4-9", "attempt": 2})),
        ("tool_result", json!({"tool_name": "Bash", "success": "false", "duration_ms": 3000})),
        ("tool_result", json!({"tool_name": "Bash", "success": "true", "duration_ms": 3000})),
        ("tool_decision", json!({"tool_name": "Edit", "decision": "reject", "source": "user_reject"})),
        ("tool_result", json!({"tool_name": "mcp_tool", "success": "false", "mcp_server.name": "jira"})),
    ];
    does(&tenant, "jane", 1, json!({"service.version": "2.1.330"}), &events).await;
    tenant.project(START).await;
    tenant
}

#[tokio::test]
async fn reliability_shows_what_fails_what_is_slow_and_who_refuses() {
    let tenant = with_troubles().await;
    let mut admin = admin_of(&tenant).await;
    let page = look(&mut admin, "analytics/reliability").await.text;
    for (title, value) in
        [("Requests that failed", "40 %"), ("Rate limits", "1"), ("Tools that failed", "67 %"), ("Tools refused", "1")]
    {
        assert_eq!(figure(&page, title), value, "{title}: {page}");
    }
    assert!(page.contains("1 by people"), "{page}");
    assert!(page.contains("2 of 5 requests, after 11 retries"), "{page}");
    // Errors, retries, given up, people, sessions.
    assert_eq!(line(&page, ">rate_limit<"), ["1", "0", "0", "1", "1"]);
    assert_eq!(line(&page, ">overloaded<"), ["1", "10", "1", "1", "1"]);
    let requests = "requests, errors, rate limits, error rate, retries, given up, declined";
    assert_eq!(line(&page, ">claude-opus-5-5<")[..7], ["2", "2", "1", "50 %", "10", "1", "0"], "{requests}");
    assert_eq!(line(&page, ">claude-haiku-4-9<")[..7], ["1", "0", "0", "0 %", "1", "0", "1"], "{requests}");
    assert!(line(&page, ">claude-opus-5-5<")[7].ends_with(" s"), "{page}");
    assert_eq!(line(&page, ">2.1.330<")[..7], ["3", "2", "1", "40 %", "11", "1", "1"], "{requests}");
    assert_eq!(line(&page, ">Bash<")[..3], ["2", "1", "50 %"]);
    assert_eq!(line(&page, ">Edit<")[4..], ["1", "0", "0", "0", "0"], "{page}");
    assert_eq!(line(&page, ">jira<")[1..4], ["1", "1", "100 %"]);
    for name in ["review", "Explore", "tidy"] {
        assert_eq!(line(&page, &format!(">{name}<"))[..1], ["1"], "{name}");
    }
    let haiku = look(&mut admin, &format!("analytics/reliability{}", link(&page, "<bdi>claude-haiku-4-9</bdi>"))).await;
    assert_eq!(figure(&haiku.text, "Requests that failed"), "0 %", "{}", haiku.text);
    assert!(haiku.text.contains("No request failed in these days."), "{}", haiku.text);
    // What the page says is what the report says.
    let report = tenant.get("/activity?group_by=model&from=2026-10-24&to=2026-11-23", START).await;
    let opus = report["items"].as_array().unwrap().iter().find(|row| row["model"] == "claude-opus-5-5").unwrap();
    let table = look(&mut admin, "analytics/reliability.csv?table=models&sort=p95").await;
    let name = "attachment; filename=\"claude-code-acme-reliability-models-2026-10-24-2026-11-22.csv\"";
    assert_eq!(table.header("content-disposition"), name);
    let cells: Vec<&str> =
        table.text.lines().find(|line| line.starts_with("claude-opus")).unwrap().split(',').collect();
    let millis = |name: &str| opus[name].as_f64().unwrap().round().to_string();
    assert_eq!(
        cells[8..],
        ["duration_ms_p50", "duration_ms_p95", "ttft_ms_p50", "ttft_ms_p95"].map(millis),
        "{}",
        table.text
    );
    assert_eq!(look(&mut admin, "analytics/reliability.csv?table=nothing").await.status, 400);
}

#[tokio::test]
async fn outcome_shows_what_came_of_the_work_and_compares_people_with_themselves() {
    let tenant = Stack::start().tenant("acme").await;
    for (name, days, commits, lines) in [("jane", 40, 2.0, 10.0), ("jane", 3, 6.0, 30.0), ("john", 2, 1.0, 50.0)] {
        prompts(&tenant, name, days, "core").await;
        let at = START.minus(from_days(days));
        let about = |more: Value| {
            let email = format!("{name}@example.com");
            let mut all = json!({"session.id": format!("{name}-{days}"), "user.email": email, "team": "core"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        for (counter, value, more) in [
            ("claude_code.commit.count", commits, json!({})),
            ("claude_code.lines_of_code.count", lines, json!({"type": "added"})),
            (
                "claude_code.code_edit_tool.decision",
                1.0,
                json!({"tool_name": "Edit", "decision": "accept", "source": "user_temporary", "language": "Rust"}),
            ),
        ] {
            let sent = metrics(counter, 1, &[point(at.0, at.0 + 1000, value, about(more))]);
            tenant.send(&sent, at).await;
        }
    }
    tenant.project(START).await;
    let mut admin = admin_of(&tenant).await;
    let page = look(&mut admin, "analytics/outcome").await.text;
    assert_eq!((figure(&page, "Commits with Claude Code"), figure(&page, "Lines added")), ("7", "80"), "{page}");
    assert!(page.contains("3.5 an active person"), "{page}");
    assert_eq!(line(&page, ">jane@example.com<")[..3], ["6", "0", "30"]);
    assert!(page.contains("<td>6 <small class=\"share\">86 %</small></td>"), "of all commits: {page}");
    assert_eq!(line(&page, ">core<")[..6], ["7", "3.5", "0", "0.0", "80", "40.0"]);
    assert_eq!(line(&page, ">Rust<"), ["2", "0", "100 %"], "{page}");
    for (who, commits) in [("The same people before", "2.0"), ("At work in both periods", "6.0"), ("Began with", "1.0")]
    {
        assert_eq!(line(&page, who)[..2], ["1", commits], "{who}: {page}");
    }
    assert!(page.contains("Nothing is known from before somebody"), "{page}");
    let alone = look(&mut admin, "analytics/outcome?table=people&sort=lines").await.text;
    assert!(alone.rfind(">john@example.com<").unwrap() < alone.rfind(">jane@example.com<").unwrap(), "{alone}");
    assert!(alone.contains("aria-sort=\"descending\"") && !alone.contains("By team"), "{alone}");
    let table = look(&mut admin, "analytics/outcome.csv?table=people&sort=lines").await.text;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("Person,E-mail,Id,Commits,PRs,Lines (added),Lines (removed),"), "{table}");
    assert!(lines[1].starts_with("john@example.com,john@example.com,") && lines.len() == 3, "{table}");
}

#[tokio::test]
async fn pages_without_numbers_say_what_to_do_and_what_makes_no_sense_is_named_beside_the_rest() {
    let tenant = Stack::start().tenant("acme").await;
    let mut admin = admin_of(&tenant).await;
    let pages = ["analytics/adoption", "analytics/reliability", "analytics/outcome"];
    for page in pages {
        let shown = look(&mut admin, page).await;
        assert!(shown.status == 200 && shown.text.contains("deploy the settings"), "{page}: {}", shown.text);
        let ghost = look(&mut admin, &format!("{page}?user=ghost@example.com&team=nobody")).await;
        assert!(ghost.status == 200 && ghost.text.contains("person <bdi>ghost@example.com</bdi>"), "{}", ghost.text);
        let bad = look(&mut admin, &format!("{page}?from=never&team=core")).await;
        assert!(bad.status == 400 && bad.text.contains("Team: </span><bdi>core</bdi>"), "{page}: {}", bad.text);
        assert_eq!(look(&mut admin, &format!("{page}.csv?from=never")).await.status, 400, "{page}");
    }
    let bad = look(&mut admin, "users?settings=newest").await;
    assert!(bad.status == 400 && bad.text.contains("Everybody is shown instead"), "{}", bad.text);
    assert_eq!(look(&mut admin, "users.csv?version=x").await.status, 400);
    admin.cookies.clear();
    for page in pages {
        assert_eq!(look(&mut admin, &format!("{page}.csv")).await.status, 303, "nobody is signed in");
    }
}

#[tokio::test]
async fn a_table_with_many_lines_shows_the_first_and_leads_to_the_others() {
    let tenant = Stack::start().tenant("acme").await;
    for number in 10..55 {
        prompts(&tenant, &format!("dev{number}"), 1, &format!("team{number}")).await;
    }
    tenant.project(START).await;
    let mut admin = admin_of(&tenant).await;
    let page = look(&mut admin, "analytics/adoption").await.text;
    assert_eq!(page.matches("<bdi>team").count(), 15, "{page}");
    let all = look(&mut admin, &format!("analytics/adoption{}", link(&page, "and 30 more"))).await.text;
    assert!(all.matches("<bdi>team").count() == 40 && all.contains("45 lines"), "{all}");
    let rest = look(&mut admin, &format!("analytics/adoption{}", link(&all, "Next"))).await.text;
    assert_eq!(rest.matches("<bdi>team").count(), 5);
    let table = look(&mut admin, "analytics/adoption.csv?table=people").await.text;
    assert_eq!(table.lines().count(), 46);
}

#[tokio::test]
async fn whoever_is_in_two_groups_is_in_the_lines_of_both_and_in_the_days_once() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.ask("PUT /api/orgs/acme", r#"{"report_attributes": ["group"]}"#).await;
    let request = ("api_request", json!({"model": "claude-opus-5-5", "cost_usd": 0.37}));
    does(&tenant, "jane", 1, json!({"group": "dev,ops"}), &[request]).await;
    tenant.project(START).await;
    let mut admin = admin_of(&tenant).await;
    for by in ["group", "attribute.group"] {
        let page = look(&mut admin, &format!("analytics?by={by}")).await.text;
        assert!(page.contains("<bdi>dev</bdi>") && page.contains("<bdi>ops</bdi>"), "{by}: {page}");
        assert!(page.contains("$0.3700") && !page.contains("$0.7400"), "{by}: {page}");
        assert!(!page.contains("<th scope=\"row\">All</th>"), "{by}: {page}");
    }
}
