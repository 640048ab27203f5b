//! What an admin says about an organisation, checked.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::ToSchema;

use model::currency::Currency;
use model::organisation::{Limits, Settings};
use serde_json::{Map, Value};
use settings::PricingError;
use settings::pricing::{self, ModelPricing};
use telemetry::claude::models::canonical;

/// Longest name, in characters.
const MAX_NAME: usize = 100;
/// Longest retention, in days: ten years.
const MAX_RETENTION_DAYS: u32 = 3_650;
/// Most entries of a list.
const MAX_ENTRIES: usize = 20;
/// Most attributes that the lists name together: each is one that machines send, and clients bear no more.
const MAX_NAMED: usize = settings::MAX_OWN_ATTRIBUTES;
/// Longest entry of a list, in characters.
const MAX_ENTRY: usize = 128;
/// Most attributes that numbers can be grouped by: each makes summaries longer.
const MAX_REPORTED: usize = 8;
/// The highest limit of new people an hour.
const MAX_NEW_PEOPLE: u32 = 1_000_000;
/// The highest limit of records an hour.
const MAX_RECORDS: u64 = 10_000_000_000;
/// The most days that a record may be late: as long as activity is kept.
const MAX_LATE_DAYS: u32 = 400;

/// A setting or a name that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// The name for people.
    #[error("it is empty, too long or has control characters")]
    Name,
    /// The time zone.
    #[error("there is no such time zone")]
    TimeZone,
    /// A number.
    #[error("it is out of range")]
    OutOfRange {
        /// Which.
        field: &'static str,
        /// The largest that is allowed; the smallest is 1.
        most: u64,
    },
    /// Prices.
    #[error(transparent)]
    Pricing(#[from] PricingError),
    /// A currency.
    #[error("there is no such currency, or a US dollar cannot be worth that in it")]
    Currency,
    /// More attributes than machines can send.
    #[error(
        "with it, identity_attributes and report_attributes name more than {MAX_NAMED} attributes; \
         machines that send so many send no metrics with Claude Code 2.1.161 to 2.1.191"
    )]
    Named {
        /// Which of the lists was to be changed.
        field: &'static str,
    },
    /// A list.
    #[error("it has too many entries, or one that is not allowed")]
    List {
        /// Which.
        field: &'static str,
        /// How many entries it may have.
        most: usize,
    },
}

impl SettingError {
    /// The setting at fault.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::TimeZone => "timezone",
            Self::Pricing(_) => "model_pricing",
            Self::Currency => "currency",
            Self::OutOfRange { field, .. } | Self::Named { field } | Self::List { field, .. } => field,
        }
    }

    /// What it may be.
    #[must_use]
    pub fn allowed(&self) -> String {
        match self {
            Self::Name => format!("1 to {MAX_NAME} characters, none of them a control character"),
            Self::TimeZone => "an IANA time zone such as UTC or Europe/Berlin".into(),
            Self::Pricing(_) => format!("{}, or {{}} for Anthropic's list", pricing::ALLOWED),
            Self::Currency => {
                "a code such as EUR, and what a US dollar is worth in it: {\"code\":\"EUR\",\"per_usd\":0.92}".into()
            }
            Self::Named { .. } => format!("together with the other list at most {MAX_NAMED} attributes"),
            Self::OutOfRange { most, .. } => format!("a number from 1 to {most}"),
            Self::List { most, .. } => {
                format!("at most {most} entries of 1 to {MAX_ENTRY} ASCII characters without spaces")
            }
        }
    }
}

/// The settings to change; what is absent or null stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The name shown to people, 1 to 100 characters.
    #[schema(max_length = 100)]
    pub name: Option<String>,
    /// IANA time zone in which days are counted; UTC unless set.
    #[schema(example = "Europe/Berlin")]
    pub timezone: Option<String>,
    /// How long events are kept, in days; 90 unless set.
    #[schema(minimum = 1, maximum = 3650)]
    pub retention_days: Option<u32>,
    /// Whether prompts, responses and tool contents are kept; false unless set.
    pub store_content: Option<bool>,
    /// Whether of the details of tools their names are kept: servers, tools, skills, agents, programs, commits and branches; false unless
    /// set.
    pub store_tool_names: Option<bool>,
    /// Attributes that name a person where the client reports no e-mail address, beside the built-in ones. With those of `report_attributes`, at
    /// most 11 different ones.
    #[schema(max_items = 11)]
    pub identity_attributes: Option<Vec<String>>,
    /// Attributes that numbers can be grouped by, as `attribute.<name>`, beside the built-in ones. What arrived before is grouped by
    /// them after a rebuild.
    #[schema(max_items = 8)]
    pub report_attributes: Option<Vec<String>>,
    /// The `organization.id`s that are the company's own.
    #[schema(max_items = 20)]
    pub anthropic_organization_ids: Option<Vec<String>>,
    /// Prices for requests whose client says no cost, in the form of Claude Code's `modelPricing`: `multiplier` for a discount on
    /// Anthropic's list, `overrides` for models with rates of their own; `{}` for the list as it is.
    #[schema(value_type = Option<Object>)]
    pub model_pricing: Option<Map<String, Value>>,
    /// The currency that the console shows money in, US dollars unless set.
    pub currency: Option<CurrencyChange>,
    /// How much is taken of the organisation.
    pub limits: Option<LimitsChange>,
}

/// A currency, and what a US dollar is worth in it. Everything is reported, added up and answered in US dollars; the console shows
/// it in this currency at this rate.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CurrencyChange {
    /// Its code in ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$", example = "EUR")]
    pub code: String,
    /// What a US dollar is worth in it; 1 of US dollars.
    #[schema(exclusive_minimum = 0, maximum = 1_000_000, example = 0.92)]
    pub per_usd: f64,
}

/// The limits to change; what is absent or null stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsChange {
    /// People who may be seen for the first time within an hour, with one token; 5,000 unless set.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub new_people_per_hour: Option<u32>,
    /// Records that are taken within an hour, with one token; 20,000,000 unless set.
    #[schema(minimum = 1, maximum = 10_000_000_000_i64)]
    pub records_per_hour: Option<u64>,
    /// How old a record may be when it arrives, in days; an older one is shown at its arrival. 7 unless set.
    #[schema(minimum = 1, maximum = 400)]
    pub accept_late_days: Option<u32>,
}

impl Change {
    /// The settings after this change.
    ///
    /// # Errors
    /// The first value that is not allowed.
    pub fn apply(&self, settings: &Settings) -> Result<Settings, SettingError> {
        let mut after = settings.clone();
        if let Some(name) = &self.name {
            after.name = checked_name(name)?;
        }
        if let Some(timezone) = &self.timezone {
            after.timezone = checked_timezone(timezone)?;
        }
        if let Some(days) = self.retention_days {
            after.retention_days = within("retention_days", days, MAX_RETENTION_DAYS)?;
        }
        if let Some(store_content) = self.store_content {
            after.store_content = store_content;
        }
        if let Some(store_tool_names) = self.store_tool_names {
            after.store_tool_names = store_tool_names;
        }
        if let Some(list) = &self.identity_attributes {
            after.identity_attributes = checked_list("identity_attributes", list, MAX_NAMED)?;
        }
        if let Some(list) = &self.anthropic_organization_ids {
            after.anthropic_organization_ids = checked_list("anthropic_organization_ids", list, MAX_ENTRIES)?;
        }
        if let Some(list) = &self.report_attributes {
            after.report_attributes = checked_list("report_attributes", list, MAX_REPORTED)?;
        }
        self.check_named(&after)?;
        if let Some(pricing) = &self.model_pricing {
            after.model_pricing = if pricing.is_empty() { None } else { Some(checked_pricing(pricing)?) };
        }
        if let Some(CurrencyChange { code, per_usd }) = &self.currency {
            after.currency = Currency::new(code, *per_usd).ok_or(SettingError::Currency)?;
        }
        if let Some(limits) = &self.limits {
            after.limits = limits.apply(after.limits)?;
        }
        Ok(after)
    }

    /// Checks that the attributes that the lists name after the change fit into one configuration, if this changes one of them.
    fn check_named(&self, after: &Settings) -> Result<(), SettingError> {
        let field = match (&self.report_attributes, &self.identity_attributes) {
            (Some(_), _) => "report_attributes",
            (None, Some(_)) => "identity_attributes",
            (None, None) => return Ok(()),
        };
        let all: HashSet<&String> = after.identity_attributes.iter().chain(&after.report_attributes).collect();
        if all.len() > MAX_NAMED { Err(SettingError::Named { field }) } else { Ok(()) }
    }
}

impl LimitsChange {
    fn apply(&self, mut limits: Limits) -> Result<Limits, SettingError> {
        if let Some(people) = self.new_people_per_hour {
            limits.new_people_per_hour = within("limits.new_people_per_hour", people, MAX_NEW_PEOPLE)?;
        }
        if let Some(records) = self.records_per_hour {
            limits.records_per_hour = within("limits.records_per_hour", records, MAX_RECORDS)?;
        }
        if let Some(days) = self.accept_late_days {
            limits.accept_late_days = within("limits.accept_late_days", days, MAX_LATE_DAYS)?;
        }
        Ok(limits)
    }
}

/// Prices that name no model twice: reports know a model by one name, whatever was sent.
fn checked_pricing(pricing: &Map<String, Value>) -> Result<String, SettingError> {
    let text = Value::from(pricing.clone()).to_string();
    let parsed = ModelPricing::parse(&text)?;
    let mut models: Vec<_> = parsed.overrides().map(|(model, _)| canonical(model)).collect();
    models.sort_unstable();
    match models.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(PricingError::Twice { model: pair[0].to_string() }.into()),
        None => Ok(text),
    }
}

/// A name for people, as organisations and admin keys have one.
pub(super) fn checked_name(name: &str) -> Result<String, SettingError> {
    let name = name.trim();
    let fits = (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(SettingError::Name) }
}

fn checked_timezone(name: &str) -> Result<String, SettingError> {
    let known = TimeZone::get(name).ok();
    let canonical = known.as_ref().and_then(TimeZone::iana_name).map(str::to_owned);
    canonical.ok_or(SettingError::TimeZone)
}

/// A number from 1 to `most`.
fn within<N: Copy + PartialOrd + From<u8> + Into<u64>>(
    field: &'static str,
    number: N,
    most: N,
) -> Result<N, SettingError> {
    let fits = (N::from(1)..=most).contains(&number);
    if fits { Ok(number) } else { Err(SettingError::OutOfRange { field, most: most.into() }) }
}

fn checked_list(field: &'static str, list: &[String], most: usize) -> Result<Vec<String>, SettingError> {
    let fits = |entry: &str| (1..=MAX_ENTRY).contains(&entry.len()) && entry.bytes().all(|b| b.is_ascii_graphic());
    let mut kept: Vec<String> = Vec::new();
    for entry in list {
        if !fits(entry) || kept.len() == most {
            return Err(SettingError::List { field, most });
        }
        if !kept.contains(entry) {
            kept.push(entry.clone());
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests;
