//! Names that would like to be more than names.

use tools::console::Visitor;
use tools::stack::{ROOT_KEY, START, Stack};

use super::PAGES;

const HOSTILE: [&str; 4] =
    ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; alert(1); '", "\u{202e}moc.live@eve</bdi><b>"];

#[tokio::test]
async fn no_name_becomes_markup_on_any_page() {
    for name in HOSTILE {
        let tenant = Stack::start().tenant("acme").await;
        let (stack, token) = (&tenant.stack, &tenant.token);
        let change = serde_json::json!({ "name": name }).to_string();
        assert_eq!(stack.ask("PUT /api/orgs/acme", &change).await.status, 200);
        let export = serde_json::json!({"resourceLogs": [{"resource": {"attributes": [
            {"key": "settings_version", "value": {"stringValue": name}}]}, "scopeLogs": [{"logRecords": [
            {"timeUnixNano": "1795328009164000000", "attributes": [
                {"key": "event.name", "value": {"stringValue": "user_prompt"}},
                {"key": "user.email", "value": {"stringValue": format!("{name}@example.com")}},
                {"key": "user.id", "value": {"stringValue": name}}]},
            {"timeUnixNano": "1795328009164000000", "attributes": [
                {"key": "event.name", "value": {"stringValue": "user_prompt"}},
                {"key": "user.id", "value": {"stringValue": format!("{name} 2")}}]}]}]}]})
        .to_string();
        assert_eq!(
            stack
                .post_as(token, "/v1/logs", &[("content-type", "application/json")], export.clone(), START)
                .await
                .status,
            200
        );
        tenant.project(START).await;
        stack.rotate("acme", 0, START).await;
        assert_eq!(
            stack.post_as(token, "/v1/logs", &[("content-type", "application/json")], export, START).await.status,
            401
        );
        let mut admin = Visitor::signed_in(stack, ROOT_KEY).await;
        for page in PAGES.iter().copied().chain([
            "users?q=%3Cscript%3E%22'",
            "settings/claude-code?variant=%3Cscript%3E&attributes=%22%3E%3Cimg%20src%3Dx%3E&show=%3C%22",
        ]) {
            let shown = admin.get(&format!("/orgs/acme/{page}")).await;
            for markup in ["<script>alert", "<img", "</bdi><b>", "<script>\""] {
                assert!(!shown.text.contains(markup), "{name} on {page}");
            }
        }
        let settings = admin.get("/orgs/acme/settings/claude-code").await.text;
        assert!(settings.contains("still uses them") && settings.contains("without an address"), "they are all shown");
    }
}

#[tokio::test]
async fn a_cookie_that_is_no_session_and_no_message_is_nothing() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut admin = Visitor::signed_in(&stack, ROOT_KEY).await;
    for flash in ["", "g", "gPHNjcmlwdD4", "x%%%", "b////"] {
        admin.cookies.insert("__Host-flash".into(), flash.into());
        let page = admin.get("/orgs/acme/users").await;
        assert!(page.status == 200 && !page.text.contains("<script>"), "{flash}");
    }
    for session in
        ["", "root", "root.9999999999.AAAA.AAAA", "root.9999999999.AAAA.9999999999.AAAA", "....", &"x".repeat(5_000)]
    {
        admin.cookies.insert("__Host-session".into(), session.into());
        assert_eq!(admin.get("/orgs/acme/users").await.status, 303, "{session}");
    }
}
