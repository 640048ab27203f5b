#![doc = include_str!("../README.md")]

pub mod decision;
pub mod exclude;
pub mod git_users;
pub mod ids;
pub mod normal;
pub mod plan;

mod authors;
mod candidates;
mod claims;
mod claude_groups;
mod clusters;
mod crowd;
mod draft;
mod employers;
mod forms;
mod git_groups;
mod hit;
mod limits;
mod list;
mod names;
mod nickname;
mod outcome;
mod owner;
mod personal;
mod population;
mod profile;
mod provider;
mod reason;
mod rule;
mod score;
mod second_mailbox;
mod terms;

use model::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The id of one Claude identity, as the store gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClaudeId(pub String);

/// The id of one Git identity, as the store gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GitId(pub String);

/// An identity of either side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityRef {
    /// One that telemetry knows.
    Claude(ClaudeId),
    /// One that Git knows.
    Git(GitId),
}

impl IdentityRef {
    /// The id of the identity.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Claude(ClaudeId(id)) | Self::Git(GitId(id)) => id,
        }
    }
}

/// What telemetry knows of one user. Anybody with an ingest token can claim any of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClaudeIdentity {
    /// Its id.
    pub id: ClaudeId,
    /// The e-mails it signed in with; none for API keys and most cloud providers.
    #[serde(default)]
    pub emails: Vec<String>,
    /// Account uuids and account ids: the same account is the same person.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// Random ids of installations: one machine, usually one person.
    #[serde(default)]
    pub clients: Vec<String>,
    /// When it was first seen.
    #[serde(default, with = "model::time::stored")]
    pub first_seen: Timestamp,
}

/// What Git knows of one author string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GitIdentity {
    /// Its id.
    pub id: GitId,
    /// The author name as committed.
    #[serde(default)]
    pub name: String,
    /// The author e-mail as committed.
    #[serde(default)]
    pub email: String,
    /// The account name at the Git host.
    #[serde(default)]
    pub login: Option<String>,
    /// Further e-mails that the host knows of this account.
    #[serde(default)]
    pub emails: Vec<String>,
}

/// One person and everything that is theirs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Person {
    /// The identity that gives the person its id: the one an admin chose, else the Claude identity seen first, else the one
    /// with the smallest id. Git identities come after Claude identities.
    pub primary: IdentityRef,
    /// Claude identities, by id.
    #[serde(default)]
    pub claude: Vec<ClaudeId>,
    /// Git identities, by id.
    #[serde(default)]
    pub git: Vec<GitId>,
}
