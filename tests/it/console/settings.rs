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
        "headers-helper.json",
    ] {
        let address = format!("{PAGE}?variant={variant}&user_email=dana@example.com");
        let page = admin.get(&address).await;
        assert!(page.status == 200 && !page.text.contains(&token), "{variant}");
        assert!(page.text.contains("Where it goes") && page.text.contains("Last Activity is updated"), "{variant}");
        let shown = admin.get(&format!("{address}&show=token")).await.text;
        let file = admin.get(&format!("{PAGE}/download/{variant}")).await;
        if ["github-actions.yml", "headers-helper.json"].contains(&variant) {
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
    assert!(
        page.contains("Revoke the previous token now")
            && page.contains("Nobody is refused because of a replaced token"),
        "{page}"
    );
    admin.submit(PAGE, &format!("{PAGE}/revoke-previous"), &[]).await;
    assert_eq!(stack.export_as(&old, &capture, START).await.status, 401);
    let page = admin.get(PAGE).await.text;
    let email = "@example.com";
    let listed = page.split_once("Still used by").unwrap().1;
    assert!(listed.contains(email), "{listed}");
    assert!(
        admin
            .get(&format!("{PAGE}/verify"))
            .await
            .text
            .contains("refused because of a token that is not valid any more")
    );
}

#[tokio::test]
async fn an_organisation_without_a_token_is_called_enabled_nowhere() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut admin = Visitor::signed_in(&stack, ROOT_KEY).await;
    let state = async || stack.ask("GET /api/orgs/acme", "").await.text("state");
    for (call, shown, is_enabled) in [
        ("POST /api/orgs/acme/token/revoke", "revoked", false),
        ("POST /api/orgs/acme/token/rotate", "enabled", true),
        ("DELETE /api/orgs/acme", "disabled", false),
        ("PUT /api/orgs/acme", "enabled", true),
    ] {
        assert!(stack.ask(call, "{}").await.status < 300, "{call}");
        assert_eq!(state().await, shown, "{call}");
        assert_eq!(stack.ask("GET /api/orgs", "").await.json()["items"][0]["state"], shown, "{call}");
        for page in [PAGE, "/orgs"] {
            let text = admin.get(page).await.text;
            assert_eq!(text.contains("badge good\">Enabled"), is_enabled, "{call} {page}: {text}");
        }
    }
}

#[tokio::test]
async fn settings_that_others_cannot_use_say_so() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut admin = Visitor::signed_in(&stack, ROOT_KEY).await;
    assert!(!admin.get(PAGE).await.text.contains("--public-url"), "this address is fine");
    // Another address has sessions of its own.
    let mut admin = Visitor::of(&stack);
    admin.base_url = "http://0.0.0.0:4318".parse().unwrap();
    assert_eq!(admin.post("/sign-in", &[("admin_key", ROOT_KEY)]).await.status, 303);
    assert!(admin.get(PAGE).await.text.contains("No machine can reach"));
}

#[tokio::test]
async fn rotating_is_one_form_that_says_what_each_end_of_the_old_token_costs() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let page = Visitor::signed_in(&stack, ROOT_KEY).await.get(PAGE).await.text;
    assert_eq!(page.matches(&format!("action=\"{PAGE}/rotate\"")).count(), 1);
    let choices: Vec<&str> = page.split("name=\"overlap_seconds\" value=\"").skip(1).collect();
    assert_eq!(choices.len(), 5);
    assert!(choices[0].starts_with("0\" checked") && choices[0].contains("is lost until"), "{}", choices[0]);
    assert!(choices[1].contains("23 Nov 2026, 06:13 (UTC)"), "{}", choices[1]);
}
