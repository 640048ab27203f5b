//! Organisations: their names, their unique ids and their settings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base62::DIGITS;
use crate::currency::Currency;
use crate::time::Timestamp;

mod limits;

pub use limits::Limits;

/// The name of an organisation: `[a-z0-9][a-z0-9-]{0,62}`. Used in URLs and keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct OrgName(String);

/// The text is not a valid name of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an organisation's name must be 1 to 63 characters of a-z, 0-9 and -, and must not begin with -")]
pub struct BadOrgName;

impl FromStr for OrgName {
    type Err = BadOrgName;

    fn from_str(text: &str) -> Result<Self, BadOrgName> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fits = (1..=63).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-');
        if fits { Ok(Self(text.to_owned())) } else { Err(BadOrgName) }
    }
}

impl OrgName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrgName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a version of a secret. Its creator chooses it, so storing the same version twice has the effect of storing
/// it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionId(String);

impl VersionId {
    /// An id of 128 random bits in the form of a UUID, as Secrets Manager recommends.
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(random).into_uuid().hyphenated().to_string())
    }

    /// An id that was stored earlier.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The unique id that stands for an organisation in keys: 12 base62 characters, created when the organisation is first
/// enabled, so that nothing of a purged organisation can reappear under the same name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(String);

impl Uid {
    const LEN: usize = 12;

    /// Makes a uid from 12 random bytes, keeping 71 of their 96 bits.
    #[must_use]
    pub fn from_random(random: [u8; 12]) -> Self {
        Self(random.iter().map(|b| char::from(DIGITS[usize::from(*b) % 62])).collect())
    }

    /// Parses a uid.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == Self::LEN && text.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_owned()))
    }

    /// The uid as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The state of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Claimed, but without a secret yet: a later request completes it.
    Enabling,
    /// In use.
    Enabled,
    /// Every token is refused, all data is kept.
    Disabled,
}

/// Whether telemetry of an organisation is taken, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Not yet: it is being enabled.
    Enabling,
    /// It is.
    Enabled,
    /// It is not before the next rotation: every token is revoked.
    Revoked,
    /// It is not before it is enabled again.
    Disabled,
}

/// What an admin can configure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The display name; by default the organisation's name.
    pub name: String,
    /// IANA time zone for the boundaries of days.
    pub timezone: String,
    /// Retention of events, in days.
    pub retention_days: u32,
    /// Whether prompts, responses and contents of tools are stored.
    pub store_content: bool,
    /// Whether names in the details of tools are stored: servers, tools, skills, agents, programs, commits and
    /// branches.
    pub store_tool_names: bool,
    /// Attributes that name a person where the client knows no e-mail address, in addition to the built-in ones.
    pub identity_attributes: Vec<String>,
    /// Attributes that numbers can be grouped by, in addition to the built-in ones.
    pub report_attributes: Vec<String>,
    /// The `organization.id`s that are the company's own.
    pub anthropic_organization_ids: Vec<String>,
    /// The organisation's own prices, as JSON in the form of Claude Code's `modelPricing`; none if Anthropic's list holds.
    pub model_pricing: Option<String>,
    /// What pages show money in.
    pub currency: Currency,
    /// How much may be sent.
    pub limits: Limits,
}

/// Default retention of events, in days.
pub const RETENTION_DAYS: u32 = 90;

impl Settings {
    /// The default settings.
    #[must_use]
    pub fn new(org: &OrgName) -> Self {
        Self {
            name: org.to_string(),
            timezone: "UTC".into(),
            retention_days: RETENTION_DAYS,
            store_content: false,
            store_tool_names: false,
            identity_attributes: Vec::new(),
            report_attributes: Vec::new(),
            anthropic_organization_ids: Vec::new(),
            model_pricing: None,
            currency: Currency::DOLLAR,
            limits: Limits::default(),
        }
    }
}

/// A stored organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its name in URLs.
    pub org: OrgName,
    /// Stands for the name in keys.
    pub uid: Uid,
    /// Its state.
    pub state: State,
    /// Since when all its tokens are revoked, if they are: until the next one is made.
    pub revoked_at: Option<Timestamp>,
    /// Its configuration.
    pub settings: Settings,
    /// When it was first enabled.
    pub created_at: Timestamp,
    /// Generation of the newest token, starting at 1; grows with every rotation and whenever the organisation is
    /// enabled.
    pub generation: u32,
    /// The version of the organisation's secret that is its token; `None` until it has been enabled for the first time.
    pub token_version: Option<VersionId>,
    /// Grows with every change.
    pub revision: i64,
}

impl Organisation {
    /// Whether its telemetry is taken.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match (self.state, self.revoked_at) {
            (State::Enabling, _) => Standing::Enabling,
            (State::Enabled, None) => Standing::Enabled,
            (State::Enabled, Some(_)) => Standing::Revoked,
            (State::Disabled, _) => Standing::Disabled,
        }
    }
}
