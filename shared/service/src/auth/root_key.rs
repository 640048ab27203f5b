//! The root admin key: given once on one machine, a secret that AWS generated elsewhere.
//!
//! Nothing keeps its text: a process remembers its digest, to compare with, and what sessions are signed with. On AWS each function
//! that takes admin keys reads the secret itself. CloudFormation cannot compute a digest of what it generates, and whoever wrote it
//! down for the others would have to do so all the time: while they fail, a key that was changed since it leaked would still be good.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_secretsmanager::Client;

use super::attempts::Attempts;
use super::session_key::SessionKey;
use model::time::{SignedDuration, Timestamp};
use model::token::TokenHash;
use store::secrets::SecretError;

/// How long a value that was read is trusted. A changed key is in force within a minute.
const TRUSTED: SignedDuration = SignedDuration::from_secs(30);

/// What is remembered of a root key.
#[derive(Clone)]
pub struct CachedKey {
    digest: TokenHash,
    session_key: SessionKey,
}

/// The root key, and what was presented in vain where it is compared. Cheap to clone; clones are one.
#[derive(Clone)]
pub struct RootKey {
    source: Source,
    attempts: Attempts,
}

/// Where the root key comes from.
#[derive(Clone)]
enum Source {
    /// It does not change while the process lives.
    Given(Arc<CachedKey>),
    /// A secret in Secrets Manager, by its name or ARN.
    Secret { client: Client, id: String, last: Arc<Mutex<Option<LastRead>>> },
}

/// What was read last, and when.
#[derive(Clone)]
struct LastRead {
    known: Arc<CachedKey>,
    at: Timestamp,
}

impl LastRead {
    /// Whether it is still trusted at `now`. It is not if the clock was set back since.
    fn is_trusted(&self, now: Timestamp) -> bool {
        (SignedDuration::ZERO..TRUSTED).contains(&now.since(self.at))
    }
}

/// What a root key has to be.
const RULE: &str = "it must be 32 to 128 characters of A-Z a-z 0-9 _ -, at least 8 of them different";
/// How many different characters a key has at least. Of 32 random hexadecimal digits one in fifty billion has fewer.
const VARIETY: usize = 8;

/// A text that cannot be a root key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the root admin key cannot be this: {RULE}")]
pub struct BadRootKey;

impl fmt::Debug for CachedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CachedKey")
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey")
    }
}

impl RootKey {
    /// A key given on this machine.
    ///
    /// # Errors
    /// It has a form that no root key may have.
    pub fn given(text: &str) -> Result<Self, BadRootKey> {
        let known = CachedKey::of(text).ok_or(BadRootKey)?;
        Ok(Self { source: Source::Given(Arc::new(known)), attempts: Attempts::default() })
    }

    /// The secret of this name or ARN, read when it is needed.
    #[must_use]
    pub fn secret(client: Client, id: impl Into<String>) -> Self {
        let source = Source::Secret { client, id: id.into(), last: Arc::default() };
        Self { source, attempts: Attempts::default() }
    }

    /// Whether `presented` is the digest of the root key.
    ///
    /// # Errors
    /// The secret cannot be read, or holds no root key.
    pub async fn matches(&self, presented: &TokenHash, now: Timestamp) -> Result<bool, SecretError> {
        Ok(self.remembered(now).await?.digest.equals(presented))
    }

    /// What the sessions of the console are signed with. It changes with the root key.
    ///
    /// # Errors
    /// The secret cannot be read, or holds no root key.
    pub async fn session_key(&self, now: Timestamp) -> Result<SessionKey, SecretError> {
        Ok(self.remembered(now).await?.session_key.clone())
    }

    /// Wrong keys that were presented to this process.
    #[must_use]
    pub fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    async fn remembered(&self, now: Timestamp) -> Result<Arc<CachedKey>, SecretError> {
        match &self.source {
            Source::Given(known) => Ok(known.clone()),
            Source::Secret { client, id, last } => {
                let read = last.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if let Some(read) = read.filter(|read| read.is_trusted(now)) {
                    return Ok(read.known);
                }
                let known = Arc::new(fetch(client, id).await?);
                *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(LastRead { known: known.clone(), at: now });
                Ok(known)
            }
        }
    }
}

impl CachedKey {
    fn of(text: &str) -> Option<Self> {
        let session_key = is_root_key(text).then(|| SessionKey::derive(text)).flatten()?;
        Some(Self { digest: TokenHash::of(text), session_key })
    }
}

async fn fetch(client: &Client, id: &str) -> Result<CachedKey, SecretError> {
    let found = client.get_secret_value().secret_id(id).send().await.map_err(SecretError::from_sdk)?;
    let text = found.secret_string.ok_or(SecretError::NoToken)?;
    CachedKey::of(text.trim()).ok_or(SecretError::NoRootKey(RULE))
}

fn is_root_key(text: &str) -> bool {
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    (32..=128).contains(&text.len()) && is_plain && text.bytes().collect::<BTreeSet<_>>().len() >= VARIETY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_key_is_long_enough_plain_and_no_repetition_of_a_few_letters() {
        let fit = "k-_9abcd";
        assert!(RootKey::given(&fit.repeat(4)).is_ok() && RootKey::given(&fit.repeat(16)).is_ok());
        let (short, long) = (fit.repeat(4)[1..].to_owned(), fit.repeat(16) + "k");
        for bad in ["", "short", &short, &long, &format!("{} x", fit.repeat(4)), &"k".repeat(40), &"k-_9abc".repeat(6)]
        {
            let refused = RootKey::given(bad).unwrap_err().to_string();
            assert!(refused.contains("32 to 128") && refused.contains("at least 8"), "{refused}");
        }
    }

    #[test]
    fn a_key_that_was_read_is_trusted_for_half_a_minute_and_not_before_it_was_read() {
        let known = Arc::new(CachedKey::of(&"k-_9abcd".repeat(4)).unwrap());
        let read = LastRead { known, at: Timestamp(1_000_000) };
        for (later, trusted) in [(-1, false), (0, true), (29_999, true), (30_000, false), (8 * 3_600_000, false)] {
            assert_eq!(read.is_trusted(read.at.plus(SignedDuration::from_millis(later))), trusted, "{later} ms later");
        }
    }

    #[tokio::test]
    async fn a_given_key_is_known_by_its_digest() {
        let key = RootKey::given(&"k-_9abcd".repeat(4)).unwrap();
        assert_eq!(key.matches(&TokenHash::of(&"k-_9abcd".repeat(4)), Timestamp(0)).await, Ok(true));
        assert_eq!(key.matches(&TokenHash::of(&"j-_9abcd".repeat(4)), Timestamp(0)).await, Ok(false));
    }
}
