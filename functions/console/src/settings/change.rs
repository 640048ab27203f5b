//! The changes that the page offers: rotating and revoking tokens, enabling again, disabling and erasing.

use http::HeaderValue;
use model::organisation::Organisation;
use service::http::Problem;
use service::organisations::change::Change;
use service::organisations::enable::enable as enable_organisation;
use service::organisations::error::OrganisationError;
use service::organisations::rotate::{RotateRequest, Rotation, RotationError, rotate as rotate_token};
use service::organisations::{end, purge as erase};

use super::address;
use crate::context::PageContext;
use crate::error_page::sentence;
use crate::{Answer, answer, sign_in};

const CONFIRM: &str = "Nothing was changed: the form was not confirmed.";

/// Replaces the token.
pub(crate) async fn rotate(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let overlap_seconds = context.form.get("overlap_seconds").and_then(|seconds| seconds.parse().ok());
    let overlap_seconds = overlap_seconds.ok_or(RotationError::Overlap)?;
    if overlap_seconds == 0 && !is_confirmed(context) {
        return Ok(answer::refused(context, &at(organisation, "token"), CONFIRM));
    }
    let key = context.form.get("request").and_then(|key| HeaderValue::from_str(key).ok());
    let rotation = Rotation::new(RotateRequest { overlap_seconds }, key.as_ref())?;
    let (app, share) = (context.app, (&context.session.admin).into());
    match rotate_token(&app.store, &app.secrets, organisation, &rotation, share, &sign_in::draw()?, context.now).await {
        Ok(rotated) => Ok(answer::done(
            context,
            &at(organisation, "configuration"),
            format!(
                "The token was replaced; the new one is of generation {}. Next: deploy the new configuration below and have Claude Code restarted.",
                rotated.record.generation
            ),
        )),
        Err(OrganisationError::IdempotencyKeyReused) => {
            let said = "Nothing was changed: this form was sent before with another choice. Rotate again to replace the token once more.";
            Ok(answer::refused(context, &at(organisation, "token"), said))
        }
        Err(error @ OrganisationError::QuotaUsedUp { .. }) => {
            let said = sentence(&Problem::from(error).detail());
            Ok(answer::refused(context, &at(organisation, "token"), format!("Nothing was changed. {said}")))
        }
        Err(other) => Err(other.into()),
    }
}

/// Refuses every token.
pub(crate) async fn revoke(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    if !is_confirmed(context) {
        return Ok(answer::refused(context, &at(organisation, "token"), CONFIRM));
    }
    end::revoke(context.store(), organisation, context.now).await?;
    Ok(answer::done(context, &at(organisation, "token"), "All tokens are revoked. Rotate to make a new one."))
}

/// Ends the overlap of the token before.
pub(crate) async fn revoke_previous(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    end::revoke_previous(context.store(), organisation, context.now).await?;
    Ok(answer::done(context, &at(organisation, "token"), "The previous token is refused from now on."))
}

/// Enables a disabled organisation again.
pub(crate) async fn enable(context: &PageContext<'_>) -> Answer {
    let (organisation, app) = (context.organisation()?, context.app);
    let (change, share) = (Change::default(), (&context.session.admin).into());
    enable_organisation(&app.store, &app.secrets, &organisation.org, &change, share, &sign_in::draw()?, context.now)
        .await?;
    let said = "OpenTelemetry is enabled with a new token. Next: deploy the configuration below.";
    Ok(answer::done(context, &at(organisation, "configuration"), said))
}

/// Refuses every token and keeps everything else.
pub(crate) async fn disable(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    if !is_named(context, organisation) {
        return Ok(answer::refused(context, &at(organisation, "life"), CONFIRM));
    }
    end::disable(context.store(), organisation, context.now).await?;
    Ok(answer::done(
        context,
        &at(organisation, "life"),
        "The integration is disabled: every export is refused from now on.",
    ))
}

/// Erases the organisation.
pub(crate) async fn purge(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    if !is_named(context, organisation) {
        return Ok(answer::refused(context, &at(organisation, "life"), CONFIRM));
    }
    erase::purge(context.store(), organisation, context.now).await?;
    Ok(answer::done(context, "/orgs", format!("The organisation {} is erased.", organisation.org)))
}

fn at(organisation: &Organisation, section: &str) -> String {
    format!("{}#{section}", address(organisation))
}

fn is_confirmed(context: &PageContext<'_>) -> bool {
    context.form.get("confirm") == Some("yes")
}

/// What cannot be undone wants the organisation's name.
fn is_named(context: &PageContext<'_>, organisation: &Organisation) -> bool {
    context.form.get("confirm").map(str::trim) == Some(organisation.org.as_str())
}
