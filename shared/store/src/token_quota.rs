//! When tokens were recently issued to an organisation, and with which kind of admin key.

use super::organisation::REVISION;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::Timestamp;

/// Name of the attribute with the times of those requested with the root key.
const ROOT: &str = "root";
/// Name of the attribute with the times of those requested with a key of the organisation.
const ORGANISATION: &str = "organisation";

/// The tokens issued within the last day, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenQuota {
    /// Those requested with the root key.
    pub root: Vec<Timestamp>,
    /// Those requested with a key of the organisation.
    pub organisation: Vec<Timestamp>,
    revision: i64,
}

impl Store {
    /// The tokens issued to an organisation.
    pub async fn token_quota(&self, uid: &Uid) -> Result<TokenQuota, StoreError> {
        let Some(item) = self.get(&keys::token_quota(uid)).await? else { return Ok(TokenQuota::default()) };
        let times = |name| -> Vec<Timestamp> {
            item.find_texts(name).iter().filter_map(|text| text.parse().ok().map(Timestamp)).collect()
        };
        let (root, organisation) = (times(ROOT), times(ORGANISATION));
        Ok(TokenQuota { root, organisation, revision: item.required_number(REVISION)? })
    }

    /// Stores the tokens issued to an organisation.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] if others were issued since it was read.
    pub async fn put_token_quota(&self, uid: &Uid, quota: &TokenQuota) -> Result<(), StoreError> {
        let texts = |times: &[Timestamp]| -> Vec<String> { times.iter().map(|time| time.0.to_string()).collect() };
        let item = Item::at(keys::token_quota(uid))
            .texts(ROOT, &texts(&quota.root))
            .texts(ORGANISATION, &texts(&quota.organisation))
            .number(REVISION, quota.revision + 1);
        let condition = if quota.revision == 0 { If::Absent } else { If::Revision(quota.revision) };
        self.transact(vec![Write::Put(item, condition)]).await
    }
}
