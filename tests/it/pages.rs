//! What stands on the pages of people, numbers and health, and what their forms do.

use http::Method;
use model::time::{DAY, HOUR, Timestamp, from_days};
use serde_json::json;
use tools::activity::exports::{event, logs, metrics, point};
use tools::console::{Page, Visitor};
use tools::stack::{ROOT_KEY, START, Stack};
use tools::tenant::Tenant;

mod analytics;
mod decisions;
mod health;
mod import;
mod journey;
mod kept;
mod money;
mod names;
mod parameters;
mod people;
mod questions;
mod sessions;
mod spend;
mod walk;

/// Every page about people, numbers and health.
const PAGES: [&str; 22] = [
    "users",
    "users/suggestions",
    "users/merges",
    "users/git",
    "users/merge?pick=jane@example.com&pick=nobody%3Cscript%3E",
    "users?q=%3Cscript%3E&state=%22",
    "analytics",
    "analytics?by=model&sort=%3Cscript%3E&user=%3Cscript%3E",
    "analytics?by=branch&team=%3Cscript%3Ealert&model=%3Cimg%3E",
    "analytics/spend?by=user",
    "analytics/spend?month=%3Cscript%3E&by=%22&team=%3Cscript%3Ealert(1)%3C/script%3E&find=%3Cimg%3E&sort=%22",
    "analytics/adoption",
    "analytics/adoption?team=%3Cscript%3Ealert&table=%3Cimg%3E&by=%3Cscript%3Ealert",
    "analytics/reliability",
    "analytics/outcome",
    "users?settings=older&version=%3Cscript%3Ealert",
    "sessions",
    "sessions?team=%3Cscript%3Ealert(1)%3C/script%3E",
    "sessions/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "sessions?find=%3Cscript%3Ealert&sort=%22",
    "analytics?find=%3Cimg%3E",
    "health",
];

const HOSTILE: [&str; 4] =
    ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "\u{202e}moc.live@eve</bdi><b>", "x'y\"z& "];

/// Somebody signed in before the console of an organisation.
async fn admin_of(tenant: &Tenant) -> Visitor {
    Visitor::signed_in(&tenant.stack, ROOT_KEY).await
}

/// What somebody sees on `path` of the organisation.
async fn look(admin: &mut Visitor, path: &str) -> Page {
    admin.get(&format!("/orgs/acme/{path}")).await
}

/// Sends a form of the page `users/git`, on which every session has one, and gives the page that it leads to.
async fn press(admin: &mut Visitor, path: &str, fields: &[(&str, &str)]) -> Page {
    let answer = admin.submit("/orgs/acme/users/git", &format!("/orgs/acme/{path}"), fields).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    admin.get(answer.header("location")).await
}

/// Sends the form of an import with a file or pasted text.
async fn import(admin: &mut Visitor, format: &str, part: &str, content: &str) -> Page {
    let token = look(admin, "users/git").await.field("form_token");
    send_import(admin, &[("form_token", &token), ("format", format), (part, content)]).await
}

/// Sends the fields of a form of imports.
async fn send_import(admin: &mut Visitor, fields: &[(&str, &str)]) -> Page {
    let mut body = String::new();
    for &(name, value) in fields {
        let file = if name == "file" { "; filename=\"authors\"" } else { "" };
        body += &format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n");
    }
    body += "--limit--\r\n";
    admin.headers.push(("content-type", "multipart/form-data; boundary=limit".into()));
    let answer = admin.send(Method::POST, "/orgs/acme/users/git", body).await;
    admin.headers.clear();
    answer
}

/// What one person did in a session an hour ago, under this name, which also stands for all else that has one.
async fn work(tenant: &Tenant, email: &str, name: &str) {
    work_at(tenant, email, name, START.minus(HOUR)).await;
}

/// The same at another time; it arrives an hour later.
async fn work_at(tenant: &Tenant, email: &str, name: &str, at: Timestamp) {
    let (at, arrived) = (at.0, at.plus(HOUR));
    let about = |more: serde_json::Value| {
        let mut all =
            json!({"session.id": format!("s-{email}"), "user.email": email, "model": name, "tool_name": name});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let resource = json!({"team": name, "vcs.repository.name": name, "service.version": name});
    let events = [
        event("user_prompt", at, about(json!({}))),
        event(
            "api_request",
            at + 1,
            about(json!({"input_tokens": 1000, "cache_read_tokens": 3000, "output_tokens": 500, "cost_usd": 1.25})),
        ),
        event("tool_result", at + 2, about(json!({"success": "true"}))),
    ];
    tenant.send(&logs(resource, &events), arrived).await;
    let lines = point(at, at + 1000, 40.0, about(json!({"type": "added"})));
    tenant.send(&metrics("claude_code.lines_of_code.count", 1, &[lines]), arrived).await;
}

#[tokio::test]
async fn names_from_outside_are_text_on_every_page() {
    for name in HOSTILE {
        let tenant = Stack::start().tenant("acme").await;
        work(&tenant, &format!("jane@{name}.example.com"), name).await;
        work(&tenant, "jane@example.com", name).await;
        tenant.project(START).await;
        let authors = json!([
            {"name": format!("Jane {name}"), "email": "jane@example.com", "login": name},
            {"name": name, "email": "jane@home.example.org"},
        ]);
        tenant.upload("", &[("content-type", "application/json")], authors.to_string()).await;
        tenant.merge().await;
        let mut admin = admin_of(&tenant).await;
        let people = look(&mut admin, "users").await.text;
        assert!(people.contains("<bdi>"), "names are isolated: {people}");
        let begin = "href=\"/orgs/acme/users/";
        let ids = people.split(begin).skip(1).map(|rest| rest.split('"').next().unwrap());
        let persons: Vec<String> = ids.filter(|id| id.len() == 22).map(|id| format!("users/{id}")).collect();
        assert!(!persons.is_empty());
        let list = look(&mut admin, "sessions").await.text;
        let links = list.split("href=\"/orgs/acme/sessions/").skip(1).map(|rest| rest.split('"').next().unwrap());
        let sessions: Vec<String> = links.map(|link| format!("sessions/{}", link.replace("&amp;", "&"))).collect();
        assert!(!sessions.is_empty(), "{list}");
        for session in &sessions {
            assert_eq!(look(&mut admin, session).await.status, 200, "{session}");
        }
        for page in PAGES.iter().copied().chain(persons.iter().chain(&sessions).map(String::as_str)) {
            let shown = look(&mut admin, page).await.text;
            for markup in ["<script>alert", "<img", "</bdi><b>", "<script>\"", "style=\""] {
                assert!(!shown.contains(markup), "{markup} of {name} on {page}: {shown}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_of_people_and_numbers_weighs_less_than_60_kilobytes_with_all_that_it_needs() {
    let tenant = Stack::start().tenant("acme").await;
    for number in 0..40 {
        let email = format!("somebody.with.a.long.name.{number}@example.com");
        work_at(&tenant, &email, &format!("claude-model-{number}"), START.minus(from_days(number % 30))).await;
    }
    tenant.project(START).await;
    let mut admin = admin_of(&tenant).await;
    let mut beside = 0;
    admin.headers.push(("accept-encoding", "br, gzip".into()));
    for asset in ["/assets/x.css", "/assets/x.js"] {
        let sent = admin.send(Method::GET, asset, String::new()).await;
        assert_eq!(sent.header("content-encoding"), "gzip");
        beside += sent.size;
    }
    let pages = [
        "users",
        "analytics/spend?by=user",
        "analytics/adoption",
        "analytics/reliability",
        "analytics/outcome",
        "analytics/outcome?table=people",
        "analytics",
        "analytics?from=2025-11-01&to=2026-11-22",
        "analytics?by=model",
        "sessions",
        "health",
    ];
    for page in pages {
        let shown = look(&mut admin, page).await;
        assert_eq!(shown.header("content-encoding"), "", "what is beside a secret is not compressed");
        let weight = shown.text.len();
        assert!(weight > 3_000 && weight + beside < 60_000, "{page}: {weight} bytes, and {beside} beside it");
    }
}
