//! What a client is told of each error of the domain: which problem it is, and with that its status, code and headers.
//!
//! Nothing below knows HTTP, and nothing imports this file: the conversions are all that it has.

use super::Problem;
use super::routes::RouteError;
use crate::auth::error::{AccessError, AuthError};

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
