//! A form changes something only if it comes from a page of the session, on our own site.

use tools::console::{Page, Visitor};
use tools::stack::{ROOT_KEY, Stack};

const PAGE: &str = "/orgs/acme/settings/claude-code";
const ROTATE: &str = "/orgs/acme/settings/claude-code/rotate";

async fn generation(stack: &Stack) -> u64 {
    stack.ask("GET /api/orgs/acme/token", "").await.json()["generation"].as_u64().unwrap()
}

#[tokio::test]
async fn a_form_without_the_mark_of_its_session_changes_nothing() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut visitor = Visitor::signed_in(&stack, ROOT_KEY).await;
    let mut other = Visitor::signed_in(&stack, ROOT_KEY).await;
    let others = other.get(PAGE).await.field("form_token");
    let fields = |token| vec![("form_token", token), ("overlap_seconds", "86400")];
    for token in ["", "x", &others] {
        let answer = visitor.post(ROTATE, &fields(token)).await;
        assert!(answer.status == 403 && answer.text.contains("Nothing was changed"), "{answer:?}");
    }
    assert_eq!(visitor.post(ROTATE, &[("overlap_seconds", "86400")]).await.status, 403);
    assert_eq!(generation(&stack).await, 1);
    assert_eq!(visitor.submit(PAGE, ROTATE, &[("overlap_seconds", "86400")]).await.status, 303);
    assert_eq!(generation(&stack).await, 2);
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_and_our_own_and_no_browser_at_all_are_not() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let with = |name: &'static str, value: &str| {
        let mut visitor = Visitor::of(&stack);
        visitor.headers = vec![(name, value.to_owned())];
        visitor
    };
    for (name, value) in [
        ("origin", "https://evil.example.com"),
        ("origin", "https://telemetry.example.com.evil.example.com"),
        ("origin", "https://telemetry.example.com:8443"),
        ("origin", "null"),
        ("origin", ""),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let answer: Page = with(name, value).post("/sign-in", &[("admin_key", ROOT_KEY)]).await;
        assert!(answer.status == 403 && answer.header("set-cookie").is_empty(), "{name}: {value}: {answer:?}");
    }
    for (name, value) in
        [("origin", "https://telemetry.example.com"), ("sec-fetch-site", "same-origin"), ("x-nothing", "said")]
    {
        let answer = with(name, value).post("/sign-in", &[("admin_key", ROOT_KEY)]).await;
        assert_eq!(answer.status, 303, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_rotates_once() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut visitor = Visitor::signed_in(&stack, ROOT_KEY).await;
    let page = visitor.get(PAGE).await;
    let (token, request) = (page.field("form_token"), page.field("request"));
    assert!(!request.is_empty());
    let fields = [("form_token", token.as_str()), ("request", request.as_str()), ("overlap_seconds", "604800")];
    for _ in 0..2 {
        assert_eq!(visitor.post(ROTATE, &fields).await.header("location"), format!("{PAGE}#configuration"));
    }
    assert_eq!(generation(&stack).await, 2);
    let other = [("form_token", token.as_str()), ("request", request.as_str()), ("overlap_seconds", "86400")];
    visitor.post(ROTATE, &other).await;
    assert!(visitor.get(PAGE).await.text.contains("sent before with another choice"));
    assert_eq!(generation(&stack).await, 2);
}

#[tokio::test]
async fn what_costs_telemetry_or_cannot_be_undone_wants_to_be_confirmed() {
    let stack = Stack::start().await;
    let token = stack.enable("acme").await;
    let mut visitor = Visitor::signed_in(&stack, ROOT_KEY).await;
    let now = visitor.now;
    for (action, fields) in [
        ("rotate", vec![("overlap_seconds", "0")]),
        ("revoke", vec![]),
        ("disable", vec![("confirm", "other")]),
        ("purge", vec![("confirm", "yes")]),
    ] {
        assert_eq!(visitor.submit(PAGE, &format!("{PAGE}/{action}"), &fields).await.status, 303, "{action}");
        assert!(visitor.get(PAGE).await.text.contains("was not confirmed"), "{action}");
        assert!(stack.authenticate(&token, now).await.is_ok(), "{action}");
    }
    visitor.submit(PAGE, ROTATE, &[("overlap_seconds", "0"), ("confirm", "yes")]).await;
    assert!(stack.authenticate(&token, now).await.is_err());
    visitor.submit(PAGE, &format!("{PAGE}/revoke"), &[("confirm", "yes")]).await;
    assert!(visitor.get(PAGE).await.text.contains("All ingest tokens are revoked"));
    visitor.submit(PAGE, &format!("{PAGE}/disable"), &[("confirm", "acme")]).await;
    assert!(visitor.get(PAGE).await.text.contains("The integration is disabled"));
    visitor.submit(PAGE, &format!("{PAGE}/enable"), &[]).await;
    assert!(visitor.get(PAGE).await.text.contains("OpenTelemetry is enabled with a new token"));
    assert!(!visitor.get(PAGE).await.text.contains("OpenTelemetry is enabled with a new token"), "said once");
    visitor.submit(PAGE, &format!("{PAGE}/purge"), &[("confirm", "acme")]).await;
    assert_eq!(visitor.get(PAGE).await.status, 404);
}

#[tokio::test]
async fn an_organisation_is_enabled_on_the_page_of_all() {
    let stack = Stack::start().await;
    let mut visitor = Visitor::signed_in(&stack, ROOT_KEY).await;
    assert_eq!(visitor.get("/").await.header("location"), "/orgs");
    for bad in ["", "-x", "UPPER", "a b", "<b>"] {
        visitor.submit("/orgs", "/orgs", &[("org", bad)]).await;
        assert!(visitor.get("/orgs").await.text.contains("Not enabled"), "{bad}");
    }
    let done = visitor.submit("/orgs", "/orgs", &[("org", "acme"), ("name", "Acme Ltd")]).await;
    assert_eq!(done.header("location"), PAGE);
    let page = visitor.get(PAGE).await.text;
    assert!(page.contains("OpenTelemetry is enabled. Next") && page.contains("Acme Ltd"), "{page}");
    visitor.submit("/orgs", "/orgs", &[("org", "acme"), ("name", "Other")]).await;
    assert!(visitor.get(PAGE).await.text.contains("enabled already"));
    assert_eq!(stack.ask("GET /api/orgs/acme", "").await.text("name"), "Acme Ltd");
}

#[tokio::test]
async fn a_form_without_its_field_or_with_an_absurd_one_is_about_nothing() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut visitor = Visitor::signed_in(&stack, ROOT_KEY).await;
    let long = "x".repeat(5_000);
    for (form, field) in
        [("suggestions/accept", "suggestion"), ("suggestions/reject", "suggestion"), ("merges/undo", "merge")]
    {
        for fields in [vec![], vec![(field, "")], vec![(field, &*long)], vec![(field, "\0")]] {
            let answer = visitor.submit(PAGE, &format!("/orgs/acme/users/{form}"), &fields).await;
            assert!([303, 404].contains(&answer.status), "{form} {answer:?}");
            if answer.status == 303 {
                let page = visitor.get(answer.header("location")).await;
                assert!(page.text.contains("There is no such"), "{form} {page:?}");
            }
        }
    }
    for page in
        ["users?cursor=x", "users/merges?cursor=", "analytics?from=9000-01-01&to=9000-12-31", "analytics?to=1971-01-01"]
    {
        let answer = visitor.get(&format!("/orgs/acme/{page}")).await;
        assert!(answer.status < 500, "{page} {answer:?}");
    }
}
