//! Why somebody is not let in.

use model::organisation::BadOrgName;
use model::time::SignedDuration;
use store::StoreError;
use store::secrets::SecretError;

/// Why an admin is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No key was presented.
    #[error("send an admin key: Authorization: Bearer <admin key>")]
    NoKey,
    /// The key is nobody's.
    #[error("the admin key is not known here")]
    UnknownKey,
    /// The key has the form of an ingest token.
    #[error("this is an ingest token, which can only write telemetry; send an admin key")]
    IngestToken,
    /// Too many wrong keys came from the same address: no key is taken from it, not even the right one.
    #[error("too many wrong keys came from this address: no key is accepted from it for {} s", .wait.as_secs())]
    TooManyWrongKeys {
        /// Until a key is taken again, in whole seconds.
        wait: SignedDuration,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The root key or what is derived from it cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl AuthError {
    /// Whether a key was presented and is wrong, which counts against whoever presented it.
    #[must_use]
    pub fn is_wrong_key(&self) -> bool {
        matches!(self, Self::UnknownKey | Self::IngestToken)
    }
}

/// Why an admin is not given an organisation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// No organisation can have the name.
    #[error(transparent)]
    Name(#[from] BadOrgName),
    /// There is no such organisation, or the key may not see it, which must look the same.
    #[error("there is no such organisation")]
    Unknown,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
