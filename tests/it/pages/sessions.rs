//! Sessions: the list of a period, and what happened in one.

use super::analytics::{link, with_work};
use super::{admin_of, look};
use model::time::{DAY, HOUR, MINUTE};
use serde_json::{Value, json};
use tools::activity::exports::{event, logs};
use tools::console::Visitor;
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

/// The table of a page of a session with this name, and what belongs to it.
fn part<'p>(page: &'p str, table: &str) -> &'p str {
    let begin = page.find(&format!("<h2 id=\"{table}\">")).unwrap_or_else(|| panic!("{table}: {page}"));
    page[begin..].split("</section>").next().unwrap()
}

/// The lines of a table, without markup: what is said of each, and its numbers.
fn lines(table: &str) -> Vec<String> {
    let plain = |row: &str| {
        let cells = row.split("</th>").flat_map(|cell| cell.split("</td>"));
        let texts = cells.map(|cell| {
            let mut rest = cell.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
            rest.by_ref().collect::<String>()
        });
        texts.collect::<Vec<_>>().join("|")
    };
    let body =
        table.split_once("<tbody>").and_then(|(_, rest)| rest.split_once("</tbody>")).map_or("", |(body, _)| body);
    body.split("<tr")
        .skip(1)
        .map(|row| plain(row.split_once('>').unwrap().1).trim_end_matches('|').to_owned())
        .collect()
}

#[tokio::test]
async fn a_session_is_found_in_the_list_and_tells_what_happened_in_it() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let list = look(&mut admin, "sessions").await.text;
    assert!(list.contains("2 lines.") && list.contains("$2.50") && list.contains("$1.25"), "{list}");
    let johns = look(&mut admin, "sessions?user=john@example.com").await.text;
    assert!(johns.contains("1 line.") && johns.contains("$2.50") && !johns.contains("$1.25"), "{johns}");
    let at = johns.split("/orgs/acme/sessions/").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let session = look(&mut admin, &format!("sessions/{at}")).await.text;
    for part in ["s-john@example.com", "claude-opus", "claude-haiku", "Prompt", "Request", "Tool", "$1.25", "4,500"] {
        assert!(session.contains(part), "{part}: {session}");
    }
    let order = |what: &str| session.find(&format!("<bdi>{what}</bdi>")).unwrap();
    assert!(order("Prompt") < order("Request") && order("Request") < order("Tool"), "{session}");
    assert!(session.contains("sort=tokens#models") && session.contains(">All</th>"), "{session}");
    let haiku = look(&mut admin, &format!("sessions/{at}&table=models&sort=tokens&order=up&find=HAIKU")).await.text;
    let (models, events) = (part(&haiku, "models"), part(&haiku, "events"));
    assert!(models.contains("aria-sort=\"ascending\"") && models.contains("1 line of 2."), "{models}");
    assert!(models.contains("claude-haiku") && !models.contains("claude-opus"), "{models}");
    assert!(events.contains("claude-opus") && events.contains("6 lines."), "the other table is as it was: {events}");
    let unknown = look(&mut admin, "sessions/s-nobody").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text.contains("No such session") && unknown.text.contains("s-nobody"));
    for bad in ["sessions/s?from=never", "sessions/s-john@example.com?back=%00x", "sessions/%ff", "sessions/a/b"] {
        assert!(look(&mut admin, bad).await.status < 500, "{bad}");
    }
}

#[tokio::test]
async fn sessions_are_searched_put_in_order_and_taken_along_as_a_table() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let order = |text: &str| {
        let at = |person: &str| text.rfind(&format!("<bdi>{person}@example.com</bdi>")).unwrap();
        at("john").cmp(&at("jane"))
    };
    let dear = look(&mut admin, "sessions?table=sessions&sort=cost").await.text;
    let cheap = look(&mut admin, "sessions?table=sessions&sort=cost&order=up").await.text;
    assert_eq!((order(&dear), order(&cheap)), (std::cmp::Ordering::Less, std::cmp::Ordering::Greater));
    assert!(dear.contains(">All</th>") && dear.contains("$3.75") && dear.contains("67 %"), "{dear}");
    let johns = look(&mut admin, "sessions?table=sessions&find=JOHN").await.text;
    assert!(johns.contains("1 line of 2.") && !johns.contains("<bdi>jane"), "{johns}");
    let file = look(&mut admin, "sessions.csv?table=sessions&find=john&from=2026-11-22&to=2026-11-22").await;
    let name = "attachment; filename=\"claude-code-acme-sessions-sessions-2026-11-22-2026-11-22-find-john.csv\"";
    assert_eq!((file.status, file.header("content-disposition")), (200, name));
    let lines: Vec<&str> = file.text.lines().collect();
    assert!(lines[0].starts_with("Began,Time,Session,Person,Version,Terminal,"), "{}", file.text);
    assert!(lines.len() == 2 && lines[1].contains(",s-john@example.com,john@example.com,"), "{}", file.text);
}

/// A session of an hour before midnight and an hour after, with everything that pages have words for.
async fn told() -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    let at = START.minus(DAY).floor(DAY).minus(HOUR);
    let about = |more: Value| {
        let mut all = json!({"session.id": "s/1", "user.email": "jane@example.com", "terminal.type": "vscode"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let opus = "eu.anthropic.claude-opus-5-5-v1:0";
    let request = |dollars: f64, tokens: i64, millis: i64, more: Value| {
        let mut all = json!({"model": opus, "query_source": "repl_main_thread", "cost_usd": dollars, "input_tokens": tokens,
            "duration_ms": millis});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("api_request", all)
    };
    let events = [
        ("user_prompt", json!({"prompt_length": 12})),
        request(0.5, 1000, 4000, json!({"skill.name": "review"})),
        (
            "tool_result",
            json!({"tool_name": "mcp_tool", "mcp_server.name": "jira", "success": "true", "duration_ms": 900_000}),
        ),
        request(
            2.0,
            500,
            1000,
            json!({"model": "claude-haiku-4-5", "query_source": "agent:builtin:Explore", "agent.name": "Explore"}),
        ),
        ("subagent_completed", json!({"agent_type": "Explore", "duration_ms": 2000})),
        ("tool_decision", json!({"tool_name": "Edit", "decision": "reject", "source": "user_reject"})),
    ];
    let sent: Vec<Value> = (0..)
        .zip(events)
        .map(|(n, (name, more))| event(name, at.0 + n * 20 * MINUTE.as_millis() as i64, about(more)))
        .collect();
    tenant.send(&logs(json!({"service.version": "2.1.330"}), &sent), at.plus(2 * HOUR)).await;
    tenant.project(START).await;
    tenant
}

/// The page of the first session of the list, and its address.
async fn first(admin: &mut Visitor, list: &str) -> (String, String) {
    let list = look(admin, list).await.text;
    let at = list.split("/orgs/acme/sessions/").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    (look(admin, &format!("sessions/{at}")).await.text, at)
}

#[tokio::test]
async fn events_of_a_session_are_put_in_order_searched_added_up_and_taken_along() {
    let tenant = told().await;
    let mut admin = admin_of(&tenant).await;
    let (page, at) = first(&mut admin, "sessions").await;
    let usual = [
        "All|||15 min|$2.50|1,500",
        "20 Nov, 23:00:00|Prompt|12 characters|–|–|–",
        "20 Nov, 23:20:00|Request|claude-opus-5-5 · repl_main_thread · review|4.0 s|$0.5000|1,000",
        "20 Nov, 23:40:00|Tool|mcp_tool · jira|15 min|–|–",
        "21 Nov, 00:00:00|Request|claude-haiku-4-5 · agent:builtin:Explore · Explore|1.0 s|$2.00|500",
        "21 Nov, 00:20:00|Subagent|Explore|2.0 s|–|–",
        "21 Nov, 00:40:00|Refused|Edit · user_reject|–|–|–",
    ];
    let events = part(&page, "events");
    assert_eq!(lines(events), usual);
    assert!(events.contains("aria-sort=\"ascending\"") && events.contains("<tr class=\"bad\">"), "{events}");
    let whats = |page: &str| -> Vec<String> {
        lines(part(page, "events")).iter().map(|line| line.split('|').nth(1).unwrap().to_owned()).skip(1).collect()
    };
    let path = |page: &str, text: &str| format!("sessions/{}{}", at.split('?').next().unwrap(), link(page, text));
    for (head, order) in [
        ("Time ↑", vec!["Refused", "Subagent", "Request", "Tool", "Request", "Prompt"]),
        ("What", vec!["Prompt", "Refused", "Request", "Request", "Subagent", "Tool"]),
        ("About", vec!["Prompt", "Request", "Request", "Refused", "Subagent", "Tool"]),
        ("Took", vec!["Tool", "Request", "Subagent", "Request", "Prompt", "Refused"]),
    ] {
        let shown = look(&mut admin, &path(events, head)).await.text;
        assert_eq!(whats(&shown), order, "{head}");
        assert!(part(&shown, "models").contains(">Cost ↓</a>"), "the other table is as it was");
    }
    let dear = look(&mut admin, &format!("sessions/{at}&table=events&sort=cost")).await.text;
    assert_eq!(
        lines(part(&dear, "events"))[1],
        "21 Nov, 00:00:00|Request|claude-haiku-4-5 · agent:builtin:Explore · Explore|1.0 s|$2.00 80 %|500"
    );
    let found = look(&mut admin, &format!("sessions/{at}&table=events&sort=tokens&find=EXPLORE")).await.text;
    assert_eq!(whats(&found), ["Subagent"], "and the request before it, which is not below a sum: {found}");
    assert!(part(&found, "events").contains("2 lines of 6."), "{found}");
    // The file has the same lines in the same order, and says whose they are.
    let file = admin.get(&link(part(&found, "events"), "CSV")).await;
    let name = "attachment; filename=\"claude-code-acme-events-session-s-1-find-explore.csv\"";
    assert_eq!((file.status, file.header("content-disposition")), (200, name));
    let expected = "Time,Time (UTC),What,About,Took (ms),\"Cost (US$, estimate)\",Tokens\n";
    let rows = "\"21 Nov, 00:00:00\",2026-11-21T00:00:00.000Z,Request,claude-haiku-4-5 · agent:builtin:Explore · Explore,1000,2,500\n\
        \"21 Nov, 00:20:00\",2026-11-21T00:20:00.000Z,Subagent,Explore,2000,,\n";
    assert_eq!(file.text, format!("{expected}{rows}"));
    let models = admin.get(&link(part(&page, "models"), "CSV")).await;
    assert!(models.header("content-disposition").contains("claude-code-acme-models-session-s-1.csv"), "{models:?}");
    assert!(models.text.contains("\nclaude-haiku-4-5,agent:builtin:Explore,2,1,500,0\n"), "{}", models.text);
    for (bad, status) in
        [("session=s-nobody", 404), ("session=s%2F1&sort=csot", 400), ("", 404), ("session=s%2F1&x=1", 400)]
    {
        assert_eq!(look(&mut admin, &format!("session.csv?{bad}")).await.status, status, "{bad}");
    }
}

#[tokio::test]
async fn every_name_of_a_session_leads_to_its_numbers_with_the_days_and_filters_that_it_was_found_with() {
    let tenant = told().await;
    let mut admin = admin_of(&tenant).await;
    let (page, at) = first(&mut admin, "sessions?from=2026-11-19&to=2026-11-22&version=2.1.330").await;
    let kept = "/orgs/acme/analytics?from=2026-11-19&to=2026-11-22";
    for (name, filter) in [
        ("<bdi>claude-opus-5-5</bdi>", "&version=2.1.330&model=claude-opus-5-5"),
        ("<bdi>repl_main_thread</bdi>", "&version=2.1.330&query_source=repl_main_thread"),
        ("<bdi>mcp_tool</bdi>", "&version=2.1.330&tool=mcp_tool"),
        ("<bdi>jira</bdi>", "&version=2.1.330&mcp_server=jira"),
        ("<bdi>review</bdi>", "&version=2.1.330&skill=review"),
        ("<bdi>Explore</bdi>", "&version=2.1.330&agent=Explore"),
        ("<bdi>Edit</bdi>", "&version=2.1.330&tool=Edit"),
        ("<bdi>2.1.330</bdi>", "&version=2.1.330"),
        ("<bdi>vscode</bdi>", "&version=2.1.330&terminal=vscode"),
    ] {
        let to = link(&page, name);
        assert_eq!(to, format!("{kept}{filter}"), "{name}");
        let shown = admin.get(&to).await;
        assert!(shown.status == 200 && !shown.text.contains("No activity in these days"), "{name}: {}", shown.text);
    }
    // Who comes from nowhere is led to the days of the session.
    let alone = look(&mut admin, &format!("sessions/{}", at.split("&back=").next().unwrap())).await.text;
    let days = "/orgs/acme/analytics?from=2026-11-20&to=2026-11-21&tool=Edit";
    assert_eq!(link(&alone, "<bdi>Edit</bdi>"), days);
}

/// Sends so many requests, of one session and a minute, in exports of a thousand.
async fn much(tenant: &Tenant, count: i64) {
    let at = START.minus(HOUR);
    for begin in (0..count).step_by(1000) {
        let request = |n: i64| {
            let about = json!({"session.id": "s", "user.email": "jane@example.com", "model": "claude-opus-5-5",
                "query_source": "repl_main_thread", "effort": "medium", "cost_usd": 0.0131, "input_tokens": 120,
                "duration_ms": n, "request_id": format!("req_{n}")});
            event("api_request", at.0 + n, about)
        };
        let sent: Vec<Value> = (begin..count.min(begin + 1000)).map(request).collect();
        tenant.send(&logs(json!({"service.version": "2.1.330"}), &sent), at.plus(MINUTE)).await;
    }
    tenant.project(START).await;
}

#[tokio::test]
async fn a_long_session_has_pages_with_numbers_and_a_file_with_all_of_it() {
    let tenant = Stack::start().tenant("acme").await;
    much(&tenant, 230).await;
    let mut admin = admin_of(&tenant).await;
    let (page, at) = first(&mut admin, "sessions").await;
    let events = part(&page, "events");
    assert_eq!(lines(events).len(), 61, "a sum, and sixty");
    assert!(events.contains("230 lines; the CSV has all.") && events.contains("Page 1 of 4"), "{events}");
    let next = format!("sessions/{}{}", at.split('?').next().unwrap(), link(events, "Next"));
    let second = look(&mut admin, &next).await.text;
    assert!(part(&second, "events").contains("Page 2 of 4"), "{second}");
    assert!(lines(part(&second, "events"))[1].ends_with("|60 ms|$0.0131|120"), "{second}");
    let last = look(&mut admin, &format!("sessions/{at}&page=4&sort=took&order=up")).await.text;
    assert!(lines(part(&last, "events")).last().unwrap().contains("|229 ms"), "{last}");
    // With the 10 KB that all pages need beside it, it is below 60.
    let dear = look(&mut admin, &format!("sessions/{at}&table=events&sort=cost")).await.text;
    assert!(dear.contains(" <small class=\"share\">0.4 %</small>") && dear.len() < 50_000, "{}: {dear}", dear.len());
    assert_eq!(admin.get(&link(events, "CSV")).await.text.lines().count(), 231);
    assert!(!page.contains("The session has more events"));
}

#[tokio::test]
async fn of_a_session_without_end_the_first_ten_thousand_events_are_read_and_the_page_says_where_the_others_are() {
    let tenant = Stack::start().tenant("acme").await;
    much(&tenant, 10_020).await;
    let mut admin = admin_of(&tenant).await;
    let begun = std::time::Instant::now();
    let (page, _) = first(&mut admin, "sessions").await;
    println!("{:?} for a page of {} bytes", begun.elapsed(), page.len());
    assert!(part(&page, "events").contains("10,000 lines; the CSV has all."), "{page}");
    assert!(page.contains("these are the first 10,000"), "{page}");
    let all = page.split("The API has all of them: <a href=\"").nth(1).unwrap().split('"').next().unwrap();
    let all = all.replace("&amp;", "&");
    assert!(all.starts_with("/api/orgs/acme/events?session=s&signal=logs"), "{all}");
    assert_eq!(tenant.ask(&format!("GET {all}"), "").await.status, 200);
}
