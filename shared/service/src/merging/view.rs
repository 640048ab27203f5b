//! What answers show of people, merges and suggestions. Names and addresses were cleaned when they were stored.

use serde::Serialize;
use utoipa::ToSchema;

use super::import::{Change, Matches};
use crate::people::view::PersonView;
use identity::git_users::{Rejection, Report};
use model::time::Timestamp;
use store::merge::MergeRecord;
use store::merge_run::RunOutcome;
use store::person::KnownAuthor;
use store::suggestion::SuggestionRecord;

/// What a run found: how many people are what.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MergeOutcome)]
pub struct OutcomeView {
    /// People who are several identities.
    pub merged: usize,
    /// People for whom there is a suggestion.
    pub suggested: usize,
    /// People with an e-mail address of whom nothing more is known.
    pub unmatched: usize,
    /// What was kept apart because it contradicts itself.
    pub conflicts: usize,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
}

impl From<RunOutcome> for OutcomeView {
    fn from(RunOutcome { merged, suggested, unmatched, conflicts, duration_ms }: RunOutcome) -> Self {
        Self { merged, suggested, unmatched, conflicts, duration_ms }
    }
}

/// A run that is not done.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MergeRunning)]
pub struct RunningView {
    /// The run, to be asked for again.
    pub run: String,
    /// Always `running`.
    pub status: &'static str,
}

/// A decision that is written down.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Decided)]
pub struct DecidedView {
    /// Always `decided`.
    pub status: &'static str,
}

/// An entry of the history.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Merge)]
pub struct MergeView {
    /// Its id.
    pub id: String,
    /// When it was done.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who did it: `merge` for a run, else the admin who decided.
    pub by: String,
    /// The person, as it then was.
    pub person: PersonView,
    /// Who joined, and why.
    pub joined: Vec<JoinedView>,
    /// Who left, by id.
    pub released: Vec<String>,
    /// Why, in a sentence.
    pub reason: String,
    /// When it was undone; null if it was not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub undone_at: Option<Timestamp>,
    /// Who undid it.
    pub undone_by: Option<String>,
}

/// Somebody who joined.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Joined)]
pub struct JoinedView {
    /// The id of the identity.
    pub id: String,
    /// The identity in words.
    pub identity: String,
    /// The rule that says so.
    #[schema(value_type = String)]
    pub rule: identity::plan::Rule,
    /// Why, in a sentence.
    pub reason: String,
    /// How sure, from 0 to 1.
    pub score: f64,
}

/// Why somebody left whom nobody joined. A run separates for either reason, and does not note for which.
const SEPARATED: &str = "the evidence is gone, or an admin separated them";

impl From<MergeRecord> for MergeView {
    fn from(record: MergeRecord) -> Self {
        let reason = record.strongest().map_or_else(|| SEPARATED.to_owned(), |joined| joined.reason.clone());
        let MergeRecord { id, at, by, person, email, name, joined, released, undone, .. } = record;
        let joined = joined.into_iter().map(|joined| JoinedView {
            id: joined.id,
            identity: joined.shown,
            rule: joined.rule,
            reason: joined.reason,
            score: joined.score,
        });
        Self {
            id,
            at,
            by,
            person: PersonView { id: person, email, name },
            joined: joined.collect(),
            released,
            reason,
            undone_at: undone.as_ref().map(|undone| undone.0),
            undone_by: undone.map(|undone| undone.1),
        }
    }
}

/// Who a person may be.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Suggestion)]
pub struct SuggestionView {
    /// Its id.
    pub id: String,
    /// The person.
    pub user: PersonView,
    /// Best first, at most three.
    pub candidates: Vec<CandidateView>,
}

/// Whom a person may be.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Candidate)]
pub struct CandidateView {
    /// Its id.
    pub id: String,
    /// Authors of commits, at most ten.
    pub git: Vec<AuthorView>,
    /// How sure, from 0 to 1.
    pub score: f64,
    /// Why, in a sentence.
    pub reason: String,
}

/// An author of commits.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Author)]
pub struct AuthorView {
    /// The author name.
    pub name: String,
    /// The author e-mail.
    pub email: String,
    /// The account name at the Git host.
    pub login: Option<String>,
}

impl From<KnownAuthor> for AuthorView {
    fn from(KnownAuthor { name, email, login, .. }: KnownAuthor) -> Self {
        Self { name, email, login }
    }
}

impl From<SuggestionRecord> for SuggestionView {
    fn from(SuggestionRecord { user, email, candidates }: SuggestionRecord) -> Self {
        let candidates = candidates.into_iter().map(|candidate| CandidateView {
            id: candidate.authors.first().cloned().unwrap_or_default(),
            git: candidate.shown.into_iter().map(AuthorView::from).collect(),
            score: candidate.score,
            reason: candidate.reason,
        });
        Self { id: user.clone(), candidates: candidates.collect(), user: PersonView { id: user, email, name: None } }
    }
}

/// What became of an upload of Git users.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GitUsersReport)]
pub struct ReportView {
    /// Rows read.
    pub received: u64,
    /// Distinct Git users stored.
    pub stored: u64,
    /// Rows that were not stored, at most the first 1,000.
    pub rejected: Vec<RejectionView>,
    /// Of rows that were stored, optional fields that could not be read and were left out, at most the first 1,000.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<RejectionView>,
    /// Of a dry run: what the upload would change.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub preview: Option<PreviewView>,
}

/// What an upload of Git users would change. Nothing is replaced yet.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GitUsersPreview)]
pub struct PreviewView {
    /// The id of the dry run, for `confirm`.
    pub id: String,
    /// Git users that are new.
    pub added: usize,
    /// Git users that would be gone.
    pub removed: usize,
    /// True if so many would be gone that the upload needs `confirm`.
    pub needs_confirmation: bool,
    /// How many people would have no match any more.
    pub people_losing_their_match: usize,
    /// How many people would have one.
    pub people_gaining_one: usize,
    /// Who would have no match any more, at most the first 100.
    pub losing: Vec<PersonView>,
    /// Who would have one, at most the first 100.
    pub gaining: Vec<PersonView>,
}

/// The Git users that were brought back.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GitUsersRestored)]
pub struct RestoredView {
    /// How many there are.
    pub stored: usize,
}

/// A row that was not stored.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RejectedRow)]
pub struct RejectionView {
    /// The line, or the position in a JSON array, from 1.
    pub line: u64,
    /// Why, in words that never repeat the row.
    pub reason: String,
}

impl From<Report> for ReportView {
    fn from(Report { received, stored, rejected, ignored, .. }: Report) -> Self {
        let row = |Rejection { line, reason }: Rejection| RejectionView { line, reason: reason.to_string() };
        let (rejected, ignored) = (rejected.into_iter().map(row).collect(), ignored.into_iter().map(row).collect());
        Self { received, stored, rejected, ignored, preview: None }
    }
}

impl ReportView {
    /// What would become of an upload.
    #[must_use]
    pub fn preview(report: Report, change: Change, Matches { losing, gaining }: Matches) -> Self {
        let preview = PreviewView {
            needs_confirmation: change.needs_confirmation(),
            id: change.id,
            added: change.added,
            removed: change.removed,
            people_losing_their_match: losing.len(),
            people_gaining_one: gaining.len(),
            losing: Matches::named(losing),
            gaining: Matches::named(gaining),
        };
        Self { preview: Some(preview), ..Self::from(report) }
    }
}

/// An upload that is not complete.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PartialImport)]
pub struct PartialView {
    /// The upload.
    pub import: String,
    /// The parts that are missing.
    pub missing: Vec<usize>,
}
