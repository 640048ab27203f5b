//! Why a database operation failed.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use tokio::task::JoinError;

use crate::denied;

/// The code of a single write whose condition did not hold.
const CONDITION: &str = "ConditionalCheckFailedException";

/// A failed database operation.
///
/// Any operation of [`Store`](crate::Store) may fail because DynamoDB throttles, or because it cannot be reached, does not answer in time
/// or fails internally; such a write may have been done nevertheless. Whatever is not known to be permanent is treated as transient. In
/// addition:
///
/// * Conditional writes and transactions fail with [`Conflict`](StoreErrorKind::Conflict) or, if it is known that it was the condition,
///   with [`ConditionFailed`](StoreErrorKind::ConditionFailed).
/// * Reads fail with [`Unreadable`](StoreErrorKind::Unreadable) if an item is not what this release writes.
///
/// The `# Errors` sections of methods mention only what goes beyond this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the database request failed: {kind:?} ({detail})")]
pub struct StoreError {
    kind: StoreErrorKind,
    detail: String,
}

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreErrorKind {
    /// Another transaction interfered, or a condition of a transaction did not hold.
    Conflict,
    /// The condition of a write did not hold.
    ConditionFailed,
    /// The table to be created exists.
    AlreadyExists,
    /// Too many requests.
    Throttled,
    /// An item is not what this release writes.
    Unreadable,
    /// A defect of the service: a request that DynamoDB rejects and always will, one that cannot be written, or a task that panicked.
    Bug,
    /// The role of the process lacks an action. It does not pass by itself, and waiting for somebody to give it loses nothing.
    Denied,
    /// Anything else, which may pass: timeouts, resets, internal failures of DynamoDB.
    Unavailable,
}

impl StoreError {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Whether somebody else was faster: a condition did not hold, or another transaction interfered. The caller's rule has to handle it.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self.kind, StoreErrorKind::Conflict | StoreErrorKind::ConditionFailed)
    }

    /// Whether retrying does not help as long as the release and what is stored stay as they are.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        matches!(self.kind, StoreErrorKind::Unreadable | StoreErrorKind::Bug)
    }

    /// For an item that lacks what every release has written; `what` names that, never its content.
    #[must_use]
    pub fn unreadable(what: &'static str) -> Self {
        Self { kind: StoreErrorKind::Unreadable, detail: what.into() }
    }

    /// For what cannot happen unless the service has a defect; `what` names it.
    #[must_use]
    pub fn bug(what: &'static str) -> Self {
        Self { kind: StoreErrorKind::Bug, detail: what.into() }
    }

    /// For what was read and has been changed by somebody else before it was used.
    #[must_use]
    pub fn overtaken() -> Self {
        Self { kind: StoreErrorKind::Conflict, detail: "changed meanwhile".into() }
    }

    /// For a task that panicked, or was cancelled with its runtime.
    #[must_use]
    pub fn of_task(error: &JoinError) -> Self {
        let kind = if error.is_panic() { StoreErrorKind::Bug } else { StoreErrorKind::Unavailable };
        Self { kind, detail: "a task did not end".into() }
    }

    /// For files that may still contain deleted data.
    pub(crate) fn unscrubbed(detail: String) -> Self {
        Self { kind: StoreErrorKind::Unavailable, detail }
    }

    /// Converts an error of the SDK, using its code but not its message, which may quote an item.
    pub fn from_sdk<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> Self {
        let detail = match &error {
            SdkError::ConstructionFailure(_) => "the request could not be built",
            SdkError::TimeoutError(_) => "it did not answer in time",
            SdkError::DispatchFailure(_) => "it could not be reached",
            SdkError::ResponseError(_) => "its response could not be read",
            other => other.code().unwrap_or("unknown"),
        };
        let kind = error.code().map_or(StoreErrorKind::Unavailable, of_code);
        if kind == StoreErrorKind::Denied {
            denied::log(error.message());
        }
        Self { kind, detail: detail.into() }
    }

    /// The same for a transaction, which has a reason for each of its writes.
    pub fn from_transaction<R>(error: SdkError<TransactWriteItemsError, R>) -> Self {
        let reasons = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled.cancellation_reasons(),
            _ => return Self::from_sdk(error),
        };
        let kinds: Vec<StoreErrorKind> = reasons.iter().filter_map(|reason| of_reason(reason.code()?)).collect();
        let worst = [StoreErrorKind::Bug, StoreErrorKind::Conflict, StoreErrorKind::Throttled];
        let kind = worst.into_iter().find(|kind| kinds.contains(kind)).unwrap_or(StoreErrorKind::Unavailable);
        Self { kind, detail: "TransactionCanceledException".into() }
    }
}

fn of_code(code: &str) -> StoreErrorKind {
    match code {
        CONDITION => StoreErrorKind::ConditionFailed,
        "TransactionConflictException" => StoreErrorKind::Conflict,
        "ResourceInUseException" => StoreErrorKind::AlreadyExists,
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "ThrottledException" => StoreErrorKind::Throttled,
        "ValidationException" => StoreErrorKind::Bug,
        denied::CODE => StoreErrorKind::Denied,
        _ => StoreErrorKind::Unavailable,
    }
}

/// What a reason of a cancelled transaction stands for:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>.
fn of_reason(code: &str) -> Option<StoreErrorKind> {
    Some(match code {
        "None" => return None,
        "ConditionalCheckFailed" | "TransactionConflict" => StoreErrorKind::Conflict,
        "ThrottlingError" | "ProvisionedThroughputExceeded" => StoreErrorKind::Throttled,
        "ValidationError" | "ItemCollectionSizeLimitExceeded" => StoreErrorKind::Bug,
        _ => StoreErrorKind::Unavailable,
    })
}
