//! Two organisations of one service, each with people, numbers, keys, merges and suggestions of its own, and every call of the API
//! that one of them can make.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use local::embedded::Embedded;
use local::handlers::Handlers;
use model::time::Millis;
use serde_json::{Value, json};
use service::auth::root_key::RootKey;
use service::organisations::purge;
use store::Store;
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};

use crate::activity::exports::{event, logs, metrics, point};
use crate::orgs::{BASE_URL, ROOT_KEY, Reply};
use crate::projection::stream_event;

pub mod calls;

/// The two organisations. Everything of one has its name in it, and nothing of the other.
pub const NAMES: [&str; 2] = ["anvil", "birch"];

/// What their clients claim to be of.
const CLAIMED: &str = "somebody-else";

/// Both of them.
#[derive(Debug)]
pub struct Tenants {
    handlers: Handlers,
    store: Store,
    secrets: Secrets,
    /// What each of them has, as it was in the beginning.
    pub own: [Own; 2],
}

/// What an organisation has that others must not see.
#[derive(Debug, Clone, Default)]
pub struct Own {
    /// What its keys in the tables begin with.
    pub uid: String,
    /// Its first ingest token.
    pub token: String,
    /// A key of it.
    pub admin_key: String,
    /// The ids of people, merges, suggestions and keys, by the list that has them.
    pub ids: BTreeMap<&'static str, Vec<String>>,
    /// Cursors of its lists.
    pub cursors: Vec<String>,
}

impl Own {
    /// Every text that belongs to it alone.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let lists = self.ids.values().flatten().chain(&self.cursors).map(String::as_str).filter(|text| text.len() > 12);
        [&self.uid, &self.token, &self.admin_key].into_iter().map(String::as_str).chain(lists)
    }
}

impl Tenants {
    /// Enables both and gives them something to hide.
    pub async fn open() -> Self {
        let store = Embedded::in_memory().unwrap().store();
        store.create_tables().await.unwrap();
        let secrets = Secrets::Embedded(EmbeddedSecrets::in_memory());
        let handlers = Handlers::new(&store, &secrets, &RootKey::given(ROOT_KEY).unwrap(), BASE_URL.parse().unwrap());
        let mut tenants = Self { handlers, store, secrets, own: Default::default() };
        for (at, name) in NAMES.into_iter().enumerate() {
            tenants.own[at] = tenants.furnish(name).await;
        }
        tenants
    }

    async fn furnish(&self, org: &str) -> Own {
        let root = |call: String, body: Value| async move { self.ask(ROOT_KEY, &call, body.to_string()).await };
        let token = root(format!("PUT /api/orgs/{org}"), json!({"name": org})).await.text("ingest_token");
        let key = root(format!("POST /api/orgs/{org}/admin-keys"), json!({"name": format!("key of {org}")})).await;
        self.export(&token, org).await;
        self.project(org).await;
        let authors = format!(
            "Ann of {org} <ann@{org}.example.com>\nAnn of {org} <other.ann@{org}.example.com>\nMaria Doe <md@{org}.example.org>\nMaria Roe <mr@{org}.example.org>\n"
        );
        let request = Request::put(format!("/api/orgs/{org}/git-users"))
            .header("authorization", format!("Bearer {ROOT_KEY}"))
            .header("content-type", "text/plain");
        assert_eq!(self.send(request.body(authors.into()).unwrap()).await.status, 200);
        let ran = root(format!("POST /api/orgs/{org}/merge/run"), Value::Null).await;
        assert_eq!(ran.json()["suggested"], 1, "{ran:?}");
        let merge = json!({"primary": format!("ann@{org}.example.com"), "others": [format!("bob@{org}.example.com")]});
        root(format!("POST /api/orgs/{org}/merges"), merge).await;
        let mut own = Own { token, admin_key: key.text("admin_key"), ..Own::default() };
        own.uid = self.store.organisation(&org.parse().unwrap()).await.unwrap().unwrap().uid.to_string();
        for list in ["users", "merges", "suggestions", "admin-keys"] {
            let page = root(format!("GET /api/orgs/{org}/{list}"), Value::Null).await.json();
            for item in page["items"].as_array().unwrap() {
                own.ids.entry(list).or_default().extend(item["id"].as_str().map(str::to_owned));
            }
            let first = root(format!("GET /api/orgs/{org}/{list}?limit=1"), Value::Null).await;
            own.cursors.extend(first.json()["next_cursor"].as_str().map(str::to_owned));
        }
        assert!(own.ids.len() == 4 && !own.cursors.is_empty(), "{own:?}");
        own
    }

    /// Sends telemetry of people of `org` with `token`; what it claims of other organisations is worth nothing.
    pub async fn export(&self, token: &str, org: &str) {
        let now = Millis::now().0;
        for person in ["ann", "bob", "maria"] {
            let who = json!({"user.email": format!("{person}@{org}.example.com"), "session.id": format!("{person}-{org}"),
                             "organization.id": CLAIMED, "model": "model-1"});
            let mut request = who.clone();
            request["cost_usd"] = json!(0.0125);
            request["input_tokens"] = json!(120);
            let added = json!({"type": "added", "user.email": who["user.email"], "session.id": who["session.id"]});
            let exports = [
                logs(
                    json!({"organization.id": CLAIMED}),
                    &[event("user_prompt", now, who), event("api_request", now, request)],
                ),
                metrics("claude_code.lines_of_code.count", 1, &[point(now - 1, now, 3.0, added)]),
            ];
            for sent in exports {
                let request = Request::post(sent.signal.path())
                    .header("authorization", format!("Bearer {token}"))
                    .header("content-type", "application/json");
                self.send(request.body(sent.body.into()).unwrap()).await;
            }
        }
    }

    /// Projects what is stored of `org`.
    pub async fn project(&self, org: &str) {
        let Some(found) = self.store.organisation(&org.parse().unwrap()).await.unwrap() else { return };
        let keys = self.store.pack_keys(&found.uid, Millis(0)).await.unwrap();
        let keys: Vec<_> = keys.into_iter().map(|(key, _)| key).collect();
        let app = project_activity::App::new(self.store.clone());
        project_activity::handle(&app, stream_event(&keys), Millis::now()).await.unwrap();
    }

    /// What the clock does.
    pub async fn tick(&self) {
        let _ = purge::carry_on(&self.store, &self.secrets, Millis::now()).await;
    }

    /// Asks with `key`, for example for `GET /api/orgs`.
    pub async fn ask(&self, key: &str, call: &str, body: String) -> Reply {
        let (method, target) = call.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", format!("Bearer {key}"))
            .header("x-api-key", key)
            .header("content-type", "application/json");
        let body = if body == "null" { String::new() } else { body };
        self.send(request.body(body.into()).unwrap()).await
    }

    async fn send(&self, request: Request<Bytes>) -> Reply {
        // On the heap: in a build for debugging, every await of it takes as much of a test's small stack.
        let (parts, body) = Box::pin(self.handlers.answer(request)).await.into_parts();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Every item of both tables that has something of this organisation in it.
    pub async fn items_of(&self, at: usize) -> Vec<String> {
        let mut found = Vec::new();
        for table in [self.store.events(), self.store.activity()] {
            let scan = self.store.client().scan().table_name(table).send().await.unwrap();
            for item in scan.items.unwrap_or_default() {
                let mut members: Vec<_> = item.into_iter().map(|member| format!("{member:?}")).collect();
                members.sort();
                let text = members.join(" ");
                if text.contains(&self.own[at].uid) || text.contains(NAMES[at]) {
                    found.push(text);
                }
            }
        }
        found.sort();
        found
    }
}
