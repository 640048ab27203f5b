//! Why something is not done with an organisation or its tokens.

use super::change::SettingError;
use model::time::SignedDuration;
use store::StoreError;
use store::secrets::SecretError;

/// Why something is not done with an organisation or its tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationError {
    /// A setting or a name is not allowed.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// It is disabled.
    #[error("the organisation is disabled")]
    Disabled,
    /// It was purged while the request was under way.
    #[error("the organisation was erased a moment ago")]
    Purged,
    /// It has no such admin key.
    #[error("there is no such admin key")]
    UnknownKey,
    /// The idempotency key of the request was used for another one.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// It was given all its tokens of the day.
    #[error("no more tokens can be made for the organisation today; the next one in {} s", .wait.as_secs())]
    QuotaUsedUp {
        /// Until one is made again, in whole seconds.
        wait: SignedDuration,
    },
    /// Other requests changed it all the time.
    #[error("other requests keep changing the organisation")]
    Contended,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret store failed.
    #[error(transparent)]
    Secret(#[from] SecretError),
}
