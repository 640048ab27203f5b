//! Organisations in the Activity table.

use super::query::Range;
use super::{Item, Store, StoreError, keys};
use model::currency::Currency;
use model::organisation::VersionId;
use model::organisation::{Limits, OrgName, Organisation, Settings, State, Uid};
use model::time::Timestamp;

/// Name of the attribute that grows with every change, so that a change based on an older revision is refused.
pub(super) const REVISION: &str = "revision";

impl Store {
    /// The organisation with this name, read consistently.
    pub async fn organisation(&self, org: &OrgName) -> Result<Option<Organisation>, StoreError> {
        self.get(&keys::organisation(org)).await?.map(|item| read(&item)).transpose()
    }

    /// The organisation to which this uid belongs, if it still exists.
    pub async fn owner(&self, uid: &Uid) -> Result<Option<Organisation>, StoreError> {
        let listed = self.query(Range::all(keys::ORGANISATIONS)).await?;
        let found = listed.iter().find(|item| item.optional_text("uid") == Some(uid.as_str()));
        found.map(read).transpose()
    }

    /// The organisations in order of name, starting after `after`, at most `limit`.
    pub async fn organisations(&self, after: Option<&str>, limit: usize) -> Result<Vec<Organisation>, StoreError> {
        let found = self.query(Range::after(keys::ORGANISATIONS, after).at_most(limit)).await?;
        found.iter().map(read).collect()
    }
}

/// The item of an organisation.
#[must_use]
pub fn item(organisation: &Organisation) -> Item {
    item_at(organisation, keys::organisation(&organisation.org))
}

/// Its entry in the list of all, which makes listing one query.
#[must_use]
pub fn item_in_list(organisation: &Organisation) -> Item {
    item_at(organisation, keys::organisation_in_list(&organisation.org))
}

fn item_at(organisation: &Organisation, key: keys::Key) -> Item {
    let item = Item::at(key)
        .text("org", organisation.org.as_str())
        .text("uid", organisation.uid.as_str())
        .text(
            "state",
            match organisation.state {
                State::Enabling => "enabling",
                State::Enabled => "enabled",
                State::Disabled => "disabled",
            },
        )
        .text("name", &*organisation.settings.name)
        .text("timezone", &*organisation.settings.timezone)
        .number("retention_days", organisation.settings.retention_days.into())
        .flag("store_content", organisation.settings.store_content)
        .flag("store_tool_names", organisation.settings.store_tool_names)
        .texts("identity_attributes", &organisation.settings.identity_attributes)
        .texts("report_attributes", &organisation.settings.report_attributes)
        .texts("anthropic_organization_ids", &organisation.settings.anthropic_organization_ids)
        .number("new_people_per_hour", organisation.settings.limits.new_people_per_hour.into())
        .number("records_per_hour", organisation.settings.limits.records_per_hour.try_into().unwrap_or(i64::MAX))
        .number("accept_late_days", organisation.settings.limits.accept_late_days.into())
        .number("created_at", organisation.created_at.0)
        .number("generation", organisation.generation.into())
        .number(REVISION, organisation.revision);
    let currency = organisation.settings.currency;
    let item = item.text("currency", currency.to_string()).number("per_usd", currency.millionths());
    let item = match &organisation.settings.model_pricing {
        Some(pricing) => item.text("model_pricing", &**pricing),
        None => item,
    };
    let item = match &organisation.token_version {
        Some(version) => item.text("token_version", version.as_str()),
        None => item,
    };
    match organisation.revoked_at {
        Some(at) => item.number("revoked_at", at.0),
        None => item,
    }
}

/// Reads the currency; none if an earlier release wrote the item.
fn currency(item: &Item) -> Option<Currency> {
    Currency::of_millionths(item.optional_text("currency")?, item.optional_number("per_usd")?)
}

/// Reads the limits; those that an earlier release did not write have their defaults.
fn limits(item: &Item) -> Limits {
    let usual = Limits::default();
    let small = |name, usual| item.optional_number(name).and_then(|n| n.try_into().ok()).unwrap_or(usual);
    Limits {
        new_people_per_hour: small("new_people_per_hour", usual.new_people_per_hour),
        records_per_hour: item
            .optional_number("records_per_hour")
            .and_then(|n| n.try_into().ok())
            .unwrap_or(usual.records_per_hour),
        accept_late_days: small("accept_late_days", usual.accept_late_days),
    }
}

fn read(item: &Item) -> Result<Organisation, StoreError> {
    let small = |name| u32::try_from(item.required_number(name)?).map_err(|_| StoreError::unreadable(name));
    Ok(Organisation {
        org: item.required_text("org")?.parse().map_err(|_| StoreError::unreadable("org"))?,
        uid: Uid::parse(item.required_text("uid")?).ok_or(StoreError::unreadable("uid"))?,
        state: match item.required_text("state")? {
            "enabling" => State::Enabling,
            "enabled" => State::Enabled,
            "disabled" => State::Disabled,
            _ => return Err(StoreError::unreadable("state")),
        },
        revoked_at: item.find_time("revoked_at"),
        settings: Settings {
            name: item.required_text("name")?.into(),
            timezone: item.required_text("timezone")?.into(),
            retention_days: small("retention_days")?,
            store_content: item.find_flag("store_content"),
            store_tool_names: item.find_flag("store_tool_names"),
            identity_attributes: item.find_texts("identity_attributes"),
            report_attributes: item.find_texts("report_attributes"),
            anthropic_organization_ids: item.find_texts("anthropic_organization_ids"),
            model_pricing: item.optional_text("model_pricing").map(str::to_owned),
            currency: currency(item).unwrap_or_default(),
            limits: limits(item),
        },
        created_at: Timestamp(item.required_number("created_at")?),
        generation: small("generation")?,
        token_version: item.optional_text("token_version").map(VersionId::parse),
        revision: item.required_number(REVISION)?,
    })
}
