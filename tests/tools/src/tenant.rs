//! One organisation of a stack: exports go into it, and numbers come out of it.

use std::ops::Deref;

use bytes::Bytes;
use model::organisation::{Organisation, Uid};
use model::time::Timestamp;
use serde_json::{Value, json};
use store::keys;

use crate::activity::Sent;
use crate::captures::Capture;
use crate::reply::Reply;
use crate::stack::Stack;

mod people;
mod stored;
mod token;

/// An organisation, and the stack that it is one of.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// The service.
    pub stack: Stack,
    /// Its name.
    pub org: String,
    /// What its keys carry.
    pub uid: Uid,
    /// Its ingest token.
    pub token: String,
}

impl Deref for Tenant {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        &self.stack
    }
}

impl Tenant {
    /// The organisation as it is stored.
    ///
    /// # Panics
    /// It is gone.
    pub async fn organisation(&self) -> Organisation {
        self.store.organisation(&self.org.parse().unwrap()).await.unwrap().unwrap()
    }

    /// Asks with the root key. A target without a slash at its beginning is one of this organisation: `POST merge/run`.
    pub async fn ask(&self, call: &str, body: &str) -> Reply {
        self.ask_as(&self.root_key, call, body, self.now()).await
    }

    /// The same at `now`.
    pub async fn ask_at(&self, call: &str, body: &str, now: Timestamp) -> Reply {
        self.ask_as(&self.root_key, call, body, now).await
    }

    /// The same with `key`.
    ///
    /// # Panics
    /// The call is not a method and a target.
    pub async fn ask_as(&self, key: &str, call: &str, body: &str, now: Timestamp) -> Reply {
        match call.split_once(' ').unwrap() {
            (_, target) if target.starts_with('/') => self.stack.ask_as(key, call, body, now).await,
            (method, target) => {
                self.stack.ask_as(key, &format!("{method} /api/orgs/{}/{target}", self.org), body, now).await
            }
        }
    }

    /// The JSON that is answered to `GET /api/orgs/<org><rest>`.
    ///
    /// # Panics
    /// It is refused.
    pub async fn get(&self, rest: &str, now: Timestamp) -> Value {
        let reply = self.ask_at(&format!("GET /api/orgs/{}{rest}", self.org), "", now).await;
        assert_eq!(reply.status, 200, "{:?}", reply.body);
        reply.json()
    }

    /// Sends an export that arrives at `now`.
    ///
    /// # Panics
    /// It is refused.
    pub async fn send(&self, sent: &Sent, now: Timestamp) {
        let reply = self.try_to_send(sent, now).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }

    /// Sends an export that arrives at `now`, and gives the answer.
    pub async fn try_to_send(&self, sent: &Sent, now: Timestamp) -> Reply {
        let headers = [("content-type", sent.media_type())];
        self.post_as(&self.token, sent.signal.path(), &headers, sent.body.clone(), now).await
    }

    /// Sends `capture` now.
    pub async fn export(&self, capture: &Capture) -> Reply {
        self.export_as(&self.token, capture, self.now()).await
    }

    /// Sends `body` to `path` with this organisation's token, now.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
        self.post_as(&self.token, path, headers, body, self.now()).await
    }

    /// Hands the projection a stream of these keys, at `now`, and gives back its answer.
    ///
    /// # Panics
    /// The function does not understand it.
    pub async fn stream(&self, keys: &[keys::Key], now: Timestamp) -> Value {
        project_activity::handle(&self.projection, stream_event(keys), now).await.unwrap()
    }

    /// Projects everything there is.
    ///
    /// # Panics
    /// Something has to come again.
    pub async fn project(&self, now: Timestamp) {
        let answer = self.stream(&self.pack_keys().await, now).await;
        assert_eq!(answer, json!({"batchItemFailures": []}));
    }
}

/// What Lambda hands over when these items were written.
#[must_use]
pub fn stream_event(keys: &[keys::Key]) -> Value {
    let records: Vec<Value> = keys
        .iter()
        .enumerate()
        .map(|(number, key)| {
            json!({
                "eventID": number.to_string(),
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {
                    "Keys": {"pk": {"S": key.pk}, "sk": {"S": key.sk}},
                    "SequenceNumber": (1000 + number).to_string(),
                    "StreamViewType": "KEYS_ONLY",
                },
            })
        })
        .collect();
    json!({"Records": records})
}
