//! The pages in a real browser: the way of an admin from enabling to a replaced token, and whether everybody can use them.

use serde_json::{Value, json};
use tempfile::TempDir;
use tools::browser::Browser;
use tools::captures::{Capture, named};
use tools::program::Program;

const BINARY: &str = env!("CARGO_BIN_EXE_gateway");
const KEY: &str = "root-key-of-the-browser-tests-0123456789";
const SETTINGS: &str = "/orgs/acme/settings/claude-code";

/// A gateway over a folder, and the link that it left there, since nobody is at a terminal.
fn gateway() -> (Program, TempDir, String) {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_string_lossy();
    let program = Program::start(BINARY, &["--data", &folder, "--admin-key", KEY, "--org", "acme"]);
    let link = std::fs::read_to_string(data.path().join("secrets").join("sign-in-link")).unwrap().trim().to_owned();
    assert!(link.contains("/sign-in?code="), "{link}");
    (program, data, link)
}

async fn export(program: &Program, token: &str, capture: &Capture) -> u16 {
    let request = reqwest::Client::new().post(format!("{}{}", program.base_url, capture.path)).bearer_auth(token);
    let request = request.header("content-type", &capture.content_type).body(capture.body.clone());
    request.send().await.unwrap().status().as_u16()
}

/// The token in managed settings.
fn token_in(settings: &str) -> String {
    let settings: Value = serde_json::from_str(settings).unwrap();
    let headers = settings["env"]["OTEL_EXPORTER_OTLP_HEADERS"].as_str().unwrap();
    headers.strip_prefix("Authorization=Bearer ").unwrap().to_owned()
}

#[tokio::test]
#[ignore = "needs chromium"]
async fn an_admin_enables_copies_sees_an_export_arrive_and_replaces_the_token() {
    let (program, _data, link) = gateway();
    let browser = Browser::open().await;
    browser.allow_clipboard().await;

    // The printed link signs in, and leads to the organisation.
    browser.goto(&link).await;
    browser.wait_for("h1", "Claude Code").await;
    assert!(!browser.driver.current_url().await.unwrap().as_str().contains("code="));

    // Enable another organisation.
    browser.goto(&format!("{}/orgs", program.base_url)).await;
    browser.fill("#org", "second").await;
    browser.fill("#name", "Second Ltd").await;
    browser.click("form[action='/orgs'] button").await;
    browser.wait_for(".notice", "OpenTelemetry is enabled").await;
    browser.wait_for(".switcher", "Second Ltd").await;

    // Copy what is to be deployed: the token is in the clipboard, and was never on the page.
    browser.click("[data-copy]").await;
    browser.wait_for("[data-copied]", "Copied").await;
    let copied = browser.run_until_called("navigator.clipboard.readText().then(arguments[0])").await;
    let token = token_in(copied.as_str().unwrap());
    assert!(!browser.driver.source().await.unwrap().contains(&token));

    // An option rewrites what is shown, in place.
    browser.click(".options summary").await;
    browser.fill("#logs_interval", "5000\t").await;
    browser.wait_for("#generated pre", "\"OTEL_LOGS_EXPORT_INTERVAL\": \"5000\"").await;

    // An export arrives; Last Activity changes without the page being loaded again.
    browser.wait_for("#activity .first", "Never").await;
    browser.run("window.untouched = true", Vec::new()).await;
    assert_eq!(export(&program, &token, &named("pb-oauth/001")).await, 200);
    browser.wait_for("#activity .first", "ago").await;
    browser.wait_for("#verify", "One person is listed").await;
    assert_eq!(browser.run("return window.untouched", Vec::new()).await, json!(true));

    // The token is replaced at once, and who still uses the old one is listed.
    browser.click("#rotate-confirm").await;
    browser.click("form:has(#rotate-confirm) button").await;
    browser.wait_for(".notice", "The token was replaced").await;
    assert_eq!(export(&program, &token, &named("pb-oauth/001")).await, 401);
    browser.driver.refresh().await.unwrap();
    browser.wait_for(".replaced", "@example.com").await;
    browser.wait_for("#verify", "not valid any more, and lost").await;

    // The end of the session.
    browser.click(".sign-out button").await;
    browser.wait_for(".card", "You are signed out").await;
}

#[tokio::test]
#[ignore = "needs chromium"]
async fn pages_can_be_used_by_everybody_in_any_scheme_and_at_any_width() {
    let axe = std::fs::read_to_string(std::env::var("AXE_CORE").unwrap()).unwrap();
    let (program, _data, link) = gateway();
    let browser = Browser::open().await;
    let sign_in = format!("{}/sign-in", program.base_url);
    let (mut looked_at, mut trouble) = (0, Vec::new());
    let mut addresses =
        vec![sign_in, link, format!("{}/orgs", program.base_url), format!("{}/nothing", program.base_url)];
    let shown = [
        SETTINGS.to_owned(),
        format!("{SETTINGS}?variant=bedrock.json"),
        format!("{SETTINGS}?variant=managed.json&gzip=true&show=token"),
        "/orgs/acme/users".into(),
        "/orgs/acme/analytics".into(),
        "/orgs/acme/analytics/adoption".into(),
        "/orgs/acme/analytics/reliability".into(),
        "/orgs/acme/analytics/reliability?table=models".into(),
        "/orgs/acme/analytics/outcome".into(),
        "/orgs/acme/sessions".into(),
        "/orgs/acme/health".into(),
    ];
    addresses.extend(shown.map(|path| format!("{}{path}", program.base_url)));
    for address in &addresses {
        // The link works once.
        for (scheme, width) in [("light", 1280), ("light", 1024), ("dark", 390)] {
            browser.prefer(scheme, width).await;
            if width == 1280 || !address.contains("code=") {
                browser.goto(address).await;
            }
            browser.run("for (const d of document.querySelectorAll('main details')) d.open = true", Vec::new()).await;
            for wide in browser.too_wide().await {
                trouble.push(format!("{address}, {scheme}, {width}: {wide} is too wide"));
            }
            browser.run(&axe, Vec::new()).await;
            let found = browser.run_until_called("axe.run().then((found) => arguments[0](found))").await;
            looked_at += found["passes"].as_array().map_or(0, Vec::len);
            for violation in found["violations"].as_array().unwrap() {
                if matches!(violation["impact"].as_str(), Some("serious" | "critical")) {
                    let nodes = violation["nodes"].as_array().unwrap();
                    let at: Vec<&Value> = nodes.iter().take(3).map(|node| &node["html"]).collect();
                    trouble.push(format!("{address}, {scheme}, {width}: {} {at:?}", violation["help"]));
                }
            }
        }
    }
    assert!(looked_at > 200, "{looked_at} rules were looked at");
    assert!(trouble.is_empty(), "{}", trouble.join("\n"));
}

#[tokio::test]
#[ignore = "needs chromium"]
async fn a_page_can_be_used_with_the_keyboard_alone() {
    let (program, _data, link) = gateway();
    let browser = Browser::open().await;
    browser.goto(&link).await;
    browser.goto(&format!("{}{SETTINGS}", program.base_url)).await;
    // The first stop is the way past the navigation, and it can be seen.
    browser.find("body").await.send_keys("\u{e004}").await.unwrap();
    let script = "const e = document.activeElement; return [e.textContent, e.getBoundingClientRect().top >= 0]";
    assert_eq!(browser.run(script, Vec::new()).await, json!(["Skip to content", true]));
    let script = "const seen = new Set(); for (const e of document.querySelectorAll('a[href], button, input, select, summary')) \
         { if (e.tabIndex < 0 && e.type !== 'hidden') seen.add(e.outerHTML.slice(0, 80)) } return [...seen]";
    assert_eq!(browser.run(script, Vec::new()).await, json!([]), "everything that can be pressed can be reached");
}
