//! The root admin key: given once on one machine, a secret that AWS generated elsewhere.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_secretsmanager::Client;

use super::session::SessionKey;
use crate::secrets::SecretError;
use crate::time::{Millis, SECOND};
use crate::token::TokenHash;

/// How long a value that was read is trusted, in milliseconds. A changed key is in force within a minute.
const TRUSTED: i64 = 30 * SECOND;

/// What is remembered of a root key.
#[derive(Clone)]
pub struct Remembered {
    digest: TokenHash,
    session_key: SessionKey,
}

/// Where the root key comes from. Cheap to clone.
#[derive(Clone)]
pub enum RootKey {
    /// A key that does not change while the process lives.
    Given(Arc<Remembered>),
    /// A secret in Secrets Manager.
    Secret {
        /// What reads it.
        client: Client,
        /// Its name or ARN.
        id: String,
        /// What was read last, and when.
        read: Arc<Mutex<LastRead>>,
    },
}

/// What was read last, and when.
type LastRead = Option<(Arc<Remembered>, Millis)>;

/// A text that cannot be a root key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the root admin key must be 32 to 128 characters of A-Z a-z 0-9 _ -")]
pub struct BadRootKey;

impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remembered")
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
        Remembered::of(text).map(|known| Self::Given(Arc::new(known))).ok_or(BadRootKey)
    }

    /// The secret of this name or ARN, read when it is needed.
    #[must_use]
    pub fn secret(client: Client, id: impl Into<String>) -> Self {
        Self::Secret { client, id: id.into(), read: Arc::default() }
    }

    /// Whether `presented` is the digest of the root key.
    ///
    /// # Errors
    /// The secret cannot be read, or holds no root key.
    pub async fn is(&self, presented: &TokenHash, now: Millis) -> Result<bool, SecretError> {
        Ok(self.remembered(now).await?.digest.equals(presented))
    }

    /// What the sessions of the console are signed with. It changes with the root key.
    ///
    /// # Errors
    /// The secret cannot be read, or holds no root key.
    pub async fn session_key(&self, now: Millis) -> Result<SessionKey, SecretError> {
        Ok(self.remembered(now).await?.session_key.clone())
    }

    async fn remembered(&self, now: Millis) -> Result<Arc<Remembered>, SecretError> {
        match self {
            Self::Given(known) => Ok(known.clone()),
            Self::Secret { client, id, read } => {
                let known = read.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if let Some((known, _)) = known.filter(|(_, at)| (0..TRUSTED).contains(&(now.0 - at.0))) {
                    return Ok(known);
                }
                let fetched = Arc::new(fetch(client, id).await?);
                *read.lock().unwrap_or_else(PoisonError::into_inner) = Some((fetched.clone(), now));
                Ok(fetched)
            }
        }
    }
}

impl Remembered {
    fn of(text: &str) -> Option<Self> {
        let session_key = is_root_key(text).then(|| SessionKey::derive(text)).flatten()?;
        Some(Self { digest: TokenHash::of(text), session_key })
    }
}

async fn fetch(client: &Client, id: &str) -> Result<Remembered, SecretError> {
    let found = client.get_secret_value().secret_id(id).send().await.map_err(SecretError::from_sdk)?;
    let text = found.secret_string.ok_or(SecretError::NoToken)?;
    Remembered::of(text.trim()).ok_or(SecretError::NoToken)
}

fn is_root_key(text: &str) -> bool {
    (32..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_key_is_long_enough_and_plain() {
        assert!(RootKey::given(&"k".repeat(32)).is_ok() && RootKey::given(&"k-_9".repeat(32)).is_ok());
        for bad in ["", "short", &"k".repeat(31), &"k".repeat(129), &format!("{} x", "k".repeat(32))] {
            assert!(RootKey::given(bad).is_err());
        }
    }

    #[tokio::test]
    async fn a_given_key_is_known_by_its_digest() {
        let key = RootKey::given(&"k".repeat(32)).unwrap();
        assert_eq!(key.is(&TokenHash::of(&"k".repeat(32)), Millis(0)).await, Ok(true));
        assert_eq!(key.is(&TokenHash::of(&"j".repeat(32)), Millis(0)).await, Ok(false));
    }
}
