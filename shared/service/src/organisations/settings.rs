//! Generating a configuration for the clients of an organisation.

use crate::http::Problem;
use crate::http::query::Query;
use model::base_url::BaseUrl;
use model::organisation::{Organisation, State};
use model::token::PlainToken;
use settings::{Deployment, Document, Selection, Variant};
use store::Store;
use store::issued::IssuedToken;
use store::secrets::Secrets;
use store::token::TokenState;

/// The configuration of the variant and with the options asked for, with the organisation's token of now.
///
/// # Errors
/// There is no such variant, an option is not allowed, the organisation is disabled or all its tokens are revoked, or the
/// database or the secret store failed.
pub async fn document(
    store: &Store,
    secrets: &Secrets,
    organisation: &Organisation,
    variant: &str,
    query: &Query<'_>,
    base_url: &BaseUrl,
) -> Result<Document, Problem> {
    selected(store, secrets, organisation, &select(variant, query.pairs())?, base_url).await
}

/// The configuration that `selection` asks for, with the organisation's token of now.
///
/// # Errors
/// The organisation is disabled or all its tokens are revoked, or the database or the secret store failed.
pub async fn selected(
    store: &Store,
    secrets: &Secrets,
    organisation: &Organisation,
    selection: &Selection,
    base_url: &BaseUrl,
) -> Result<Document, Problem> {
    if organisation.state != State::Enabled {
        return Err(Problem::Disabled);
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
) -> Result<Document, Problem> {
    if organisation.state != State::Enabled {
        return Err(Problem::Disabled);
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
) -> Result<Selection, Problem> {
    let variant: Variant = variant.parse().map_err(|error| {
        let all = Variant::ALL.map(Variant::name).join(", ");
        Problem::invalid("variant", format!("{error}"), all)
    })?;
    Selection::from_query(variant, options)
        .map_err(|error| Problem::invalid(error.field(), error.to_string(), error.allowed()))
}

fn live(newest: Option<&IssuedToken>) -> Result<&IssuedToken, Problem> {
    newest.filter(|token| token.state == TokenState::Live).ok_or(Problem::Revoked)
}

fn write(
    organisation: &Organisation,
    token: Option<&PlainToken>,
    generation: u32,
    base_url: &BaseUrl,
    selection: &Selection,
) -> Document {
    settings::generate(&Deployment::new(base_url, token, generation.into(), &organisation.org), selection)
}
