//! The questions that people ask, walked from link to link in a browser.

use model::time::Timestamp;
use serde_json::{Value, json};
use tools::activity::Sent;
use tools::activity::exports::{event, logs};
use tools::browser::Browser;
use tools::captures::data;
use tools::program::Program;

const BINARY: &str = env!("CARGO_BIN_EXE_gateway");
const KEY: &str = "an-admin-key-that-was-given-0123456789";
/// The first name of a table.
const FIRST_LINE: &str = "main tbody th[scope=row] a, main .people .who a";

/// A question with an answer: what is pressed, where that leads to, and what stands there.
struct Row {
    question: String,
    links: Vec<String>,
    address: String,
    words: Vec<String>,
}

/// Those that are answered, and how many there are with those that are not.
fn rows() -> (Vec<Row>, usize) {
    let table = std::fs::read_to_string(data("../../functions/console/questions.md")).unwrap();
    let lines = table.lines().filter(|line| line.starts_with("| ")).skip(2);
    let mut rows = Vec::new();
    let mut count = 0;
    for line in lines {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [question, links, address, words] = cells[..] else { panic!("{line}") };
        if words.is_empty() {
            continue;
        }
        count += 1;
        let list = |text: &str, sign: &str| text.split(sign).map(|part| part.trim().to_owned()).collect();
        if links != "–" {
            let (links, words) = (list(links, "›"), list(words, ";"));
            rows.push(Row { question: question.into(), links, address: address.into(), words });
        }
    }
    (rows, count)
}

/// Whether an address is as a row has it, with anything in place of `…`.
fn fits(address: &str, wanted: &str) -> bool {
    let mut rest = address;
    wanted.split('…').enumerate().all(|(at, part)| match rest.find(part) {
        Some(found) if at > 0 || found == 0 => {
            rest = &rest[found + part.len()..];
            true
        }
        _ => false,
    })
}

async fn press(browser: &Browser, link: &str) {
    match link {
        "the first line" => browser.click(FIRST_LINE).await,
        "the month before" => browser.click("a[rel=prev]").await,
        _ => browser.follow(link).await,
    }
}

/// What somebody of a team did just now, as their client sends it.
fn work(name: &str, team: &str, model: &str) -> Sent {
    let now = Timestamp::now().0;
    let about = |more: Value| {
        let mut all = json!({"session.id": format!("s-{name}"), "user.email": format!("{name}@example.com")});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let tokens = json!({"model": model, "input_tokens": 100, "cache_read_tokens": 9_000, "output_tokens": 50,
        "cost_usd": 1.25, "duration_ms": 900, "ttft_ms": 300});
    let events = [
        event("user_prompt", now - 5_000, about(json!({"prompt_length": 12}))),
        event("api_request", now - 4_000, about(tokens)),
        event("tool_result", now - 3_000, about(json!({"tool_name": "Bash", "success": "false", "duration_ms": 40}))),
        event("api_error", now - 2_000, about(json!({"model": model, "status_code": "529", "error": "overloaded"}))),
    ];
    logs(json!({"team": team, "vcs.repository.name": "shop", "service.version": "2.1.330"}), &events)
}

/// A gateway at which two people work, one of whom Git knows as well.
async fn gateway() -> Program {
    let program = Program::start(BINARY, &["--ephemeral", "--admin-key", KEY, "--org", "demo"]);
    let client = reqwest::Client::new();
    let url = |path: &str| format!("{}{path}", program.base_url);
    let rotated = client.post(url("/api/orgs/demo/token/rotate")).bearer_auth(KEY).send().await.unwrap();
    let rotated: Value = serde_json::from_slice(&rotated.bytes().await.unwrap()).unwrap();
    for sent in [work("jane", "core", "claude-opus-5"), work("john", "web", "claude-haiku-4-5")] {
        let export = client.post(url(sent.signal.path())).bearer_auth(rotated["ingest_token"].as_str().unwrap());
        let export = export.header("content-type", sent.media_type()).body(sent.body);
        assert_eq!(export.send().await.unwrap().status().as_u16(), 200);
    }
    let authors = client.put(url("/api/orgs/demo/git-users")).bearer_auth(KEY).header("content-type", "text/plain");
    let authors = authors.body("Jane Doe <jane@example.com>\n").send().await.unwrap();
    assert_eq!(authors.status().as_u16(), 200);
    // What is sent shows a moment later, and only who shows can be merged.
    loop {
        client.post(url("/api/orgs/demo/merge/run")).bearer_auth(KEY).send().await.unwrap();
        let merges = client.get(url("/api/orgs/demo/merges")).bearer_auth(KEY).send().await.unwrap();
        let merges: Value = serde_json::from_slice(&merges.bytes().await.unwrap()).unwrap();
        if merges["items"].as_array().is_some_and(|items| !items.is_empty()) {
            return program;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium"]
async fn every_question_is_answered_where_the_table_says() {
    let program = gateway().await;
    let browser = Browser::open().await;
    let home = format!("{}/orgs/demo/analytics", program.base_url);
    browser.goto(&format!("{}/sign-in?to=/orgs/demo/analytics", program.base_url)).await;
    browser.fill("#admin_key", KEY).await;
    browser.click("button.primary").await;
    browser.wait_for("h1", "Analytics").await;
    let (rows, _) = rows();
    let mut trouble = Vec::new();
    for row in rows {
        browser.goto(&home).await;
        for link in &row.links {
            press(&browser, link).await;
        }
        let address = browser.run("return location.pathname + location.search", Vec::new()).await;
        let address = address.as_str().unwrap().trim_start_matches("/orgs/demo");
        let text = browser.text("main").await.to_lowercase();
        let missing: Vec<&String> = row.words.iter().filter(|word| !text.contains(&word.to_lowercase())).collect();
        if !missing.is_empty() || !fits(address, &row.address) {
            trouble.push(format!("{}: {address}, without {missing:?}", row.question));
        }
    }
    assert!(trouble.is_empty(), "{}", trouble.join("\n"));
}

#[test]
fn the_table_has_all_questions_and_three_of_four_are_answered() {
    let (answered, all) = rows();
    assert_eq!(all, 43);
    assert!(answered.len() * 4 >= all * 3, "{} of {all}", answered.len());
}

#[test]
fn an_address_fits_with_anything_in_place_of_dots() {
    assert!(fits("/analytics?from=1&by=team", "/analytics?…by=team") && fits("/users/abc", "/users/…"));
    assert!(!fits("/analytics/spend", "/spend") && !fits("/analytics?by=model", "/analytics?…by=team"));
}
