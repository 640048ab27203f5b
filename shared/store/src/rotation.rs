//! Responses to rotation requests, so that a repeated request gets the same response. The token itself is not stored,
//! only its version.

use super::token::small;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::organisation::VersionId;
use model::time::{DAY, Timestamp};
use model::token::TokenHash;

/// A completed rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationRecord {
    /// The version of the secret that holds the new token.
    pub version: VersionId,
    /// The new token's public name.
    pub token_id: String,
    /// The new token's generation.
    pub generation: u32,
    /// When it was done.
    pub rotated_at: Timestamp,
    /// The requested overlap, in seconds.
    pub overlap_seconds: i64,
    /// The public name of the previous token, and when it starts to be refused.
    pub previous: Option<(String, Timestamp)>,
}

impl Store {
    /// The response given in the last 24 hours to the request with this `Idempotency-Key`.
    pub async fn rotation(
        &self,
        uid: &Uid,
        key: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<RotationRecord>, StoreError> {
        let found = self.get(&keys::rotation(uid, key)).await?.map(|item| RotationRecord::read(&item)).transpose()?;
        Ok(found.filter(|record| record.expires_at().seconds() >= now.seconds()))
    }
}

impl RotationRecord {
    fn expires_at(&self) -> Timestamp {
        self.rotated_at.plus(DAY)
    }

    /// The item that records this under `key`.
    #[must_use]
    pub fn item(&self, uid: &Uid, key: &TokenHash) -> Item {
        let item = Item::at(keys::rotation(uid, key))
            .text("version", self.version.as_str())
            .text("token_id", &*self.token_id)
            .number("generation", self.generation.into())
            .number("rotated_at", self.rotated_at.0)
            .number("overlap_seconds", self.overlap_seconds)
            .number(keys::TTL, self.expires_at().seconds());
        match &self.previous {
            Some((token_id, until)) => item.text("previous", &**token_id).number("previous_until", until.0),
            None => item,
        }
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            version: VersionId::parse(item.required_text("version")?),
            token_id: item.required_text("token_id")?.into(),
            generation: small(item, "generation")?,
            rotated_at: Timestamp(item.required_number("rotated_at")?),
            overlap_seconds: item.required_number("overlap_seconds")?,
            previous: item.optional_text("previous").map(Into::into).zip(item.find_time("previous_until")),
        })
    }
}
