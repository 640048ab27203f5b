//! Where ingest tokens are kept in clear: one secret an organisation, one version of it a token.
//!
//! A version is stored as pending, becomes current once the database says that it is the organisation's token, and the one
//! before it is then the previous one: the labels of AWS Secrets Manager, used as they are meant. What is read is always a
//! version by its id, as the organisation names it, never a label: labels move after the database has decided.

use std::fmt;

use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};

use model::organisation::{Uid, VersionId};
use model::token::PlainToken;

mod embedded;
mod manager;

pub use embedded::Embedded;
pub use manager::Manager;

/// What went wrong with a secret. No message has a part of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is no such secret, or no such version of it.
    #[error("the secret or its version does not exist")]
    Missing,
    /// It is there, and is no ingest token.
    #[error("the secret does not hold a token")]
    NoToken,
    /// It is there, and is no root key: too short, too long, or too plain.
    #[error("the secret of the root key holds none: {0}")]
    NoRootKey(&'static str),
    /// Too many requests, or too many versions.
    #[error("the secret store asks for less ({0})")]
    Throttled(String),
    /// Anything else; it may pass.
    #[error("the secret store failed ({0})")]
    Unavailable(String),
}

impl SecretError {
    /// From an error of the SDK. By code, not by message: a message may quote what was sent.
    pub fn from_sdk<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> Self {
        match error.code() {
            Some("ResourceNotFoundException") => Self::Missing,
            Some(code @ ("ThrottlingException" | "LimitExceededException")) => Self::Throttled(code.into()),
            Some(code) => Self::Unavailable(code.into()),
            None => Self::Unavailable("no answer".into()),
        }
    }
}

/// The store of secrets: AWS Secrets Manager, or an embedded one where there is no AWS.
#[derive(Debug, Clone)]
pub enum Secrets {
    /// AWS Secrets Manager.
    Manager(Manager),
    /// On this machine.
    Embedded(Embedded),
}

impl Secrets {
    /// Stores `token` as the pending version `version` of the organisation's secret, which is made if it does not exist; its first
    /// version is current at once.
    ///
    /// # Errors
    /// The store failed. It may be stored all the same, and can be stored again.
    pub async fn stage(&self, uid: &Uid, version: &VersionId, token: &PlainToken) -> Result<(), SecretError> {
        match self {
            Self::Manager(manager) => manager.stage(uid, version, token).await,
            Self::Embedded(embedded) => embedded.stage(uid, version, token),
        }
    }

    /// Makes `version` the current one, and the one that was it the previous one. Changes nothing if it is.
    ///
    /// # Errors
    /// There is no such version, or the store failed.
    pub async fn promote(&self, uid: &Uid, version: &VersionId) -> Result<(), SecretError> {
        match self {
            Self::Manager(manager) => manager.promote(uid, version).await,
            Self::Embedded(embedded) => embedded.promote(uid, version),
        }
    }

    /// The token in `version`.
    ///
    /// # Errors
    /// There is none, or the store failed.
    pub async fn read(&self, uid: &Uid, version: &VersionId) -> Result<PlainToken, SecretError> {
        let text = match self {
            Self::Manager(manager) => manager.read(uid, version).await?,
            Self::Embedded(embedded) => embedded.read(uid, version)?,
        };
        text.parse().map_err(|_| SecretError::NoToken)
    }

    /// Erases the organisation's secret with all its versions, for good. Changes nothing if there is none.
    ///
    /// # Errors
    /// The store failed.
    pub async fn erase(&self, uid: &Uid) -> Result<(), SecretError> {
        match self {
            Self::Manager(manager) => manager.erase(uid).await,
            Self::Embedded(embedded) => embedded.erase(uid),
        }
    }
}

/// The labels of versions that Secrets Manager gives a meaning.
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
