//! What a client is told of each error of the domain: which problem it is, and with that its status, code and headers.
//!
//! Nothing below knows HTTP, and nothing imports this file: the conversions are all that it has.

use super::Problem;
use super::routes::RouteError;
use crate::auth::error::{AccessError, AuthError};
use crate::organisations::change::SettingError;
use crate::organisations::error::OrganisationError;
use crate::organisations::rotate::RotationError;
use crate::organisations::settings::ConfigurationError;
use settings::Variant;

impl From<RouteError> for Problem {
    fn from(error: RouteError) -> Self {
        match error {
            RouteError::Path => Self::NotFound(error.to_string().into()),
            RouteError::Method(allowed) => Self::Method(allowed),
        }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::NoKey | AuthError::UnknownKey | AuthError::IngestToken => {
                Self::Unauthorized(error.to_string().into())
            }
            AuthError::TooManyWrongKeys { seconds } => Self::TooManyWrongKeys(seconds),
            AuthError::Store(error) => error.into(),
            AuthError::Secret(error) => error.into(),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Name(error) => Self::invalid("org", error.to_string(), "[a-z0-9][a-z0-9-]{0,62}"),
            AccessError::Unknown => Self::NotFound(error.to_string().into()),
            AccessError::Store(error) => error.into(),
        }
    }
}

impl From<SettingError> for Problem {
    fn from(error: SettingError) -> Self {
        Self::invalid(error.field(), error.to_string(), error.allowed())
    }
}

impl From<RotationError> for Problem {
    fn from(error: RotationError) -> Self {
        Self::invalid(error.field(), error.to_string(), error.allowed())
    }
}

impl From<OrganisationError> for Problem {
    fn from(error: OrganisationError) -> Self {
        match error {
            OrganisationError::Setting(error) => error.into(),
            OrganisationError::Disabled => Self::Disabled,
            OrganisationError::Purged | OrganisationError::UnknownKey => Self::NotFound(error.to_string().into()),
            OrganisationError::IdempotencyKeyReused => Self::IdempotencyKeyReused,
            OrganisationError::QuotaUsedUp { seconds } => Self::TooManyRotations(seconds),
            OrganisationError::Contended => Self::Contended,
            OrganisationError::Store(error) => error.into(),
            OrganisationError::Secret(error) => error.into(),
        }
    }
}

impl From<ConfigurationError> for Problem {
    fn from(error: ConfigurationError) -> Self {
        match error {
            ConfigurationError::Variant(error) => {
                Self::invalid("variant", error.to_string(), Variant::ALL.map(Variant::name).join(", "))
            }
            ConfigurationError::Option(error) => Self::invalid(error.field(), error.to_string(), error.allowed()),
            ConfigurationError::Disabled => Self::Disabled,
            ConfigurationError::Revoked => Self::Revoked,
            ConfigurationError::Store(error) => error.into(),
            ConfigurationError::Secret(error) => error.into(),
        }
    }
}
