//! An admin with a browser: signs in, enables an organisation, looks at every page, and changes what can be changed on them.

use std::collections::BTreeMap;

use http::header::SET_COOKIE;
use model::time::{HOUR, Timestamp};
use serde_json::Value;
use tools::captures;
use tools::console::Page;
use tools::deployment::DOMAIN;
use tools::stack::Stack;

use super::{project, requests, send, users};

const SETTINGS: &str = "/orgs/globex/settings/claude-code";
const USERS: &str = "/orgs/globex/users";

/// A browser without an engine.
struct Admin<'a> {
    service: &'a Stack,
    cookies: BTreeMap<String, String>,
}

pub(super) async fn of_an_admin(service: &Stack) {
    let mut admin = Admin { service, cookies: BTreeMap::new() };
    signs_in(&mut admin).await;
    let enabled = admin.press("/orgs", "/orgs", &[("org", "globex"), ("name", "Globex")]).await;
    assert!(enabled.text.contains("OpenTelemetry is enabled") && enabled.text.contains(DOMAIN), "{}", enabled.text);
    let token = admin.token().await;
    for capture in captures::of_run("pb-oauth").iter().chain(&captures::of_run("pb-tools")) {
        assert_eq!(service.export_as(&token, capture, Timestamp::now()).await.status, 200);
    }
    let jane = requests("jane@example.com", 2, Timestamp::now().minus(HOUR));
    assert_eq!(send(service, &token, &jane).await, 200);
    project(service, "globex").await;
    puts_people_together(&mut admin).await;
    looks_at_every_page(&mut admin).await;
    forgets_jane(&mut admin).await;
    replaces_tokens(&mut admin, &token).await;
    let copied = admin.cookies.clone();
    let signed_out = admin.press("/orgs", "/sign-out", &[]).await;
    assert!(signed_out.text.contains("You are signed out"), "{}", signed_out.text);
    assert_eq!(admin.get("/orgs").await.status, 303, "to where one signs in");
    admin.cookies = copied;
    assert_eq!(admin.get("/orgs").await.status, 303, "a copy of the cookie is worth as little");
    guesses(&mut admin).await;
}

async fn signs_in(admin: &mut Admin<'_>) {
    assert!(admin.get("/").await.header("location").starts_with("/sign-in"));
    assert_eq!(admin.post("/sign-in", &[("admin_key", "wrong")]).await.status, 401);
    assert_eq!(admin.get("/sign-in?code=of-nobody").await.status, 401);
    let key = admin.service.root_key.clone();
    let signed_in = admin.post("/sign-in", &[("admin_key", &key)]).await;
    assert_eq!(signed_in.status, 303, "{signed_in:?}");
    assert_eq!(admin.get("/").await.header("location"), "/orgs/acme/analytics");
    assert_eq!(admin.post("/orgs", &[("org", "globex")]).await.status, 403, "a form without the mark of its session");
}

/// In the end, since no other key is taken from the address for some minutes.
async fn guesses(admin: &mut Admin<'_>) {
    let mut statuses = Vec::new();
    while statuses.last() != Some(&429) {
        assert!(statuses.len() < 30, "{statuses:?}");
        let guess = format!("guess-{}", statuses.len());
        statuses.push(admin.post("/sign-in", &[("admin_key", &guess)]).await.status);
    }
    let key = admin.service.root_key.clone();
    assert_eq!(admin.post("/sign-in", &[("admin_key", &key)]).await.status, 429);
}

async fn puts_people_together(admin: &mut Admin<'_>) {
    let git = format!("{USERS}/git");
    let authors = "Jane <jane@one.example.org>\nJane <jane@two.example.org>\nRobin Roe <robin@example.org>\n";
    let imported = admin.import(&git, authors).await;
    assert!(imported.text.contains("3 Git users are"), "{}", imported.text);
    let merged = admin.press(&git, &format!("{USERS}/merges/run"), &[]).await;
    assert!(merged.text.contains("Matching finished"), "{}", merged.text);
    let suggestions = admin.get(&format!("{USERS}/suggestions")).await;
    let (user, candidate) = (suggestions.field("suggestion"), suggestions.field("candidate"));
    let accept = [("suggestion", user.as_str()), ("candidate", candidate.as_str())];
    let accepted = admin.press(&git, &format!("{USERS}/suggestions/accept"), &accept).await;
    assert!(accepted.text.contains("Merged: jane@example.com"), "{}", accepted.text);
    let merge = admin.get(&format!("{USERS}/merges")).await.field("merge");
    let undone = admin.press(&git, &format!("{USERS}/merges/undo"), &[("merge", &merge)]).await;
    assert!(undone.text.contains("Undone: "), "{}", undone.text);
    let rejected = admin.press(&git, &format!("{USERS}/suggestions/reject"), &[("suggestion", &user)]).await;
    assert!(rejected.text.contains("Rejected"), "{}", rejected.text);
    let nobody = users(admin.service, "globex").await.into_iter().find(|user| user["email"].is_null()).unwrap();
    let nobody = nobody["id"].as_str().unwrap();
    let attribute = [("person", nobody), ("email", "robin@example.org")];
    let attributed = admin.press(SETTINGS, &format!("{SETTINGS}/attribute"), &attribute).await;
    assert!(attributed.text.contains("Attributed"), "{}", attributed.text);
    let linked = admin.press(&git, &format!("{USERS}/{nobody}/link"), &[("email", "robin@example.org")]).await;
    assert!(linked.text.contains("Attributed to robin@example.org"), "{}", linked.text);
    let by_hand = [("pick", user.as_str()), ("pick", nobody), ("primary", nobody)];
    let merged = admin.press(&git, &format!("{USERS}/merges"), &by_hand).await;
    assert!(merged.text.contains("Merged into"), "{}", merged.text);
}

async fn looks_at_every_page(admin: &mut Admin<'_>) {
    for (page, shown) in [
        ("/orgs", "Globex"),
        (SETTINGS, "Last Activity"),
        (&format!("{SETTINGS}/activity"), "Last Activity"),
        (&format!("{SETTINGS}/verify"), "listed"),
        (&format!("{SETTINGS}/download/shell.sh"), "Bearer cct_"),
        (USERS, "Robin Roe"),
        (&format!("{USERS}/merge?pick=jane@one.example.org&pick=jane@two.example.org"), "Merge these 2"),
        (&format!("{USERS}/jane@example.com"), "jane@example.com"),
        ("/orgs/globex/analytics?by=model", "claude"),
        ("/orgs/globex/analytics.csv", "sessions"),
        ("/orgs/globex/health", "Health"),
        ("/assets/style.css", "{"),
    ] {
        let found = admin.get(page).await;
        assert!(found.status == 200 && found.text.contains(shown), "{page}: {}: {}", found.status, found.text);
    }
}

async fn forgets_jane(admin: &mut Admin<'_>) {
    // Where events outlive what is told of them, the events themselves are looked through.
    let kept = admin.service.ask("PUT /api/orgs/globex", r#"{"retention_days": 800}"#).await;
    assert_eq!(kept.status, 200, "{kept:?}");
    let erase = format!("{USERS}/jane@example.com/erase");
    let erased = admin.press(USERS, &erase, &[("sure", "yes")]).await;
    assert!(
        erased.text.contains("The person is erased") && !erased.text.contains("jane@example.com"),
        "{}",
        erased.text
    );
}

async fn replaces_tokens(admin: &mut Admin<'_>, first: &str) {
    let capture = captures::named("pb-oauth/001");
    let rotate = format!("{SETTINGS}/rotate");
    let rotated = admin.press(SETTINGS, &rotate, &[("overlap_seconds", "86400")]).await;
    assert!(rotated.text.contains("The token was replaced"), "{}", rotated.text);
    let second = admin.token().await;
    admin.press(SETTINGS, &format!("{SETTINGS}/revoke-previous"), &[]).await;
    assert_eq!(admin.service.export_as(first, &capture, Timestamp::now()).await.status, 401);
    assert!(admin.get(SETTINGS).await.text.contains("Still used by"));
    admin.press(SETTINGS, &format!("{SETTINGS}/revoke"), &[("confirm", "yes")]).await;
    assert_eq!(admin.service.export_as(&second, &capture, Timestamp::now()).await.status, 401);
    admin.press(SETTINGS, &rotate, &[("overlap_seconds", "0"), ("confirm", "yes")]).await;
    let third = admin.token().await;
    assert_eq!(admin.service.export_as(&third, &capture, Timestamp::now()).await.status, 200);
    admin.press(SETTINGS, &format!("{SETTINGS}/disable"), &[("confirm", "globex")]).await;
    assert_eq!(admin.service.export_as(&third, &capture, Timestamp::now()).await.status, 401);
    let enabled = admin.press(SETTINGS, &format!("{SETTINGS}/enable"), &[]).await;
    assert!(enabled.text.contains("enabled with a new token"), "{}", enabled.text);
    let purged = admin.press(SETTINGS, &format!("{SETTINGS}/purge"), &[("confirm", "globex")]).await;
    assert!(purged.text.contains("is erased"), "{}", purged.text);
    assert_eq!(admin.get(SETTINGS).await.status, 404);
}

impl Admin<'_> {
    async fn get(&mut self, path: &str) -> Page {
        self.send("GET", path, "text/plain", "").await
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        self.send("POST", path, "application/x-www-form-urlencoded", &form.finish()).await
    }

    /// Sends a form that stands on `page`, and gives the page that it leads to.
    async fn press(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.get(page).await.field("form_token");
        let mut all = vec![("form_token", token.as_str())];
        all.extend_from_slice(fields);
        let answer = self.post(path, &all).await;
        assert_eq!(answer.status, 303, "{path}: {answer:?}");
        let location = answer.header("location");
        self.get(location.split('#').next().unwrap_or_default()).await
    }

    /// Sends the form of an import with pasted text.
    async fn import(&mut self, page: &str, text: &str) -> Page {
        let token = self.get(page).await.field("form_token");
        let fields = [("form_token", token.as_str()), ("format", "text/plain"), ("pasted", text)];
        let part =
            |(name, value)| format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        let body = fields.map(part).concat() + "--limit--\r\n";
        self.send("POST", page, "multipart/form-data; boundary=limit", &body).await
    }

    /// The token in the settings that can be downloaded.
    async fn token(&mut self) -> String {
        let settings = self.get(&format!("{SETTINGS}/download/managed.json")).await;
        let settings: Value = serde_json::from_str(&settings.text).unwrap();
        let headers = settings["env"]["OTEL_EXPORTER_OTLP_HEADERS"].as_str().unwrap();
        headers.strip_prefix("Authorization=Bearer ").unwrap().to_owned()
    }

    async fn send(&mut self, method: &str, path: &str, media_type: &str, body: &str) -> Page {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let (cookies, origin) = (cookies.join("; "), format!("https://{DOMAIN}"));
        let mut headers = vec![("content-type", media_type), ("accept", "text/html,*/*"), ("origin", &*origin)];
        if !cookies.is_empty() {
            headers.push(("cookie", &*cookies));
        }
        let answer = self.service.deployment().send(method, path, &headers, body.as_bytes()).await;
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; Secure") && cookie.contains("; HttpOnly"), "{cookie}");
            let (name, value) = cookie.split_once(';').unwrap().0.split_once('=').unwrap();
            self.cookies.insert(name.into(), value.into());
        }
        self.cookies.retain(|_, value| !value.is_empty());
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        Page { status: answer.status, headers: answer.headers, size: text.len(), text }
    }
}
