//! What of an address no page knows: it is named, and everything else is answered.

use std::collections::BTreeSet;

use service::report::groupings::NAMED;

use super::analytics::with_work;
use super::{admin_of, look};

#[tokio::test]
async fn a_misspelt_name_and_a_value_that_nothing_has_are_named_and_left_out() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    for (path, without, said) in [
        ("analytics?teem=core&by=model", "analytics?by=model", "<bdi>teem</bdi>: there is no such parameter."),
        ("analytics?filter=teem&value=core", "analytics", "<bdi>filter</bdi>: there is no such value."),
        ("analytics/spend?moth=2026-11", "analytics/spend", "<bdi>moth</bdi>: there is no such parameter."),
        (
            "analytics/adoption?page=first",
            "analytics/adoption",
            "<bdi>page</bdi>: there is no such value. Allowed: a number",
        ),
        ("analytics/reliability?by=model", "analytics/reliability", "<bdi>by</bdi>: there is no such parameter."),
        ("sessions?users=jane@example.com", "sessions", "<bdi>users</bdi>: there is no such parameter."),
        ("users?stat=git", "users", "<bdi>stat</bdi>: there is no such parameter."),
        ("users?state=nonsense", "users", "Allowed: merged, suggested, unmatched, unattributed, git. It is left out."),
        ("users?sort=name&sort=seen", "users?sort=name", "<bdi>sort</bdi>: it is given more than once."),
        ("users/suggestions?rejected=none", "users/suggestions", "<bdi>rejected</bdi>: there is no such value."),
        ("users/merges?limit=5", "users/merges", "Allowed: cursor."),
        ("users/git?x", "users/git", "Allowed: no parameters."),
        (
            "analytics/outcome?table=peple",
            "analytics/outcome",
            "Allowed: people, teams, repositories, languages, before.",
        ),
        ("health?days=7", "health", "<bdi>days</bdi>: there is no such parameter."),
        ("settings/claude-code?variant=windows", "settings/claude-code", "<bdi>variant</bdi>: there is no such value."),
        ("settings/claude-code?gzipped=true", "settings/claude-code", "model_pricing"),
    ] {
        let told = look(&mut admin, path).await;
        assert!(told.status == 400 && told.text.contains(said), "{path}: {}", told.text);
        let usual = look(&mut admin, without).await;
        assert!(usual.status == 200 && !usual.text.contains("class=\"notice bad\" role=\"alert\""), "{without}");
        let begin = told.text.find("<div class=\"notice bad\" role=\"alert\">").unwrap();
        let rest = &told.text[begin..];
        let answer = format!("{}{}", &told.text[..begin], &rest[rest.find("</div>").unwrap() + 6..]);
        // What rotates the token has a number of its own on every page.
        let plain = |text: &str| {
            let parts = text.split("name=\"request\" value=\"").enumerate();
            parts
                .map(|(at, part)| part.split_once(if at > 0 { '"' } else { '<' }).unwrap().1.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(plain(&answer), plain(&usual.text), "{path} is answered as {without}");
    }
}

#[tokio::test]
async fn an_order_that_there_is_not_is_named_where_the_table_is() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    for (path, said) in [
        ("analytics?by=model&sort=csot", "sort: there is no such column. Allowed: name, cost, people,"),
        ("analytics/spend?sort=csot", "sort: there is no such column."),
        ("analytics/reliability?table=models&sort=csot", "sort: there is no such column."),
        ("sessions?sort=csot", "Allowed: name, person, version, terminal, lasted,"),
    ] {
        let shown = look(&mut admin, path).await.text;
        assert!(shown.contains(said) && shown.contains("<tbody>"), "{path}: {shown}");
    }
}

#[tokio::test]
async fn the_tables_that_a_page_can_show_alone_are_those_that_it_names() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    for page in ["analytics/adoption", "analytics/reliability", "analytics/outcome", "sessions"] {
        let told = look(&mut admin, &format!("{page}?table=none&from=2026-11-20")).await.text;
        let usual = look(&mut admin, &format!("{page}?from=2026-11-20")).await.text;
        let (_, rest) = told.split_once("<bdi>table</bdi>: there is no such value. Allowed: ").unwrap();
        assert_eq!(rest.matches("<h2").count(), usual.matches("<h2").count(), "{page}: all tables are shown");
        let tables: Vec<&str> = rest.split('.').next().unwrap().split(", ").collect();
        for table in &tables {
            assert_eq!(look(&mut admin, &format!("{page}.csv?table={table}")).await.status, 200, "{table}");
        }
        let on_page = usual.matches("<h2 id=\"").count();
        assert!(on_page <= tables.len(), "{page}: {tables:?}");
    }
}

#[tokio::test]
async fn a_file_that_could_not_say_it_is_refused() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    for file in [
        "users.csv?stat=git",
        "users.csv?state=nonsense",
        "analytics.csv?teem=core",
        "analytics.csv?by=model&sort=csot",
        "analytics/spend.csv?moth=2026-11",
        "analytics/adoption.csv?x=1",
        "analytics/outcome.csv?table=people&sort=csot",
        "sessions.csv?order=sideways",
        "settings/claude-code/activity?x=1",
        "settings/claude-code/download/managed.json?x=1",
    ] {
        assert_eq!(look(&mut admin, file).await.status, 400, "{file}");
    }
}

/// The addresses below the organisation that a page leads to.
fn links(page: &str) -> Vec<String> {
    let path = |rest: &str| rest.split('"').next().unwrap().replace("&amp;", "&");
    page.split("href=\"").skip(1).map(path).filter(|link| link.starts_with(['/', '?'])).collect()
}

/// A page with each name that it is asked, without what only differs from line to line: filters are of one kind.
fn asked(address: &str) -> Vec<(String, String)> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let is_of_one = |part: &&str| part.len() == 22 || part.starts_with("s-");
    let path: Vec<&str> = path.split('/').map(|part| if is_of_one(&part) { "*" } else { part }).collect();
    let name = |pair: &str| match pair.split('=').next().unwrap() {
        filter if NAMED.iter().any(|(name, _)| *name == filter) => "a filter".to_owned(),
        other => other.to_owned(),
    };
    query.split('&').map(|pair| (path.join("/"), name(pair))).collect()
}

#[tokio::test]
async fn no_link_of_the_console_asks_for_what_its_page_does_not_know() {
    let tenant = with_work().await;
    let mut admin = admin_of(&tenant).await;
    let mut seen = BTreeSet::new();
    let mut open = vec!["/orgs/acme/analytics".to_owned(), "/orgs/acme/users?state=merged&q=a&sort=seen".to_owned()];
    while let Some(address) = open.pop() {
        let address = address.split('#').next().unwrap().to_owned();
        let is_page = !address.starts_with("/assets/") && !address.starts_with("/api/");
        // A page is opened for every name that it was not asked yet.
        let news = asked(&address).into_iter().filter(|asked| is_page && seen.insert(asked.clone())).count();
        if news == 0 {
            continue;
        }
        let page = admin.get(&address).await;
        assert!([200, 303].contains(&page.status), "{address}: {}", page.text);
        assert!(!page.text.contains("there is no such"), "{address}: {}", page.text);
        let path = address.split('?').next().unwrap();
        open.extend(
            links(&page.text)
                .into_iter()
                .map(|link| if link.starts_with('?') { format!("{path}{link}") } else { link }),
        );
    }
    assert!(seen.len() > 60, "{} {seen:?}", seen.len());
}
