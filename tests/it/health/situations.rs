//! The table of situations, played row by row: what health and the checklist then say is what the row says.

use std::collections::BTreeMap;

use model::time::{MINUTE, SignedDuration};
use model::token::{PlainToken, TokenKind};
use service::health::checklist::{Scene, Standing, walk};
use service::people::directory::Directory;
use telemetry::claude::source::{SourceId, SourceKind};
use tools::captures::data;

use super::*;

/// The present of every row.
const NOW: Timestamp = START;
/// The steps of the checklist, in their order.
const STEPS: [&str; 7] = ["enabled", "deployed", "replaced token", "everybody", "last activity", "bedrock", "users"];

/// A row of the table.
struct Row {
    situation: String,
    happens: String,
    findings: String,
    checklist: String,
}

fn rows() -> Vec<Row> {
    let table = std::fs::read_to_string(data("../../shared/service/situations.md")).unwrap();
    let lines = table.lines().filter(|line| line.starts_with("| ")).skip(2);
    let cells =
        |line: &str| -> Vec<String> { line.trim_matches('|').split(" | ").map(|cell| cell.trim().into()).collect() };
    let row = |line: &str| {
        let [situation, happens, findings, checklist] = cells(line).try_into().unwrap();
        Row { situation, happens, findings, checklist }
    };
    lines.map(row).collect()
}

/// An organisation to which a row happens.
struct Play {
    tenant: Tenant,
    old: String,
    runs: usize,
}

/// A length of time such as `3d`, `50h` or `2m`; `now` is none.
fn length(text: &str) -> SignedDuration {
    if text == "now" {
        return SignedDuration::ZERO;
    }
    let (number, unit) = text.split_at(text.len() - 1);
    number.parse::<i32>().unwrap()
        * match unit {
            "d" => DAY,
            "h" => HOUR,
            "m" => MINUTE,
            _ => panic!("{text}"),
        }
}

impl Play {
    async fn begin(at: Timestamp) -> Self {
        let mut tenant = Stack::start().at(at).tenant("acme").await;
        tenant.stack.handlers.ingest = tenant.handlers.ingest.clone().counting_strangers();
        Self { tenant, old: String::new(), runs: 0 }
    }

    async fn deed(&mut self, deed: &str, at: Timestamp) {
        let words: Vec<&str> = deed.split_whitespace().collect();
        match words[..] {
            ["enabled"] => {
                let answer = self.tenant.ask_at("PUT /api/orgs/acme", "{}", at).await;
                if answer.status == 201 {
                    self.tenant.token = answer.text("ingest_token");
                }
            }
            ["rotate"] => self.rotate(SignedDuration::ZERO, at).await,
            ["rotate,", "both", "tokens", "for", time] => self.rotate(length(time), at).await,
            ["revoke"] => drop(self.tenant.ask_at("POST token/revoke", "", at).await),
            ["disable"] => drop(self.tenant.ask_at("DELETE /api/orgs/acme", "", at).await),
            ["a", "stranger", "sends"] => {
                let token = PlainToken::generate(TokenKind::Ingest).unwrap();
                self.tenant
                    .post_as(token.expose(), "/v1/logs", &[("content-type", "application/json")], "{}", at)
                    .await;
            }
            [name, "asks", "without", "an", "answer"] => {
                let who = json!({"user.email": email(name), "session.id": "unanswered"});
                self.send(&logs(json!({}), &[event("user_prompt", at.0, who)]), at).await;
            }
            [name, "spends", events, "by", "events", "and", metrics, "by", "metrics"] => {
                self.spend(name, [events, metrics].map(|amount| amount.parse().unwrap()), at).await;
            }
            _ => self.work(deed, at).await,
        }
    }

    async fn rotate(&mut self, overlap: SignedDuration, at: Timestamp) {
        let new = self.tenant.rotate("acme", overlap.as_secs(), at).await;
        self.old = std::mem::replace(&mut self.tenant.token, new);
    }

    /// Sends what is not taken as well: who is refused does not know it.
    async fn send(&self, sent: &tools::activity::Sent, at: Timestamp) {
        self.tenant.try_to_send(sent, at).await;
    }

    async fn spend(&self, name: &str, [events, metrics]: [f64; 2], at: Timestamp) {
        let who = json!({"user.email": email(name), "session.id": "spending", "model": "m"});
        let request = merged(who.clone(), json!({"cost_usd": events, "input_tokens": 5, "output_tokens": 5}));
        self.send(
            &logs(json!({}), &[event("user_prompt", at.0, who.clone()), event("api_request", at.0, request)]),
            at,
        )
        .await;
        let points = [point(at.0 - 1_000, at.0 + 1_000, metrics, who)];
        self.send(&tools::activity::exports::metrics("claude_code.cost.usage", 1, &points), at).await;
    }

    /// `dana, eve work with the old token app.version=2.1.150`.
    async fn work(&mut self, deed: &str, at: Timestamp) {
        let verbs = [" works", " work", " sends events", " sends metrics"];
        let verb = verbs.into_iter().find(|verb| deed.contains(verb)).unwrap_or_else(|| panic!("{deed}"));
        let (names, how) = deed.split_once(verb).unwrap();
        let is_old = how.contains(" with the old token");
        let claimed = if how.contains(" a year ahead") { at.plus(365 * DAY) } else { at };
        let mut more = json!({});
        for (key, value) in how.split_whitespace().filter_map(|word| word.split_once('=')) {
            more[key] = json!(value);
        }
        let current = self.tenant.token.clone();
        if is_old {
            self.tenant.token = self.old.clone();
        }
        for name in names.split(", ") {
            let who = merged(self.who(name), more.clone());
            let request = merged(who.clone(), json!({"model": "m", "input_tokens": 5}));
            let events = [event("user_prompt", claimed.0, who.clone()), event("api_request", claimed.0, request)];
            if how.contains(" in codex") {
                self.send(&codex(claimed, who), at).await;
                continue;
            }
            let points = [point(claimed.0 - 1_000, claimed.0, 3.0, merged(who, json!({"type": "cli"})))];
            if verb != " sends metrics" {
                self.send(&logs(json!({}), &events), at).await;
            }
            if verb != " sends events" {
                self.send(&metrics("claude_code.active_time.total", 1, &points), at).await;
            }
        }
        self.tenant.token = current;
    }

    fn who(&mut self, name: &str) -> Value {
        match name {
            "a run" => {
                self.runs += 1;
                let run = format!("run-{}", self.runs);
                json!({"user.id": run, "session.id": run, "app.version": "2.1.330"})
            }
            "a laptop" => json!({"user.id": "laptop", "session.id": "laptop", "app.version": "2.1.330"}),
            name => json!({"user.email": email(name), "user.id": name, "session.id": name, "app.version": "2.1.330"}),
        }
    }

    /// The findings, as the table writes them.
    async fn findings(&self) -> String {
        let laptop = SourceId::new(SourceKind::Client, "laptop").encoded();
        let name = |user: &Value| match user["email"].as_str() {
            Some(email) => email.split('@').next().unwrap().to_owned(),
            None if user["id"] == laptop => "a laptop".to_owned(),
            None => user["id"].to_string(),
        };
        let status = self.tenant.get("/status", NOW).await;
        let one = |finding: &Value| {
            let mut users: Vec<String> = finding["users"].as_array().unwrap().iter().map(name).collect();
            users.sort();
            let users = if users.is_empty() { String::new() } else { format!(": {}", users.join(", ")) };
            let (code, severity) = (finding["code"].as_str().unwrap(), finding["severity"].as_str().unwrap());
            format!("{code} ({severity}){users}")
        };
        let found: Vec<String> = status["findings"].as_array().unwrap().iter().map(one).collect();
        if found.is_empty() { "none".into() } else { found.join("; ") }
    }

    /// The steps that are not done, as the table writes them.
    async fn checklist(&self) -> String {
        let (store, organisation) = (&self.tenant.store, self.tenant.organisation().await);
        let uid = &organisation.uid;
        let directory = Directory::read(store, uid).await.unwrap();
        let (tokens, uses) = (store.issued_tokens(uid, 8).await.unwrap(), store.token_uses(uid).await.unwrap());
        let scene =
            Scene { organisation: &organisation, directory: &directory, tokens: &tokens, uses: &uses, now: NOW };
        let mut open: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (step, name) in walk(&scene).iter().zip(STEPS) {
            match step.standing {
                Standing::Done => continue,
                Standing::Attention => open.entry("to do").or_default().push(name),
                Standing::Waiting => open.entry("waiting").or_default().push(name),
            }
        }
        let open: Vec<String> =
            open.iter().map(|(standing, steps)| format!("{standing}: {}", steps.join(", "))).collect();
        if open.is_empty() { "all done".into() } else { open.join("; ") }
    }
}

/// An event as Codex sends it.
fn codex(at: Timestamp, who: Value) -> tools::activity::Sent {
    let sent = logs(json!({"service.name": "codex_exec"}), &[event("codex.user_prompt", at.0, who)]);
    let body = String::from_utf8(sent.body).unwrap().replace("com.anthropic.claude_code.events", "codex_otel");
    tools::activity::Sent { body: body.into_bytes(), ..sent }
}

#[tokio::test]
async fn every_situation_of_the_table_is_judged_as_it_says() {
    let rows = rows();
    assert!(rows.len() >= 30);
    let mut wrong = Vec::new();
    for row in rows {
        let deeds: Vec<(Timestamp, &str)> = row
            .happens
            .split("; ")
            .map(|clause| clause.split_once(": ").unwrap_or_else(|| panic!("{clause}")))
            .map(|(ago, deed)| (NOW.minus(length(ago)), deed))
            .collect();
        let is_new = deeds[0].1 == "enabled";
        let mut play = Play::begin(if is_new { deeds[0].0 } else { NOW.minus(30 * DAY) }).await;
        for (at, deed) in deeds {
            play.deed(deed, at).await;
        }
        play.tenant.project(NOW).await;
        let (findings, checklist) = (play.findings().await, play.checklist().await);
        if (&findings, &checklist) != (&row.findings, &row.checklist) {
            wrong.push(format!("{}: {findings} | {checklist}", row.situation));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
