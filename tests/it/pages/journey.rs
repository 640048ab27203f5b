//! The way of an admin who puts people together, in a real browser; and whether everybody can use these pages.

use serde_json::Value;
use tools::browser::Browser;
use tools::captures::named;
use tools::program::Program;

const BINARY: &str = env!("CARGO_BIN_EXE_gateway");
const KEY: &str = "root-key-of-the-browser-tests-0123456789";

/// A gateway that somebody's telemetry has come to, and a browser that is signed in.
async fn open() -> (Program, Browser) {
    let program = Program::start(BINARY, &["--ephemeral", "--admin-key", KEY, "--org", "acme"]);
    let client = reqwest::Client::new();
    let rotated = client.post(format!("{}/api/orgs/acme/token/rotate", program.base_url)).bearer_auth(KEY);
    let rotated: Value = serde_json::from_slice(&rotated.send().await.unwrap().bytes().await.unwrap()).unwrap();
    let capture = named("pb-oauth/001");
    let export = client.post(format!("{}{}", program.base_url, capture.path));
    let export = export.bearer_auth(rotated["ingest_token"].as_str().unwrap());
    let export = export.header("content-type", &capture.content_type).body(capture.body.clone());
    assert_eq!(export.send().await.unwrap().status().as_u16(), 200);
    let browser = Browser::open().await;
    browser.goto(&format!("{}/sign-in?to=/orgs/acme/users", program.base_url)).await;
    browser.fill("#admin_key", KEY).await;
    browser.click("button.primary").await;
    browser.wait_for("h1", "Users").await;
    (program, browser)
}

/// The part before the `@` of the only person's address.
async fn only_person(program: &Program, browser: &Browser) -> String {
    loop {
        browser.goto(&format!("{}/orgs/acme/users", program.base_url)).await;
        if browser.text("main").await.contains('@') {
            return browser.text(".people .who a").await.split('@').next().unwrap().to_owned();
        }
    }
}

#[tokio::test]
#[ignore = "needs chromium"]
async fn an_admin_imports_git_users_merges_accepts_a_suggestion_and_takes_it_back() {
    let (program, browser) = open().await;
    let local_part = only_person(&program, &browser).await;

    // Two authors at other addresses who could be that person, so that it is for the admin to say.
    browser.goto(&format!("{}/orgs/acme/users/git", program.base_url)).await;
    let authors =
        format!("Some One <{local_part}@one.example.org>\nSome Two <{local_part}@two.example.org>\nno address\n");
    browser.fill("#pasted", &authors).await;
    browser.click("form[enctype] button.primary").await;
    browser.wait_for(".notice", "2 Git users are stored").await;
    browser.wait_for("table", "not stored").await;
    browser.click(".notice button.primary").await;
    browser.wait_for(".notice", "Matching finished").await;

    // The suggestion with its evidence is accepted.
    browser.click("a[href$='/users/suggestions']").await;
    browser.wait_for(".candidate", "the same part before the @").await;
    browser.click(".candidate button.primary").await;
    browser.wait_for(".notice", "Merged: ").await;
    browser.wait_for(".empty", "Nothing to decide").await;

    // The history has it, and takes it back.
    browser.click("a[href$='/users/merges']").await;
    browser.wait_for(".history", "was linked to").await;
    browser.click(".history button").await;
    browser.wait_for(".notice", "Undone: ").await;
    browser.click("a[href$='/users/suggestions']").await;
    browser.wait_for(".candidate", "the same part before the @").await;
}

#[tokio::test]
#[ignore = "needs chromium"]
async fn an_admin_imports_a_wrong_list_sees_who_lost_a_match_and_brings_the_git_users_back() {
    let (program, browser) = open().await;
    only_person(&program, &browser).await;
    let address = browser.text(".people .who a").await;
    let page = |rest: &str| format!("{}/orgs/acme/{rest}", program.base_url);
    let import = async |authors: &str| {
        browser.goto(&page("users/git")).await;
        browser.fill("#pasted", authors).await;
        browser.click("form[enctype] button.primary").await;
    };
    let merge = async || {
        browser.click(".notice button.primary").await;
        browser.wait_for(".notice", "Matching finished").await;
    };
    let others: String = (0..10).map(|n| format!("Person Number{n} <p{n}@one.example.org>\n")).collect();
    import(&format!("Somebody Known <{address}>\n{others}")).await;
    browser.wait_for(".notice", "11 Git users are stored").await;
    merge().await;

    // The wrong list is looked at first: whom it would cost is named, and to leave it leaves everything.
    import(&others.lines().take(8).collect::<Vec<_>>().join("\n")).await;
    browser
        .wait_for(
            ".notice.bad",
            "Nothing is replaced yet. 3 Git users disappear, 0 are new, and 1 person loses their match",
        )
        .await;
    browser.wait_for("caption", "Who would lose their match").await;
    browser.wait_for("td", "Somebody Known").await;
    browser.follow("Leave as it is").await;
    browser.wait_for("h2", "11 Git users").await;

    // Confirmed all the same, health says who lost their match, and they keep their name.
    import(&others.lines().take(8).collect::<Vec<_>>().join("\n")).await;
    browser.click(".notice.bad button.danger").await;
    browser.wait_for(".notice", "8 Git users are stored").await;
    merge().await;
    browser.goto(&page("health")).await;
    browser.wait_for(".finding", "1 person has no match in Git any more").await;
    browser.click(".finding .people-list a.person").await;
    browser.wait_for("h1", "Somebody Known").await;
    browser.wait_for("h1", "No Git match").await;
    browser.wait_for(".person-top", "name from an earlier import").await;

    // One step back, and all is as it was.
    browser.goto(&page("health")).await;
    browser.follow("Git users").await;
    browser.click("form[action$='/users/git/restore'] button").await;
    browser.wait_for(".notice", "11 Git users are back").await;
    merge().await;
    browser.goto(&page("health")).await;
    browser.wait_for("h1", "Health").await;
    assert!(!browser.text("main").await.contains("no match in Git any more"));
    browser.goto(&page(&format!("users/{address}"))).await;
    browser.wait_for("h1", "Merged").await;
    let shown = browser.text("main").await;
    assert!(shown.contains("Somebody Known") && !shown.contains("from an earlier import"), "{shown}");
}

#[tokio::test]
#[ignore = "needs chromium"]
async fn the_pages_of_people_and_numbers_can_be_used_by_everybody_in_any_scheme_and_at_any_width() {
    let axe = std::fs::read_to_string(std::env::var("AXE_CORE").unwrap()).unwrap();
    let (program, browser) = open().await;
    let local_part = only_person(&program, &browser).await;
    browser.goto(&format!("{}/orgs/acme/users/git", program.base_url)).await;
    let authors = format!("Some One <{local_part}@one.example.org>\nSome Two <{local_part}@two.example.org>\n");
    browser.fill("#pasted", &authors).await;
    browser.click("form[enctype] button.primary").await;
    browser.click(".notice button.primary").await;
    browser.wait_for(".notice", "Matching finished").await;
    browser.goto(&format!("{}/orgs/acme/users", program.base_url)).await;
    let person = browser.find(".people .who a").await.attr("href").await.unwrap().unwrap();
    // A chart tells the numbers of the bar that the pointer is on.
    browser.goto(&format!("{}/orgs/acme/analytics", program.base_url)).await;
    let point = "const image = document.querySelector('.plot svg'), place = image.getBoundingClientRect();
        image.dispatchEvent(new PointerEvent('pointermove', { clientX: place.right - 2 }));";
    browser.run(point, Vec::new()).await;
    let last =
        browser.run("return [...document.querySelector('.chart tbody').rows].at(-1).innerText", Vec::new()).await;
    let day = last.as_str().unwrap().split('\t').next().unwrap().to_owned();
    browser.wait_for(".plot output", &format!("{day} · ")).await;
    // So it does of the bars that the arrow keys lead to, the last one first.
    let keys = "const image = document.querySelector('.plot svg');
        image.dispatchEvent(new PointerEvent('pointerleave')); image.focus();
        image.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft' }));
        return [...document.querySelector('.chart tbody').rows].at(-2).cells[0].innerText";
    let before = browser.run(keys, Vec::new()).await;
    browser.wait_for(".plot output", &format!("{} · ", before.as_str().unwrap())).await;
    browser.goto(&format!("{}/orgs/acme/sessions", program.base_url)).await;
    let session = browser.find(".worded tbody th a").await.attr("href").await.unwrap().unwrap();
    browser.goto(&format!("{}{session}", program.base_url)).await;
    browser.wait_for("[aria-label='What happened'] tbody", "Request").await;
    let mut trouble = Vec::new();
    let pages = [
        "users",
        "users/suggestions",
        "users/merges",
        "users/git",
        "analytics",
        "analytics/spend",
        "analytics/adoption",
        "analytics/adoption?table=persons",
        "analytics/reliability",
        "analytics/reliability?table=models",
        "analytics/outcome",
        "sessions",
        "health",
    ];
    let paths = pages.map(|page| format!("/orgs/acme/{page}"));
    let merge = format!("/orgs/acme/users/merge?pick={local_part}@one.example.org&pick={local_part}@two.example.org");
    for path in paths.into_iter().chain([person, merge, session]) {
        for (scheme, width) in [("light", 1280), ("light", 1024), ("dark", 390)] {
            browser.prefer(scheme, width).await;
            browser.goto(&format!("{}{path}", program.base_url)).await;
            browser.run("for (const d of document.querySelectorAll('main details')) d.open = true", Vec::new()).await;
            for wide in browser.too_wide().await {
                trouble.push(format!("{path}, {scheme}, {width}: {wide} is too wide"));
            }
            browser.run(&axe, Vec::new()).await;
            let found = browser.run_until_called("axe.run().then((found) => arguments[0](found))").await;
            assert!(found["passes"].as_array().is_some_and(|passes| passes.len() > 10), "{found}");
            for violation in found["violations"].as_array().unwrap() {
                if matches!(violation["impact"].as_str(), Some("serious" | "critical")) {
                    let at: Vec<&Value> =
                        violation["nodes"].as_array().unwrap().iter().take(3).map(|n| &n["html"]).collect();
                    trouble.push(format!("{path}, {scheme}, {width}: {} {at:?}", violation["help"]));
                }
            }
        }
    }
    assert!(trouble.is_empty(), "{}", trouble.join("\n"));
}
