//! The register of an organisation's ingest tokens: every token ever issued, with its state. The items that ingest
//! reads are derived from it.

use super::marks::Marks;
use super::query::Range;
use super::token::{TokenRecord, TokenState, small};
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use model::organisation::VersionId;
use model::organisation::{Organisation, Uid};
use model::time::Timestamp;
use model::token::{TokenHash, TokenKind};

/// A token in the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// Its generation, from 1.
    pub generation: u32,
    /// Its digest.
    pub hash: TokenHash,
    /// The version of the organisation's secret that holds it.
    pub version: VersionId,
    /// When it was issued.
    pub created_at: Timestamp,
    /// Its state.
    pub state: TokenState,
}

impl Store {
    /// An organisation's tokens, newest first, at most `limit`.
    pub async fn issued_tokens(&self, uid: &Uid, limit: usize) -> Result<Vec<IssuedToken>, StoreError> {
        let partition = keys::issued_partition(uid);
        let found = self.query(Range::all(&partition).newest_first().at_most(limit)).await?;
        found.iter().map(IssuedToken::read).collect()
    }
}

impl IssuedToken {
    /// The writes needed when this token or its organisation changes: its entry in the register and the items that
    /// ingest reads.
    #[must_use]
    pub fn writes(&self, organisation: &Organisation) -> Vec<Write> {
        let items = std::iter::once(self.item(&organisation.uid)).chain(self.record(organisation).items(&self.hash));
        items.map(|item| Write::Put(item, If::Always)).collect()
    }

    /// Its generation and the end of its overlap with its successor, if that has not passed at `now`.
    #[must_use]
    pub fn overlap(&self, now: Timestamp) -> Option<(u32, Timestamp)> {
        match self.state {
            TokenState::Overlapping { until, .. } if self.state.is_good(now) => Some((self.generation, until)),
            TokenState::Overlapping { .. }
            | TokenState::Live
            | TokenState::Retired { .. }
            | TokenState::Revoked { .. } => None,
        }
    }

    fn record(&self, organisation: &Organisation) -> TokenRecord {
        TokenRecord {
            kind: TokenKind::Ingest,
            org: organisation.org.clone(),
            uid: organisation.uid.clone(),
            generation: self.generation,
            state: self.state,
            created_at: self.created_at,
            retention_days: organisation.settings.retention_days,
            store_content: organisation.settings.store_content,
            store_tool_names: organisation.settings.store_tool_names,
            accept_late_days: organisation.settings.limits.accept_late_days,
            marks: Marks::default(),
        }
    }

    fn item(&self, uid: &Uid) -> Item {
        let item = Item::at(keys::issued(uid, self.generation))
            .number("generation", self.generation.into())
            .text("digest", self.hash.encoded())
            .text("version", self.version.as_str())
            .number("created_at", self.created_at.0);
        self.state.write(item)
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            generation: small(item, "generation")?,
            hash: TokenHash::parse(item.required_text("digest")?).ok_or(StoreError::unreadable("digest"))?,
            version: VersionId::parse(item.required_text("version")?),
            created_at: Timestamp(item.required_number("created_at")?),
            state: TokenState::read(item)?,
        })
    }
}
