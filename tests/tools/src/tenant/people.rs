//! The people of an organisation: what telemetry saw of them is put down directly, what Git knows is uploaded.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use model::time::{DAY, Timestamp};
use serde_json::{Value, json};
use service::merging::run::{RunStatus, run};
use service::people::owners::Owners;
use store::sighting::{SightingChange, StoredSighting};
use store::{Store, StoreError};
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::sighting::{Fact, Seen, Sighting};

use super::Tenant;
use crate::reply::Reply;
use crate::stack::{ROOT_KEY, START};

impl Tenant {
    /// Runs the merge and gives what it found.
    ///
    /// # Panics
    /// It does not end.
    pub async fn merge(&self) -> Value {
        let reply = self.ask("POST merge/run", "").await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }

    /// Uploads Git users with these headers.
    ///
    /// # Panics
    /// A header is none.
    pub async fn upload(&self, query: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
        let mut request = Request::put(format!("/api/orgs/{}/git-users{query}", self.org))
            .header("authorization", format!("Bearer {ROOT_KEY}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.request(request.body(body.into()).unwrap(), START).await
    }

    /// Uploads authors, `Jane Doe <jane@example.com>` a line, however many that takes away.
    ///
    /// # Panics
    /// They are refused.
    pub async fn authors(&self, lines: &str) {
        let plain = [("content-type", "text/plain")];
        let mut reply = self.upload("", &plain, lines.to_owned()).await;
        if reply.status == 409 {
            let preview = self.upload("?dry_run=true", &plain, lines.to_owned()).await;
            reply = self.upload(&format!("?confirm={}", preview.text("id")), &plain, lines.to_owned()).await;
        }
        assert_eq!(reply.status, 200, "{reply:?}");
    }

    /// Notes that somebody was seen in telemetry for a day, and gives the id.
    pub async fn seen(&self, kind: SourceKind, name: &str, facts: &[(Fact, &str)]) -> String {
        let mut sighting = Sighting {
            kind: Some(kind.name().into()),
            seen: Some(Seen { first: START.minus(DAY), last: START }),
            ..Sighting::default()
        };
        for (fact, value) in std::iter::once(&(Fact::Name, name)).chain(facts) {
            let seen = Seen { first: START, last: START };
            sighting.facts.note(*fact, value, seen);
        }
        let source = SourceId::new(kind, name);
        let known = self.store.sighting(&self.uid, source).await.unwrap();
        let after = StoredSighting { sighting, revision: known.revision + 1, ..known.clone() };
        let change = SightingChange { known: &known, after: &after };
        self.store.replace_sighting(&self.uid, source, change).await.unwrap();
        source.encoded()
    }

    /// Puts the roster together; says whether it is current.
    pub async fn keep_roster(&self, now: Timestamp) -> bool {
        let later = Instant::now() + Duration::from_secs(600);
        service::people::roster::keep(&self.store, &self.uid, now, later).await.unwrap()
    }

    /// Notes that an e-mail address was seen, and gives the id.
    pub async fn uses(&self, email: &str) -> String {
        self.seen(SourceKind::Email, email, &[]).await
    }

    /// Whose identities are, as readers find it now.
    pub async fn owners(&self) -> Owners {
        Owners::new(self.store.people(&self.uid).await.unwrap())
    }

    /// Runs the merge over `store`.
    pub async fn run_over(&self, store: &Store) -> Result<RunStatus, StoreError> {
        run(store, &self.uid, START, Instant::now() + Duration::from_secs(600)).await
    }

    /// Counts what each source did by the person it belongs to now, as a report does.
    pub async fn count(&self, activity: &[(&str, u64)]) -> BTreeMap<String, u64> {
        let owners = self.owners().await;
        let mut counts = BTreeMap::new();
        for (source, n) in activity {
            *counts.entry(owners.owner(source).to_owned()).or_default() += n;
        }
        counts
    }

    /// Everything that is stored of people: people, suggestions and how many merges there were.
    pub async fn people(&self) -> Value {
        let store = &self.store;
        let mut people = store.people(&self.uid).await.unwrap();
        // How often an item was written says nothing about people.
        people.iter_mut().for_each(|person| person.revision = 0);
        let suggestions = store.suggestions(&self.uid, None, usize::MAX).await.unwrap();
        let merges = store.merges(&self.uid, None, usize::MAX).await.unwrap();
        json!({"people": people, "suggestions": suggestions, "merges": merges})
    }
}
