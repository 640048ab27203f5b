//! How many tokens an organisation may be given in a day, and with whose keys.
//!
//! Secrets Manager keeps about 100 versions of a secret and removes none that is younger than a day
//! (<https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>). So what counts is versions that are made,
//! before they are made: requests at the same time, of which all but one find the organisation changed, would otherwise fill the
//! secret. And a part is the root key's alone: whoever stole a key of the organisation cannot keep its owner from replacing the
//! token that the thief has.

use super::commit::ATTEMPTS;
use super::error::OrganisationError;
use crate::auth::admin::Admin;
use model::organisation::Uid;
use model::time::{DAY, SignedDuration, Timestamp};
use store::Store;
use store::token_quota::TokenQuota;

/// Most tokens of an organisation in 24 hours that replace another one.
pub const MOST: usize = 50;
/// Most of them that keys of the organisation may ask for.
pub const WITH_OWN_KEYS: usize = 40;

/// Whose part of the day's tokens is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// What is left of all.
    Root,
    /// What keys of the organisation may ask for.
    Organisation,
}

impl From<&Admin> for Share {
    fn from(admin: &Admin) -> Self {
        if admin.is_root() { Self::Root } else { Self::Organisation }
    }
}

/// Takes one of the day's tokens.
///
/// # Errors
/// There is none left at `now`, or the database failed.
pub(super) async fn take(store: &Store, uid: &Uid, share: Share, now: Timestamp) -> Result<(), OrganisationError> {
    for _ in 0..ATTEMPTS {
        let quota = one_less(store.token_quota(uid).await?, share, now)?;
        match store.put_token_quota(uid, &quota).await {
            Err(error) if error.is_conflict() => {}
            other => return Ok(other?),
        }
    }
    Err(OrganisationError::Contended)
}

fn one_less(mut quota: TokenQuota, share: Share, now: Timestamp) -> Result<TokenQuota, OrganisationError> {
    for times in [&mut quota.root, &mut quota.organisation] {
        times.retain(|time| time.plus(DAY) > now);
    }
    let mut all = [&*quota.root, &*quota.organisation].concat();
    all.sort_unstable();
    check(&all, MOST, now)?;
    let own = match share {
        Share::Root => &mut quota.root,
        Share::Organisation => {
            check(&quota.organisation, WITH_OWN_KEYS, now)?;
            &mut quota.organisation
        }
    };
    own.push(now);
    Ok(quota)
}

/// Refuses one more than `most`; `taken` is in order of time.
fn check(taken: &[Timestamp], most: usize, now: Timestamp) -> Result<(), OrganisationError> {
    match taken.len().checked_sub(most).and_then(|oldest| taken.get(oldest)) {
        Some(oldest) => Err(OrganisationError::QuotaUsedUp {
            wait: SignedDuration::from_secs(oldest.plus(DAY).since(now).as_secs() + 1),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::{HOUR, SECOND};

    const NOW: Timestamp = Timestamp(1_795_328_009_164);

    /// How many are given at `now`, at most a hundred.
    fn given(quota: &mut TokenQuota, share: Share, now: Timestamp) -> usize {
        let give = |quota: &mut TokenQuota| match one_less(quota.clone(), share, now) {
            Ok(after) => {
                *quota = after;
                true
            }
            Err(_) => false,
        };
        (0..100).take_while(|_| give(quota)).count()
    }

    #[test]
    fn keys_of_the_organisation_leave_some_of_the_day_to_the_root_key() {
        let mut quota = TokenQuota::default();
        assert_eq!(given(&mut quota, Share::Organisation, NOW), WITH_OWN_KEYS);
        assert_eq!(given(&mut quota, Share::Root, NOW), MOST - WITH_OWN_KEYS);
        assert_eq!(given(&mut TokenQuota::default(), Share::Root, NOW), MOST);
    }

    #[test]
    fn one_is_given_again_a_day_after_the_oldest() {
        let (mut quota, later) = (TokenQuota::default(), NOW.plus(DAY / 2));
        one_less(quota.clone(), Share::Organisation, NOW).map(|after| quota = after).unwrap();
        assert_eq!(given(&mut quota, Share::Organisation, later), WITH_OWN_KEYS - 1);
        let refused = one_less(quota.clone(), Share::Organisation, later);
        assert_eq!(refused, Err(OrganisationError::QuotaUsedUp { wait: 12 * HOUR + SECOND }));
        assert_eq!(given(&mut quota, Share::Organisation, NOW.plus(DAY)), 1);
    }
}
