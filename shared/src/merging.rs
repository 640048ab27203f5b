//! People as they are stored: put together and taken apart as the planner ([`crate::identity`]) sees them, and as admins decide.
//!
//! * [`sides`] is what the planner is told of telemetry and of Git.
//! * [`steps`] is the way from the people that stand to the people that are planned, in steps of which each is one transaction.
//! * [`run`] reads, plans and takes the steps; [`work`] is what there is to do.
//! * [`decide`] is what admins say: by hand, undo, accept, reject, link. A decision is written down first and outlives every run.
//! * [`forget`] takes somebody out of all of it. [`upload`] replaces the Git side. [`view`] is what answers show.

pub mod decide;
pub mod forget;
mod planning;
pub mod run;
pub mod sides;
pub mod steps;
pub mod upload;
pub mod view;
pub mod work;

use sha2::{Digest, Sha256};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::identity::{ClaudeId, GitId, IdentityRef};

/// What the ids of Git identities begin with; those of Claude identities are 22 characters and have no such beginning.
const GIT: &str = "git.";

/// The id of an author.
#[must_use]
pub fn git_id(name: &str, email: &str) -> GitId {
    GitId(format!("{GIT}{}", digest(&[name, email])))
}

/// The identity that an id names.
#[must_use]
pub fn identity_ref(id: &str) -> IdentityRef {
    if id.starts_with(GIT) { IdentityRef::Git(GitId(id.into())) } else { IdentityRef::Claude(ClaudeId(id.into())) }
}

/// An id in order of time: the time, and a digest of what it names.
fn timed_id(at: i64, parts: &[&str]) -> String {
    format!("{:014}-{}", at.max(0), &digest(parts)[..12])
}

/// The id of an entry of the history: in order of time, and within a millisecond in order of how far people were.
fn history_id(at: i64, revision: i64, parts: &[&str]) -> String {
    format!("{:014}-{:08}-{}", at.max(0), revision, &digest(parts)[..12])
}

/// 128 bits of SHA-256 over parts that cannot run into each other, in base64url.
fn digest<T: AsRef<[u8]>>(parts: &[T]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.as_ref().len() as u64).to_be_bytes());
        hasher.update(part);
    }
    URL_SAFE_NO_PAD.encode(&hasher.finalize()[..16])
}
