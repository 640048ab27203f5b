//! Organisations, tokens and keys as the admin API answers them. No type here but those of new tokens has a secret in it.

use serde::Serialize;
use utoipa::ToSchema;

use super::rotate::{Issue, Rotated};
use super::settings::own_prices;
use model::base_url::BaseUrl;
use model::organisation::{Limits, Organisation, Standing};
use model::time::Timestamp;
use model::token::PlainToken;
use serde_json::Value;
use settings::{Deployment, Options};
use store::admin_key::AdminKey;

/// An organisation.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Organisation)]
pub struct OrganisationView {
    /// Its name in addresses.
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,62}$")]
    pub org: String,
    /// Its name for people.
    pub name: String,
    /// IANA time zone in which days are counted.
    pub timezone: String,
    /// How long events are kept, in days.
    pub retention_days: u32,
    /// Whether prompts, responses and tool contents are kept.
    pub store_content: bool,
    /// Whether of the details of tools their names are kept.
    pub store_tool_names: bool,
    /// Attributes that name a person where the client reports no e-mail address, beside the built-in ones.
    pub identity_attributes: Vec<String>,
    /// Attributes that numbers can be grouped by, as `attribute.<name>`, beside the built-in ones.
    pub report_attributes: Vec<String>,
    /// The `organization.id`s that are the company's own.
    pub anthropic_organization_ids: Vec<String>,
    /// Its own prices for requests whose client says no cost; null where Anthropic's list holds.
    #[schema(value_type = Option<Object>)]
    pub model_pricing: Option<Value>,
    /// What the console shows money in. Amounts of this API are in US dollars, as their names say.
    pub currency: CurrencyView,
    /// How much is taken of it.
    pub limits: Limits,
    /// `enabled`; `revoked`: every token refused until the next rotation; or `disabled`: the same until it is enabled again. Everything
    /// is kept.
    #[schema(value_type = String)]
    pub state: Standing,
    /// When it was first enabled.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// A currency.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Currency)]
pub struct CurrencyView {
    /// Its code in ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$")]
    pub code: String,
    /// What a US dollar is worth in it, as the organisation says.
    pub per_usd: f64,
}

impl From<Organisation> for OrganisationView {
    fn from(organisation: Organisation) -> Self {
        let state = organisation.standing();
        let Organisation { org, settings, created_at, .. } = organisation;
        Self {
            org: org.to_string(),
            name: settings.name,
            timezone: settings.timezone,
            retention_days: settings.retention_days,
            store_content: settings.store_content,
            store_tool_names: settings.store_tool_names,
            identity_attributes: settings.identity_attributes,
            report_attributes: settings.report_attributes,
            anthropic_organization_ids: settings.anthropic_organization_ids,
            model_pricing: settings.model_pricing.and_then(|pricing| serde_json::from_str(&pricing).ok()),
            currency: CurrencyView { code: settings.currency.to_string(), per_usd: settings.currency.per_usd() },
            limits: settings.limits,
            state,
            created_at,
        }
    }
}

/// A newly enabled organisation with its token, which is shown here and in generated settings alone.
#[derive(Serialize, ToSchema)]
#[schema(as = Enabled)]
pub struct EnabledView {
    /// Its name in addresses.
    pub org: String,
    /// Its name for people.
    pub name: String,
    /// The ingest token in clear.
    pub ingest_token: String,
    /// The token's public name.
    pub token_id: String,
    /// Which of the organisation's tokens it is, from 1.
    pub generation: u32,
    /// The settings of Claude Code that send telemetry here.
    #[schema(value_type = Object)]
    pub managed_settings: Value,
    /// What keeps them from working for others, such as an address that only this machine reaches.
    #[schema(value_type = Vec<String>)]
    pub warnings: Vec<&'static str>,
}

impl EnabledView {
    /// The answer to enabling, for clients that reach the service at `base_url`.
    #[must_use]
    pub fn new(issue: Issue, base_url: &BaseUrl) -> Self {
        let Issue { organisation, issued, token } = issue;
        Self {
            managed_settings: managed_settings(&organisation, &token, issued.generation, base_url),
            warnings: settings::warning(base_url).into_iter().collect(),
            org: organisation.org.to_string(),
            name: organisation.settings.name,
            ingest_token: token.expose().into(),
            token_id: issued.hash.token_id(),
            generation: issued.generation,
        }
    }
}

/// A new token in place of the one before.
#[derive(Serialize, ToSchema)]
#[schema(as = Rotated)]
pub struct RotatedView {
    /// The organisation.
    pub org: String,
    /// The new ingest token in clear.
    pub ingest_token: String,
    /// Its public name.
    pub token_id: String,
    /// Which of the organisation's tokens it is, from 1.
    pub generation: u32,
    /// When this was done.
    #[schema(value_type = String, format = DateTime)]
    pub rotated_at: Timestamp,
    /// The token before.
    pub previous: Option<PreviousView>,
    /// The settings of Claude Code that send telemetry here.
    #[schema(value_type = Object)]
    pub managed_settings: Value,
    /// What keeps them from working for others, such as an address that only this machine reaches.
    #[schema(value_type = Vec<String>)]
    pub warnings: Vec<&'static str>,
}

/// The token that a rotation replaced.
#[derive(Serialize, ToSchema)]
#[schema(as = Previous)]
pub struct PreviousView {
    /// Its public name.
    pub token_id: String,
    /// From when on it is refused.
    #[schema(value_type = String, format = DateTime)]
    pub valid_until: Timestamp,
}

impl RotatedView {
    /// The answer to a rotation, for clients that reach the service at `base_url`.
    #[must_use]
    pub fn new(rotated: Rotated, base_url: &BaseUrl) -> Self {
        let Rotated { organisation, token, record } = rotated;
        Self {
            managed_settings: managed_settings(&organisation, &token, record.generation, base_url),
            warnings: settings::warning(base_url).into_iter().collect(),
            org: organisation.org.to_string(),
            ingest_token: token.expose().into(),
            token_id: record.token_id,
            generation: record.generation,
            rotated_at: record.rotated_at,
            previous: record.previous.map(|(token_id, valid_until)| PreviousView { token_id, valid_until }),
        }
    }
}

/// An admin key of one organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminKey)]
pub struct AdminKeyView {
    /// Its public name.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<AdminKey> for AdminKeyView {
    fn from(AdminKey { id, name, created_at, .. }: AdminKey) -> Self {
        Self { id, name, created_at }
    }
}

/// A new admin key.
#[derive(Serialize, ToSchema)]
#[schema(as = NewAdminKey)]
pub struct NewAdminKeyView {
    /// The key in clear, which is shown here alone.
    pub admin_key: String,
    /// What is known of it.
    #[serde(flatten)]
    pub key: AdminKeyView,
}

impl NewAdminKeyView {
    /// The answer to making a key.
    #[must_use]
    pub fn new(key: AdminKey, token: &PlainToken) -> Self {
        Self { admin_key: token.expose().into(), key: key.into() }
    }
}

fn managed_settings(organisation: &Organisation, token: &PlainToken, generation: u32, base_url: &BaseUrl) -> Value {
    let deployment = Deployment::new(base_url, Some(token), generation.into(), &organisation.org);
    settings::managed_settings(&deployment, &Options::default().or_prices(own_prices(organisation)))
}
