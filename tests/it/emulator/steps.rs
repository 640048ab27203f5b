//! What each function is there for, as short as it can be tried: with everything that it has to ask AWS for.

use model::organisation::Uid;
use model::time::{HOUR, Timestamp};
use serde_json::json;
use store::keys::Key;
use tools::activity::exports::{event as happened, logs};
use tools::captures;
use tools::emulator::Emulated;
use tools::lambda::{Outcome, event};
use tools::packs::pack_keys;
use tools::reply::Reply;
use tools::tenant::stream_event;

use super::browser::Browser;

/// Somebody who works in every organisation.
const JANE: &str = "jane@example.com";

/// What Git knows.
const GIT: &str = r#"[{"name": "Jane Doe", "email": "jane@example.com"}]"#;

/// What went wrong.
pub(super) type Step = Result<(), String>;

/// An organisation that was enabled for one trial.
pub(super) struct Trial<'a> {
    service: &'a Emulated,
    org: String,
    token: String,
    uid: Uid,
}

impl<'a> Trial<'a> {
    /// Enables an organisation of this name, sends what somebody did, and adds it up.
    pub(super) async fn begin(service: &'a Emulated, org: String) -> Self {
        let enabled = service.ask(&format!("PUT /api/orgs/{org}"), "{}").await;
        assert_eq!(enabled.status, 201, "{enabled:?}");
        // The emulator gives the first version of a secret an id of its own, by which nobody finds it; every later one has its own.
        let early = service.ask(&format!("GET /api/orgs/{org}/settings/managed.json"), "").await;
        assert_eq!(early.status, 500, "the emulator keeps the id of a secret's first version: {early:?}");
        let rotated = service.ask(&format!("POST /api/orgs/{org}/token/rotate"), "{}").await;
        assert_eq!(rotated.status, 200, "{rotated:?}");
        let uid = service.store.organisation(&org.parse().unwrap()).await.unwrap().unwrap().uid;
        let trial = Self { service, org, token: rotated.text("ingest_token"), uid };
        trial.works(JANE).await;
        assert_eq!(trial.projects().await, Ok(()));
        trial
    }

    /// Sends what somebody did.
    async fn works(&self, who: &str) {
        let (at, about) = (Timestamp::now().minus(HOUR), json!({"user.email": who, "session.id": who}));
        let export = logs(json!({}), &[happened("user_prompt", at.0, about)]);
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", &*bearer), ("content-type", export.media_type())];
        assert_eq!(self.service.send("POST /v1/logs", &headers, export.body).await.status, 200);
    }

    /// Tries what a function is there for, from its first request on, and says what does not work.
    pub(super) async fn of(&self, function: &str) -> Step {
        match function {
            "ingest" => self.takes_exports().await,
            "rotate-token" => self.replaces_tokens().await,
            "generate-settings" => self.asks("GET", "settings/managed.json", "", 200).await,
            "report" => self.reports().await,
            "merge-users" => self.asks("PUT", "git-users", GIT, 200).await,
            "maintain" => self.erases().await,
            "project-activity" => {
                self.works("joe@example.com").await;
                self.projects().await
            }
            "console" => self.shows_pages().await,
            other => panic!("{other} has no step"),
        }
    }

    async fn asks(&self, method: &str, rest: &str, body: &str, status: u16) -> Step {
        let call = format!("{method} /api/orgs/{}/{rest}", self.org);
        is(&call, &self.service.ask(&call, body).await, status)
    }

    async fn takes_exports(&self) -> Step {
        let capture = captures::named("pb-tools/001");
        is("an export", &self.service.export(&self.token, &capture).await, 200)?;
        self.asks("POST", "token/rotate", "{}", 200).await?;
        is("an export with an old token", &self.service.export(&self.token, &capture).await, 401)?;
        let told = self.service.ask(&format!("GET /api/orgs/{}/token", self.org), "").await.json();
        let counted = told["previous"][0]["refused"] == 1;
        if counted { Ok(()) } else { Err(format!("who still uses an old token is not counted: {told}")) }
    }

    async fn replaces_tokens(&self) -> Step {
        let rotate = format!("POST /api/orgs/{}/token/rotate", self.org);
        let rotated = self.service.ask(&rotate, r#"{"overlap_seconds": 600}"#).await;
        is(&rotate, &rotated, 200)?;
        let next = rotated.text("ingest_token");
        for (token, ended_by) in [(&self.token, "revoke-previous"), (&next, "revoke")] {
            let capture = captures::named("pb-tools/001");
            is("an export", &self.service.export(token, &capture).await, 200)?;
            self.asks("POST", &format!("token/{ended_by}"), "", 200).await?;
            is("an export with a revoked token", &self.service.export(token, &capture).await, 401)?;
        }
        Ok(())
    }

    async fn reports(&self) -> Step {
        self.asks("GET", "status", "", 200).await?;
        let events = format!("GET /api/orgs/{}/events", self.org);
        let events = self.service.ask(&events, "").await;
        is("single events", &events, 200)?;
        let shown = String::from_utf8_lossy(&events.body).contains("user_prompt");
        if shown { Ok(()) } else { Err(format!("{events:?}")) }
    }

    /// Erases somebody, then everything.
    async fn erases(&self) -> Step {
        self.asks("DELETE", &format!("users/{JANE}"), "", 204).await?;
        assert!(self.service.has_secret(self.uid.as_str()).await, "there is no secret to be deleted");
        let purge = format!("DELETE /api/orgs/{}?purge=true", self.org);
        is(&purge, &self.service.ask(&purge, "").await, 204)?;
        if let Outcome::Error(error) = self.service.invoke("maintain", &event("schedule")).await {
            return Err(format!("the schedule: {error}"));
        }
        let left = self.left().await;
        if left.is_empty() { Ok(()) } else { Err(format!("a purge leaves {left:?}")) }
    }

    /// What is left of the organisation.
    async fn left(&self) -> Vec<String> {
        let mut found = Vec::new();
        for table in [self.service.store.events(), self.service.store.activity()] {
            let scan = self.service.store.client().scan().table_name(table).send().await.unwrap();
            let keys = scan.items().iter().map(|item| item["pk"].as_s().unwrap().clone());
            found.extend(keys.filter(|key| key.starts_with(self.uid.as_str())));
        }
        found.extend(self.service.has_secret(self.uid.as_str()).await.then(|| "its secret".to_owned()));
        found
    }

    async fn projects(&self) -> Step {
        let found = pack_keys(&self.service.store, &self.uid, Timestamp(0)).await;
        let keys: Vec<Key> = found.into_iter().map(|(key, _)| key).collect();
        assert!(!keys.is_empty(), "nothing to add up");
        match self.service.invoke("project-activity", &stream_event(&keys)).await {
            Outcome::Response(answer) if answer == json!({"batchItemFailures": []}) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    }

    /// Signs in, downloads settings with a token, merges people, and erases somebody.
    async fn shows_pages(&self) -> Step {
        let mut browser = Browser::of(self.service);
        is("signing in", &browser.post("/sign-in", &[("admin_key", &self.service.root_key)]).await, 303)?;
        let settings = format!("/orgs/{}/settings/claude-code/download/managed.json", self.org);
        is(&settings, &browser.get(&settings).await, 200)?;
        // Where events outlive what is told of them, the events themselves are looked through.
        let kept = self.service.ask(&format!("PUT /api/orgs/{}", self.org), r#"{"retention_days": 800}"#).await;
        is("keeping events", &kept, 200)?;
        self.asks("PUT", "git-users", GIT, 200).await?;
        let users = format!("/orgs/{}/users", self.org);
        browser.submit(&users, "merges/run", &[], "Matching finished").await?;
        browser.submit(&users, &format!("{JANE}/erase"), &[("sure", "yes")], "The person is erased").await
    }
}

/// Whether the answer to `what` has this status.
pub(super) fn is(what: &str, answer: &Reply, status: u16) -> Step {
    if answer.status == status {
        return Ok(());
    }
    Err(format!("{what} is answered {}", answer.status))
}
