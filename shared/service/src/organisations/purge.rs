//! Erasing an organisation: out of sight at once, and out of the tables and the secret store in the background.

use std::time::{Duration, Instant};

use super::commit::{ATTEMPTS, MAY_BE_GOOD, reload};
use super::end::revoked;
use super::error::OrganisationError;
use crate::share::share;
use model::organisation::{Organisation, Uid};
use model::time::{SignedDuration, Timestamp};
use store::purge::{AT_A_TIME, Pass, Purge};
use store::range::Reading;
use store::secrets::Secrets;
use store::transaction::{If, Write};
use store::{Store, StoreError, keys};

/// How long after a purge was asked for something of the organisation may still be stored, by requests that had begun before: an
/// export, a projection, a rotation. A purge is finished by a pass that begins later.
const GRACE: SignedDuration = SignedDuration::from_secs(900);
/// After how long it is noted how far a pass is. A page may take minutes: deletes are paced.
const NOTED: Duration = Duration::from_secs(30);

/// Takes the organisation out of sight: from the moment this is answered nothing of it can be seen or written, and its name can be
/// used again. What is stored is erased by [`carry_on`].
///
/// # Errors
/// It was purged already, or the database failed.
pub async fn purge(store: &Store, organisation: &Organisation, now: Timestamp) -> Result<(), OrganisationError> {
    for _ in 0..ATTEMPTS {
        let before = reload(store, organisation).await?;
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

/// Erases what purged organisations left behind until `deadline`, and gives how many purges are not finished. It can be broken off at
/// any point and is to be called again until nothing is left. One that fails stops no other, nor does one that needs longer than its share
/// of the time.
///
/// # Errors
/// The database or the secret store failed; of several failures the first.
pub async fn carry_on(
    store: &Store,
    secrets: &Secrets,
    now: Timestamp,
    deadline: Instant,
) -> Result<usize, OrganisationError> {
    let (mut unfinished, mut failed) = (0, None);
    let purges = store.purges().await?;
    for (done, purge) in purges.iter().enumerate() {
        let own = share(deadline, purges.len() - done);
        match erase(store, secrets, purge, now, own).await {
            Ok(is_finished) => unfinished += usize::from(!is_finished),
            Err(error) => {
                tracing::error!(org = %purge.org, %error, "a purge failed");
                failed.get_or_insert(error);
            }
        }
    }
    failed.map_or(Ok(unfinished), Err)
}

/// Goes on with a purge; says whether it is finished.
async fn erase(
    store: &Store,
    secrets: &Secrets,
    purge: &Purge,
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, OrganisationError> {
    let uid = &purge.uid;
    let mut pass = match store.purge_pass(uid).await? {
        Some(begun) => begun,
        None => {
            erase_tokens(store, secrets, uid).await?;
            Pass::begin(now)
        }
    };
    // What it does not find must not be there, if it is the last one. Any other may overlook what was written just now.
    let is_last = purge.requested_at.plus(GRACE) <= pass.began_at;
    let reading = if is_last { Reading::Latest } else { Reading::Recent };
    let is_through = go_through(store, uid, &mut pass, reading, deadline).await;
    if !matches!(is_through, Ok(true)) {
        let noted = store.put_purge_pass(uid, &pass).await;
        let is_through = is_through?;
        noted?;
        return Ok(is_through);
    }
    store.end_purge_pass(uid).await?;
    if pass.found > 0 || is_last {
        store.scrub().await?;
    }
    if is_last {
        store.finish_purge(purge).await?;
        tracing::info!(org = %purge.org, "nothing is left of a purged organisation");
        // What told that there was a purge, and of whom.
        store.scrub().await?;
    }
    Ok(is_last)
}

/// Goes on with a pass; says whether it is through both tables. It ends after a few deletes when `deadline` passes, and `pass` is where it
/// ended, after an error too.
async fn go_through(
    store: &Store,
    uid: &Uid,
    pass: &mut Pass,
    reading: Reading,
    deadline: Instant,
) -> Result<bool, StoreError> {
    let mut noted = Instant::now();
    while let Some(table) = pass.table {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        let Some(page) = store.purge_page(uid, pass, (table, reading), deadline).await? else { return Ok(false) };
        for keys in page.keys.chunks(AT_A_TIME) {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            store.purge_keys(pass, table, keys).await?;
            note(store, uid, pass, &mut noted).await?;
        }
        pass.turn_to(page.next);
        note(store, uid, pass, &mut noted).await?;
    }
    Ok(true)
}

/// Notes how far a pass is, if that was `noted` some time ago.
async fn note(store: &Store, uid: &Uid, pass: &Pass, noted: &mut Instant) -> Result<(), StoreError> {
    if noted.elapsed() >= NOTED {
        store.put_purge_pass(uid, pass).await?;
        *noted = Instant::now();
    }
    Ok(())
}

/// What only the organisation's own lists lead to goes before the lists.
async fn erase_tokens(store: &Store, secrets: &Secrets, uid: &Uid) -> Result<(), OrganisationError> {
    secrets.erase(uid).await?;
    let tokens = store.issued_tokens(uid, usize::MAX).await?;
    let admin_keys = store.admin_keys(uid, None, usize::MAX).await?;
    let copies = tokens.iter().flat_map(|t| (0..keys::TOKEN_COPIES).map(|copy| keys::token(&t.hash, copy)));
    let digests = admin_keys.iter().map(|key| keys::admin_key(&key.hash));
    let uses = store.token_use_keys(uid).await?;
    let rejections = store.rejection_keys(uid).await?;
    Ok(store.remove_keys(copies.chain(digests).chain(uses).chain(rejections).collect()).await?)
}
