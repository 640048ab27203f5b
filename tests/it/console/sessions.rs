//! Sessions: what a copy of a cookie is worth, how long, and where.

use model::time::{HOUR, SECOND};
use tools::console::Visitor;
use tools::stack::{ROOT_KEY, START, Stack};

const PAGE: &str = "/orgs/acme/settings/claude-code";
const HTTP: &str = "http://127.0.0.1:4318";

#[tokio::test]
async fn a_copy_of_the_cookie_of_who_signed_out_is_worth_nothing_in_any_process() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let own_key = stack.ask("POST /api/orgs/acme/admin-keys", "").await.text("admin_key");
    for key in [ROOT_KEY, &own_key] {
        let mut visitor = Visitor::signed_in(&stack, key).await;
        let mut other = Visitor::signed_in(&stack, key).await;
        let mut copy = visitor.clone();
        let mut elsewhere = visitor.clone().in_another_process();
        visitor.now = START.plus(HOUR);
        assert_eq!(visitor.get(PAGE).await.status, 200);
        let mut renewed = visitor.clone();
        assert_ne!(renewed.cookies, copy.cookies, "the cookie was sent anew");
        for thief in [&mut copy, &mut elsewhere, &mut renewed] {
            assert_eq!(thief.get(&format!("{PAGE}/download/managed.json")).await.status, 200);
        }
        let form = copy.get(PAGE).await.field("form_token");
        visitor.submit(PAGE, "/sign-out", &[]).await;
        for thief in [&mut copy, &mut elsewhere, &mut renewed] {
            let answer = thief.get(&format!("{PAGE}/download/managed.json")).await;
            assert!(answer.status == 303 && !answer.text.contains("cct_"), "{answer:?}");
            let rotated =
                thief.post(&format!("{PAGE}/rotate"), &[("form_token", &form), ("overlap_seconds", "60")]).await;
            assert_eq!(rotated.status, 303);
            assert!(rotated.header("location").starts_with("/sign-in?expired"), "{rotated:?}");
        }
        assert_eq!(other.get(PAGE).await.status, 200, "another session of the same key goes on");
    }
    assert_eq!(stack.ask("GET /api/orgs/acme/token", "").await.json()["generation"], 1);
}

#[tokio::test]
async fn what_is_kept_of_a_session_that_ended_goes_with_the_time_its_cookie_had() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut visitor = Visitor::signed_in(&stack, ROOT_KEY).await;
    assert!(stack.items_with("SESSION#").await.is_empty(), "nothing is kept of a session that goes on");
    visitor.submit(PAGE, "/sign-out", &[]).await;
    let scan = stack.store.client().scan().table_name(stack.store.activity()).send().await.unwrap();
    let ended: Vec<_> = scan.items().iter().filter(|item| item["pk"].as_s().unwrap().starts_with("SESSION#")).collect();
    let ttl: i64 = ended[0]["ttl"].as_n().unwrap().parse().unwrap();
    assert_eq!((ended.len(), ttl), (1, START.plus(12 * HOUR).seconds() + 1));
}

#[tokio::test]
async fn a_cookie_of_the_other_scheme_is_no_session() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut secure = Visitor::signed_in(&stack, ROOT_KEY).await;
    let text = secure.cookies["__Host-session"].clone();
    secure.cookies = [("session".to_owned(), text.clone())].into();
    assert_eq!(secure.get(PAGE).await.status, 303, "a neighbour under the same domain can set such a cookie");
    let mut plain = Visitor { base_url: HTTP.parse().unwrap(), ..Visitor::of(&stack) };
    plain.post("/sign-in", &[("admin_key", ROOT_KEY)]).await;
    assert_eq!(plain.get(PAGE).await.status, 200);
    plain.cookies = [("__Host-session".to_owned(), plain.cookies["session"].clone())].into();
    assert_eq!(plain.get(PAGE).await.status, 303);
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends_after_two_hours() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut visitor = Visitor::signed_in(&stack, ROOT_KEY).await;
    for minutes in [119, 238, 357] {
        visitor.now = START.plus(minutes * 60 * SECOND);
        assert_eq!(visitor.get(PAGE).await.status, 200, "{minutes}");
    }
    visitor.now = visitor.now.plus(2 * HOUR);
    let answer = visitor.get(PAGE).await;
    assert!(answer.status == 303 && answer.header("location").starts_with("/sign-in?expired=1"), "{answer:?}");
}

#[tokio::test]
async fn a_page_that_is_left_open_is_no_use_of_a_session() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut visitor = Visitor::signed_in(&stack, ROOT_KEY).await;
    for minutes in 1..120 {
        visitor.now = START.plus(minutes * 60 * SECOND);
        for part in ["activity", "verify"] {
            assert_eq!(visitor.get(&format!("{PAGE}/{part}")).await.status, 200, "{minutes}");
        }
    }
    visitor.now = START.plus(2 * HOUR);
    assert_eq!(visitor.get(&format!("{PAGE}/activity")).await.status, 303);
}

#[tokio::test]
async fn a_session_in_use_costs_no_write_and_its_forms_stay_good_when_its_cookie_is_sent_anew() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut visitor = Visitor::signed_in(&stack, ROOT_KEY).await;
    let form = visitor.get(PAGE).await.field("form_token");
    let before = stack.items_with("").await.len();
    let first = visitor.cookies.clone();
    visitor.now = START.plus(HOUR);
    let answer = visitor.get(PAGE).await;
    let cookie = answer.header("set-cookie");
    let attributes: Vec<&str> = cookie.split("; ").collect();
    assert!(
        attributes.contains(&"Max-Age=39599") && attributes.contains(&"Secure"),
        "what is left of twelve hours: {cookie}"
    );
    assert_ne!(visitor.cookies, first);
    assert_eq!(visitor.get(PAGE).await.header("set-cookie"), "", "not with every page");
    assert_eq!(stack.items_with("").await.len(), before);
    let rotated = visitor.post(&format!("{PAGE}/rotate"), &[("form_token", &form), ("overlap_seconds", "60")]).await;
    assert!(rotated.header("location").starts_with(PAGE), "{rotated:?}");
}

#[tokio::test]
async fn nobody_else_puts_a_sentence_into_the_mouth_of_the_console() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut victim = Visitor::signed_in(&stack, ROOT_KEY).await;
    let mut thief = Visitor::signed_in(&stack, ROOT_KEY).await;
    for visitor in [&mut victim, &mut thief] {
        visitor.submit(PAGE, &format!("{PAGE}/revoke-previous"), &[]).await;
    }
    let own = victim.cookies["__Host-flash"].clone();
    let said = "is refused from now on";
    // "Send your key to…", without a seal, and a sentence of another session.
    for planted in
        ["gU2VuZCB5b3VyIGtleQ", "gU2VuZCB5b3VyIGtleQ.AAAA", &thief.cookies["__Host-flash"], &own.replace('g', "b")]
    {
        victim.cookies.insert("__Host-flash".into(), planted.to_owned());
        let page = victim.get(PAGE).await;
        assert!(page.status == 200 && !page.text.contains("Send your key") && !page.text.contains(said), "{planted}");
    }
    victim.cookies.insert("__Host-flash".into(), own);
    let page = victim.get(PAGE).await;
    assert!(page.text.contains(said), "its own");
    assert!(!victim.cookies.contains_key("__Host-flash"), "it is said once");
}
