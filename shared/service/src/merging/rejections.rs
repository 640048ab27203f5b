//! Whom admins keep apart: suggestions that were rejected, and merges that were undone.

use serde::Serialize;
use utoipa::ToSchema;

use identity::decision::{Decision, Verdict, separations};
use model::organisation::Uid;
use model::time::Timestamp;
use store::decision::DecisionRecord;
use store::{Store, StoreError};

/// A decision that somebody is not somebody else.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = KeptApart)]
pub struct KeptApartView {
    /// Its id.
    pub id: String,
    /// When it was taken.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who took it: `root`, or the organisation's own key.
    pub by: String,
    /// Who is kept apart.
    pub one: ApartView,
    /// From whom.
    pub others: Vec<ApartView>,
}

/// An identity that is kept apart from another.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = KeptApartIdentity)]
pub struct ApartView {
    /// Its id.
    pub id: String,
    /// How it was shown when this was decided; null if nothing is known of that.
    pub identity: Option<String>,
}

/// The decisions that keep people apart and stand, the latest first.
///
/// # Errors
/// The database failed.
pub async fn kept_apart(store: &Store, uid: &Uid) -> Result<Vec<KeptApartView>, StoreError> {
    let records = store.decisions(uid).await?;
    let decisions: Vec<Decision> = records.iter().map(|record| record.decision.clone()).collect();
    let standing = separations(&decisions);
    let stands = |record: &DecisionRecord| standing.iter().any(|decision| decision.id == record.decision.id);
    Ok(records.iter().rev().filter(|record| stands(record)).filter_map(view).collect())
}

fn view(
    DecisionRecord { decision: Decision { id, at, verdict }, by, shown }: &DecisionRecord,
) -> Option<KeptApartView> {
    let Verdict::Different { one, others } = verdict else { return None };
    let view = |id: &str| ApartView { id: id.to_owned(), identity: shown.get(id).cloned() };
    Some(KeptApartView {
        id: id.0.clone(),
        at: Timestamp(*at),
        by: by.clone(),
        one: view(one.id()),
        others: others.iter().map(|other| view(other.id())).collect(),
    })
}
