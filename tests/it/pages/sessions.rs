//! Sessions: the list of a period, and what happened in one.

use super::analytics::with_work;
use super::{admin_of, look};

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
    let haiku = look(&mut admin, &format!("sessions/{at}&sort=tokens&order=up&find=HAIKU")).await.text;
    let models = haiku[haiku.find("id=\"models\"").unwrap()..haiku.find("What happened").unwrap()].to_owned();
    assert!(models.contains("aria-sort=\"ascending\"") && models.contains("1 line of 2."), "{models}");
    assert!(models.contains("claude-haiku") && !models.contains("claude-opus"), "{models}");
    let further = look(&mut admin, &format!("sessions/{at}&after=000")).await.text;
    assert!(further.contains("after=000&amp;sort") || further.contains("after=000#models"), "{further}");
    let unknown = look(&mut admin, "sessions/s-nobody").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text.contains("No such session") && unknown.text.contains("s-nobody"));
    for bad in ["sessions/s?from=never", "sessions/s-john@example.com?after=%00x", "sessions/%ff", "sessions/a/b"] {
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
