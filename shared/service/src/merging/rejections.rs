//! Whom admins keep apart: suggestions that were rejected, and merges that were undone. Decisions hold ids alone, so that whoever is
//! forgotten is in none of them by name; names are looked up when the list is read.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use crate::people::directory::Directory;
use crate::people::view::PersonView;
use identity::IdentityRef;
use identity::decision::{Decision, Verdict, separations};
use identity::git_users::GitUser;
use identity::ids::{git_id, identity_ref};
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
    /// The identity in words; null if it is not known any more.
    pub identity: Option<String>,
}

/// The decisions that keep people apart and stand, the latest first.
pub async fn kept_apart(store: &Store, uid: &Uid) -> Result<Vec<DecisionRecord>, StoreError> {
    let mut records = store.decisions(uid).await?;
    let decisions: Vec<Decision> = records.iter().map(|record| record.decision.clone()).collect();
    let standing: BTreeSet<&str> = separations(&decisions).into_iter().map(|decision| decision.id.0.as_str()).collect();
    records.retain(|record| standing.contains(record.decision.id.0.as_str()));
    records.reverse();
    Ok(records)
}

/// How the Git users of these ids are shown. Of the others nothing is held, and where no id is of Git nothing is read.
async fn authors(store: &Store, uid: &Uid, ids: &BTreeSet<&str>) -> Result<BTreeMap<String, String>, StoreError> {
    if !ids.iter().any(|id| matches!(identity_ref(id), IdentityRef::Git(_))) {
        return Ok(BTreeMap::new());
    }
    let shown = |GitUser { name, email, .. }: GitUser| {
        let id = git_id(&name, &email).0;
        ids.contains(id.as_str()).then(|| (id, format!("{name} <{email}>")))
    };
    let (_, found) = store.some_git_users(uid, shown).await?;
    Ok(found.into_iter().collect())
}

/// Such decisions with whom they name, as they are known now.
pub async fn named(store: &Store, uid: &Uid, records: &[DecisionRecord]) -> Result<Vec<KeptApartView>, StoreError> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: BTreeSet<&str> = records.iter().flat_map(|record| record.decision.verdict.named()).collect();
    let (directory, authors) = tokio::try_join!(Directory::read(store, uid), authors(store, uid, &wanted))?;
    let view = |identity: &IdentityRef| {
        let id = identity.id().to_owned();
        let shown = match identity {
            IdentityRef::Git(_) => authors.get(&id).cloned(),
            IdentityRef::Claude(_) => {
                let PersonView { email, name, .. } = PersonView::of(&directory, &id);
                email.or(name)
            }
        };
        ApartView { id, identity: shown }
    };
    let views = records.iter().filter_map(|DecisionRecord { decision: Decision { id, at, verdict }, by }| {
        let Verdict::Different { one, others } = verdict else { return None };
        let (id, at, by) = (id.0.clone(), *at, by.clone());
        Some(KeptApartView { id, at, by, one: view(one), others: others.iter().map(view).collect() })
    });
    Ok(views.collect())
}
