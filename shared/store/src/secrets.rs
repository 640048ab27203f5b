//! Where ingest tokens are kept in plain text: one secret per organisation, one version of it per token.
//!
//! A version is stored as pending and becomes current once the database says that it is the organisation's token; its
//! predecessor then becomes previous. These are the labels of AWS Secrets Manager, used as intended. Versions are
//! always read by the id that the organisation names, never by label, because labels move only after the database has
//! decided.

use std::fmt;

use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};

use model::organisation::{Uid, VersionId};
use model::token::PlainToken;

mod embedded;
mod manager;

use crate::denied;

pub use embedded::Embedded;
pub use manager::Manager;

/// A failed operation on a secret. No message contains any part of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The secret or this version of it does not exist.
    #[error("the secret or its version does not exist")]
    Missing,
    /// It exists but is not an ingest token.
    #[error("the secret does not contain a token")]
    NoToken,
    /// It exists but is not a valid root key: too short, too long, or too simple.
    #[error("the root key's secret does not contain a valid key: {0}")]
    NoRootKey(&'static str),
    /// Too many requests, or too many versions.
    #[error("the secret store is throttling ({0})")]
    Throttled(String),
    /// The role of the process lacks an action.
    #[error("the role of this process may not do this with the secret")]
    Denied,
    /// Anything else, treated as transient.
    #[error("the secret store failed ({0})")]
    Unavailable(String),
}

impl SecretError {
    /// Converts an error of the SDK, using its code but not its message, which may quote what was sent.
    pub fn from_sdk<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> Self {
        match error.code() {
            Some("ResourceNotFoundException") => Self::Missing,
            Some(code @ ("ThrottlingException" | "LimitExceededException")) => Self::Throttled(code.into()),
            Some(denied::CODE) => {
                denied::log(error.message());
                Self::Denied
            }
            Some(code) => Self::Unavailable(code.into()),
            None => Self::Unavailable("no response".into()),
        }
    }
}

/// The secret store: AWS Secrets Manager, or an embedded one without AWS.
#[derive(Debug, Clone)]
pub enum Secrets {
    /// AWS Secrets Manager.
    Manager(Manager),
    /// Files on this machine, or memory.
    Embedded(Embedded),
}

impl Secrets {
    /// Stores `token` as the pending version `version` of the organisation's secret, which is created if it does not
    /// exist; its first version becomes current at once. After an error, it may have been stored nevertheless, and can
    /// be stored again.
    pub async fn stage(&self, uid: &Uid, version: &VersionId, token: &PlainToken) -> Result<(), SecretError> {
        match self {
            Self::Manager(manager) => manager.stage(uid, version, token).await,
            Self::Embedded(embedded) => embedded.stage(uid, version, token),
        }
    }

    /// Makes `version` current and its predecessor previous. Does nothing if it is current already.
    ///
    /// # Errors
    /// [`SecretError::Missing`] if there is no such version.
    pub async fn promote(&self, uid: &Uid, version: &VersionId) -> Result<(), SecretError> {
        match self {
            Self::Manager(manager) => manager.promote(uid, version).await,
            Self::Embedded(embedded) => embedded.promote(uid, version),
        }
    }

    /// The token in `version`.
    ///
    /// # Errors
    /// [`SecretError::Missing`] if there is no such version, [`SecretError::NoToken`] if it is not a token.
    pub async fn read(&self, uid: &Uid, version: &VersionId) -> Result<PlainToken, SecretError> {
        let text = match self {
            Self::Manager(manager) => manager.read(uid, version).await?,
            Self::Embedded(embedded) => embedded.read(uid, version)?,
        };
        text.parse().map_err(|_| SecretError::NoToken)
    }

    /// Erases the organisation's secret with all its versions permanently. Does nothing if there is none.
    pub async fn erase(&self, uid: &Uid) -> Result<(), SecretError> {
        match self {
            Self::Manager(manager) => manager.erase(uid).await,
            Self::Embedded(embedded) => embedded.erase(uid),
        }
    }
}

/// The labels of versions to which Secrets Manager gives a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Pending,
    Current,
    Previous,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "AWSPENDING",
            Self::Current => "AWSCURRENT",
            Self::Previous => "AWSPREVIOUS",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
