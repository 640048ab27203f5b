//! What is known of people at one moment: what the next step rests on.

use super::inputs::{SourceEvidence, claude_side};
use identity::ids::identity_ref;
use identity::plan::PlanInput;
use identity::{GitId, GitIdentity, Person};
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
        let git = async { store.git_users_as(uid, GitIdentity::from).await.map(|(_, git)| git) };
        let (git, mut known) = tokio::try_join!(git, Self::beside_git(store, uid, state))?;
        known.input.git = git;
        Ok(known)
    }

    /// As [`read`](Self::read), with these on the Git side instead of the current ones, which are not read.
    pub async fn with_git(store: &Store, uid: &Uid, git: Vec<GitIdentity>) -> Result<Self, StoreError> {
        let state = store.people_state(uid).await?;
        let mut known = Self::beside_git(store, uid, state).await?;
        known.input.git = git;
        Ok(known)
    }

    async fn beside_git(store: &Store, uid: &Uid, state: PeopleState) -> Result<Self, StoreError> {
        let seen = |source, StoredSighting { sighting, .. }: StoredSighting| {
            sighting.seen.map(|_| SourceEvidence::by(source, &sighting))
        };
        let (decisions, standing, told) =
            tokio::try_join!(store.decisions(uid), store.people(uid), store.sightings_as(uid, seen))?;
        let input = PlanInput {
            claude: claude_side(told),
            git: Vec::new(),
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
