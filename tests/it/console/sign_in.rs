//! Signing in, and what ends a session.

use http::Method;
use model::random::Random;
use model::time::{HOUR, SECOND, SignedDuration};
use service::auth::one_time;
use tools::console::Visitor;
use tools::stack::{ROOT_KEY, START, Stack};

const PAGE: &str = "/orgs/acme/settings/claude-code";

#[tokio::test]
async fn an_admin_key_alone_signs_in_and_the_cookie_is_of_this_site_alone() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let key = stack.ask("POST /api/orgs/acme/admin-keys", "").await.text("admin_key");
    for key in [ROOT_KEY, &key] {
        let mut visitor = Visitor::of(&stack);
        let answer = visitor.post("/sign-in", &[("admin_key", key)]).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"));
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with("__Host-session=") && !cookie.contains(key), "{cookie}");
        for attribute in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=43200", "; Secure"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert_eq!(visitor.get("/").await.header("location"), PAGE);
        assert_eq!(visitor.get(PAGE).await.status, 200);
    }
    let mut local = Visitor { base_url: "http://127.0.0.1:4318".parse().unwrap(), ..Visitor::of(&stack) };
    let cookie = local.post("/sign-in", &[("admin_key", ROOT_KEY)]).await.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("session=") && !cookie.contains("Secure"),
        "on plain HTTP the browser would not send it: {cookie}"
    );
}

#[tokio::test]
async fn who_has_no_admin_key_stays_outside_and_reads_why() {
    let stack = Stack::start().await;
    let ingest_token = stack.enable("acme").await;
    for key in ["", "wrong", &ingest_token, "k\u{0}", "<script>", &"k".repeat(40)] {
        let mut visitor = Visitor::of(&stack);
        let answer = visitor.post("/sign-in", &[("admin_key", key)]).await;
        assert_eq!(answer.status, 401, "{key}");
        assert!(answer.text.contains("not known here") && visitor.cookies.is_empty(), "{}", answer.text);
        assert!(key.is_empty() || !answer.text.contains(&format!("\"{key}\"")), "a key is never shown");
    }
}

#[tokio::test]
async fn who_is_not_signed_in_is_led_back_afterwards_and_never_elsewhere() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut visitor = Visitor::of(&stack);
    let asked = visitor.get(&format!("{PAGE}?variant=shell.sh")).await;
    assert_eq!(asked.status, 303);
    let form = visitor.get(asked.header("location")).await;
    let to = form.field("to");
    assert_eq!(to, format!("{PAGE}?variant=shell.sh"));
    let answer = visitor.post("/sign-in", &[("admin_key", ROOT_KEY), ("to", &to)]).await;
    assert_eq!(answer.header("location"), to);
    for elsewhere in ["https://evil.example.com/", "//evil.example.com", "/\\evil.example.com", "javascript:alert(1)"] {
        let answer = visitor.post("/sign-in", &[("admin_key", ROOT_KEY), ("to", elsewhere)]).await;
        assert_eq!(answer.header("location"), "/", "{elsewhere}");
    }
}

#[tokio::test]
async fn a_one_time_link_works_once_for_ten_minutes_and_a_look_does_not_use_it_up() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let issue = || async { one_time::issue(&stack.store, &Random::draw().unwrap(), START).await.unwrap() };
    let link = format!("/sign-in?code={}", issue().await);
    let mut visitor = Visitor::of(&stack);
    visitor.send(Method::HEAD, &link, String::new()).await;
    assert!(visitor.cookies.is_empty());
    let answer = visitor.get(&link).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    assert_eq!(visitor.get(PAGE).await.status, 200);
    let mut second = Visitor::of(&stack);
    let answer = second.get(&link).await;
    assert!(answer.status == 401 && answer.text.contains("used up") && second.cookies.is_empty(), "{answer:?}");
    let late = format!("/sign-in?code={}", issue().await);
    let mut visitor = Visitor { now: START.plus(600 * SECOND), ..Visitor::of(&stack) };
    assert_eq!(visitor.get(&late).await.status, 401, "ten minutes later");
    for code in ["", "x", &"x".repeat(1_000)] {
        assert_eq!(Visitor::of(&stack).get(&format!("/sign-in?code={code}")).await.status, 401);
    }
}

#[tokio::test]
async fn of_many_who_open_the_same_link_at_once_one_gets_in() {
    let stack = Stack::start().await;
    let code = one_time::issue(&stack.store, &Random::draw().unwrap(), START).await.unwrap();
    let link = format!("/sign-in?code={code}");
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (mut visitor, link) = (Visitor::of(&stack), link.clone());
            tokio::spawn(async move { visitor.get(&link).await.status })
        })
        .collect();
    let mut let_in = 0;
    for task in tasks {
        let_in += usize::from(task.await.unwrap() == 303);
    }
    assert_eq!(let_in, 1);
    assert!(stack.items_with(&code).await.is_empty(), "the database never has the code");
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_also_for_who_is_at_work() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut visitor = Visitor::signed_in(&stack, ROOT_KEY).await;
    for hour in 1..12 {
        visitor.now = START.plus(SignedDuration::from_hours(hour));
        assert_eq!(visitor.get(PAGE).await.status, 200);
    }
    visitor.now = START.plus(12 * HOUR - 60 * SECOND);
    assert_eq!(visitor.get(PAGE).await.status, 200);
    visitor.now = START.plus(12 * HOUR);
    let answer = visitor.get(PAGE).await;
    assert!(answer.status == 303 && answer.header("location").starts_with("/sign-in?expired=1"), "{answer:?}");
    assert!(visitor.get(answer.header("location")).await.text.contains("session has ended"));
}

#[tokio::test]
async fn a_removed_admin_key_and_a_changed_root_key_end_their_sessions_at_once() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let made = stack.ask("POST /api/orgs/acme/admin-keys", "").await;
    let mut of_key = Visitor::signed_in(&stack, &made.text("admin_key")).await;
    let mut of_root = Visitor::signed_in(&stack, ROOT_KEY).await;
    assert_eq!((of_key.get(PAGE).await.status, of_root.get(PAGE).await.status), (200, 200));
    stack.ask(&format!("DELETE /api/orgs/acme/admin-keys/{}", made.text("id")), "").await;
    assert_eq!((of_key.get(PAGE).await.status, of_root.get(PAGE).await.status), (303, 200));
    let mut changed = of_root.with_root_key("another-root-key-of-the-tests-0123456789");
    assert_eq!(changed.get(PAGE).await.status, 303);
}

#[tokio::test]
async fn signing_out_forgets_the_session() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut visitor = Visitor::signed_in(&stack, ROOT_KEY).await;
    let answer = visitor.submit(PAGE, "/sign-out", &[]).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/sign-in?out=1"));
    assert!(visitor.cookies.is_empty(), "{:?}", visitor.cookies);
    assert_eq!(visitor.get(PAGE).await.status, 303);
}

#[tokio::test]
async fn a_link_on_another_site_leads_to_its_page_although_it_brings_no_cookie() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut visitor = Visitor::signed_in(&stack, ROOT_KEY).await;
    let cookies = std::mem::take(&mut visitor.cookies);
    visitor.headers = vec![("sec-fetch-site", "cross-site".into())];
    let step = visitor.get(PAGE).await;
    assert_eq!(step.status, 200);
    let next = step.header("refresh").strip_prefix("0; url=").unwrap().to_owned();
    assert!(next.starts_with("/sign-in?to="), "{next}");
    // That step is the page's own, so the browser sends the cookie.
    visitor.headers = vec![("sec-fetch-site", "same-origin".into())];
    assert_eq!(visitor.get(&next).await.status, 200, "who is not signed in is asked for the key");
    visitor.cookies = cookies;
    assert_eq!(visitor.get(&next).await.header("location"), PAGE);
}
