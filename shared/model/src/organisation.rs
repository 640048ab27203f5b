//! Organisations: their names, their unique ids and their settings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::time::Millis;

mod limits;

pub use limits::Limits;

/// The name of an organisation: `[a-z0-9][a-z0-9-]{0,62}`. Travels in URLs and keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct OrgName(String);

/// A text that is no name of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an organisation's name is 1 to 63 characters of a-z, 0-9 and -, and does not begin with -")]
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

/// The name of one version of a secret, chosen by whoever makes it: storing the same version twice is the same as once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionId(String);

impl VersionId {
    /// A version named by 128 random bits, in the form of a UUID, as Secrets Manager recommends.
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(random).into_uuid().hyphenated().to_string())
    }

    /// What was written down earlier.
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

/// What keys carry instead of an organisation's name: 12 characters of base62, made at each first enabling, so that
/// nothing of a purged organisation can show under the same name again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(String);

impl Uid {
    const LEN: usize = 12;

    /// Makes a uid of 12 random bytes (71 bits of the 96 are kept).
    #[must_use]
    pub fn from_random(random: [u8; 12]) -> Self {
        const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        Self(random.iter().map(|b| char::from(ALPHABET[usize::from(*b) % 62])).collect())
    }

    /// Reads a uid.
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

/// Where an organisation is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Claimed, its secret not yet made: a later request finishes it.
    Enabling,
    /// In use.
    Enabled,
    /// Every token refused, everything kept.
    Disabled,
}

/// What an admin may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The name shown to people; the organisation's own by default.
    pub name: String,
    /// IANA time zone in which days are counted.
    pub timezone: String,
    /// How long events are kept, in days.
    pub retention_days: u32,
    /// Whether prompts, responses and tool contents are kept.
    pub store_content: bool,
    /// Whether of the details of tools their names are kept: servers, tools, skills, agents, programs, commits and branches.
    pub store_tool_names: bool,
    /// Attributes that name a person where the client knows no e-mail, beside the built-in ones.
    pub identity_attributes: Vec<String>,
    /// The `organization.id`s that are the company's own.
    pub anthropic_organization_ids: Vec<String>,
    /// How much is taken of it.
    pub limits: Limits,
}

/// How long events are kept unless an admin says otherwise, in days.
pub const RETENTION_DAYS: u32 = 90;

impl Settings {
    /// The settings of an organisation of which nothing was said.
    #[must_use]
    pub fn new(org: &OrgName) -> Self {
        Self {
            name: org.to_string(),
            timezone: "UTC".into(),
            retention_days: RETENTION_DAYS,
            store_content: false,
            store_tool_names: false,
            identity_attributes: Vec::new(),
            anthropic_organization_ids: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// An organisation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its name in URLs.
    pub org: OrgName,
    /// What keys carry instead of the name.
    pub uid: Uid,
    /// Where it is in its life.
    pub state: State,
    /// What an admin set.
    pub settings: Settings,
    /// When it was first enabled.
    pub created_at: Millis,
    /// Generation of the newest token, from 1; grows with every rotation and every enabling.
    pub generation: u32,
    /// The version of the organisation's secret that is its token; none before the first enabling is finished.
    pub token_version: Option<VersionId>,
    /// Grows with every change.
    pub revision: i64,
}
