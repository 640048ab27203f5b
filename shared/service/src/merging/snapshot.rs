//! What is known of people at one moment: what the next step rests on.

use super::inputs::{SourceEvidence, claude_side, git_identity};
use identity::ids::identity_ref;
use identity::plan::PlanInput;
use identity::{GitId, Person};
use model::organisation::Uid;
use store::decision::DecisionRecord;
use store::people_state::PeopleState;
use store::person::PersonRecord;
use store::sighting::StoredSighting;
use store::{Store, StoreError};

/// What the next step of people rests on.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// How far people are.
    pub state: PeopleState,
    /// All of it as the planner takes it.
    pub input: PlanInput,
    /// What admins decided, and who did.
    pub decisions: Vec<DecisionRecord>,
    /// People as they stand.
    pub standing: Vec<PersonRecord>,
}

impl Snapshot {
    /// Reads all of it. How far people are is read first, so that whatever changes meanwhile is noticed: who is forgotten after
    /// that is never put together again from what was read before.
    pub async fn read(store: &Store, uid: &Uid) -> Result<Self, StoreError> {
        let state = store.people_state(uid).await?;
        let seen = |source, StoredSighting { sighting, .. }: StoredSighting| {
            sighting.seen.map(|_| SourceEvidence::by(source, &sighting))
        };
        let ((_, git), decisions, standing, told) = tokio::try_join!(
            store.git_users_as(uid, git_identity),
            store.decisions(uid),
            store.people(uid),
            store.sightings_as(uid, seen)
        )?;
        let input = PlanInput {
            claude: claude_side(told),
            git,
            decisions: decisions.iter().map(|record| record.decision.clone()).collect(),
            persons: standing.iter().map(planned).collect(),
        };
        Ok(Self { state, input, decisions, standing })
    }
}

/// A person as the planner takes it.
fn planned(person: &PersonRecord) -> Person {
    Person {
        primary: identity_ref(&person.id),
        claude: person.claude.clone(),
        git: person.git.iter().map(|git| GitId(git.id.clone())).collect(),
    }
}
