//! What one page leaves for the next one to say.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, Response};
use model::base_url::BaseUrl;
use service::auth::session::Session;

use crate::cookies::{cookie, with_cookie};

/// Name of the cookie of what is to be said on the next page.
const FLASH: &str = "flash";
/// How long that is remembered, in seconds.
const FLASH_AGE: i64 = 60;

/// Whether something went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It is done.
    Good,
    /// It is not.
    Bad,
}

/// A sentence that one page leaves for the next one of the session to show. It travels in a cookie, so it never has a secret in it;
/// and it has the session's seal, so that nobody else puts words into the console's mouth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flash {
    /// Whether it is good news.
    pub(crate) tone: Tone,
    /// The sentence.
    pub(crate) text: String,
}

impl Flash {
    /// `response`, after which the next page of the session shows it.
    pub(crate) fn left_with(
        &self,
        response: Response<Bytes>,
        session: &Session,
        base_url: &BaseUrl,
    ) -> Response<Bytes> {
        with_cookie(response, FLASH, &self.written(session), FLASH_AGE, base_url)
    }

    fn written(&self, session: &Session) -> String {
        let tone = if self.tone == Tone::Good { 'g' } else { 'b' };
        // Cookies are short.
        let text: String = self.text.chars().take(400).collect();
        let written = format!("{tone}{}", URL_SAFE_NO_PAD.encode(text));
        let seal = session.seal(&written);
        format!("{written}.{seal}")
    }

    /// What the page before left.
    pub(crate) fn read(headers: &HeaderMap, session: &Session, base_url: &BaseUrl) -> Option<Self> {
        let (written, seal) = cookie(headers, FLASH, base_url)?.split_once('.')?;
        if !session.is_sealed(written, seal) {
            return None;
        }
        let tone = if written.starts_with('g') { Tone::Good } else { Tone::Bad };
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(written.get(1..)?).ok()?).ok()?;
        (!text.is_empty()).then_some(Self { tone, text })
    }
}

/// The page that shows a flash also forgets it.
pub(crate) fn forget(response: Response<Bytes>, base_url: &BaseUrl) -> Response<Bytes> {
    with_cookie(response, FLASH, "", 0, base_url)
}
