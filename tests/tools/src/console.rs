//! Somebody with a browser that has no engine: pages, forms and cookies, at a time that the test sets.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http::{Method, Request};
use model::base_url::BaseUrl;
use model::time::Timestamp;
use service::app::App;
use service::auth::peer::Peer;
use service::auth::root_key::RootKey;

use crate::stack::{BASE_URL, ROOT_KEY, START, Stack};

/// Somebody before the console of a stack.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// What the console works with.
    pub app: App,
    /// Where the console believes to be.
    pub base_url: BaseUrl,
    /// The present.
    pub now: Timestamp,
    /// The cookies of the browser.
    pub cookies: BTreeMap<String, String>,
    /// The address that every request comes from; none if it comes over no network.
    pub peer: Option<Peer>,
    /// Headers that every request has.
    pub headers: Vec<(&'static str, String)>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: http::HeaderMap,
    /// How many bytes its body has.
    pub size: usize,
    /// Its text.
    pub text: String,
}

impl Page {
    /// The value of a header; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What the form of the page has in its hidden field `name`; empty if there is none.
    #[must_use]
    pub fn field(&self, name: &str) -> String {
        let begin = format!("name=\"{name}\" value=\"");
        let rest = self.text.split_once(&begin).map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

impl Visitor {
    /// Somebody who is not signed in.
    #[must_use]
    pub fn of(stack: &Stack) -> Self {
        let root_key = RootKey::given(ROOT_KEY).unwrap();
        let app = App::new(stack.store.clone(), stack.secrets.clone(), root_key);
        Self {
            app,
            base_url: BASE_URL.parse().unwrap(),
            now: START,
            cookies: BTreeMap::new(),
            peer: None,
            headers: Vec::new(),
        }
    }

    /// Somebody who is signed in with `key`.
    ///
    /// # Panics
    /// The key is refused.
    pub async fn signed_in(stack: &Stack, key: &str) -> Self {
        let mut visitor = Self::of(stack);
        let answer = visitor.post("/sign-in", &[("admin_key", key)]).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        visitor
    }

    /// The same browser before another process, which remembers nothing but what is in the tables.
    #[must_use]
    pub fn in_another_process(self) -> Self {
        self.with_root_key(ROOT_KEY)
    }

    /// The same browser at this address.
    #[must_use]
    pub fn at(mut self, address: &str) -> Self {
        self.peer = Some(Peer::new(address.parse().unwrap()));
        self
    }

    /// The same browser where the root key is another.
    ///
    /// # Panics
    /// It cannot be a root key.
    #[must_use]
    pub fn with_root_key(mut self, key: &str) -> Self {
        self.app.root_key = RootKey::given(key).unwrap();
        self
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, String::new()).await
    }

    /// Sends a form as it is.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        self.send(Method::POST, path, form.finish()).await
    }

    /// Sends a form that stands on `page`, with what marks it as one of this session.
    pub async fn submit(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.get(page).await.field("form_token");
        let mut all = vec![("form_token", token.as_str())];
        all.extend_from_slice(fields);
        self.post(path, &all).await
    }

    /// Sends anything.
    ///
    /// # Panics
    /// It is no request.
    pub async fn send(&mut self, method: Method, path: &str, body: String) -> Page {
        let mut request = Request::builder().method(method).uri(path).header("host", "telemetry.example.com");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(COOKIE, cookies.join("; "));
        }
        let mut request = request.body(Bytes::from(body)).unwrap();
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        let answer = console::handle(&self.app, request, &self.base_url, self.now).await;
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        let (parts, body) = answer.into_parts();
        Page {
            status: parts.status.as_u16(),
            headers: parts.headers,
            size: body.len(),
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}
