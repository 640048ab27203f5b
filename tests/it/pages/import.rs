//! Git users from a file or a paste.

use super::{admin_of, import, look, press, send_import};
use tools::stack::Stack;

#[tokio::test]
async fn bad_lines_are_named_by_number_and_good_ones_are_stored() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.uses("jane@example.com").await;
    let mut admin = admin_of(&tenant).await;
    let text = "Jane Doe <jane@example.com>\nno address here\nJohn Roe <john@example.com>\n<script>alert(1)</script>\n";
    let shown = import(&mut admin, "text/plain", "pasted", text).await;
    assert_eq!(shown.status, 200);
    for part in ["2 Git users are", "2 rows were", "<td class=\"number\">2</td>", "<td class=\"number\">4</td>"] {
        assert!(shown.text.contains(part), "{part}: {}", shown.text);
    }
    assert!(!shown.text.contains("<script>alert"));
    let merged = press(&mut admin, "users/merges/run", &[]).await;
    assert!(merged.text.contains("1 person is merged") && merged.text.contains("Jane Doe"), "{}", merged.text);
    assert!(look(&mut admin, "users/git").await.text.contains("2 Git users"));
}

#[tokio::test]
async fn a_row_that_is_stored_without_one_of_its_fields_is_named() {
    let tenant = Stack::start().tenant("acme").await;
    let mut admin = admin_of(&tenant).await;
    let text = "name,email,last_commit_at\nJane Doe,jane@example.com,31.10.2026\nJohn Roe,john@example.com,\n";
    let shown = import(&mut admin, "text/csv", "pasted", text).await.text;
    for part in ["2 Git users are stored", "1 row was stored without a field", "<td class=\"number\">2</td>"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("not stored"), "{shown}");
}

#[tokio::test]
async fn what_was_confirmed_already_is_not_waiting_any_more() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.authors(&(0..20).map(|n| format!("Person Number{n} <p{n}@example.com>\n")).collect::<String>()).await;
    let mut admin = admin_of(&tenant).await;
    let asked = import(&mut admin, "text/plain", "pasted", "Jane Doe <jane@example.com>\n").await;
    assert!(
        asked.text.contains("Nothing is replaced yet") && asked.text.contains("20 Git users disappear"),
        "{asked:?}"
    );
    let (token, id) = (asked.field("form_token"), asked.field("confirm"));
    let fields = [("form_token", token.as_str()), ("format", "text/plain"), ("confirm", id.as_str())];
    let done = send_import(&mut admin, &fields).await.text;
    assert!(done.contains("1 Git user is stored"), "{done}");
    let again = send_import(&mut admin, &fields).await;
    assert_eq!(again.status, 200);
    for part in ["no longer waiting to be confirmed", "1 Git user<", "Bring back the Git users from before"] {
        assert!(again.text.contains(part), "{part}: {}", again.text);
    }
    assert!(!again.text.contains("Nothing was imported"), "{}", again.text);
    let made_up = [("form_token", token.as_str()), ("format", "text/plain"), ("confirm", "<script>")];
    assert!(send_import(&mut admin, &made_up).await.text.contains("no longer waiting"));
}

#[tokio::test]
async fn who_lost_a_match_is_marked_wherever_their_name_stands_and_health_leads_to_the_git_users() {
    let tenant = Stack::start().tenant("acme").await;
    let jane = tenant.uses("jane@example.com").await;
    tenant.authors("Jane Doe <jane@example.com>\nZed Zedder <zed@example.com>\n").await;
    tenant.merge().await;
    let mut admin = admin_of(&tenant).await;
    let mark = "name from an earlier import";
    let person = format!("users/{jane}");
    assert!(!look(&mut admin, &person).await.text.contains(mark));
    tenant.authors("Zed Zedder <zed@example.com>\n").await;
    tenant.merge().await;
    for page in ["users", &person] {
        let shown = look(&mut admin, page).await.text;
        for part in ["Jane Doe", mark] {
            assert!(shown.contains(part), "{part} on {page}: {shown}");
        }
    }
    assert!(look(&mut admin, &person).await.text.contains("not in the current import"));
    let health = look(&mut admin, "health").await.text;
    for part in ["git_match_lost", "1 person has no match in Git any more", "Jane Doe", "/orgs/acme/users/git"] {
        assert!(health.contains(part), "{part}: {health}");
    }
}

#[tokio::test]
async fn every_format_is_taken_as_a_file_and_as_a_paste() {
    let tenant = Stack::start().tenant("acme").await;
    let mut admin = admin_of(&tenant).await;
    for (format, content) in [
        ("text/plain", "   12\tJane Doe <jane@example.com>\n"),
        ("text/csv", "name,email\nJane Doe,jane@example.com\n"),
        ("application/json", r#"[{"name": "Jane Doe", "email": "jane@example.com"}]"#),
        ("text/x-mailmap", "Jane Doe <jane@example.com> <jd@laptop.local>\n"),
    ] {
        for part in ["file", "pasted"] {
            let shown = import(&mut admin, format, part, content).await.text;
            assert!(shown.contains("are stored") || shown.contains("is stored"), "{format} as {part}: {shown}");
        }
    }
}

#[tokio::test]
async fn what_is_no_list_of_authors_changes_nothing() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.authors("Jane Doe <jane@example.com>\n").await;
    let mut admin = admin_of(&tenant).await;
    for (format, content) in
        [("application/json", "{}"), ("text/csv", "a,b\n"), ("text/plain", ""), ("text/plain", "x\n")]
    {
        let shown = import(&mut admin, format, "pasted", content).await;
        assert!(shown.text.contains("Nothing was imported"), "{format} {content:?}: {}", shown.text);
    }
    assert!(look(&mut admin, "users/git").await.text.contains("1 Git user<"));
}

#[tokio::test]
async fn an_import_from_a_page_of_another_session_or_cut_off_changes_nothing() {
    let tenant = Stack::start().tenant("acme").await;
    let mut admin = admin_of(&tenant).await;
    for (body, status) in [
        (
            "--limit\r\nContent-Disposition: form-data; name=\"pasted\"\r\n\r\nJane Doe <jane@example.com>\r\n--limit--\r\n",
            403,
        ),
        ("--limit\r\nContent-Disposition: form-data; name=\"pasted\"\r\n\r\nJane", 400),
    ] {
        admin.headers.push(("content-type", "multipart/form-data; boundary=limit".into()));
        assert_eq!(admin.send(http::Method::POST, "/orgs/acme/users/git", body.into()).await.status, status);
        admin.headers.clear();
    }
    assert!(look(&mut admin, "users/git").await.text.contains("No Git users yet"));
}
