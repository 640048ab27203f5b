//! Admin keys of one organisation.

use serde::Deserialize;
use utoipa::ToSchema;

use super::change::checked_name;
use super::error::OrganisationError;
use model::organisation::Organisation;
use model::random::Random;
use model::time::Timestamp;
use model::token::{PlainToken, TokenKind};
use store::Store;
use store::admin_key::AdminKey;

/// The body of a request for a key.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// What people call it, 1 to 100 characters.
    #[schema(max_length = 100)]
    pub name: Option<String>,
}

/// Makes a key that administers `organisation` and nothing else. The key in clear is nowhere but in the answer.
///
/// # Errors
/// The name is not allowed, or the database failed.
pub async fn create(
    store: &Store,
    organisation: &Organisation,
    name: Option<&str>,
    random: &Random,
    now: Timestamp,
) -> Result<(AdminKey, PlainToken), OrganisationError> {
    let token = random.token(TokenKind::Admin);
    let key = AdminKey {
        id: token.hash().token_id(),
        hash: token.hash(),
        org: organisation.org.clone(),
        uid: organisation.uid.clone(),
        name: name.map(checked_name).transpose()?,
        created_at: now,
    };
    store.create_admin_key(&key).await?;
    Ok((key, token))
}

/// Removes a key: it is refused from the moment this is answered.
///
/// # Errors
/// The organisation has no such key, or the database failed.
pub async fn delete(store: &Store, organisation: &Organisation, id: &str) -> Result<(), OrganisationError> {
    let found = store.admin_key_by_id(&organisation.uid, id).await?;
    let key = found.ok_or(OrganisationError::UnknownKey)?;
    Ok(store.delete_admin_key(&key).await?)
}
