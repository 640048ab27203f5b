//! The changes that the page offers: rotating and revoking tokens, enabling again, disabling and erasing.

use http::HeaderValue;
use shared::http::Problem;
use shared::organisation::Organisation;
use shared::organisations::change::Change;
use shared::organisations::enable::enable as enable_organisation;
use shared::organisations::rotate::{RotateRequest, Rotation, rotate as rotate_token};
use shared::organisations::{end, purge as erase};

use super::address;
use crate::visit::Visit;
use crate::{Answer, answer, sign_in};

const CONFIRM: &str = "Nothing was changed: the form was not confirmed.";

/// Replaces the token.
pub(crate) async fn rotate(visit: &Visit<'_>) -> Answer {
    let organisation = visit.organisation()?;
    let overlap_seconds = visit.form.get("overlap_seconds").and_then(|seconds| seconds.parse().ok()).unwrap_or(-1);
    if overlap_seconds == 0 && !is_confirmed(visit) {
        return Ok(answer::refused(visit, &at(organisation, "token"), CONFIRM));
    }
    let key = visit.form.get("request").and_then(|key| HeaderValue::from_str(key).ok());
    let rotation = Rotation::new(RotateRequest { overlap_seconds }, key.as_ref())?;
    let (app, share) = (visit.app, (&visit.session.admin).into());
    match rotate_token(&app.store, &app.secrets, organisation, &rotation, share, &sign_in::draw()?, visit.now).await {
        Ok(rotated) => Ok(answer::done(
            visit,
            &at(organisation, "configuration"),
            format!(
                "The token was replaced; the new one is of generation {}. Next: deploy the new configuration below and have Claude Code restarted.",
                rotated.record.generation
            ),
        )),
        Err(Problem::IdempotencyKeyReused) => {
            let said = "Nothing was changed: this form was sent before with another choice. Rotate again to replace the token once more.";
            Ok(answer::refused(visit, &at(organisation, "token"), said))
        }
        Err(problem @ Problem::TooManyRotations(_)) => {
            let said = crate::failure::sentence(&problem.detail());
            Ok(answer::refused(visit, &at(organisation, "token"), format!("Nothing was changed. {said}")))
        }
        Err(other) => Err(other.into()),
    }
}

/// Refuses every token.
pub(crate) async fn revoke(visit: &Visit<'_>) -> Answer {
    let organisation = visit.organisation()?;
    if !is_confirmed(visit) {
        return Ok(answer::refused(visit, &at(organisation, "token"), CONFIRM));
    }
    end::revoke(visit.store(), organisation, visit.now).await?;
    Ok(answer::done(visit, &at(organisation, "token"), "All tokens are revoked. Rotate to make a new one."))
}

/// Ends the overlap of the token before.
pub(crate) async fn revoke_previous(visit: &Visit<'_>) -> Answer {
    let organisation = visit.organisation()?;
    end::revoke_previous(visit.store(), organisation, visit.now).await?;
    Ok(answer::done(visit, &at(organisation, "token"), "The previous token is refused from now on."))
}

/// Enables a disabled organisation again.
pub(crate) async fn enable(visit: &Visit<'_>) -> Answer {
    let (organisation, app) = (visit.organisation()?, visit.app);
    let (change, share) = (Change::default(), (&visit.session.admin).into());
    enable_organisation(&app.store, &app.secrets, &organisation.org, &change, share, &sign_in::draw()?, visit.now)
        .await?;
    let said = "OpenTelemetry is enabled with a new token. Next: deploy the configuration below.";
    Ok(answer::done(visit, &at(organisation, "configuration"), said))
}

/// Refuses every token and keeps everything else.
pub(crate) async fn disable(visit: &Visit<'_>) -> Answer {
    let organisation = visit.organisation()?;
    if !is_named(visit, organisation) {
        return Ok(answer::refused(visit, &at(organisation, "life"), CONFIRM));
    }
    end::disable(visit.store(), organisation, visit.now).await?;
    Ok(answer::done(
        visit,
        &at(organisation, "life"),
        "The integration is disabled: every export is refused from now on.",
    ))
}

/// Erases the organisation.
pub(crate) async fn purge(visit: &Visit<'_>) -> Answer {
    let organisation = visit.organisation()?;
    if !is_named(visit, organisation) {
        return Ok(answer::refused(visit, &at(organisation, "life"), CONFIRM));
    }
    erase::purge(visit.store(), organisation, visit.now).await?;
    Ok(answer::done(visit, "/orgs", format!("The organisation {} is erased.", organisation.org)))
}

fn at(organisation: &Organisation, section: &str) -> String {
    format!("{}#{section}", address(organisation))
}

fn is_confirmed(visit: &Visit<'_>) -> bool {
    visit.form.get("confirm") == Some("yes")
}

/// What cannot be undone wants the organisation's name.
fn is_named(visit: &Visit<'_>, organisation: &Organisation) -> bool {
    visit.form.get("confirm").map(str::trim) == Some(organisation.org.as_str())
}
