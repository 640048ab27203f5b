//! What is known of an organisation's tokens, for people: which is the current one, and who is left behind with an older one.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::error::OrganisationError;
use crate::people::directory::Directory;
use crate::people::view::PersonView;
use model::order;
use model::organisation::Organisation;
use model::time::{SignedDuration, Timestamp, from_days};
use store::Store;
use store::issued::IssuedToken;
use store::token::TokenState;
use store::token_use::{Claim, TokenUse};
use telemetry::claude::source::{SourceKind, normalised};
use telemetry::sighting::Fact;

/// How many replaced tokens are shown even if nobody uses them any more.
const SHOWN: usize = 20;
/// How long ago somebody may have used a replaced token to count as left behind.
const RECENT: SignedDuration = from_days(30);

/// The tokens of an organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tokens)]
pub struct TokensView {
    /// The current token's public name.
    pub token_id: String,
    /// Which of the organisation's tokens it is, from 1.
    pub generation: u32,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Since when it is refused, if it is revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    /// When it was last used.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// The tokens before, newest first.
    pub previous: Vec<ReplacedView>,
}

/// A token that was replaced.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReplacedToken)]
pub struct ReplacedView {
    /// Its public name.
    pub token_id: String,
    /// Which of the organisation's tokens it was, from 1.
    pub generation: u32,
    /// When it was replaced or revoked.
    #[schema(value_type = String, format = DateTime)]
    pub retired_at: Timestamp,
    /// From when on it is refused.
    #[schema(value_type = String, format = DateTime)]
    pub valid_until: Timestamp,
    /// Whether it is still accepted.
    #[serde(skip)]
    pub is_good: bool,
    /// When it was last tried, accepted or refused.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// How many exports with it were refused.
    pub refused: u64,
    /// Who tried it after it was replaced, in the last 30 days; the latest first.
    pub still_used_by: Vec<UserOfToken>,
}

/// Somebody who tried a replaced token, as their exports claim.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserOfToken {
    /// Who; null if the exports named nobody.
    pub user: Option<PersonView>,
    /// When last.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
}

/// What is known of the tokens of `organisation` at `now`.
///
/// # Errors
/// The organisation was purged meanwhile, or the database failed.
pub async fn show(store: &Store, organisation: &Organisation, now: Timestamp) -> Result<TokensView, OrganisationError> {
    let uid = &organisation.uid;
    let (issued, uses, directory) =
        tokio::try_join!(store.issued_tokens(uid, usize::MAX), store.token_uses(uid), Directory::read(store, uid))?;
    TokensView::of(issued, uses, &directory, now)
}

impl TokensView {
    /// What these say of an organisation's tokens, newest first, and of the uses of replaced ones.
    ///
    /// # Errors
    /// There is no token at all: the organisation was purged meanwhile.
    pub fn of(
        issued: Vec<IssuedToken>,
        uses: Vec<TokenUse>,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<Self, OrganisationError> {
        let last = last_uses(directory);
        let mut by_generation: HashMap<u32, Vec<TokenUse>> = HashMap::new();
        for token_use in uses {
            by_generation.entry(token_use.generation).or_default().push(token_use);
        }
        let (current, before) = issued.split_first().ok_or(OrganisationError::Purged)?;
        let replaced = before.iter().enumerate().filter_map(|(at, token)| {
            let uses = by_generation.remove(&token.generation).unwrap_or_default();
            let shown = ReplacedView::new(token, uses, last.get(&token.generation).copied(), directory, now)?;
            (at < SHOWN || !shown.still_used_by.is_empty()).then_some(shown)
        });
        Ok(Self {
            previous: replaced.collect(),
            token_id: current.hash.token_id(),
            generation: current.generation,
            created_at: current.created_at,
            revoked_at: match current.state {
                TokenState::Revoked { at } => Some(at),
                _ => None,
            },
            last_used_at: last.get(&current.generation).copied(),
        })
    }
}

impl ReplacedView {
    fn new(
        token: &IssuedToken,
        mut uses: Vec<TokenUse>,
        last: Option<Timestamp>,
        directory: &Directory,
        now: Timestamp,
    ) -> Option<Self> {
        let (retired_at, valid_until) = token.state.end()?;
        order::sort_by_key(&mut uses, |token_use| std::cmp::Reverse(token_use.last_seen));
        Some(Self {
            token_id: token.hash.token_id(),
            generation: token.generation,
            retired_at,
            valid_until,
            is_good: token.state.is_good(now),
            last_used_at: uses.first().map(|latest| latest.last_seen).max(last),
            refused: uses.iter().map(|token_use| token_use.refused).sum(),
            still_used_by: uses
                .into_iter()
                .filter(|token_use| token_use.last_seen.plus(RECENT) > now)
                .filter_map(|TokenUse { user, last_seen, .. }| {
                    Some(UserOfToken { user: person(directory, &user?), last_seen })
                })
                .collect(),
        })
    }
}

/// Whoever the claim names, by merges too, as far as telemetry that was accepted knows them.
fn person(directory: &Directory, claim: &Claim) -> Option<PersonView> {
    let (source, value) = (claim.source(), normalised(claim.kind, &claim.value));
    let known = directory.find(&source.encoded()).map(PersonView::from);
    let claimed =
        || PersonView { id: source.encoded(), email: (claim.kind == SourceKind::Email).then_some(value), name: None };
    (claim.kind != SourceKind::None).then(|| known.unwrap_or_else(claimed))
}

/// When each generation of the token last sent telemetry that was accepted and kept.
fn last_uses(directory: &Directory) -> HashMap<u32, Timestamp> {
    let mut last = HashMap::new();
    for (generation, seen) in directory.sightings().flat_map(|(_, sighting)| sighting.values(Fact::Generation)) {
        if let Ok(generation) = generation.parse() {
            let latest = last.entry(generation).or_insert(seen.last);
            *latest = seen.last.max(*latest);
        }
    }
    last
}
