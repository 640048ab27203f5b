//! Sessions of the console: a signed cookie that stands for an admin key for some hours.
//!
//! ```text
//! <holder>.<expires>.<nonce>.<used>.<signature>      holder: `root`, or the digest of an organisation's admin key
//! ```
//!
//! Nothing is kept of a session but that it was ended. It is signed with a key derived from the root key, so that a changed root key
//! ends every session; the admin key that it stands for is looked up at every request, so that a removed one ends its sessions, and
//! so is whether somebody signed out: a copy of the cookie is worth nothing from then on, in any process.
//!
//! When it was last used stands in the cookie itself, which is sent anew every few minutes: no page costs a write.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::admin::{self, Admin};
use super::error::AuthError;
use super::peer::Peer;
use super::root_key::RootKey;
use super::session_key::SessionKey;
use model::random::Random;
use model::time::{SignedDuration, Timestamp};
use model::token::TokenHash;
use store::secrets::SecretError;
use store::{Store, StoreError};

/// How long a session lasts: a working day.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(12);
/// How long a session may go unused.
pub const IDLE: SignedDuration = SignedDuration::from_hours(2);
/// How old what a cookie says of its last use may be before it is sent anew.
const STALE: SignedDuration = SignedDuration::from_secs(300);

/// Longest text that is looked at as a session.
const MAX_TEXT: usize = 256;
/// The holder of a session that stands for the root key.
const ROOT: &str = "root";

/// Which admin key a session stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Root,
    Key(TokenHash),
}

/// What a cookie says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ticket {
    holder: Holder,
    /// When it ends, used or not.
    expires: Timestamp,
    /// What tells it from every other session.
    nonce: String,
    /// When it was last used, give or take a few minutes.
    used: Timestamp,
}

/// A session that was signed here and is not over.
#[derive(Debug)]
pub struct Session {
    /// What its holder may do now.
    pub admin: Admin,
    ticket: Ticket,
    key: SessionKey,
}

impl Session {
    /// Begins a session for the bearer of this admin key; wrong ones count for the peer that they come from.
    ///
    /// # Errors
    /// The key is unknown or no admin key, too many wrong ones came from the peer, or the database or the secret store failed.
    pub async fn begin(
        key: &str,
        peer: Option<Peer>,
        store: &Store,
        root: &RootKey,
        random: &Random,
        now: Timestamp,
    ) -> Result<Self, AuthError> {
        let attempts = root.attempts();
        let (is_free, admin) = tokio::join!(
            attempts.check_everywhere(peer, store, now),
            admin::authenticate_key(key, peer, store, root, now)
        );
        is_free?;
        if admin.as_ref().is_err_and(AuthError::is_wrong_key) {
            attempts.count_everywhere(peer, key, store, now).await?;
        }
        let admin = admin?;
        let holder = if admin.is_root() { Holder::Root } else { Holder::Key(TokenHash::of(key)) };
        Ok(Self::new(holder, admin, root.session_key(now).await?, random, now))
    }

    /// Begins a session for whoever redeemed a one-time code (see [`super::one_time`]).
    ///
    /// # Errors
    /// The root key cannot be read.
    pub(super) async fn begin_as_root(root: &RootKey, random: &Random, now: Timestamp) -> Result<Self, SecretError> {
        Ok(Self::new(Holder::Root, Admin::root(), root.session_key(now).await?, random, now))
    }

    /// Goes on with the session in the cookie `text`; `None` if it was not signed here, is over or was ended, or its key was removed.
    ///
    /// # Errors
    /// The database or the secret store failed.
    pub async fn resume(text: &str, store: &Store, root: &RootKey, now: Timestamp) -> Result<Option<Self>, AuthError> {
        let key = root.session_key(now).await?;
        let Some(ticket) = Ticket::read(text, &key, now) else { return Ok(None) };
        let admin = async {
            match &ticket.holder {
                Holder::Root => Ok(Some(Admin::root())),
                Holder::Key(hash) => admin::of_key(hash, store).await,
            }
        };
        // Together, so that looking for an end takes no time of its own where there is a key to look up.
        let is_ended = store.is_session_ended(&ticket.nonce);
        let (admin, is_ended) = tokio::try_join!(admin, is_ended)?;
        Ok(admin.filter(|_| !is_ended).map(|admin| Self { admin, ticket, key }))
    }

    fn new(holder: Holder, admin: Admin, key: SessionKey, random: &Random, now: Timestamp) -> Self {
        let nonce = URL_SAFE_NO_PAD.encode(random.nonce());
        Self { admin, ticket: Ticket { holder, expires: now.plus(LIFETIME), nonce, used: now }, key }
    }

    /// Ends the session: from the moment this is answered every copy of its cookie is worth nothing, in every process.
    pub async fn end(&self, store: &Store) -> Result<(), StoreError> {
        store.end_session(&self.ticket.nonce, self.ticket.expires).await
    }

    /// The text of the cookie.
    #[must_use]
    pub fn text(&self) -> String {
        self.ticket.written(&self.key)
    }

    /// The text of a cookie that says of the same session that it is used now; `None` while the one it came with is young enough.
    #[must_use]
    pub fn renewed(&self, now: Timestamp) -> Option<String> {
        let is_stale = self.ticket.used.plus(STALE) <= now;
        is_stale.then(|| Ticket { used: now, ..self.ticket.clone() }.written(&self.key))
    }

    /// How long the session lasts at most, from `now`.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> SignedDuration {
        self.ticket.expires.since(now)
    }

    /// What every form of this session carries, and no other site can know.
    #[must_use]
    pub fn form_token(&self) -> String {
        self.key.sign("form", &self.ticket.identity())
    }

    /// Whether a form came from a page of this session.
    #[must_use]
    pub fn is_form_token(&self, presented: &str) -> bool {
        self.key.is_signed("form", &self.ticket.identity(), presented)
    }

    /// What shows that a text which travels through the browser was written for this session, here.
    #[must_use]
    pub fn seal(&self, text: &str) -> String {
        self.key.sign("text", &format!("{} {text}", self.ticket.identity()))
    }

    /// Whether `seal` is what [`Session::seal`] gave for the text.
    #[must_use]
    pub fn is_sealed(&self, text: &str, seal: &str) -> bool {
        self.key.is_signed("text", &format!("{} {text}", self.ticket.identity()), seal)
    }
}

impl Ticket {
    /// What stays the same as long as the session lasts. None of its parts has a dot or a blank.
    fn identity(&self) -> String {
        let holder = match &self.holder {
            Holder::Root => ROOT.to_owned(),
            Holder::Key(hash) => hash.encoded(),
        };
        format!("{holder}.{}.{}", self.expires.seconds(), self.nonce)
    }

    fn written(&self, key: &SessionKey) -> String {
        let text = format!("{}.{}", self.identity(), self.used.seconds());
        let signature = key.sign("session", &text);
        format!("{text}.{signature}")
    }

    /// Reads a cookie; `None` if it was not signed with `key`, or the session is over at `now`, or went unused for too long.
    fn read(text: &str, key: &SessionKey, now: Timestamp) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.').filter(|_| text.len() <= MAX_TEXT)?;
        if !key.is_signed("session", signed, signature) {
            return None;
        }
        let time = |text: &str| Some(Timestamp(text.parse::<i64>().ok()?.checked_mul(1_000)?));
        let mut fields = signed.split('.');
        let holder = match fields.next()? {
            ROOT => Holder::Root,
            digest => Holder::Key(TokenHash::parse(digest)?),
        };
        let (expires, nonce, used) = (time(fields.next()?)?, fields.next()?.to_owned(), time(fields.next()?)?);
        (now < expires && now < used.plus(IDLE)).then_some(Self { holder, expires, nonce, used })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::{HOUR, MILLISECOND};

    const NOW: Timestamp = Timestamp(1_795_328_009_000);

    fn session(root_key: &str) -> Session {
        let key = SessionKey::derive(root_key).unwrap();
        Session::new(Holder::Root, Admin::root(), key, &Random::draw().unwrap(), NOW)
    }

    fn read(text: &str, session: &Session, now: Timestamp) -> Option<Ticket> {
        Ticket::read(text, &session.key, now)
    }

    #[test]
    fn a_session_is_read_back_until_nobody_has_used_it_for_two_hours() {
        let session = session("one");
        assert_eq!(read(&session.text(), &session, NOW), Some(session.ticket.clone()));
        assert!(read(&session.text(), &session, NOW.plus(IDLE).minus(MILLISECOND)).is_some());
        assert_eq!(read(&session.text(), &session, NOW.plus(IDLE)), None);
    }

    #[test]
    fn a_session_in_use_lasts_twelve_hours_and_not_a_moment_longer() {
        let mut session = session("one");
        let identity = session.ticket.identity();
        assert_eq!(session.renewed(NOW.plus(STALE).minus(MILLISECOND)), None, "the cookie is not sent with every page");
        let mut now = NOW;
        while now.plus(HOUR) < NOW.plus(LIFETIME) {
            now = now.plus(HOUR);
            let renewed = session.renewed(now).unwrap();
            session.ticket = read(&renewed, &session, now).unwrap();
            assert_eq!((session.ticket.identity(), session.ticket.used), (identity.clone(), now));
        }
        assert_eq!(read(&session.text(), &session, NOW.plus(LIFETIME)), None);
    }

    #[test]
    fn a_changed_session_is_none() {
        let session = session("one");
        let text = session.text();
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            // The last character of a signature carries two bits that say nothing; a strict decoder refuses them too.
            assert_eq!(read(std::str::from_utf8(&bytes).unwrap(), &session, NOW), None, "at {at}");
        }
        for text in ["", ".", "root", "root.9999999999.AAAA", "root.9999999999.AAAA.9999999999."] {
            assert_eq!(read(text, &session, NOW), None, "{text}");
        }
    }

    #[test]
    fn another_root_key_knows_neither_the_session_nor_its_forms() {
        let (session, other) = (session("one"), session("two"));
        assert_eq!(read(&session.text(), &other, NOW), None);
        assert!(session.is_form_token(&session.form_token()));
        assert!(!session.is_form_token(&other.form_token()) && !session.is_form_token(""));
        assert!(!session.is_form_token(session.text().rsplit_once('.').unwrap().1), "a signature is no form token");
        let seal = session.seal("a text");
        assert!(session.is_sealed("a text", &seal) && !session.is_sealed("another text", &seal));
        assert!(!other.is_sealed("a text", &seal) && !session.is_form_token(&seal));
    }
}
