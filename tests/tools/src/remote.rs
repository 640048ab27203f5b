//! A service that is reached by its address, as its clients reach it.

use crate::captures::Capture;
use crate::reply::Reply;

/// A service somewhere, and the key that administers it.
#[derive(Debug, Clone)]
pub struct Remote {
    /// Where it is.
    pub base_url: String,
    /// Its root admin key.
    pub root_key: String,
    client: reqwest::Client,
}

impl Remote {
    /// The service at `base_url`, without a slash in the end.
    ///
    /// # Panics
    /// There are no clients of HTTP.
    #[must_use]
    pub fn at(base_url: String, root_key: String) -> Self {
        // Where an answer leads to is a part of it.
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { base_url, root_key, client }
    }

    /// Asks, for example for `PUT /api/orgs/acme`, with the root key.
    pub async fn ask(&self, call: &str, body: &str) -> Reply {
        let bearer = format!("Bearer {}", self.root_key);
        self.send(call, &[("authorization", &bearer), ("content-type", "application/json")], body.to_owned()).await
    }

    /// Sends a capture with an ingest token.
    pub async fn export(&self, token: &str, capture: &Capture) -> Reply {
        let bearer = format!("Bearer {token}");
        let mut headers = capture.headers();
        headers.push(("authorization", &bearer));
        self.send(&format!("POST {}", capture.path), &headers, capture.body.clone()).await
    }

    /// Sends a request, and follows nothing.
    ///
    /// # Panics
    /// Nobody answers.
    pub async fn send(&self, call: &str, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> Reply {
        let (method, target) = call.split_once(' ').unwrap();
        let mut request = self.client.request(method.parse().unwrap(), format!("{}{target}", self.base_url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Reply::read(request.body(body).send().await.unwrap()).await
    }
}
