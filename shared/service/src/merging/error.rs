//! Why what an admin says of people is not done.

use identity::git_users::{ParseError, Rejection};
use otlp::body::BodyError;
use store::StoreError;

/// Why a decision of an admin is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// A merge is of nobody, or of too many.
    #[error("the list is empty or too long")]
    Others {
        /// The most that there may be.
        most: usize,
    },
    /// Nobody has an id or an e-mail address that a merge names.
    #[error("no person has this id or e-mail address")]
    Nobody {
        /// The member of the request that names them.
        field: &'static str,
    },
    /// A merge is of somebody with themselves.
    #[error("the list contains the primary person")]
    Itself,
    /// The suggestion has no such candidate.
    #[error("the suggestion has no such candidate")]
    UnknownCandidate,
    /// What an identity is to be linked to is no e-mail address.
    #[error("it is not an e-mail address")]
    NoAddress,
    /// There is no such suggestion.
    #[error("there is no such suggestion")]
    UnknownSuggestion,
    /// Nobody is kept apart by such a decision.
    #[error("there is no such rejection, or it was taken back")]
    UnknownRejection,
    /// There is no such merge.
    #[error("there is no such merge")]
    UnknownMerge,
    /// There is nobody to be linked to an address.
    #[error("there is no such person")]
    UnknownPerson,
    /// Whoever is to be linked to an address has no telemetry.
    #[error("this person is known only from Git, so there is nothing to link")]
    GitOnly,
    /// Nobody joined in a merge that is to be undone.
    #[error("this merge joined nobody, so there is nothing to undo")]
    NobodyJoined,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why Git users are not taken. Those that there were stay.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The type of the body is none that Git users are read from.
    #[error("Git users are not read from a body of this type")]
    MediaType,
    /// The coding of the body is not supported.
    #[error("the coding of the body is not supported")]
    Coding,
    /// The body, or all parts together, are larger than so many bytes.
    #[error("the upload is larger than {limit} bytes")]
    TooLarge {
        /// The most that is taken.
        limit: usize,
    },
    /// The body is not what its coding says.
    #[error(transparent)]
    Corrupt(BodyError),
    /// The body is not what its type says.
    #[error(transparent)]
    Unreadable(ParseError),
    /// Nothing in it could be stored.
    #[error("every row was rejected, so the Git users are unchanged{}", first(.rejection.as_ref()))]
    NothingStored {
        /// Why the first row was not stored.
        rejection: Option<Rejection>,
    },
    /// A part does not say of which upload it is.
    #[error("it is missing")]
    NoImport,
    /// A part has a name of the upload that none can have.
    #[error("it is not a valid name for an upload")]
    ImportName,
    /// A part does not say which it is, or of how many.
    #[error("it is missing or out of range")]
    PartNumber {
        /// The parameter that has to say so.
        field: &'static str,
        /// The largest number that is allowed; the smallest is 1.
        most: usize,
    },
    /// Parts of one upload do not fit each other.
    #[error("parts of this import differ in their type, encoding or number: begin a new one")]
    PartsDiffer,
    /// `dry_run` is neither true nor false, or something is confirmed in it.
    #[error("it is neither true nor false, or it comes with a confirmation")]
    DryRun,
    /// Many Git users would be gone.
    #[error(
        "{removed} of {known} Git users are not in it. Nothing is replaced: see with dry_run=true who loses a match, and repeat the \
         upload with confirm=<the id in its answer>"
    )]
    Unconfirmed {
        /// How many.
        removed: usize,
        /// Of how many.
        known: usize,
    },
    /// What is confirmed is another upload, or the Git users are others by now.
    #[error(
        "the confirmation is of another upload, or the Git users have been replaced since: look at it again with dry_run=true"
    )]
    OtherPreview,
    /// There is no set to bring back.
    #[error("there are no earlier Git users to bring back: none were replaced, or a person was erased since")]
    NothingBefore,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn first(rejection: Option<&Rejection>) -> String {
    rejection.map(|row| format!("; the first, in line {}: {}", row.line, row.reason)).unwrap_or_default()
}
