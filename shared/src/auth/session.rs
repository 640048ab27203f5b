//! Sessions of the console: a signed cookie that stands for an admin key for some hours.
//!
//! ```text
//! <holder>.<expires>.<nonce>.<signature>      holder: `root`, or the digest of an organisation's admin key
//! ```
//!
//! Nothing is kept of a session. It is signed with a key derived from the root key, so that a changed root key ends every session;
//! and the admin key that it stands for is looked up at every request, so that a removed one ends its sessions.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::admin::{self, Admin};
use super::root_key::RootKey;
use crate::api::Problem;
use crate::random::Random;
use crate::store::Store;
use crate::time::{HOUR, Millis, SECOND};
use crate::token::TokenHash;

/// How long a session lasts, in milliseconds: a working day.
pub const LIFETIME: i64 = 12 * HOUR;

/// Longest text that is looked at as a session.
const MAX_TEXT: usize = 256;
/// The holder of a session that stands for the root key.
const ROOT: &str = "root";

/// What sessions are signed with. As long as a block of SHA-256, so that HMAC takes it as it is.
#[derive(Clone)]
pub struct SessionKey([u8; 64]);

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionKey")
    }
}

impl SessionKey {
    /// The key that follows from the text of the root key (HKDF-SHA256, RFC 5869).
    #[must_use]
    pub fn derive(root_key: &str) -> Option<Self> {
        let mut key = [0; 64];
        Hkdf::<Sha256>::new(None, root_key.as_bytes()).expand(b"console session 1", &mut key).ok()?;
        Some(Self(key))
    }

    fn mac(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new((&self.0).into());
        mac.chain_update(purpose).chain_update([0]).chain_update(text)
    }
}

/// Which admin key a session stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Root,
    Key(TokenHash),
}

/// A session that was signed here and has not expired.
#[derive(Debug)]
pub struct Session {
    /// What its holder may do now.
    pub admin: Admin,
    /// When it ends.
    pub expires: Millis,
    signed: String,
    key: SessionKey,
}

impl Session {
    /// Begins a session for the bearer of this admin key.
    ///
    /// # Errors
    /// The key is unknown or no admin key, or nobody can say now.
    pub async fn begin(
        key: &str,
        store: &Store,
        root: &RootKey,
        random: &Random,
        now: Millis,
    ) -> Result<Self, Problem> {
        let admin = admin::authenticate_key(key, store, root, now).await?;
        let holder = if admin.is_root() { Holder::Root } else { Holder::Key(TokenHash::of(key)) };
        Ok(Self::sign(holder, admin, root.session_key(now).await?, random, now))
    }

    /// Begins a session for whoever redeemed a one-time code (see [`super::one_time`]).
    ///
    /// # Errors
    /// The root key cannot be read.
    pub(super) async fn begin_as_root(root: &RootKey, random: &Random, now: Millis) -> Result<Self, Problem> {
        Ok(Self::sign(Holder::Root, Admin::root(), root.session_key(now).await?, random, now))
    }

    /// Goes on with the session in the cookie `text`; `None` if it was not signed here or is over, or its key was removed.
    ///
    /// # Errors
    /// The database or the secret store failed.
    pub async fn resume(text: &str, store: &Store, root: &RootKey, now: Millis) -> Result<Option<Self>, Problem> {
        let key = root.session_key(now).await?;
        let Some((holder, expires)) = read(text, &key, now) else { return Ok(None) };
        let admin = match holder {
            Holder::Root => Some(Admin::root()),
            Holder::Key(hash) => admin::of_key(&hash, store).await?,
        };
        Ok(admin.map(|admin| Self { admin, expires, signed: text.to_owned(), key }))
    }

    fn sign(holder: Holder, admin: Admin, key: SessionKey, random: &Random, now: Millis) -> Self {
        let holder = match holder {
            Holder::Root => ROOT.to_owned(),
            Holder::Key(hash) => hash.encoded(),
        };
        let expires = now.plus(LIFETIME);
        let text = format!("{holder}.{}.{}", expires.seconds(), URL_SAFE_NO_PAD.encode(random.nonce()));
        let signature = key.mac("session", &text).finalize().into_bytes();
        Self { admin, expires, signed: format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)), key }
    }

    /// The text of the cookie.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.signed
    }

    /// What every form of this session carries, and no other site can know.
    #[must_use]
    pub fn form_token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.mac("form", &self.signed).finalize().into_bytes())
    }

    /// Whether a form came from a page of this session.
    #[must_use]
    pub fn is_form_token(&self, presented: &str) -> bool {
        let decoded = URL_SAFE_NO_PAD.decode(presented).unwrap_or_default();
        self.key.mac("form", &self.signed).verify_slice(&decoded).is_ok()
    }
}

fn read(text: &str, key: &SessionKey, now: Millis) -> Option<(Holder, Millis)> {
    let (signed, signature) = text.rsplit_once('.').filter(|_| text.len() <= MAX_TEXT)?;
    key.mac("session", signed).verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let mut fields = signed.split('.');
    let holder = match fields.next()? {
        ROOT => Holder::Root,
        digest => Holder::Key(TokenHash::parse(digest)?),
    };
    let expires = Millis(fields.next()?.parse::<i64>().ok()?.checked_mul(SECOND)?);
    (now < expires).then_some((holder, expires))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_795_328_009_000);

    fn session(root_key: &str) -> Session {
        let key = SessionKey::derive(root_key).unwrap();
        Session::sign(Holder::Root, Admin::root(), key, &Random::draw().unwrap(), NOW)
    }

    #[test]
    fn a_session_is_read_back_until_it_expires() {
        let session = session("one");
        assert_eq!(read(session.text(), &session.key, NOW), Some((Holder::Root, NOW.plus(LIFETIME))));
        assert_eq!(read(session.text(), &session.key, NOW.plus(LIFETIME)), None);
    }

    #[test]
    fn a_changed_session_is_none() {
        let session = session("one");
        for at in 0..session.text().len() {
            let mut bytes = session.text().as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            // The last character of a signature carries two bits that say nothing; a strict decoder refuses them too.
            assert_eq!(read(std::str::from_utf8(&bytes).unwrap(), &session.key, NOW), None, "at {at}");
        }
        for text in ["", ".", "root", "root.9999999999.AAAA", "root.9999999999.AAAA."] {
            assert_eq!(read(text, &session.key, NOW), None, "{text}");
        }
    }

    #[test]
    fn another_root_key_knows_neither_the_session_nor_its_forms() {
        let (session, other) = (session("one"), session("two"));
        assert_eq!(read(session.text(), &other.key, NOW), None);
        assert!(session.is_form_token(&session.form_token()));
        assert!(!session.is_form_token(&other.form_token()) && !session.is_form_token(""));
        assert!(!session.is_form_token(session.text().rsplit_once('.').unwrap().1), "a signature is no form token");
    }
}
