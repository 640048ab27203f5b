//! Generating a configuration for the clients of an organisation.

use super::view::deployment;
use crate::api::Problem;
use crate::api::query::Query;
use crate::organisation::{Organisation, State};
use crate::secrets::Secrets;
use crate::settings::{self, Document, Selection, Variant};
use crate::store::Store;
use crate::store::token::TokenState;

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
    base_url: &str,
) -> Result<Document, Problem> {
    let variant: Variant = variant.parse().map_err(|error| {
        let all = Variant::ALL.map(Variant::name).join(", ");
        Problem::invalid("variant", format!("{error}"), all)
    })?;
    let selection = Selection::from_query(variant, query.pairs())
        .map_err(|error| Problem::invalid(error.field(), error.to_string(), error.allowed()))?;
    if organisation.state != State::Enabled {
        return Err(Problem::Disabled);
    }
    let newest = store.issued_tokens(&organisation.uid, 1).await?.into_iter().next();
    let token = match newest {
        Some(token) if token.state == TokenState::Live => token,
        _ => return Err(Problem::Revoked),
    };
    let plain = secrets.read(&organisation.uid, &token.version).await?;
    Ok(settings::generate(&deployment(organisation, &plain, token.generation, base_url)?, &selection))
}
