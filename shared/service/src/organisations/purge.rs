//! Erasing an organisation: out of sight at once, and out of the tables and the secret store in the background.

use super::commit::{ATTEMPTS, MAY_BE_GOOD, again};
use super::end::revoked;
use super::error::OrganisationError;
use model::organisation::Organisation;
use model::time::{Millis, SECOND};
use store::purge::Purge;
use store::secrets::Secrets;
use store::transaction::{If, Write};
use store::{Store, keys};

/// How long after a purge was asked for something of the organisation may still be stored, by requests that had begun before: an
/// export, a projection, a rotation. A purge is finished by a pass that begins later.
const GRACE: i64 = 900 * SECOND;

/// Takes the organisation out of sight: from the moment this is answered nothing of it can be seen or written, and its name can be
/// used again. What is stored is erased by [`carry_on`].
///
/// # Errors
/// It was purged already, or the database failed.
pub async fn purge(store: &Store, organisation: &Organisation, now: Millis) -> Result<(), OrganisationError> {
    for _ in 0..ATTEMPTS {
        let before = again(store, organisation).await?;
        let tokens = store.issued_tokens(&before.uid, MAY_BE_GOOD).await?;
        let remembered = Purge { org: before.org.clone(), uid: before.uid.clone(), requested_at: now };
        let mut writes = vec![
            Write::Delete(keys::organisation(&before.org), If::Revision(before.revision)),
            Write::Delete(keys::organisation_in_list(&before.org), If::Always),
            Write::Put(remembered.item(), If::Always),
        ];
        writes.extend(revoked(&tokens, now).iter().flat_map(|token| token.writes(&before)));
        match store.transact(writes).await {
            Err(error) if error.is_conflict() => {}
            other => return Ok(other?),
        }
    }
    Err(OrganisationError::Contended)
}

/// Erases what purged organisations left behind, and gives how many purges are not finished. It can be broken off at any point and
/// is to be called again until nothing is left.
///
/// # Errors
/// The database or the secret store failed.
pub async fn carry_on(store: &Store, secrets: &Secrets, now: Millis) -> Result<usize, OrganisationError> {
    let mut unfinished = 0;
    for purge in store.purges().await? {
        let removed = erase(store, secrets, &purge).await?;
        let is_over = purge.requested_at.plus(GRACE) <= now;
        if removed > 0 || is_over {
            store.scrub().await?;
        }
        if is_over {
            store.finish_purge(&purge).await?;
            // What told that there was a purge, and of whom.
            store.scrub().await?;
        } else {
            unfinished += 1;
        }
    }
    Ok(unfinished)
}

/// What only the organisation's own lists lead to goes before the lists. Gives how many items there were beside those.
async fn erase(store: &Store, secrets: &Secrets, purge: &Purge) -> Result<usize, OrganisationError> {
    secrets.erase(&purge.uid).await?;
    let tokens = store.issued_tokens(&purge.uid, usize::MAX).await?;
    let admin_keys = store.admin_keys(&purge.uid, None, usize::MAX).await?;
    let copies = tokens.iter().flat_map(|t| (0..keys::TOKEN_COPIES).map(|copy| keys::token(&t.hash, copy)));
    let digests = admin_keys.iter().map(|key| keys::admin_key(&key.hash));
    let uses = store.token_use_keys(&purge.uid).await?;
    let rejections = store.rejection_keys(&purge.uid).await?;
    store.remove_keys(copies.chain(digests).chain(uses).chain(rejections).collect()).await?;
    Ok(store.remove_everything_of(&purge.uid).await?)
}
