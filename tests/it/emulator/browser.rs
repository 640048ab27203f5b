//! Somebody with a browser that has no engine: pages, forms and cookies.

use std::collections::BTreeMap;

use http::header::SET_COOKIE;
use tools::console::Page;
use tools::remote::Remote;
use tools::reply::Reply;

use super::steps::{Step, is};

/// A browser without an engine.
pub(super) struct Browser<'a> {
    service: &'a Remote,
    cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    /// One that knows nothing yet.
    pub(super) fn of(service: &'a Remote) -> Self {
        Self { service, cookies: BTreeMap::new() }
    }

    /// Opens a page.
    pub(super) async fn get(&mut self, path: &str) -> Reply {
        self.send(&format!("GET {path}"), "text/plain", "").await
    }

    /// Sends a form as it is.
    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(&format!("POST {path}"), "application/x-www-form-urlencoded", &form).await
    }

    /// Sends a form that stands on `page` and goes to a place below it, which has to lead to a page that says `word`.
    pub(super) async fn submit(&mut self, page: &str, place: &str, fields: &[(&str, &str)], word: &str) -> Step {
        let mark = page_of(self.get(page).await).field("form_token");
        let fields = [&[("form_token", &*mark)], fields].concat();
        let place = format!("{page}/{place}");
        let answer = self.post(&place, &fields).await;
        is(&place, &answer, 303)?;
        let location = answer.header("location").unwrap_or_default().split('#').next().unwrap_or_default();
        let shown = page_of(self.get(location).await).text;
        if shown.contains(word) {
            Ok(())
        } else {
            Err(format!("{place} leads to {location}, which does not say {word}"))
        }
    }

    async fn send(&mut self, call: &str, media_type: &str, body: &str) -> Reply {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers = [("content-type", media_type), ("accept", "text/html,*/*"), ("cookie", &cookies.join("; "))];
        let answer = self.service.send(call, &headers, body.to_owned()).await;
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.into(), value.into());
        }
        answer
    }
}

fn page_of(answer: Reply) -> Page {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    Page { status: answer.status, headers: answer.headers, size: text.len(), text }
}
