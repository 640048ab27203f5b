//! Two organisations of one service, each with people, numbers, keys, merges and suggestions of its own, and every call of the API
//! that one of them can make.

use std::collections::BTreeMap;

use http::Request;
use identity::decision::{Decision, DecisionId, Verdict};
use identity::ids::{git_id, identity_ref};
use model::time::Timestamp;
use serde_json::{Value, json};
use service::organisations::purge;
use store::decision::DecisionRecord;
use telemetry::claude::source::{SourceId, SourceKind};

use crate::activity::exports::{event, logs, metrics, point};
use crate::packs::pack_keys;
use crate::reply::Reply;
use crate::stack::{ROOT_KEY, Stack};
use crate::tenant::stream_event;

pub mod calls;

/// The two organisations. Everything of one has its name in it, and nothing of the other.
pub const NAMES: [&str; 2] = ["anvil", "birch"];

/// What their clients claim to be of.
const CLAIMED: &str = "somebody-else";

/// Both of them.
#[derive(Debug)]
pub struct Tenants {
    stack: Stack,
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
        let stack = Stack::start().at(Timestamp::now()).await;
        let mut tenants = Self { stack, own: Default::default() };
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
        // Twice, so that there is a set to bring back.
        for lines in ["Somebody <somebody@example.com>\n".to_owned(), authors] {
            let request = Request::put(format!("/api/orgs/{org}/git-users"))
                .header("authorization", format!("Bearer {ROOT_KEY}"))
                .header("content-type", "text/plain");
            let imported = self.stack.request(request.body(lines.into()).unwrap(), Timestamp::now()).await;
            assert_eq!(imported.status, 200, "{imported:?}");
        }
        let ran = root(format!("POST /api/orgs/{org}/merge/run"), Value::Null).await;
        assert_eq!(ran.json()["suggested"], 1, "{ran:?}");
        let merge = json!({"primary": format!("ann@{org}.example.com"), "others": [format!("bob@{org}.example.com")]});
        root(format!("POST /api/orgs/{org}/merges"), merge).await;
        let mut own = Own { token, admin_key: key.text("admin_key"), ..Own::default() };
        let uid = self.stack.store.organisation(&org.parse().unwrap()).await.unwrap().unwrap().uid;
        own.uid = uid.to_string();
        self.stack.store.decide(&uid, &[kept_apart(org)], Vec::new()).await.unwrap();
        for list in ["users", "merges", "suggestions", "rejections", "admin-keys"] {
            let page = root(format!("GET /api/orgs/{org}/{list}"), Value::Null).await.json();
            for item in page["items"].as_array().unwrap() {
                own.ids.entry(list).or_default().extend(item["id"].as_str().map(str::to_owned));
            }
            let first = root(format!("GET /api/orgs/{org}/{list}?limit=1"), Value::Null).await;
            own.cursors.extend(first.json()["next_cursor"].as_str().map(str::to_owned));
        }
        assert!(own.ids.len() == 5 && !own.cursors.is_empty(), "{own:?}");
        own
    }

    /// Sends telemetry of people of `org` with `token`; what it claims of other organisations is worth nothing.
    pub async fn export(&self, token: &str, org: &str) {
        let now = Timestamp::now().0;
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
                let headers = [("content-type", sent.media_type())];
                self.stack.post_as(token, sent.signal.path(), &headers, sent.body, Timestamp::now()).await;
            }
        }
    }

    /// Projects what is stored of `org`.
    pub async fn project(&self, org: &str) {
        let Some(found) = self.stack.store.organisation(&org.parse().unwrap()).await.unwrap() else { return };
        let keys = pack_keys(&self.stack.store, &found.uid, Timestamp(0)).await;
        let keys: Vec<_> = keys.into_iter().map(|(key, _)| key).collect();
        project_activity::handle(&self.stack.projection, stream_event(&keys), Timestamp::now()).await.unwrap();
    }

    /// What the clock does.
    pub async fn tick(&self) {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(600);
        let _ = purge::carry_on(&self.stack.store, &self.stack.secrets, Timestamp::now(), deadline).await;
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
        self.stack.request(request.body(body.into()).unwrap(), Timestamp::now()).await
    }

    /// Every item of both tables that has something of this organisation in it.
    pub async fn items_of(&self, at: usize) -> Vec<String> {
        let mut found = Vec::new();
        for table in [self.stack.store.events(), self.stack.store.activity()] {
            let scan = self.stack.store.client().scan().table_name(table).send().await.unwrap();
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

/// That Bob is not Maria: a rejection which leaves the one suggestion that there is.
fn kept_apart(org: &str) -> DecisionRecord {
    let bob = SourceId::new(SourceKind::Email, &format!("bob@{org}.example.com")).encoded();
    let maria = git_id("Maria Roe", &format!("mr@{org}.example.org")).0;
    let verdict = Verdict::Different { one: identity_ref(&bob), others: vec![identity_ref(&maria)] };
    let decision = Decision { id: DecisionId(format!("00000000000001-of-{org}")), at: Timestamp(1), verdict };
    DecisionRecord { decision, by: "root".into() }
}
