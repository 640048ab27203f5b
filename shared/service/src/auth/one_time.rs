//! One-time sign-in codes: whoever starts a gateway on one machine gets a link that signs in as the root key's bearer, once, within
//! ten minutes. A code is no token and can do nothing else; the database keeps its digest alone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::error::AuthError;
use super::peer::Peer;
use super::root_key::RootKey;
use super::session::Session;
use model::random::Random;
use model::time::{SignedDuration, Timestamp};
use model::token::TokenHash;
use store::{Store, StoreError};

/// How long a code is good for.
pub const LIFETIME: SignedDuration = SignedDuration::from_secs(600);
/// Longest text that is looked at as a code.
const MAX_TEXT: usize = 64;

/// Makes a code that is good from `now` on.
pub async fn issue(store: &Store, random: &Random, now: Timestamp) -> Result<String, StoreError> {
    let code = URL_SAFE_NO_PAD.encode(random.code());
    store.create_sign_in_code(&TokenHash::of(&code), now.plus(LIFETIME)).await?;
    Ok(code)
}

/// Begins a session with a code, which is used up by it; `None` if it was used before, is too old or never was. That counts for the
/// peer as a wrong key does.
///
/// # Errors
/// Too many wrong codes or keys came from the peer, or the database or the secret store failed.
pub async fn redeem(
    code: &str,
    peer: Option<Peer>,
    store: &Store,
    root: &RootKey,
    random: &Random,
    now: Timestamp,
) -> Result<Option<Session>, AuthError> {
    root.attempts().check_everywhere(peer, store, now).await?;
    if code.len() > MAX_TEXT || !store.use_up_sign_in_code(&TokenHash::of(code), now).await? {
        root.attempts().count(peer, code, now);
        root.attempts().count_everywhere(peer, code, store, now).await?;
        return Ok(None);
    }
    Ok(Some(Session::begin_as_root(root, random, now).await?))
}
