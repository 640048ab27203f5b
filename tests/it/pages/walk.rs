//! The questions that people ask, walked from link to link in a browser.

use serde_json::Value;
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

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium"]
async fn every_question_is_answered_where_the_table_says() {
    let program = Program::start(BINARY, &["--ephemeral", "--admin-key", KEY, "--demo=7"]);
    let client = reqwest::Client::new();
    // Merging is the last thing that the demo does.
    loop {
        let merges = client.get(format!("{}/api/orgs/demo/merges", program.base_url)).bearer_auth(KEY);
        let merges: Value =
            serde_json::from_slice(&merges.send().await.unwrap().bytes().await.unwrap()).unwrap_or_default();
        if merges["items"].as_array().is_some_and(|items| !items.is_empty()) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
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
