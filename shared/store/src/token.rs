//! Digests of tokens, together with everything that ingest needs to know about them, so that one read is enough.

use std::sync::atomic::{AtomicU8, Ordering};

use super::marks::Marks;
use super::{Item, Store, StoreError, keys};
use model::organisation::{Limits, OrgName, Uid};
use model::time::Timestamp;
use model::token::{TokenHash, TokenKind};

/// A token as stored in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// What it may be used for.
    pub kind: TokenKind,
    /// The organisation it belongs to.
    pub org: OrgName,
    /// The uid of that organisation, as used in keys.
    pub uid: Uid,
    /// Its generation, from 1.
    pub generation: u32,
    /// Its state.
    pub state: TokenState,
    /// When it was issued.
    pub created_at: Timestamp,
    /// How long the organisation keeps events, in days.
    pub retention_days: u32,
    /// Whether the organisation stores content.
    pub store_content: bool,
    /// Whether the organisation stores names of tools.
    pub store_tool_names: bool,
    /// How old a record may be when it arrives, in days.
    pub accept_late_days: u32,
    /// Why and until when some or all exports with it are refused. Not written with the token: see [`Marks`].
    pub marks: Marks,
}

/// The state of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// The organisation's current token.
    Live,
    /// Replaced at `at`, and valid until the overlap ends at `until`, which readers have to check.
    Overlapping {
        /// When it was replaced.
        at: Timestamp,
        /// When it starts to be refused.
        until: Timestamp,
    },
    /// Replaced at `at`, and refused regardless of any clock, since two machines' clocks never agree on an instant.
    Retired {
        /// When it was replaced.
        at: Timestamp,
        /// When it started to be refused.
        until: Timestamp,
    },
    /// Refused because an admin revoked it or disabled the organisation.
    Revoked {
        /// When it was revoked.
        at: Timestamp,
    },
}

/// Which copy of a token's item is read next. Copies take turns, so that reads are spread over all of them.
static TURN: AtomicU8 = AtomicU8::new(0);

impl Store {
    /// The token with this digest, read consistently.
    pub async fn token(&self, hash: &TokenHash) -> Result<Option<TokenRecord>, StoreError> {
        let copy = TURN.fetch_add(1, Ordering::Relaxed);
        self.get(&keys::token(hash, copy)).await?.map(|item| TokenRecord::read(&item)).transpose()
    }
}

impl TokenRecord {
    /// The items of all copies.
    #[must_use]
    pub fn items(&self, hash: &TokenHash) -> Vec<Item> {
        (0..keys::TOKEN_COPIES).map(|copy| self.item(keys::token(hash, copy))).collect()
    }

    fn item(&self, key: keys::Key) -> Item {
        let item = Item::at(key)
            .text(
                "kind",
                match self.kind {
                    TokenKind::Ingest => "ingest",
                    TokenKind::Admin => "admin",
                },
            )
            .text("org", self.org.as_str())
            .text("uid", self.uid.as_str())
            .number("generation", self.generation.into())
            .number("created_at", self.created_at.0)
            .number("retention_days", self.retention_days.into())
            .flag("store_content", self.store_content)
            .flag("store_tool_names", self.store_tool_names)
            .number("accept_late_days", self.accept_late_days.into());
        self.state.write(item)
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            kind: match item.required_text("kind")? {
                "ingest" => TokenKind::Ingest,
                "admin" => TokenKind::Admin,
                _ => return Err(StoreError::unreadable("kind")),
            },
            org: item.required_text("org")?.parse().map_err(|_| StoreError::unreadable("org"))?,
            uid: Uid::parse(item.required_text("uid")?).ok_or(StoreError::unreadable("uid"))?,
            generation: small(item, "generation")?,
            state: TokenState::read(item)?,
            created_at: Timestamp(item.required_number("created_at")?),
            retention_days: small(item, "retention_days")?,
            store_content: item.find_flag("store_content"),
            store_tool_names: item.find_flag("store_tool_names"),
            // Items written by an earlier release have the default limit.
            accept_late_days: small(item, "accept_late_days").unwrap_or(Limits::default().accept_late_days),
            marks: Marks::read(item),
        })
    }
}

impl TokenState {
    /// Whether the token is valid for an export that starts at `now`.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        match self {
            Self::Live => true,
            Self::Overlapping { until, .. } => now < *until,
            Self::Retired { .. } | Self::Revoked { .. } => false,
        }
    }

    /// When the token was replaced or revoked, and when it starts to be refused; `None` for the current token.
    #[must_use]
    pub fn end(&self) -> Option<(Timestamp, Timestamp)> {
        match *self {
            Self::Live => None,
            Self::Overlapping { at, until } | Self::Retired { at, until } => Some((at, until)),
            Self::Revoked { at } => Some((at, at)),
        }
    }

    pub(super) fn write(self, item: Item) -> Item {
        match self {
            Self::Live => item,
            Self::Overlapping { at, until } => {
                item.number("retired_at", at.0).number("valid_until", until.0).flag("overlap", true)
            }
            Self::Retired { at, until } => item.number("retired_at", at.0).number("valid_until", until.0),
            Self::Revoked { at } => item.number("revoked_at", at.0),
        }
    }

    pub(super) fn read(item: &Item) -> Result<Self, StoreError> {
        match (item.find_time("revoked_at"), item.find_time("retired_at"), item.find_time("valid_until")) {
            (Some(at), ..) => Ok(Self::Revoked { at }),
            (None, Some(at), Some(until)) if item.find_flag("overlap") => Ok(Self::Overlapping { at, until }),
            (None, Some(at), Some(until)) => Ok(Self::Retired { at, until }),
            (None, None, None) => Ok(Self::Live),
            _ => Err(StoreError::unreadable("retired_at")),
        }
    }
}

pub(super) fn small(item: &Item, name: &'static str) -> Result<u32, StoreError> {
    u32::try_from(item.required_number(name)?).map_err(|_| StoreError::unreadable(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_token_is_valid_until_its_overlap_ends_and_not_at_its_end() {
        let overlapping = TokenState::Overlapping { at: Timestamp(1_000), until: Timestamp(2_000) };
        assert_eq!([0, 1_999, 2_000, 2_001].map(|now| overlapping.is_good(Timestamp(now))), [true, true, false, false]);
    }

    #[test]
    fn a_live_token_is_always_valid_and_a_retired_or_revoked_one_never() {
        let retired = TokenState::Retired { at: Timestamp(1_000), until: Timestamp(2_000) };
        for now in [0, 1_000, 2_000, i64::MAX].map(Timestamp) {
            assert!(TokenState::Live.is_good(now));
            assert!(!retired.is_good(now) && !TokenState::Revoked { at: Timestamp(1_000) }.is_good(now), "{now:?}");
        }
    }
}
