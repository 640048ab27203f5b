//! Settings > AI Tools > Claude Code.

use tools::captures::named;
use tools::console::Visitor;
use tools::stack::{ROOT_KEY, START, Stack};

const PAGE: &str = "/orgs/acme/settings/claude-code";

#[tokio::test]
async fn the_token_is_on_the_page_only_when_it_is_asked_for() {
    let stack = Stack::start().await;
    let token = stack.enable("acme").await;
    let mut admin = Visitor::signed_in(&stack, ROOT_KEY).await;
    for variant in [
        "managed.json",
        "user.json",
        "drop-in.json",
        "bedrock.json",
        "macos.mobileconfig",
        "macos.plist",
        "windows.reg",
        "windows.ps1",
        "shell.sh",
        "github-actions.yml",
    ] {
        let address = format!("{PAGE}?variant={variant}&user_email=dana@example.com");
        let page = admin.get(&address).await;
        assert!(page.status == 200 && !page.text.contains(&token), "{variant}");
        assert!(page.text.contains("Where it goes") && page.text.contains("Last Activity is updated"), "{variant}");
        let shown = admin.get(&format!("{address}&show=token")).await.text;
        let file = admin.get(&format!("{PAGE}/download/{variant}")).await;
        if variant == "github-actions.yml" {
            assert!(!shown.contains(&token) && !file.text.contains(&token), "it names a secret in place of the token");
        } else {
            assert!(page.text.contains("cct_••••"), "{variant}");
            assert!(shown.contains(&token), "{variant}");
        }
        if variant == "bedrock.json" {
            assert!(file.status == 400 && page.text.contains("user.email=dana@example.com"));
        } else {
            assert!(file.header("content-disposition").starts_with("attachment; filename="), "{variant}");
        }
    }
}

#[tokio::test]
async fn the_page_and_the_file_are_what_the_api_generates() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut admin = Visitor::signed_in(&stack, ROOT_KEY).await;
    let options = "logs_interval=5000&attributes=team%3Dcore&gzip=true&protocol=http%2Fprotobuf";
    let generated = stack.ask(&format!("GET /api/orgs/acme/settings/managed.json?{options}"), "").await;
    assert_eq!(generated.status, 200);
    let file = admin.get(&format!("{PAGE}/download/managed.json?{options}")).await;
    assert_eq!(file.text.as_bytes(), &generated.body[..]);
    // An empty field of the form is an option that is not set.
    let page = admin.get(&format!("{PAGE}?variant=managed.json&{options}&metrics_interval=&show=token")).await.text;
    for line in String::from_utf8(generated.body.to_vec()).unwrap().lines() {
        assert!(page.contains(&line.replace('"', "&quot;")), "{line}");
    }
    let wrong = admin.get(&format!("{PAGE}?logs_interval=5")).await;
    assert!(wrong.status == 200 && wrong.text.contains("from 1000 to 600000"), "{}", wrong.text);
}

#[tokio::test]
async fn who_still_uses_a_replaced_token_is_named_by_the_token_and_by_the_steps_to_verify() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    let mut admin = Visitor::signed_in(&stack, ROOT_KEY).await;
    assert!(admin.get(PAGE).await.text.contains("Nothing has arrived yet"));
    let capture = named("pb-oauth/001");
    assert_eq!(stack.export_as(&old, &capture, START).await.status, 200);
    admin.submit(PAGE, &format!("{PAGE}/rotate"), &[("overlap_seconds", "86400")]).await;
    let page = admin.get(PAGE).await.text;
    assert!(page.contains("Revoke the previous token now") && page.contains("Nobody tried a replaced token"), "{page}");
    admin.submit(PAGE, &format!("{PAGE}/revoke-previous"), &[]).await;
    assert_eq!(stack.export_as(&old, &capture, START).await.status, 401);
    let page = admin.get(PAGE).await.text;
    let email = "@example.com";
    let listed = page.split_once("Still used by").unwrap().1;
    assert!(listed.contains(email), "{listed}");
    assert!(admin.get(&format!("{PAGE}/verify")).await.text.contains("were refused and are lost"));
}
