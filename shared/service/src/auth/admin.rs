//! Who may administer: the bearer of the root key, or of a key of one organisation.
//!
//! Keys are compared and looked up by their digests; the database has nothing else of them.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::bearer;
use super::error::{AccessError, AuthError};
use super::peer::Peer;
use super::root_key::RootKey;
use model::organisation::{OrgName, Organisation, State};
use model::time::Timestamp;
use model::token::{PlainToken, TokenHash, TokenKind};
use store::{Store, StoreError};

/// Longest text that is looked at as a key.
const MAX_KEY: usize = 128;

/// Somebody who may administer. Only this gate makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    scope: Scope,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Scope {
    Root,
    /// The organisation as it was when the key was looked up.
    Organisation(Box<Organisation>),
}

/// Lets in who presents an admin key in `Authorization: Bearer`; wrong ones count for the peer that they come from.
///
/// # Errors
/// There is no key, it is unknown or no admin key, too many wrong ones came from the peer, or the database or the secret store failed.
pub async fn authenticate(
    headers: &HeaderMap,
    peer: Option<Peer>,
    store: &Store,
    root: &RootKey,
    now: Timestamp,
) -> Result<Admin, AuthError> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    match value.and_then(bearer::presented) {
        Some(key) => authenticate_key(key, peer, store, root, now).await,
        None => Err(AuthError::NoKey),
    }
}

/// Lets in who presents this admin key, however it came here; wrong ones count for the peer that they come from.
///
/// # Errors
/// It is unknown or no admin key, too many wrong ones came from the peer, or the database or the secret store failed.
pub async fn authenticate_key(
    key: &str,
    peer: Option<Peer>,
    store: &Store,
    root: &RootKey,
    now: Timestamp,
) -> Result<Admin, AuthError> {
    root.attempts().check(peer, now)?;
    let found = look_up(key, store, root, now).await;
    if found.as_ref().is_err_and(AuthError::is_wrong_key) {
        root.attempts().count(peer, key, now);
    }
    found
}

async fn look_up(key: &str, store: &Store, root: &RootKey, now: Timestamp) -> Result<Admin, AuthError> {
    if key.len() > MAX_KEY || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return Err(AuthError::UnknownKey);
    }
    if let Ok(token) = key.parse::<PlainToken>() {
        if token.kind() == TokenKind::Ingest {
            return Err(AuthError::IngestToken);
        }
        if let Some(admin) = of_key(&token.hash(), store).await? {
            return Ok(admin);
        }
    }
    if root.matches(&TokenHash::of(key), now).await? { Ok(Admin::root()) } else { Err(AuthError::UnknownKey) }
}

/// Who holds the organisation's admin key with this digest, if there is such a key. If the name has another uid now, the key's own
/// organisation was purged and the name is somebody else's.
pub(super) async fn of_key(hash: &TokenHash, store: &Store) -> Result<Option<Admin>, StoreError> {
    let Some(record) = store.admin_key(hash).await? else { return Ok(None) };
    let found = store.organisation(&record.org).await?;
    let own = found.filter(|organisation| organisation.uid == record.uid);
    Ok(own.map(|own| Admin { scope: Scope::Organisation(Box::new(own)) }))
}

impl Admin {
    /// The bearer of the root key.
    pub(super) fn root() -> Self {
        Self { scope: Scope::Root }
    }

    /// Whether this is the bearer of the root key, who sees every organisation.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.scope == Scope::Root
    }

    /// What is written down of who decided something.
    #[must_use]
    pub fn signature(&self) -> String {
        match &self.scope {
            Scope::Root => "root".into(),
            Scope::Organisation(own) => format!("a key of {}", own.org),
        }
    }

    /// The organisation whose key this is; `None` for the root key.
    #[must_use]
    pub fn own(&self) -> Option<&Organisation> {
        match &self.scope {
            Scope::Root => None,
            Scope::Organisation(own) => Some(own),
        }
    }

    /// The name in a path, if it is one and this admin may see what has it.
    ///
    /// # Errors
    /// It is no name of an organisation, or it is another organisation's.
    pub fn name(&self, text: &str) -> Result<OrgName, AccessError> {
        let name: OrgName = text.parse()?;
        match &self.scope {
            Scope::Organisation(own) if own.org != name => Err(AccessError::Unknown),
            _ => Ok(name),
        }
    }

    /// The organisation named in a path, enabled or disabled.
    ///
    /// # Errors
    /// There is none that this admin may see, or the database failed.
    pub async fn organisation(&self, text: &str, store: &Store) -> Result<Organisation, AccessError> {
        let name = self.name(text)?;
        let found = match &self.scope {
            Scope::Organisation(own) => Some(own.as_ref().clone()),
            Scope::Root => store.organisation(&name).await?,
        };
        found.filter(|organisation| organisation.state != State::Enabling).ok_or(AccessError::Unknown)
    }
}
