//! What a client is told of each error of the domain: which problem it is, and with that its status, code and headers.
//!
//! Nothing below knows HTTP, and nothing imports this file: the conversions are all that it has.

use super::routes::RouteError;
use super::{Problem, page};
use crate::auth::error::{AccessError, AuthError};
use crate::erasure::ErasureError;
use crate::merging::error::{DecisionError, UploadError};
use crate::organisations::change::SettingError;
use crate::organisations::error::OrganisationError;
use crate::organisations::rotate::RotationError;
use crate::organisations::settings::ConfigurationError;
use crate::people::{PersonError, UnknownPerson};
use crate::projection::ProjectError;
use crate::removal::ask::RemovalError;
use crate::report::error::{QuestionError, ReportError, TimeError, UnknownCursor};
use crate::report::usage::UsageError;
use http::header::CONTENT_ENCODING;
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
            AuthError::TooManyWrongKeys { wait } => Self::TooManyWrongKeys(wait.as_secs()),
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
            OrganisationError::QuotaUsedUp { wait } => Self::TooManyRotations(wait.as_secs()),
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

impl From<UnknownPerson> for Problem {
    fn from(error: UnknownPerson) -> Self {
        Self::NotFound(error.to_string().into())
    }
}

impl From<PersonError> for Problem {
    fn from(error: PersonError) -> Self {
        match error {
            PersonError::Unknown(error) => error.into(),
            PersonError::Store(error) => error.into(),
        }
    }
}

impl From<DecisionError> for Problem {
    fn from(error: DecisionError) -> Self {
        let detail = error.to_string();
        match error {
            DecisionError::Others { most } => Self::invalid("others", detail, format!("1 to {most} people")),
            DecisionError::Nobody { field } => Self::invalid(field, detail, "the id or e-mail address of a person"),
            DecisionError::Itself => Self::invalid("others", detail, "somebody else"),
            DecisionError::UnknownCandidate => Self::invalid("candidate", detail, "the id of one of its candidates"),
            DecisionError::NoAddress => Self::invalid("email", detail, "an address such as dana@example.com"),
            DecisionError::UnknownSuggestion
            | DecisionError::UnknownRejection
            | DecisionError::UnknownMerge
            | DecisionError::UnknownPerson => Self::NotFound(detail.into()),
            DecisionError::GitOnly | DecisionError::NobodyJoined => Self::Conflict(detail.into()),
            DecisionError::Store(error) => error.into(),
        }
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        let detail = error.to_string();
        match error {
            UploadError::MediaType => {
                Self::MediaTypes("application/json, text/csv, text/plain (git shortlog or git log) or text/x-mailmap")
            }
            UploadError::Coding => Self::ContentEncoding,
            UploadError::TooLarge { limit } => Self::TooLarge(limit),
            UploadError::Corrupt(_) => {
                Self::invalid(CONTENT_ENCODING.as_str(), detail, "a body encoded as Content-Encoding says")
            }
            UploadError::Unreadable(_) => {
                Self::invalid("body", detail, "Git users in the format that Content-Type names")
            }
            UploadError::NothingStored { .. } => Self::invalid("body", detail, "at least one row that can be stored"),
            UploadError::NoImport => {
                Self::invalid("import", detail, "a name for the upload, together with part and of")
            }
            UploadError::ImportName => Self::invalid("import", detail, "1 to 64 characters of A-Z a-z 0-9 - _"),
            UploadError::PartNumber { field, most } => {
                Self::invalid(field, detail, format!("a number from 1 to {most}"))
            }
            UploadError::DryRun => Self::invalid("dry_run", detail, "true without confirm, or false"),
            UploadError::PartsDiffer
            | UploadError::Unconfirmed { .. }
            | UploadError::OtherPreview
            | UploadError::NothingBefore => Self::Conflict(detail.into()),
            UploadError::Store(error) => error.into(),
        }
    }
}

impl From<ErasureError> for Problem {
    fn from(error: ErasureError) -> Self {
        match error {
            ErasureError::Unknown(error) => error.into(),
            ErasureError::Store(error) => error.into(),
            ErasureError::Unfinished(error) => error.into(),
        }
    }
}

/// What was begun and failed is written down: the schedule tries it again.
impl From<ProjectError> for Problem {
    fn from(error: ProjectError) -> Self {
        tracing::error!(%error, "work that was asked for failed; the schedule tries it again, and so does asking again");
        Self::Unavailable
    }
}

impl From<RemovalError> for Problem {
    fn from(error: RemovalError) -> Self {
        let detail = error.to_string();
        match error {
            RemovalError::Generation { newest } => {
                Self::invalid("token_generation", detail, format!("a number from 1 to {newest}"))
            }
            RemovalError::Time(error) => error.into(),
            RemovalError::Empty => Self::invalid("from", detail, "a time before `to`"),
            RemovalError::StillGood => Self::Conflict(detail.into()),
            RemovalError::Store(error) => error.into(),
        }
    }
}

impl From<TimeError> for Problem {
    fn from(error: TimeError) -> Self {
        Self::invalid(error.parameter(), error.to_string(), error.allowed())
    }
}

impl From<QuestionError> for Problem {
    fn from(error: QuestionError) -> Self {
        Self::invalid(error.parameter(), error.to_string(), error.allowed())
    }
}

impl From<UsageError> for Problem {
    fn from(error: UsageError) -> Self {
        Self::invalid(error.parameter(), error.to_string(), error.allowed())
    }
}

impl From<UnknownCursor> for Problem {
    fn from(UnknownCursor: UnknownCursor) -> Self {
        page::bad_cursor()
    }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Question(error) => error.into(),
            ReportError::Person(error) => error.into(),
            ReportError::Session(error) => Self::NotFound(error.to_string().into()),
            ReportError::Store(error) => error.into(),
            ReportError::Table(error) => error.into(),
            ReportError::Json(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                Self::Internal
            }
        }
    }
}

impl From<csv::Error> for Problem {
    fn from(error: csv::Error) -> Self {
        tracing::error!(%error, "an answer could not be written as a table");
        Self::Internal
    }
}

#[cfg(test)]
mod tests {
    use model::organisation::BadOrgName;
    use model::time::SECOND;

    use super::*;

    fn document(error: impl Into<Problem>) -> (u16, serde_json::Value) {
        let response = error.into().into_response();
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    #[test]
    fn whose_fault_it_is_says_the_status() {
        let expected: [(Problem, u16, &str); 12] = [
            (AuthError::IngestToken.into(), 401, "unauthorized"),
            (AuthError::TooManyWrongKeys { wait: 7 * SECOND }.into(), 429, "too_many_wrong_keys"),
            (AccessError::Unknown.into(), 404, "not_found"),
            (OrganisationError::Purged.into(), 404, "not_found"),
            (OrganisationError::Contended.into(), 503, "contended"),
            (OrganisationError::QuotaUsedUp { wait: 7 * SECOND }.into(), 429, "too_many_rotations"),
            (ConfigurationError::Revoked.into(), 409, "token_revoked"),
            (DecisionError::GitOnly.into(), 409, "conflict"),
            (UploadError::MediaType.into(), 415, "unsupported_media_type"),
            (UploadError::TooLarge { limit: 1 }.into(), 413, "body_too_large"),
            (RemovalError::StillGood.into(), 409, "conflict"),
            (ErasureError::Unfinished(ProjectError::Version(9)).into(), 503, "unavailable"),
        ];
        for (problem, status, code) in expected {
            let (answered, document) = document(problem);
            assert_eq!((answered, document["code"].as_str()), (status, Some(code)), "{document}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_named_with_what_it_may_be() {
        let expected: [(Problem, &str, &str); 7] = [
            (AccessError::Name(BadOrgName).into(), "org", "[a-z0-9][a-z0-9-]{0,62}"),
            (
                SettingError::OutOfRange { field: "retention_days", most: 9 }.into(),
                "retention_days",
                "a number from 1 to 9",
            ),
            (RotationError::Overlap.into(), "overlap_seconds", "a number from 0 to 2592000 (30 days)"),
            (DecisionError::Others { most: 50 }.into(), "others", "1 to 50 people"),
            (UploadError::PartNumber { field: "of", most: 999 }.into(), "of", "a number from 1 to 999"),
            (RemovalError::Generation { newest: 3 }.into(), "token_generation", "a number from 1 to 3"),
            (
                QuestionError::UnknownGrouping { known: vec!["day".into(), "user".into()] }.into(),
                "group_by",
                "any of day,user",
            ),
        ];
        for (problem, field, allowed) in expected {
            let (status, document) = document(problem);
            assert_eq!(status, 400);
            assert_eq!((&document["field"], &document["allowed"]), (&field.into(), &allowed.into()), "{document}");
        }
    }
}
