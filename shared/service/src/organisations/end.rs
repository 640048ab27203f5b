//! Ending tokens: an overlap, all of them, or the whole organisation.

use super::commit::{Decision, decide};
use super::error::OrganisationError;
use model::organisation::{Organisation, State};
use model::time::Timestamp;
use store::Store;
use store::issued::IssuedToken;
use store::token::TokenState;

/// Ends an overlap: the token before is refused from the moment this is answered. Changes nothing if there is no overlap.
///
/// # Errors
/// [`OrganisationError::Purged`], [`OrganisationError::Contended`], or the database failed.
pub async fn revoke_previous(
    store: &Store,
    organisation: &Organisation,
    now: Timestamp,
) -> Result<Organisation, OrganisationError> {
    decide(store, organisation, |before, tokens| {
        let ended: Vec<_> = tokens.iter().filter_map(|token| end_overlap(token, now)).collect();
        Ok((!ended.is_empty()).then(|| Decision { tokens: ended, ..Decision::of(before.clone()) }))
    })
    .await
}

fn end_overlap(token: &IssuedToken, now: Timestamp) -> Option<IssuedToken> {
    match token.state {
        TokenState::Overlapping { at, until } => {
            Some(IssuedToken { state: TokenState::Retired { at, until: until.min(now) }, ..token.clone() })
        }
        _ => None,
    }
}

/// Refuses every token from the moment this is answered, until the next rotation.
///
/// # Errors
/// [`OrganisationError::Purged`], [`OrganisationError::Contended`], or the database failed.
pub async fn revoke(
    store: &Store,
    organisation: &Organisation,
    now: Timestamp,
) -> Result<Organisation, OrganisationError> {
    decide(store, organisation, |before, tokens| {
        let ended = revoked(tokens, now);
        let organisation = || Organisation { revoked_at: Some(now), ..before.clone() };
        Ok((!ended.is_empty()).then(|| Decision { tokens: ended, ..Decision::of(organisation()) }))
    })
    .await
}

/// Refuses every token and keeps everything else, until the organisation is enabled again.
///
/// # Errors
/// [`OrganisationError::Purged`], [`OrganisationError::Contended`], or the database failed.
pub async fn disable(
    store: &Store,
    organisation: &Organisation,
    now: Timestamp,
) -> Result<Organisation, OrganisationError> {
    decide(store, organisation, |before, tokens| {
        if before.state == State::Disabled {
            return Ok(None);
        }
        let organisation = Organisation { state: State::Disabled, ..before.clone() };
        Ok(Some(Decision { tokens: revoked(tokens, now), ..Decision::of(organisation) }))
    })
    .await
}

/// The tokens that are good and will not be.
pub(super) fn revoked(tokens: &[IssuedToken], now: Timestamp) -> Vec<IssuedToken> {
    let good = tokens.iter().filter_map(|token| match token.state {
        TokenState::Live => Some(TokenState::Revoked { at: now }).map(|state| (token, state)),
        TokenState::Overlapping { at, until } => Some((token, TokenState::Retired { at, until: until.min(now) })),
        TokenState::Retired { .. } | TokenState::Revoked { .. } => None,
    });
    good.map(|(token, state)| IssuedToken { state, ..token.clone() }).collect()
}
