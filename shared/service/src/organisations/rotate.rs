//! Replacing an organisation's token, in three steps of which each may be the last one before a crash:
//!
//! 1. [`stage`]: the new token becomes a pending version of the secret. Nobody uses it yet.
//! 2. [`commit`](commit()): one transaction makes it good and ends the one before, now or with the overlap, and points the organisation to
//!    the version. It holds on condition that nothing changed since the organisation was read, so that of two rotations at once
//!    one decides anew, on the other's token.
//! 3. [`promote`]: the version that the organisation points to *now* becomes the current one.
//!
//! Whoever needs the token in clear reads the version that the organisation points to, so step 3 is for people who look into
//! Secrets Manager, and a crash before it harms nothing.

use http::HeaderValue;
use serde::Deserialize;
use utoipa::ToSchema;

use super::commit::{self, ATTEMPTS, Decision, MAY_BE_GOOD};
use super::error::OrganisationError;
use super::quota::{self, Share};
use model::organisation::VersionId;
use model::organisation::{Organisation, State};
use model::random::Random;
use model::time::{SignedDuration, Timestamp, from_days};
use model::token::{PlainToken, TokenHash, TokenKind};
use store::issued::IssuedToken;
use store::rotation::RotationRecord;
use store::secrets::{SecretError, Secrets};
use store::token::TokenState;
use store::transaction::{If, Write};
use store::{Store, StoreError};

/// Longest overlap.
pub const MAX_OVERLAP: SignedDuration = from_days(30);

/// Longest `Idempotency-Key`, in characters.
const MAX_IDEMPOTENCY_KEY: usize = 255;

/// A token that was just made.
#[derive(Debug)]
pub struct Issue {
    /// The organisation that it belongs to.
    pub organisation: Organisation,
    /// What is known of it.
    pub issued: IssuedToken,
    /// The token in clear.
    pub token: PlainToken,
}

/// The body of a request to rotate.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateRequest {
    /// How long the old token is good for, in seconds, at most 30 days; 0 unless given.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 2_592_000)]
    pub overlap_seconds: i64,
}

/// A request to rotate that makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// The overlap is negative, or too long.
    #[error("it is out of range")]
    Overlap,
    /// The idempotency key cannot be one.
    #[error("it is empty, too long or not plain")]
    IdempotencyKey,
}

impl RotationError {
    /// The member or the header at fault.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Overlap => "overlap_seconds",
            Self::IdempotencyKey => "Idempotency-Key",
        }
    }

    /// What it may be.
    #[must_use]
    pub fn allowed(&self) -> String {
        match self {
            Self::Overlap => format!("a number from 0 to {} (30 days)", MAX_OVERLAP.as_secs()),
            Self::IdempotencyKey => format!("1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters"),
        }
    }
}

/// What is asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// How long the old token is good for, at most [`MAX_OVERLAP`].
    pub overlap: SignedDuration,
    /// The digest of the request's `Idempotency-Key`.
    pub idempotency_key: Option<TokenHash>,
}

impl Rotation {
    /// Checks a request and its `Idempotency-Key`.
    ///
    /// # Errors
    /// The overlap is out of range, or the key is empty, too long or not plain.
    pub fn new(request: RotateRequest, idempotency_key: Option<&HeaderValue>) -> Result<Self, RotationError> {
        let overlap = SignedDuration::from_secs(request.overlap_seconds);
        if !(SignedDuration::ZERO..=MAX_OVERLAP).contains(&overlap) {
            return Err(RotationError::Overlap);
        }
        let key = idempotency_key.map(|value| {
            let text = value.to_str().ok().filter(|text| (1..=MAX_IDEMPOTENCY_KEY).contains(&text.len()));
            text.ok_or(RotationError::IdempotencyKey)
        });
        Ok(Self { overlap, idempotency_key: key.transpose()?.map(TokenHash::of) })
    }
}

/// What became of it.
#[derive(Debug)]
pub struct Rotated {
    /// The organisation's name, ids and settings.
    pub organisation: Organisation,
    /// The new token in clear.
    pub token: PlainToken,
    /// What is remembered, and answered again if the request is repeated.
    pub record: RotationRecord,
}

/// A token that is in the secret store and nowhere else.
#[derive(Debug)]
pub struct Pending {
    token: PlainToken,
    version: VersionId,
}

impl Pending {
    /// What the ledger will say of it.
    #[must_use]
    pub fn issued(&self, organisation: &Organisation, now: Timestamp) -> IssuedToken {
        IssuedToken {
            generation: organisation.generation + 1,
            hash: self.token.hash(),
            version: self.version.clone(),
            created_at: now,
            state: TokenState::Live,
        }
    }

    pub(super) fn into_token(self) -> PlainToken {
        self.token
    }
}

/// Replaces the organisation's token.
///
/// # Errors
/// The organisation is disabled, was purged, or was given its tokens of the day; the `Idempotency-Key` is another request's; the
/// database or the secret store failed.
pub async fn rotate(
    store: &Store,
    secrets: &Secrets,
    organisation: &Organisation,
    rotation: &Rotation,
    share: Share,
    random: &Random,
    now: Timestamp,
) -> Result<Rotated, OrganisationError> {
    let mut staged = None;
    for _ in 0..ATTEMPTS {
        if let Some(record) = answered(store, organisation, rotation, now).await? {
            let token = secrets.read(&organisation.uid, &record.version).await?;
            return Ok(Rotated { organisation: organisation.clone(), token, record });
        }
        let before = commit::reload(store, organisation).await?;
        if before.state != State::Enabled {
            return Err(OrganisationError::Disabled);
        }
        let tokens = store.issued_tokens(&before.uid, MAY_BE_GOOD).await?;
        if !commit::is_one_snapshot(&before, &tokens) {
            continue;
        }
        let pending = match staged.take() {
            Some(pending) => pending,
            None => {
                quota::take(store, &before.uid, share, now).await?;
                stage(secrets, &before, random).await?
            }
        };
        if let Some((after, record)) = commit(store, &before, &tokens, &pending, rotation, now).await? {
            promote(store, secrets, &after).await;
            return Ok(Rotated { organisation: after, token: pending.token, record });
        }
        staged = Some(pending);
    }
    Err(OrganisationError::Contended)
}

/// What was answered to an earlier request with this key.
async fn answered(
    store: &Store,
    organisation: &Organisation,
    rotation: &Rotation,
    now: Timestamp,
) -> Result<Option<RotationRecord>, OrganisationError> {
    let Some(key) = &rotation.idempotency_key else { return Ok(None) };
    match store.rotation(&organisation.uid, key, now).await? {
        Some(record) if record.overlap_seconds != rotation.overlap.as_secs() => {
            Err(OrganisationError::IdempotencyKeyReused)
        }
        other => Ok(other),
    }
}

/// Step 1: makes a token and stores it as a pending version of the organisation's secret.
///
/// # Errors
/// The secret store failed.
pub async fn stage(secrets: &Secrets, organisation: &Organisation, random: &Random) -> Result<Pending, SecretError> {
    let pending = Pending { token: random.token(TokenKind::Ingest), version: random.version() };
    secrets.stage(&organisation.uid, &pending.version, &pending.token).await?;
    Ok(pending)
}

/// Step 2: makes the pending token the organisation's own and ends the one before; `None`, and nothing written, when the
/// organisation is no longer what `before` says. `tokens` are its newest tokens, the newest first.
pub async fn commit(
    store: &Store,
    before: &Organisation,
    tokens: &[IssuedToken],
    pending: &Pending,
    rotation: &Rotation,
    now: Timestamp,
) -> Result<Option<(Organisation, RotationRecord)>, StoreError> {
    let issued = pending.issued(before, now);
    let ended = end_previous(tokens, rotation.overlap.clamp(SignedDuration::ZERO, MAX_OVERLAP), now);
    let record = RotationRecord {
        version: issued.version.clone(),
        token_id: issued.hash.token_id(),
        generation: issued.generation,
        rotated_at: now,
        overlap_seconds: rotation.overlap.as_secs(),
        previous: ended
            .first()
            .or(tokens.first())
            .map(|token| (token.hash.token_id(), token.state.end().map_or(now, |(_, until)| until))),
    };
    let remembered = rotation
        .idempotency_key
        .map(|key| Write::Put(record.item(&before.uid, &key), If::AbsentOrExpired(now.seconds())));
    let organisation = Organisation {
        generation: issued.generation,
        token_version: Some(issued.version.clone()),
        revoked_at: None,
        ..before.clone()
    };
    let tokens = std::iter::once(issued).chain(ended).collect();
    let decision = Decision { organisation, tokens, also_write: remembered.into_iter().collect() };
    Ok(commit::write(store, before, decision).await?.map(|after| (after, record)))
}

/// The tokens that end with this rotation: the organisation's own, and the one whose overlap it cuts short.
fn end_previous(tokens: &[IssuedToken], overlap: SignedDuration, now: Timestamp) -> Vec<IssuedToken> {
    let ended = tokens.iter().filter_map(|token| {
        let state = match token.state {
            TokenState::Live if overlap.is_positive() => TokenState::Overlapping { at: now, until: now.plus(overlap) },
            TokenState::Live => TokenState::Retired { at: now, until: now },
            TokenState::Overlapping { at, until } => TokenState::Retired { at, until: until.min(now) },
            TokenState::Retired { .. } | TokenState::Revoked { .. } => return None,
        };
        Some(IssuedToken { state, ..token.clone() })
    });
    ended.collect()
}

/// Step 3: makes the version that the organisation points to now the current one. A rotation is done without it, so a failure
/// is logged and the next rotation makes up for it.
pub async fn promote(store: &Store, secrets: &Secrets, organisation: &Organisation) {
    let mut promoted = organisation.token_version.clone();
    for _ in 0..ATTEMPTS {
        let Some(version) = &promoted else { return };
        if let Err(error) = secrets.promote(&organisation.uid, version).await {
            tracing::warn!(%error, uid = %organisation.uid, "a secret's current version could not be moved");
            return;
        }
        // Another rotation may have been faster with its step 2 and slower, or dead, with its step 3.
        match commit::reload(store, organisation).await {
            Ok(now) if now.token_version != promoted => promoted = now.token_version,
            Ok(_) | Err(OrganisationError::Purged) => return,
            Err(error) => {
                tracing::warn!(%error, uid = %organisation.uid, "whether a secret's current version is the right one is not known");
                return;
            }
        }
    }
}
