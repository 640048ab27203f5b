//! The root admin key: given once on one machine, a secret that AWS generated elsewhere.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_secretsmanager::Client;

use crate::secrets::SecretError;
use crate::time::{Millis, SECOND};
use crate::token::TokenHash;

/// How long a value that was read is trusted, in milliseconds. A changed key is in force within a minute.
const TRUSTED: i64 = 30 * SECOND;

/// Where the root key comes from. Cheap to clone.
#[derive(Clone)]
pub enum RootKey {
    /// A key that does not change while the process lives.
    Given(TokenHash),
    /// A secret in Secrets Manager.
    Secret {
        /// What reads it.
        client: Client,
        /// Its name or ARN.
        id: String,
        /// What was read last, and when.
        read: Arc<Mutex<Option<(TokenHash, Millis)>>>,
    },
}

/// A text that cannot be a root key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the root admin key must be 32 to 128 characters of A-Z a-z 0-9 _ -")]
pub struct BadRootKey;

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
        if is_root_key(text) { Ok(Self::Given(TokenHash::of(text))) } else { Err(BadRootKey) }
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
        match self {
            Self::Given(hash) => Ok(hash.equals(presented)),
            Self::Secret { client, id, read } => {
                let known = *read.lock().unwrap_or_else(PoisonError::into_inner);
                let hash = match known.filter(|(_, at)| (0..TRUSTED).contains(&(now.0 - at.0))) {
                    Some((hash, _)) => hash,
                    None => {
                        let hash = fetch(client, id).await?;
                        *read.lock().unwrap_or_else(PoisonError::into_inner) = Some((hash, now));
                        hash
                    }
                };
                Ok(hash.equals(presented))
            }
        }
    }
}

async fn fetch(client: &Client, id: &str) -> Result<TokenHash, SecretError> {
    let found = client.get_secret_value().secret_id(id).send().await.map_err(SecretError::from_sdk)?;
    let text = found.secret_string.ok_or(SecretError::NoToken)?;
    if is_root_key(text.trim()) { Ok(TokenHash::of(text.trim())) } else { Err(SecretError::NoToken) }
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
