//! Why a page is not shown.

use service::auth::error::AccessError;
use service::http::Problem;
use service::http::routes::RouteError;

/// Why a page is not shown.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Nobody is signed in; or somebody was, and is not any more.
    SignedOut {
        /// Whether there was a session.
        expired: bool,
    },
    /// A page of another site sent this.
    Foreign,
    /// The form is not of this session.
    StaleForm,
    /// There is no such page.
    NoPage,
    /// There is no such organisation, or the key may not see it.
    NoOrganisation,
    /// What `service` says.
    Problem(Problem),
}

impl Refusal {
    /// What looking for a page ended in.
    pub(crate) fn of_page(error: RouteError) -> Self {
        match error {
            RouteError::Path => Self::NoPage,
            RouteError::Method(allowed) => Self::Problem(Problem::Method(allowed)),
        }
    }

    /// What looking for an organisation ended in.
    pub(crate) fn of_organisation(error: AccessError) -> Self {
        match error {
            // A name that nothing can have is as unknown as one that nothing has.
            AccessError::Name(_) | AccessError::Unknown => Self::NoOrganisation,
            AccessError::Store(error) => error.into(),
        }
    }
}

/// Whatever the domain refuses is shown as the problem that the API would answer.
impl<E> From<E> for Refusal
where
    Problem: From<E>,
{
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}
