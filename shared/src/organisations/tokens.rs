//! What is known of an organisation's tokens, for people: which is the current one, and who is left behind with an older one.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::Problem;
use crate::claude::source::{SourceKind, normalised};
use crate::organisation::Organisation;
use crate::store::Store;
use crate::store::issued::IssuedToken;
use crate::store::token::TokenState;
use crate::store::token_use::{Claim, TokenUse};
use crate::time::{DAY, Millis};

/// How many replaced tokens are shown even if nobody uses them any more.
const SHOWN: usize = 20;
/// How long ago somebody may have used a replaced token to count as left behind, in milliseconds.
const RECENT: i64 = 30 * DAY;

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
    pub created_at: Millis,
    /// Since when it is refused, if it is revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Millis>,
    /// When it was last used.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Millis>,
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
    pub retired_at: Millis,
    /// From when on it is refused.
    #[schema(value_type = String, format = DateTime)]
    pub valid_until: Millis,
    /// When it was last tried, accepted or refused.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Millis>,
    /// How many exports with it were refused.
    pub refused: u64,
    /// Who tried it after it was replaced, in the last 30 days; the latest first.
    pub still_used_by: Vec<UserOfToken>,
}

/// Somebody who tried a replaced token, as their exports claim.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserOfToken {
    /// Who.
    pub user: ClaimedUser,
    /// When last.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Millis,
}

/// A person, of whom no more may be known than what an export claimed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimedUser {
    /// The id of the person or installation.
    pub id: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
}

/// What is known of the tokens of `organisation` at `now`.
///
/// # Errors
/// The organisation was purged meanwhile, or the database failed.
pub async fn show(store: &Store, organisation: &Organisation, now: Millis) -> Result<TokensView, Problem> {
    let (issued, uses) =
        tokio::try_join!(store.issued_tokens(&organisation.uid, usize::MAX), store.token_uses(&organisation.uid))?;
    let mut by_generation: HashMap<u32, Vec<TokenUse>> = HashMap::new();
    for token_use in uses {
        by_generation.entry(token_use.generation).or_default().push(token_use);
    }
    let (current, before) =
        issued.split_first().ok_or(Problem::NotFound("the organisation was erased a moment ago"))?;
    let replaced = before.iter().enumerate().filter_map(|(at, token)| {
        let uses = by_generation.remove(&token.generation).unwrap_or_default();
        let shown = ReplacedView::new(token, uses, now)?;
        (at < SHOWN || !shown.still_used_by.is_empty()).then_some(shown)
    });
    Ok(TokensView {
        previous: replaced.collect(),
        token_id: current.hash.token_id(),
        generation: current.generation,
        created_at: current.created_at,
        revoked_at: match current.state {
            TokenState::Revoked { at } => Some(at),
            _ => None,
        },
        last_used_at: None,
    })
}

impl ReplacedView {
    fn new(token: &IssuedToken, mut uses: Vec<TokenUse>, now: Millis) -> Option<Self> {
        let (retired_at, valid_until) = token.state.end()?;
        uses.sort_by_key(|token_use| std::cmp::Reverse(token_use.last_seen));
        Some(Self {
            token_id: token.hash.token_id(),
            generation: token.generation,
            retired_at,
            valid_until,
            last_used_at: uses.first().map(|latest| latest.last_seen),
            refused: uses.iter().map(|token_use| token_use.refused).sum(),
            still_used_by: uses
                .into_iter()
                .filter(|token_use| token_use.last_seen.plus(RECENT) > now)
                .filter_map(|TokenUse { user, last_seen, .. }| Some(UserOfToken { user: user?.into(), last_seen }))
                .collect(),
        })
    }
}

impl From<Claim> for ClaimedUser {
    fn from(claim: Claim) -> Self {
        let id = (claim.kind != SourceKind::None).then(|| claim.source().encoded());
        let email = (claim.kind == SourceKind::Email).then(|| normalised(claim.kind, &claim.value));
        Self { id, email, name: None }
    }
}
