//! What a request asks to be removed.

use crate::http::Problem;
use crate::http::query::Query;
use crate::report::range;
use model::organisation::{Organisation, State};
use model::time::Millis;
use store::Store;
use store::removal::{Haul, RemovalRecord};

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    haul: Haul,
    is_open: bool,
    is_confirmed: bool,
}

impl Request {
    /// Reads a request that is made at `now`. Without `from` it is everything that came before `to`, without `to` what has come until now.
    ///
    /// # Errors
    /// A parameter makes no sense.
    pub fn read(query: &Query<'_>, organisation: &Organisation, now: Millis) -> Result<Self, Problem> {
        let newest = organisation.generation;
        let generation = query.get("token_generation").and_then(|text| text.parse().ok());
        let generation = generation.filter(|generation| (1..=newest).contains(generation)).ok_or_else(|| {
            let detail = "it says which token's activity is to be removed, and there was none of that generation";
            Problem::invalid("token_generation", detail, format!("a number from 1 to {newest}"))
        })?;
        let from = range::instant(query, "from", organisation)?.unwrap_or(Millis(0));
        let to = range::instant(query, "to", organisation)?;
        // What arrives later is not there to be removed.
        let end = to.unwrap_or(now).min(now).plus(i64::from(to.is_none_or(|to| to > now)));
        if from >= end {
            return Err(Problem::invalid("from", "it is not before `to`, or not in the past", "a time before `to`"));
        }
        let haul = Haul { generation, from, to: end };
        Ok(Self { haul, is_open: to.is_none_or(|to| to > now), is_confirmed: query.flag("confirm")? })
    }

    /// Writes down that it is to be done. One that is asked for again while it is not done is the same one.
    ///
    /// # Errors
    /// The token is still good and nobody confirmed that this is known, or the database failed.
    pub async fn begin(
        &self,
        store: &Store,
        organisation: &Organisation,
        now: Millis,
    ) -> Result<RemovalRecord, Problem> {
        let uid = &organisation.uid;
        let Haul { generation, from, to } = self.haul;
        let is_same = |known: &RemovalRecord| {
            let ends_alike = known.is_open == self.is_open && (self.is_open || known.haul.to == to);
            known.finished_at.is_none() && known.haul.generation == generation && known.haul.from == from && ends_alike
        };
        if let Some(known) = store.removals(uid).await?.into_iter().find(is_same) {
            return Ok(known);
        }
        if !self.is_confirmed && self.is_still_good(store, organisation, now).await? {
            return Err(Problem::Conflict(
                "this token is still good: what is removed could come again. Rotate or revoke it first, or add confirm=true",
            ));
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

    async fn is_still_good(&self, store: &Store, organisation: &Organisation, now: Millis) -> Result<bool, Problem> {
        let tokens = store.issued_tokens(&organisation.uid, usize::MAX).await?;
        let token = tokens.iter().find(|token| token.generation == self.haul.generation);
        let is_good = token.is_some_and(|token| token.state.is_good(now));
        Ok(is_good && organisation.state == State::Enabled)
    }
}
