//! What the planner is given and gives: identities, decisions and rules in, a plan out.

use serde::{Deserialize, Serialize};

use super::decision::Decision;
use super::{ClaudeIdentity, GitId, GitIdentity, IdentityRef, Person};

pub use super::reason::Reason;
pub use super::rule::{Rule, Rules};

/// Everything that is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanInput {
    /// The Claude side. Of several with one id the smallest counts.
    #[serde(default)]
    pub claude: Vec<ClaudeIdentity>,
    /// The Git side. Of several with one id the smallest counts.
    #[serde(default)]
    pub git: Vec<GitIdentity>,
    /// What admins decided.
    #[serde(default)]
    pub decisions: Vec<Decision>,
    /// The people as they stand. They decide nothing: the plan says what differs from them.
    #[serde(default)]
    pub persons: Vec<Person>,
}

/// One identity that becomes part of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merge {
    /// The person, by its primary identity.
    pub primary: IdentityRef,
    /// The identity that joins.
    pub joined: IdentityRef,
    /// Why.
    pub reason: Reason,
}

/// One identity that no longer is part of a person, because its evidence is gone or an admin said so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Release {
    /// The person it was part of.
    pub primary: IdentityRef,
    /// The identity that leaves.
    pub released: IdentityRef,
}

/// Who a person may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The person, by its primary identity.
    pub user: IdentityRef,
    /// Best first.
    pub candidates: Vec<SuggestedGit>,
}

/// One candidate of a suggestion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SuggestedGit {
    /// Its Git identities.
    pub git: Vec<GitId>,
    /// Why, and how sure.
    pub reason: Reason,
}

/// What kept identities apart that would have been joined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Conflict {
    /// A sentence for an admin.
    pub text: String,
    /// Those concerned.
    pub identities: Vec<IdentityRef>,
}

/// What to do, and how things stand once it is done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MergePlan {
    /// Every identity, each with exactly one person.
    pub persons: Vec<Person>,
    /// What joins, against the people of the input.
    pub merges: Vec<Merge>,
    /// What leaves, against the people of the input.
    pub releases: Vec<Release>,
    /// Who may be whom.
    pub suggestions: Vec<Suggestion>,
    /// What is blocked.
    pub conflicts: Vec<Conflict>,
}

impl MergePlan {
    /// True if there is nothing to apply.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.merges.is_empty() && self.releases.is_empty()
    }
}
