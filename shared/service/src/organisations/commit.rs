//! Changing an organisation together with its tokens: all of it in one transaction, on condition that the organisation is still
//! what was decided on.

use super::error::OrganisationError;
use model::organisation::Organisation;
use store::issued::IssuedToken;
use store::transaction::{If, Write};
use store::{Store, StoreError};

/// How often a request decides anew because another one was faster.
pub(super) const ATTEMPTS: usize = 64;

/// At most two tokens of an organisation are good: its own, and the one before it during an overlap.
pub(super) const MAY_BE_GOOD: usize = 2;

/// What is to be written.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    /// The organisation as it will be; its revision is taken care of.
    pub(super) organisation: Organisation,
    /// The tokens that change, as they will be.
    pub(super) tokens: Vec<IssuedToken>,
    /// Anything else.
    pub(super) also_write: Vec<Write>,
}

impl Decision {
    /// A decision about nothing but the organisation itself.
    pub(super) fn of(organisation: Organisation) -> Self {
        Self { organisation, tokens: Vec::new(), also_write: Vec::new() }
    }
}

/// Whether what was read of an organisation and then of its tokens, newest first, is of the same moment: a rotation in between
/// adds a token that the organisation does not know of yet.
pub(super) fn is_one_snapshot(organisation: &Organisation, tokens: &[IssuedToken]) -> bool {
    tokens.first().map_or(0, |newest| newest.generation) == organisation.generation
}

/// Writes a decision that was made on `before`; `None` when something changed meanwhile, and nothing was written.
pub(super) async fn write(
    store: &Store,
    before: &Organisation,
    decision: Decision,
) -> Result<Option<Organisation>, StoreError> {
    let organisation = Organisation { revision: before.revision + 1, ..decision.organisation };
    let mut writes = vec![
        Write::Put(store::organisation::item(&organisation), If::Revision(before.revision)),
        Write::Put(store::organisation::item_in_list(&organisation), If::Always),
    ];
    writes.extend(decision.tokens.iter().flat_map(|token| token.writes(&organisation)));
    writes.extend(decision.also_write);
    match store.transact(writes).await {
        Ok(()) => Ok(Some(organisation)),
        Err(error) if error.is_conflict() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Decides on the organisation and those of its tokens that may be good, and writes it; anew as often as another request was
/// faster. A decision of `None` changes nothing.
pub(super) async fn decide(
    store: &Store,
    organisation: &Organisation,
    decide: impl Fn(&Organisation, &[IssuedToken]) -> Result<Option<Decision>, OrganisationError>,
) -> Result<Organisation, OrganisationError> {
    for _ in 0..ATTEMPTS {
        let before = reload(store, organisation).await?;
        let tokens = store.issued_tokens(&before.uid, MAY_BE_GOOD).await?;
        if !is_one_snapshot(&before, &tokens) {
            continue;
        }
        let Some(decision) = decide(&before, &tokens)? else { return Ok(before) };
        if let Some(after) = write(store, &before, decision).await? {
            return Ok(after);
        }
    }
    Err(OrganisationError::Contended)
}

/// The organisation as it is now, unless it was purged meanwhile.
pub(super) async fn reload(store: &Store, organisation: &Organisation) -> Result<Organisation, OrganisationError> {
    let found = store.organisation(&organisation.org).await?;
    let same = found.filter(|found| found.uid == organisation.uid);
    same.ok_or(OrganisationError::Purged)
}
