//! Organisations: which there are, and a new one.

use maud::html;
use model::organisation::{OrgName, State};
use service::auth::error::AccessError;
use service::organisations::change::Change;
use service::organisations::enable;

use crate::components::{form, standing, time};
use crate::context::PageContext;
use crate::{Answer, answer, layout, sign_in};

/// So many organisations are looked at for one that has telemetry.
const LOOKED_AT: usize = 8;

/// Leads to the numbers of the first organisation that has any, else to the first one's settings, else to where one is enabled.
pub(crate) async fn home(context: &PageContext<'_>) -> Answer {
    for org in context.organisations.iter().take(LOOKED_AT) {
        if context.store().has_sightings(&org.uid).await? {
            return Ok(answer::see(&format!("/orgs/{}/analytics", org.org)));
        }
    }
    let first = context.organisations.first();
    let path = first.map_or("/orgs".into(), |org| format!("/orgs/{}/settings/claude-code", org.org));
    Ok(answer::see(&path))
}

/// All organisations that the admin may see.
pub(crate) fn show(context: &PageContext<'_>) -> Answer {
    let is_root = context.session.admin.is_root();
    let content = html! {
        h1 { "Organisations" }
        @if context.organisations.is_empty() {
            div.empty {
                h2 { "No organisation yet" }
                p { "Enable one below: it gets an ingest token and the configuration to deploy to Claude Code." }
            }
        } @else {
            div.card.flush {
                table {
                    thead { tr { th { "Organisation" } th { "State" } th { "Enabled" } } }
                    tbody {
                        @for org in &context.organisations {
                            tr {
                                td { a href={ "/orgs/" (org.org) "/settings/claude-code" } { (org.settings.name) } " " small { (org.org) } }
                                td { (standing::badge(org)) }
                                td { (time::relative(org.created_at, context.now)) }
                            }
                        }
                    }
                }
            }
        }
        @if is_root {
            form.card method="post" action="/orgs" {
                (form::token(&context.session))
                h2 { "Enable OpenTelemetry for another organisation" }
                p { "Enabling makes an ingest token and the managed settings to deploy. Each organisation's data is separate." }
                div.fields {
                    div {
                        label for="org" { "Short name" }
                        input #org name="org" required maxlength="63" pattern="[a-z0-9][a-z0-9\\-]*" autocapitalize="none"
                            autocomplete="off" spellcheck="false" aria-describedby="org-hint";
                        p.hint #org-hint { "a–z, 0–9 and -; used in URLs; cannot be changed." }
                    }
                    div {
                        label for="name" { "Name shown to people" }
                        input #name name="name" maxlength="100" autocomplete="organization";
                    }
                }
                p.actions { button.primary type="submit" { "Enable" } }
            }
        }
    };
    Ok(layout::page(context, "Organisations", content))
}

/// Enables an organisation; one that is enabled already is left as it is.
pub(crate) async fn enable(context: &PageContext<'_>) -> Answer {
    let field = |name| context.form.get(name).map(str::trim).filter(|value| !value.is_empty());
    let org: OrgName = match context.session.admin.name(field("org").unwrap_or_default()) {
        Ok(org) => org,
        Err(AccessError::Name(error)) => {
            return Ok(answer::refused(context, "/orgs", format!("Not enabled: {error}.")));
        }
        Err(other) => return Err(other.into()),
    };
    let path = format!("/orgs/{org}/settings/claude-code");
    let change = Change { name: field("name").map(Into::into), ..Change::default() };
    if context.store().organisation(&org).await?.is_some_and(|known| known.state == State::Enabled) {
        return Ok(answer::refused(
            context,
            &path,
            format!("The organisation {org} is enabled already; nothing was changed."),
        ));
    }
    let (app, share) = (context.app, (&context.session.admin).into());
    enable::enable(&app.store, &app.secrets, &org, &change, share, &sign_in::draw()?, context.now).await?;
    Ok(answer::done(context, &path, "OpenTelemetry is enabled. Next: deploy the managed settings below."))
}
