//! The pages: who gets in, what a form may do, and what stands on them.

use tools::console::Visitor;
use tools::stack::{ROOT_KEY, Stack};

mod browser;
mod forms;
mod guessing;
mod hostile;
mod sessions;
mod settings;
mod sign_in;

/// Every page of an organisation that can be opened.
const PAGES: [&str; 7] = [
    "settings/claude-code",
    "settings/claude-code/activity",
    "settings/claude-code/verify",
    "settings/claude-code/download/managed.json",
    "users",
    "analytics",
    "health",
];

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut nobody = Visitor::of(&stack);
    let mut admin = Visitor::signed_in(&stack, ROOT_KEY).await;
    let mut answers = Vec::new();
    for path in ["/", "/sign-in", "/nothing", "/assets/x.css", "/assets/x.js", "/assets/x", "/orgs/acme/users"] {
        answers.push((path.to_owned(), nobody.get(path).await));
    }
    answers.push(("wrong key".into(), nobody.post("/sign-in", &[("admin_key", "wrong")]).await));
    answers.push(("POST /".into(), nobody.post("/", &[]).await));
    answers.push(("too large".into(), nobody.post("/sign-in", &[("admin_key", &"k".repeat(70_000))]).await));
    for page in PAGES {
        let path = format!("/orgs/acme/{page}");
        let answer = admin.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        answers.push((path, answer));
    }
    for path in ["/", "/orgs", "/orgs/none/users", "/orgs/-/users"] {
        answers.push((path.to_owned(), admin.get(path).await));
    }
    for (path, answer) in answers {
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        for name in ["cross-origin-resource-policy", "cross-origin-opener-policy"] {
            assert_eq!(answer.header(name), "same-origin", "{path}: {name}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        assert_eq!(answer.header("strict-transport-security"), "max-age=15768000", "{path}");
        assert!(!answer.text.contains("style=\"") && !answer.text.contains(" onclick"), "{path}: nothing is inline");
    }
}

#[tokio::test]
async fn a_browser_is_told_to_stay_with_https_only_where_there_is_https() {
    let stack = Stack::start().await;
    let mut local = Visitor { base_url: "http://127.0.0.1:4318".parse().unwrap(), ..Visitor::of(&stack) };
    assert_eq!(local.get("/sign-in").await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn what_a_page_links_to_is_kept_for_good_under_a_name_that_changes_with_it() {
    let stack = Stack::start().await;
    let mut nobody = Visitor::of(&stack);
    let page = nobody.get("/sign-in").await.text;
    for (begin, media_type) in [("href=\"/assets/", "text/css"), ("src=\"/assets/", "text/javascript")] {
        let name = page.split_once(begin).unwrap().1.split('"').next().unwrap();
        let asset = nobody.get(&format!("/assets/{name}")).await;
        assert_eq!((asset.status, asset.header("cache-control")), (200, "public, max-age=31536000, immutable"));
        assert!(asset.header("content-type").starts_with(media_type));
    }
}

#[tokio::test]
async fn a_page_weighs_less_than_60_kilobytes_with_all_that_it_needs() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut admin = Visitor::signed_in(&stack, ROOT_KEY).await;
    let mut weight = 0;
    for asset in ["/assets/x.css", "/assets/x.js"] {
        weight += admin.get(asset).await.text.len();
    }
    for page in PAGES {
        let page = admin.get(&format!("/orgs/acme/{page}")).await;
        assert!(page.text.len() + weight <= 60_000, "{} and {weight} bytes", page.text.len());
    }
}

#[tokio::test]
async fn an_unknown_organisation_looks_like_that_of_another_key_and_both_say_what_to_do() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    stack.enable("other").await;
    let key = stack.ask("POST /api/orgs/acme/admin-keys", "").await.text("admin_key");
    let mut admin = Visitor::signed_in(&stack, &key).await;
    for page in PAGES {
        assert_eq!(admin.get(&format!("/orgs/acme/{page}")).await.status, 200, "{page}");
        let (other, none) =
            (admin.get(&format!("/orgs/other/{page}")).await, admin.get(&format!("/orgs/none/{page}")).await);
        assert_eq!((other.status, none.status), (404, 404), "{page}");
        assert_eq!(other.text, none.text, "{page}");
        assert!(other.text.contains("list of organisations"), "{}", other.text);
    }
    let all = admin.get("/orgs").await.text;
    assert!(all.contains("acme") && !all.contains("other"), "{all}");
    assert_eq!(admin.submit("/orgs", "/orgs", &[("org", "mine")]).await.status, 404, "only the root key enables");
}
