//! What a request asks to be removed.

use crate::http::query::Query;
use crate::report::error::TimeError;
use crate::report::range;
use model::organisation::{Organisation, State};
use model::time::{MILLISECOND, Timestamp};
use store::removal::{Haul, RemovalRecord};
use store::{Store, StoreError};

/// Why what a token sent is not removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemovalError {
    /// The organisation had no token of the generation, or none was named.
    #[error("there is no token of that generation")]
    Generation {
        /// The generation of the newest token; the oldest is 1.
        newest: u32,
    },
    /// A time is none.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// No time is between the ends, or none that is over.
    #[error("it is not before `to`, or not in the past")]
    Empty,
    /// The token is still good, and nobody confirmed that this is known.
    #[error(
        "this token is still good: what is removed could be sent again. Rotate or revoke it first, or add confirm=true"
    )]
    StillGood,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    haul: Haul,
    is_open: bool,
}

impl Request {
    /// Reads a request that is made at `now`. Without `from` it is everything that came before `to`, without `to` what has come until now.
    ///
    /// # Errors
    /// A parameter makes no sense.
    pub fn read(query: &Query<'_>, organisation: &Organisation, now: Timestamp) -> Result<Self, RemovalError> {
        let newest = organisation.generation;
        let generation = query.get("token_generation").and_then(|text| text.parse().ok());
        let generation = generation
            .filter(|generation| (1..=newest).contains(generation))
            .ok_or(RemovalError::Generation { newest })?;
        let from = range::instant(query, "from", organisation)?.unwrap_or(Timestamp(0));
        let to = range::instant(query, "to", organisation)?;
        // What arrives later is not there to be removed.
        let is_open = to.is_none_or(|to| to > now);
        let end = to.filter(|_| !is_open).unwrap_or(now.plus(MILLISECOND));
        if from >= end {
            return Err(RemovalError::Empty);
        }
        let haul = Haul { generation, from, to: end };
        Ok(Self { haul, is_open })
    }

    /// Writes down that it is to be done. One that is asked for again while it is not done is the same one. `is_confirmed` says that the
    /// token may still be good.
    ///
    /// # Errors
    /// [`RemovalError::StillGood`], or the database failed.
    pub async fn begin(
        &self,
        store: &Store,
        organisation: &Organisation,
        is_confirmed: bool,
        now: Timestamp,
    ) -> Result<RemovalRecord, RemovalError> {
        let uid = &organisation.uid;
        let Haul { generation, from, to } = self.haul;
        let is_same = |known: &RemovalRecord| {
            let ends_alike = known.is_open == self.is_open && (self.is_open || known.haul.to == to);
            known.finished_at.is_none() && known.haul.generation == generation && known.haul.from == from && ends_alike
        };
        if let Some(known) = store.removals(uid).await?.into_iter().find(is_same) {
            return Ok(known);
        }
        if !is_confirmed && self.is_still_good(store, organisation, now).await? {
            return Err(RemovalError::StillGood);
        }
        let removal = RemovalRecord {
            id: format!("{:014}-{generation}-{}", now.0.max(0), from.0),
            haul: self.haul,
            is_open: self.is_open,
            asked_at: now,
            after: String::new(),
            rounds: 0,
            finished_at: None,
            packs: 0,
            sources: 0,
        };
        store.put_removal(uid, &removal).await?;
        Ok(removal)
    }

    async fn is_still_good(
        &self,
        store: &Store,
        organisation: &Organisation,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tokens = store.issued_tokens(&organisation.uid, usize::MAX).await?;
        let token = tokens.iter().find(|token| token.generation == self.haul.generation);
        let is_good = token.is_some_and(|token| token.state.is_good(now));
        Ok(is_good && organisation.state == State::Enabled)
    }
}
