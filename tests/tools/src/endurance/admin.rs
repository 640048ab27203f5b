//! Admins: one rotates, one merges, one reads, and somebody watches that there is always a token that works.

use std::rc::Rc;
use std::time::Duration;

use http::Request;
use model::time::DAY;
use tokio::time::sleep;

use super::{DEVELOPERS, ORG, Round};
use crate::activity::relived::Life;
use crate::reply::Reply;
use crate::stack::{PREFIX, ROOT_KEY, START};
use crate::tenant::Tenant;

/// Rotations of a round: fewer than an organisation may have in a day.
const ROTATIONS: usize = 40;

impl Round {
    /// Rotates now and then, asking again with the same key when asked to.
    pub(super) async fn rotate(self: Rc<Self>) {
        for number in 0..ROTATIONS {
            sleep(Duration::from_millis(5_000 + self.below(20_000) as u64)).await;
            if self.working.get() == 0 {
                return;
            }
            let body = format!("{{\"overlap_seconds\":{}}}", [0, 0, 7, 60][self.below(4)]);
            for _ in 0..4 {
                let request = Request::post(format!("/api/orgs/{ORG}/token/rotate"))
                    .header("authorization", format!("Bearer {ROOT_KEY}"))
                    .header("idempotency-key", format!("rotation {number}"))
                    .body(body.clone().into())
                    .unwrap();
                let reply = self.fragile.request(request, self.now()).await;
                if self.is_done(&reply).await {
                    self.told.borrow_mut().rotations += 1;
                    assert!(self.is_current(&reply.text("ingest_token")).await, "the answered token does not work");
                    break;
                }
            }
        }
    }

    /// Looks all the time whether the settings have a token that works.
    pub(super) async fn watch_tokens(self: Rc<Self>) {
        while self.working.get() > 0 {
            let token = self.token_of_settings().await;
            if !self.is_current(&token).await {
                // A rotation between the two reads is the only excuse.
                assert_ne!(self.token_of_settings().await, token, "the settings have a token that is refused");
            }
            sleep(Duration::from_millis(300)).await;
        }
    }

    /// Merges now and then.
    pub(super) async fn merge(self: Rc<Self>) {
        while self.working.get() > 0 {
            sleep(Duration::from_millis(self.below(15_000) as u64)).await;
            let reply = self.fragile.ask_at(&format!("POST /api/orgs/{ORG}/merge/run"), "", self.now()).await;
            if self.is_done(&reply).await {
                self.told.borrow_mut().merges += 1;
            }
        }
    }

    /// Reads now and then: an answer may be a moment old, and a fault may keep it away, but nothing else.
    pub(super) async fn read(self: Rc<Self>) {
        let questions = ["status", "activity?group_by=user", "users", "sessions", "events?limit=20"];
        while self.working.get() > 0 {
            let call = format!("GET /api/orgs/{ORG}/{}", questions[self.below(questions.len())]);
            self.is_done(&self.fragile.ask_at(&call, "", self.now()).await).await;
            self.told.borrow_mut().readings += 1;
            sleep(Duration::from_millis(self.below(4_000) as u64)).await;
        }
    }

    /// Whether a call was done. If it was not, waits as long as the answer says.
    async fn is_done(&self, reply: &Reply) -> bool {
        match reply.status {
            200 | 202 => true,
            429 | 503 => {
                let header = reply.headers.get("retry-after").expect("429 and 503 say when to come again");
                let seconds: u64 = header.to_str().unwrap().parse().unwrap();
                assert!((1..=3).contains(&seconds), "Retry-After: {seconds}");
                sleep(Duration::from_secs(seconds)).await;
                false
            }
            _ => panic!("a transient fault was answered with {reply:?}"),
        }
    }

    /// The token as settings have it.
    pub(super) async fn token_of_settings(&self) -> String {
        let reply = self.calm.ask_at(&format!("GET /api/orgs/{ORG}/settings/managed.json"), "", self.now()).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let header = reply.json()["env"]["OTEL_EXPORTER_OTLP_HEADERS"].as_str().unwrap().to_owned();
        header.strip_prefix("Authorization=Bearer ").unwrap().to_owned()
    }

    /// Whether ingest lets this token in now.
    pub(super) async fn is_current(&self, token: &str) -> bool {
        self.calm.authenticate(token, self.now()).await.is_ok()
    }

    /// Once more without faults, the current version of the secret is the organisation's token.
    pub(super) async fn assert_current_secret(&self, seed: u64) {
        self.calm.rotate(ORG, 0, self.now().plus(DAY)).await;
        let organisation = self.calm.organisation().await;
        let version = organisation.token_version.unwrap().as_str().to_owned();
        assert_eq!(self.secrets.current(&format!("{PREFIX}/{}", organisation.uid)), [version], "seed {seed}");
    }

    pub(super) async fn introduce_git_users(&self) {
        Self::give_git_users(&self.calm).await;
    }

    /// Git knows every other developer.
    pub(super) async fn give_git_users(tenant: &Tenant) {
        let lines: String = (0..DEVELOPERS)
            .step_by(2)
            .map(|person| format!("Developer Number{person} <{}>\n", Life::email(person, "dev@example.com")))
            .collect();
        let request = Request::put(format!("/api/orgs/{}/git-users", tenant.org))
            .header("authorization", format!("Bearer {ROOT_KEY}"))
            .header("content-type", "text/plain");
        let reply = tenant.request(request.body(lines.into()).unwrap(), START).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
}
