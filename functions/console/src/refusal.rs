//! Why a page is not shown.

use service::http::Problem;
use store::StoreError;

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

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Problem(error.into())
    }
}

impl Refusal {
    /// What looking for a page ended in.
    pub(crate) fn of_page(problem: Problem) -> Self {
        match problem {
            Problem::NotFound(_) => Self::NoPage,
            other => Self::Problem(other),
        }
    }

    /// What looking for an organisation ended in.
    pub(crate) fn of_organisation(problem: Problem) -> Self {
        match problem {
            Problem::NotFound(_) => Self::NoOrganisation,
            other => Self::Problem(other),
        }
    }
}
