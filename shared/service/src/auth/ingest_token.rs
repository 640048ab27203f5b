//! Who may write: an export's ingest token, looked up by its digest at every request.
//!
//! There is no cache, so a rotation takes effect in every process at the moment it is answered. A malformed token is refused
//! without a call to the database.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::bearer;
use model::organisation::{OrgName, Uid};
use model::time::Timestamp;
use model::token::{Malformed, PlainToken, TokenHash, TokenKind};
use store::token::{TokenRecord, TokenState};
use store::{Store, StoreError};

/// Somebody who may write telemetry of one organisation. Only this gate makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestPrincipal {
    record: TokenRecord,
}

impl IngestPrincipal {
    /// The organisation's name.
    #[must_use]
    pub fn org(&self) -> &OrgName {
        &self.record.org
    }

    /// What keys carry of the organisation.
    #[must_use]
    pub fn uid(&self) -> &Uid {
        &self.record.uid
    }

    /// Which of the organisation's tokens was used.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.record.generation
    }

    /// What the database knows of the token: also whether it is a replaced one that is still let in.
    #[must_use]
    pub fn token(&self) -> &TokenRecord {
        &self.record
    }

    /// How long the organisation keeps events, in days.
    #[must_use]
    pub fn retention_days(&self) -> u32 {
        self.record.retention_days
    }

    /// Whether the organisation keeps content.
    #[must_use]
    pub fn store_content(&self) -> bool {
        self.record.store_content
    }

    /// Whether the organisation keeps names of tools.
    #[must_use]
    pub fn store_tool_names(&self) -> bool {
        self.record.store_tool_names
    }

    /// How old a record may be when it arrives, in days.
    #[must_use]
    pub fn accept_late_days(&self) -> u32 {
        self.record.accept_late_days
    }
}

/// A request that presents a token of the right shape; whether it is good, the database knows.
#[derive(Debug)]
pub struct PresentedToken {
    hash: TokenHash,
}

/// Why an export is not let in.
#[derive(Debug, thiserror::Error)]
pub enum TokenRefusal {
    /// No `Authorization: Bearer` header.
    #[error(
        "no ingest token: set OTEL_EXPORTER_OTLP_HEADERS to \"Authorization=Bearer <token>\", with a plain space after Bearer"
    )]
    Missing,
    /// More than one `Authorization` header: which of them counts would depend on who reads it.
    #[error("more than one Authorization header: send the ingest token once")]
    Several,
    /// What was presented cannot be a token.
    #[error("the ingest token is malformed: {0}. Copy it again from the managed settings")]
    Malformed(Malformed),
    /// An admin key where an ingest token belongs.
    #[error("this is an admin key; telemetry is sent with an ingest token (it begins with cct_)")]
    AdminKey,
    /// Nobody's token.
    #[error(
        "the ingest token is not known here. Ask your admin for the current managed settings, deploy them and restart Claude Code"
    )]
    Unknown,
    /// Replaced. Only who had the token learns this.
    #[error(
        "the ingest token was rotated at {at} and is refused since {until}. An admin has to deploy the current managed settings; then restart Claude Code"
    )]
    Rotated {
        /// When it was replaced.
        at: Timestamp,
        /// Since when it is refused.
        until: Timestamp,
        /// What the database knows of it.
        record: Box<TokenRecord>,
    },
    /// Revoked, or the organisation disabled. Only who had the token learns this.
    #[error(
        "the ingest token was revoked at {at}. An admin has to rotate it, deploy the new managed settings; then restart Claude Code"
    )]
    Revoked {
        /// Since when.
        at: Timestamp,
        /// What the database knows of it.
        record: Box<TokenRecord>,
    },
    /// Nobody can say now.
    #[error("the token could not be looked up")]
    Unavailable(#[source] StoreError),
}

impl TokenRefusal {
    /// What was presented, for logs and metrics.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Several | Self::Malformed(_) => "malformed",
            Self::AdminKey => "admin",
            Self::Unknown => "unknown",
            Self::Rotated { .. } => "retired",
            Self::Revoked { .. } => "revoked",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

impl PresentedToken {
    /// Reads the token of a request, without any call.
    ///
    /// # Errors
    /// There is none, or it cannot be a token.
    pub fn read(headers: &HeaderMap) -> Result<Self, TokenRefusal> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().ok_or(TokenRefusal::Missing)?;
        if values.next().is_some() {
            return Err(TokenRefusal::Several);
        }
        let text = value.to_str().map_err(|_| TokenRefusal::Malformed(Malformed::Character))?;
        let presented = bearer::presented(text).ok_or(TokenRefusal::Missing)?;
        let token: PlainToken = presented.parse().map_err(TokenRefusal::Malformed)?;
        match token.kind() {
            TokenKind::Ingest => Ok(Self { hash: token.hash() }),
            TokenKind::Admin => Err(TokenRefusal::AdminKey),
        }
    }

    /// The digest of the token presented.
    #[must_use]
    pub fn hash(&self) -> &TokenHash {
        &self.hash
    }

    /// Looks the token up, with a strongly consistent read.
    ///
    /// # Errors
    /// It is unknown, replaced or revoked, or the database failed.
    pub async fn authenticate(&self, store: &Store, now: Timestamp) -> Result<IngestPrincipal, TokenRefusal> {
        let record = store.token(&self.hash).await.map_err(TokenRefusal::Unavailable)?;
        let record = record.filter(|r| r.kind == TokenKind::Ingest).ok_or(TokenRefusal::Unknown)?;
        let Some((at, until)) = record.state.end().filter(|_| !record.state.is_good(now)) else {
            return Ok(IngestPrincipal { record });
        };
        let is_revoked = matches!(record.state, TokenState::Revoked { .. });
        let record = Box::new(record);
        Err(if is_revoked { TokenRefusal::Revoked { at, record } } else { TokenRefusal::Rotated { at, until, record } })
    }
}
