//! The company that the questions are asked in: four people in two teams, of whose work every number is known.

use model::time::{DAY, MILLISECOND, from_days};
use serde_json::{Value, json};
use tools::activity::exports::{event, logs, metrics, point};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

const OPUS: &str = "claude-opus-5-5";
const HAIKU: &str = "claude-haiku-4-5";

/// Somebody, where they work, and on which version.
#[derive(Clone, Copy)]
struct Person {
    name: &'static str,
    team: &'static str,
    cost_center: &'static str,
    repository: &'static str,
    version: &'static str,
}

const JANE: Person = Person { name: "jane", team: "core", cost_center: "4711", repository: "shop", version: "2.1.330" };
const KIM: Person = Person { name: "kim", version: "2.1.300", ..JANE };
const MARY: Person = Person { name: "mary", ..JANE };
const JOHN: Person = Person { name: "john", team: "web", cost_center: "4712", repository: "site", version: "2.1.330" };

type Event<'e> = (&'e str, Value);

impl Person {
    fn about(&self, days: i64, more: Value) -> Value {
        let session = format!("{}-{days}", self.name);
        let mut all = json!({"session.id": session, "user.email": format!("{}@example.com", self.name)});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    }

    fn at_work(&self) -> Value {
        json!({"team": self.team, "cost_center": self.cost_center, "vcs.repository.name": self.repository,
            "service.version": self.version})
    }

    /// Sends what happened so many days ago, with a prompt before it.
    async fn does(&self, tenant: &Tenant, days: i64, events: &[Event<'_>]) {
        let mut at = START.minus(from_days(days));
        let mut sent = vec![event("user_prompt", at.0, self.about(days, json!({"prompt_length": 12})))];
        for (name, more) in events {
            at = at.plus(MILLISECOND);
            sent.push(event(name, at.0, self.about(days, more.clone())));
        }
        tenant.send(&logs(self.at_work(), &sent), at).await;
    }

    /// Sends what a counter gained so many days ago. What an admin sets stands on every point.
    async fn gains(&self, tenant: &Tenant, days: i64, counter: &str, value: f64, mut more: Value) {
        let at = START.minus(from_days(days));
        more.as_object_mut().unwrap().extend(self.at_work().as_object().unwrap().clone());
        let points = [point(at.0, at.0 + 1000, value, self.about(days, more))];
        tenant.send(&metrics(&format!("claude_code.{counter}"), 1, &points), at.plus(MILLISECOND)).await;
    }

    /// Decides about edits three days ago.
    async fn decides(&self, tenant: &Tenant, edits: f64, decision: &str, language: &str) {
        let source = if decision == "accept" { "user_temporary" } else { "user_reject" };
        let about = json!({"tool_name": "Edit", "decision": decision, "source": source, "language": language});
        self.gains(tenant, 3, "code_edit_tool.decision", edits, about).await;
    }
}

fn request(model: &str, dollars: f64, more: Value) -> Event<'static> {
    let mut all = json!({"model": model, "input_tokens": 1000, "output_tokens": 500, "cost_usd": dollars,
        "duration_ms": 4000, "ttft_ms": 1000});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ("api_request", all)
}

fn tool(name: &str, is_good: bool) -> Event<'static> {
    ("tool_result", json!({"tool_name": name, "success": is_good.to_string(), "duration_ms": 3000}))
}

/// The company, as it is at the beginning of all tests: the morning of Sunday, 22 November 2026.
pub(super) async fn company() -> Tenant {
    let mut tenant = Stack::start().tenant("acme").await;
    assert_eq!(tenant.ask("PUT /api/orgs/acme", r#"{"retention_days": 60}"#).await.status, 200);
    MARY.does(&tenant, 40, &[request(OPUS, 20.25, json!({}))]).await;
    JANE.does(&tenant, 35, &[]).await;
    JANE.gains(&tenant, 35, "commit.count", 2.0, json!({})).await;
    MARY.does(&tenant, 30, &[request(OPUS, 2.25, json!({}))]).await;
    let old = tenant.token.clone();
    let new = tenant.rotate("acme", 29 * 86_400, START.minus(20 * DAY)).await;
    tenant.token = new.clone();
    // A million tokens from the cache cost $0.20 instead of $4.
    JANE.does(&tenant, 10, &[request(OPUS, 4.0, json!({"cache_read_tokens": 1_000_000}))]).await;
    KIM.does(
        &tenant,
        4,
        &[
            request(OPUS, 1.5, json!({"agent.name": "Explore"})),
            ("api_error", json!({"model": OPUS, "status_code": 429})),
            ("tool_result", json!({"tool_name": "mcp_tool", "success": "false", "mcp_server.name": "jira"})),
        ],
    )
    .await;
    JANE.does(
        &tenant,
        3,
        &[
            request(OPUS, 8.5, json!({"skill.name": "review", "plugin.name": "tidy"})),
            tool("Bash", true),
            tool("Bash", false),
            ("tool_decision", json!({"tool_name": "Edit", "decision": "reject", "source": "user_reject"})),
            ("api_error", json!({"model": OPUS, "status_code": 529, "attempt": 11})),
            ("api_retries_exhausted", json!({"model": OPUS, "status_code": 529, "total_attempts": 11})),
        ],
    )
    .await;
    JANE.gains(&tenant, 3, "commit.count", 6.0, json!({})).await;
    JANE.gains(&tenant, 3, "pull_request.count", 2.0, json!({})).await;
    JANE.gains(&tenant, 3, "lines_of_code.count", 120.0, json!({"type": "added"})).await;
    JANE.decides(&tenant, 3.0, "accept", "Rust").await;
    JANE.decides(&tenant, 1.0, "reject", "Rust").await;
    tenant.token = old;
    JOHN.does(&tenant, 3, &[request(HAIKU, 3.75, json!({}))]).await;
    JOHN.decides(&tenant, 2.0, "accept", "TypeScript").await;
    tenant.token = new;
    tenant.project(START).await;
    let committers = ["Jane Doe <jane@example.com>", "Mary Major <mary@example.com>", "Zed Zedder <zed@example.org>"];
    tenant.authors(&format!("{}\nKim Roe <roe@home.example.org>\n", committers.join("\n"))).await;
    tenant.merge().await;
    // An admin knows whose the fourth one is.
    let decision = json!({"primary": "kim@example.com", "others": ["roe@home.example.org"]}).to_string();
    assert_eq!(tenant.ask("POST merges", &decision).await.status, 201);
    tenant
}
