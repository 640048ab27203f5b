//! The ids of identities as they are stored.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{ClaudeId, GitId, IdentityRef};

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

/// 128 bits of SHA-256 over parts that cannot run into each other, in base64url.
#[must_use]
pub fn digest<T: AsRef<[u8]>>(parts: &[T]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.as_ref().len() as u64).to_be_bytes());
        hasher.update(part);
    }
    URL_SAFE_NO_PAD.encode(&hasher.finalize()[..16])
}
