//! The questions that people ask, walked from link to link in a browser, to answers that are known beforehand.

use tools::browser::Browser;
use tools::captures::data;
use tools::front::Front;
use tools::stack::{ROOT_KEY, START};

use self::company::company;

mod company;

/// The first name of a table.
const FIRST_LINE: &str = "main tbody th[scope=row] a, main .people .who a";

/// A question with an answer: what is pressed, how often that is, where it leads to, and what stands there.
struct Row {
    question: String,
    links: Vec<String>,
    clicks: usize,
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
        let [question, links, clicks, address, words] = cells[..] else { panic!("{line}") };
        if words.is_empty() {
            continue;
        }
        count += 1;
        let list = |text: &str, sign: &str| text.split(sign).map(|part| part.trim().to_owned()).collect();
        if links != "–" {
            let (links, words) = (list(links, "›"), list(words, ";"));
            let clicks = clicks.parse().unwrap_or_else(|_| panic!("{line}"));
            rows.push(Row { question: question.into(), links, clicks, address: address.into(), words });
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

/// What stands somewhere, and the address of it.
struct Place {
    address: String,
    text: String,
}

/// Where somebody is in the browser. Of the text what can be seen, each part of it apart from the next.
async fn here(browser: &Browser) -> Place {
    let script =
        "const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), seen = [];
        while (texts.nextNode())
            if (texts.currentNode.parentElement.checkVisibility()) seen.push(texts.currentNode.textContent);
        return [location.pathname + location.search, seen.join(' ')]";
    let found = browser.run(script, Vec::new()).await;
    let part = |at: usize| found[at].as_str().unwrap().to_owned();
    Place { address: part(0), text: part(1) }
}

/// Presses one thing after the other, and gives where that leads to and how many clicks it took. A file has a place too.
async fn walk(browser: &Browser, links: &[String]) -> (Place, usize) {
    let mut file = None;
    let mut clicks = 0;
    for link in links {
        match &**link {
            "the first line" => browser.click(FIRST_LINE).await,
            "the month before" => browser.click("a[rel=prev]").await,
            "Table" => browser.click("main .chart summary").await,
            "Options" => browser.click("main .options summary").await,
            "Attributes" => browser.fill("#attributes", "team=web").await,
            "Update" => {
                browser.click("main .options button[type=submit]").await;
                browser.wait_for("#generated", "team=web").await;
            }
            "Erase this person" => browser.click("main .danger-zone summary").await,
            "CSV" => file = Some(fetched(browser).await),
            _ => browser.follow(link).await,
        }
        clicks += 1;
    }
    (if let Some(file) = file { file } else { here(browser).await }, clicks)
}

/// The file that a page offers. A browser would put it into a folder.
async fn fetched(browser: &Browser) -> Place {
    let address = browser.find("main a[href*='.csv']").await.attr("href").await.unwrap().unwrap();
    let script = format!("fetch({:?}).then((file) => file.text()).then(arguments[0])", address);
    let text = browser.run_until_called(&script).await.as_str().unwrap().to_owned();
    Place { address, text }
}

/// A text with one space wherever there is any, but none before the sign that ends something.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",").replace(" .", ".")
}

/// What of an answer is not as the table has it. `without` says what must not stand there.
fn wrong<'w>(text: &str, words: &'w [String]) -> Vec<&'w String> {
    let text = plain(text);
    let is_right = |word: &&String| match word.strip_prefix("without ") {
        Some(word) => !text.contains(&plain(word)),
        None => text.contains(&plain(word)),
    };
    words.iter().filter(|word| !is_right(word)).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium"]
async fn every_question_is_answered_where_the_table_says() {
    let tenant = company().await;
    let front = Front::of(&tenant, START).await;
    let browser = Browser::open().await;
    let home = format!("{}/orgs/acme/analytics", front.base_url);
    browser.goto(&format!("{}/sign-in?to=/orgs/acme/analytics", front.base_url)).await;
    browser.fill("#admin_key", ROOT_KEY).await;
    browser.click("button.primary").await;
    browser.wait_for("h1", "Analytics").await;
    let beginning = here(&browser).await.text;
    let (rows, _) = rows();
    let mut trouble = Vec::new();
    for row in rows {
        browser.goto(&home).await;
        let (end, clicks) = walk(&browser, &row.links).await;
        let address = end.address.trim_start_matches("/orgs/acme");
        let mut complain = |what: String| trouble.push(format!("{}: {what}", row.question));
        if wrong(&beginning, &row.words).is_empty() {
            complain("the answer stands at the beginning already".into());
        }
        if clicks != row.clicks {
            complain(format!("it takes {clicks} clicks and not {}", row.clicks));
        }
        if !fits(address, &row.address) {
            complain(format!("the way leads to {address} and not to {}", row.address));
        }
        let wrong = wrong(&end.text, &row.words);
        if !wrong.is_empty() {
            complain(format!("not as the table has it are {wrong:?} in {}", plain(&end.text)));
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
fn an_answer_is_all_of_its_parts_in_their_order_and_nothing_that_must_not_be_there() {
    let parts = ["core $14.00".to_owned(), "without Zed".to_owned()];
    assert!(wrong("Team\n core\t$14.00", &parts).is_empty());
    assert_eq!(wrong("core $1.00, Zed", &parts), [&parts[0], &parts[1]]);
}

#[test]
fn an_address_fits_with_anything_in_place_of_dots() {
    assert!(fits("/analytics?from=1&by=team", "/analytics?…by=team") && fits("/users/abc", "/users/…"));
    assert!(!fits("/analytics/spend", "/spend") && !fits("/analytics?by=model", "/analytics?…by=team"));
}
