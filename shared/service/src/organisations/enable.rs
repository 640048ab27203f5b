//! Enabling an organisation, and changing its settings.

use super::change::Change;
use super::commit::{self, ATTEMPTS, Decision, MAY_BE_GOOD};
use super::error::OrganisationError;
use super::quota::{self, Share};
use super::rotate::{self, Issue};
use model::organisation::{OrgName, Organisation, Settings, State};
use model::random::Random;
use model::time::Timestamp;
use store::Store;
use store::secrets::Secrets;
use store::transaction::{If, Write};

/// What became of the request.
#[derive(Debug)]
pub enum Enabled {
    /// The organisation is enabled by this request, and has a new token.
    Now(Box<Issue>),
    /// It was enabled already, and has the settings asked for.
    Already(Box<Organisation>),
}

/// Enables the organisation named `org`, or changes the settings of the enabled one.
///
/// The name is claimed first, then the token is put into the secret store, then one transaction makes both good. Whatever is
/// broken off in between, a later call finishes.
///
/// # Errors
/// A value that is not allowed, too many new tokens in a day, or the database or the secret store failed.
pub async fn enable(
    store: &Store,
    secrets: &Secrets,
    org: &OrgName,
    change: &Change,
    share: Share,
    random: &Random,
    now: Timestamp,
) -> Result<Enabled, OrganisationError> {
    for _ in 0..ATTEMPTS {
        let before = match store.organisation(org).await? {
            Some(found) if found.state == State::Enabled => {
                let after = change_settings(store, &found, change, now).await?;
                return Ok(Enabled::Already(Box::new(after)));
            }
            Some(found) => found,
            None => match claim(store, org, change, random, now).await? {
                Some(claimed) => claimed,
                None => continue,
            },
        };
        if let Some(issue) = go_live(store, secrets, &before, change, share, random, now).await? {
            return Ok(Enabled::Now(Box::new(issue)));
        }
    }
    Err(OrganisationError::Contended)
}

/// Takes the name, unless another request was faster.
async fn claim(
    store: &Store,
    org: &OrgName,
    change: &Change,
    random: &Random,
    now: Timestamp,
) -> Result<Option<Organisation>, OrganisationError> {
    let organisation = Organisation {
        org: org.clone(),
        uid: random.uid(),
        state: State::Enabling,
        settings: change.apply(&Settings::new(org))?,
        created_at: now,
        generation: 0,
        token_version: None,
        revoked_at: None,
        revision: 1,
    };
    match store.transact(vec![Write::Put(store::organisation::item(&organisation), If::Absent)]).await {
        Ok(()) => Ok(Some(organisation)),
        Err(error) if error.is_conflict() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Gives a claimed or disabled organisation its next token; `None` when another request was faster.
async fn go_live(
    store: &Store,
    secrets: &Secrets,
    before: &Organisation,
    change: &Change,
    share: Share,
    random: &Random,
    now: Timestamp,
) -> Result<Option<Issue>, OrganisationError> {
    let settings = change.apply(&before.settings)?;
    let tokens = store.issued_tokens(&before.uid, MAY_BE_GOOD).await?;
    if !commit::is_one_snapshot(before, &tokens) {
        return Ok(None);
    }
    // The first of an organisation replaces none.
    if before.generation > 0 {
        quota::take(store, &before.uid, share, now).await?;
    }
    let pending = rotate::stage(secrets, before, random).await?;
    let issued = pending.issued(before, now);
    let organisation = Organisation {
        state: State::Enabled,
        revoked_at: None,
        settings,
        generation: issued.generation,
        token_version: Some(issued.version.clone()),
        ..before.clone()
    };
    let decision = Decision { tokens: vec![issued.clone()], ..Decision::of(organisation) };
    let Some(organisation) = commit::write(store, before, decision).await? else { return Ok(None) };
    rotate::promote(store, secrets, &organisation).await;
    Ok(Some(Issue { organisation, issued, token: pending.into_token() }))
}

/// The tokens carry what ingest has to know of the settings, so they are written along.
async fn change_settings(
    store: &Store,
    organisation: &Organisation,
    change: &Change,
    now: Timestamp,
) -> Result<Organisation, OrganisationError> {
    commit::decide(store, organisation, |before, tokens| {
        let settings = change.apply(&before.settings)?;
        if settings == before.settings {
            return Ok(None);
        }
        let good = tokens.iter().filter(|token| token.state.is_good(now)).cloned();
        let organisation = Organisation { settings, ..before.clone() };
        Ok(Some(Decision { tokens: good.collect(), ..Decision::of(organisation) }))
    })
    .await
}
