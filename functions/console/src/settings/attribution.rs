//! Telemetry that does not say whose it is: the configuration that would, and an admin who knows.

use std::time::{Duration, Instant};

use maud::{Markup, html};
use model::organisation::Organisation;
use service::merging::decide::{AdminDecisions, LinkRequest};
use service::merging::error::DecisionError;
use service::people::directory::{Directory, Person};
use settings::Variant;

use super::address;
use crate::components::{form, number, time};
use crate::context::PageContext;
use crate::{Answer, answer};

/// How many unattributed people are offered at a time.
const OFFERED: usize = 10;
/// How long the merge after a decision may take; the next one continues.
const PATIENCE: Duration = Duration::from_secs(8);

pub(super) fn section(context: &PageContext<'_>, organisation: &Organisation, directory: &Directory) -> Markup {
    let base = address(organisation);
    let anonymous: Vec<&Person> = directory.people().filter(|person| person.email.is_none()).collect();
    html! {
        section.card #attribution aria-labelledby="attribution-title" {
            h2 #attribution-title { "Attribution on Amazon Bedrock" }
            p {
                "With Bedrock nobody logs in to Anthropic, so Claude Code does not know an address. Each user's own settings, "
                code { "~/.claude/settings.json" } ", have to say it in " code { "OTEL_RESOURCE_ATTRIBUTES" } ". Where managed settings are installed as a file, theirs wins: put the
                JSON beside it, as " code { "managed-settings.d/20-user.json" } "."
            }
            form.row method="get" action={ (base) "#configuration" } {
                input type="hidden" name="variant" value=(Variant::Bedrock);
                label for="bedrock-email" { "E-mail address of the user" }
                input #bedrock-email name="user_email" type="email" required maxlength="254" autocomplete="off" placeholder="user@example.com";
                button type="submit" { "Make the JSON" }
            }
            @if !anonymous.is_empty() {
                h3 { (number::of(anonymous.len(), "identity", "identities")) " without an address" }
                p.soft { "If you know whose it is, say so: past and future activity then counts for that person." }
                div.scroll {
                    table {
                        thead { tr { th scope="col" { "Seen as" } th scope="col" { "Last seen" } th scope="col" { "Belongs to" } } }
                        tbody { @for (at, person) in anonymous.iter().take(OFFERED).enumerate() { (row(context, &base, directory, person, at)) } }
                    }
                }
                @if anonymous.len() > OFFERED {
                    p.soft { "The others are in " a href={ "/orgs/" (organisation.org) "/users?state=unattributed" } { "Users" } "." }
                }
            }
        }
    }
}

fn row(context: &PageContext<'_>, base: &str, directory: &Directory, person: &Person, at: usize) -> Markup {
    let label = person.label.as_deref().unwrap_or(&person.id);
    let last = directory.seen(person).map(|seen| seen.last);
    html! {
        tr {
            td { bdi.mono { (label.chars().take(40).collect::<String>()) } }
            td { (time::relative_or(last, context.now, "Never")) }
            td {
                form.row method="post" action={ (base) "/attribute" } {
                    (form::token(&context.session))
                    input type="hidden" name="person" value=(person.id);
                    label.hidden for={ "email-" (at) } { "E-mail address of this identity" }
                    input id={ "email-" (at) } name="email" type="email" required maxlength="254" autocomplete="off" placeholder="user@example.com";
                    button type="submit" { "Attribute" }
                }
            }
        }
    }
}

/// Says whose an unattributed identity is.
pub(crate) async fn attribute(context: &PageContext<'_>) -> Answer {
    let (organisation, store) = (context.organisation()?, context.store());
    let (uid, path) = (&organisation.uid, format!("{}#attribution", address(organisation)));
    let field = |name| context.form.get(name).map(str::trim).unwrap_or_default();
    let deadline = Instant::now() + PATIENCE;
    let decisions = AdminDecisions { store, uid, by: context.session.admin.signature(), now: context.now, deadline };
    let request = LinkRequest { email: field("email").to_owned() };
    match decisions.link(field("person"), &request).await {
        Ok(_) => Ok(answer::done(
            context,
            &path,
            "Attributed. It counts for that person once the merge has run, which usually is at once.",
        )),
        Err(error @ DecisionError::NoAddress) => {
            Ok(answer::refused(context, &path, format!("Not attributed: {error}.")))
        }
        Err(other) => Err(other.into()),
    }
}
