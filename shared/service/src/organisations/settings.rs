//! Generating a configuration for the clients of an organisation.

use model::base_url::BaseUrl;
use model::organisation::{Organisation, State};
use model::token::PlainToken;
use settings::pricing::ModelPricing;
use settings::{Deployment, Document, OptionError, Selection, UnknownVariant, Variant};
use store::issued::IssuedToken;
use store::secrets::{SecretError, Secrets};
use store::token::TokenState;
use store::{Store, StoreError};

/// Why there is no configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigurationError {
    /// There is no such variant.
    #[error(transparent)]
    Variant(#[from] UnknownVariant),
    /// An option is not allowed.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// The organisation is disabled: no configuration of it would work.
    #[error("the organisation is disabled")]
    Disabled,
    /// All tokens are revoked: no configuration of the organisation would work.
    #[error("all tokens of the organisation are revoked")]
    Revoked,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret store failed.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// The configuration that `selection` asks for, with the organisation's token of now.
///
/// # Errors
/// The organisation is disabled or all its tokens are revoked, or the database or the secret store failed.
pub async fn document(
    store: &Store,
    secrets: &Secrets,
    organisation: &Organisation,
    selection: &Selection,
    base_url: &BaseUrl,
) -> Result<Document, ConfigurationError> {
    if organisation.state != State::Enabled {
        return Err(ConfigurationError::Disabled);
    }
    let newest = store.issued_tokens(&organisation.uid, 1).await?.into_iter().next();
    let token = live(newest.as_ref())?;
    let plain = secrets.read(&organisation.uid, &token.version).await?;
    Ok(write(organisation, Some(&plain), token.generation, base_url, selection))
}

/// The same with [`settings::HIDDEN`] in the place of the token, which nobody has to know to look at it. `newest` is the organisation's
/// newest token.
///
/// # Errors
/// As [`document`], but nothing is read.
pub fn preview(
    organisation: &Organisation,
    newest: Option<&IssuedToken>,
    selection: &Selection,
    base_url: &BaseUrl,
) -> Result<Document, ConfigurationError> {
    if organisation.state != State::Enabled {
        return Err(ConfigurationError::Disabled);
    }
    Ok(write(organisation, None, live(newest)?.generation, base_url, selection))
}

/// What names of a variant and options ask for.
///
/// # Errors
/// There is no such variant, or an option is not allowed.
pub fn select<K: AsRef<str>, V: AsRef<str>>(
    variant: &str,
    options: impl IntoIterator<Item = (K, V)>,
) -> Result<Selection, ConfigurationError> {
    let variant: Variant = variant.parse()?;
    Ok(Selection::from_query(variant, options)?)
}

fn live(newest: Option<&IssuedToken>) -> Result<&IssuedToken, ConfigurationError> {
    newest.filter(|token| token.state == TokenState::Live).ok_or(ConfigurationError::Revoked)
}

/// The prices that an organisation has of its own.
#[must_use]
pub fn own_prices(organisation: &Organisation) -> Option<ModelPricing> {
    organisation.settings.model_pricing.as_deref().and_then(|text| ModelPricing::parse(text).ok())
}

fn write(
    organisation: &Organisation,
    token: Option<&PlainToken>,
    generation: u32,
    base_url: &BaseUrl,
    selection: &Selection,
) -> Document {
    let deployment = Deployment::new(base_url, token, generation.into(), &organisation.org);
    // Clients that add up the company's own prices agree with what is told of those that say none.
    match own_prices(organisation) {
        Some(prices) => settings::generate(&deployment, &selection.clone().or_prices(prices)),
        None => settings::generate(&deployment, selection),
    }
}
