//! The ingest tokens, of which none is shown: which is the current one, how to replace it, and who is left behind.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use maud::{Markup, html};
use model::calendar::Calendar;
use model::organisation::{Organisation, State};
use model::random::Random;
use model::time::{SignedDuration, Timestamp};
use service::organisations::tokens::{ReplacedView, TokensView};

use super::address;
use crate::components::{form, number, person, time};
use crate::context::PageContext;

/// After how many seconds the old token can stop, and how that is called; the first is what is chosen unless something else is.
const ENDS: [(i64, &str); 5] = [
    (0, "At once"),
    (86_400, "In a day"),
    (604_800, "In 7 days"),
    (1_209_600, "In 14 days"),
    (2_592_000, "In 30 days"),
];

pub(super) fn section(context: &PageContext<'_>, organisation: &Organisation, tokens: &TokensView) -> Markup {
    let now = context.now;
    html! {
        section.card #token aria-labelledby="token-title" {
            h2 #token-title { "Ingest token" }
            p.soft { "Write-only: it can send telemetry and read nothing. It appears only in the configuration above." }
            dl.facts {
                div { dt { "Token" } dd { code { "cct_…" (tokens.token_id) } " " small { "public name" } } }
                div { dt { "Generation" } dd { (tokens.generation) } }
                div { dt { "Created" } dd { (time::relative(tokens.created_at, now)) } }
                div { dt { "Last used" } dd { (time::relative_or(tokens.last_used_at, now, "Never")) } }
                @if let Some(at) = tokens.revoked_at {
                    div { dt { "State" } dd { span.badge.bad { "Revoked" } " " (time::relative(at, now)) } }
                }
            }
            @if organisation.state == State::Enabled { (rotate(context, organisation, tokens)) }
            (replaced(context, organisation, &tokens.previous))
        }
    }
}

fn rotate(context: &PageContext<'_>, organisation: &Organisation, tokens: &TokensView) -> Markup {
    let base = address(organisation);
    html! {
        h3 { "Rotate" }
        div.fields.wide {
            form.panel method="post" action={ (base) "/rotate" } {
                (form::token(&context.session))
                (once())
                p { "A new token replaces the current one. Claude Code uses it once the new configuration has reached a user and Claude Code was restarted." }
                fieldset {
                    legend { "When does the old token stop?" }
                    @for (seconds, label) in ENDS {
                        div.choice {
                            input id={ "ends-" (seconds) } type="radio" name="overlap_seconds" value=(seconds) checked[seconds == 0] required;
                            label for={ "ends-" (seconds) } { (label) " " small { (cost(context, organisation, seconds)) } }
                        }
                    }
                }
                div.choice {
                    input #rotate-confirm type="checkbox" name="confirm" value="yes" required;
                    label for="rotate-confirm" { "I will deploy the new configuration to everybody" }
                }
                p.actions { button.danger type="submit" { "Rotate" } }
            }
            @if tokens.revoked_at.is_none() {
                form.panel method="post" action={ (base) "/revoke" } {
                    (form::token(&context.session))
                    h4 { "Revoke all" }
                    p { "Every token is refused, and there is no new one until you rotate. For stopping telemetry at once." }
                    div.choice {
                        input #all type="checkbox" name="confirm" value="yes" required;
                        label for="all" { "I accept that all telemetry is lost" }
                    }
                    p.actions { button.danger type="submit" { "Revoke all tokens" } }
                }
            }
        }
    }
}

/// What it costs to end the old token after so many seconds.
fn cost(context: &PageContext<'_>, organisation: &Organisation, seconds: i64) -> String {
    if seconds == 0 {
        return "For a token that leaked. From this moment, what a user's Claude Code sends is lost until it has the new configuration."
            .into();
    }
    let end = Calendar::of(organisation).moment(context.now.plus(SignedDuration::from_secs(seconds)));
    format!(
        "Until {end} both work. Nothing is lost for users who have the new configuration by then, but a leaked token keeps working."
    )
}

/// Makes a form work once: sent twice, by a double click or a broken connection, it is answered as the first time.
fn once() -> Markup {
    let nonce = Random::draw().map(|random| URL_SAFE_NO_PAD.encode(random.nonce()));
    // Without random numbers nothing else would work either.
    html! { @if let Ok(nonce) = nonce { input type="hidden" name="request" value=(nonce); } }
}

fn replaced(context: &PageContext<'_>, organisation: &Organisation, previous: &[ReplacedView]) -> Markup {
    html! {
        @if !previous.is_empty() {
            h3 { "Replaced tokens, and who still uses them" }
            @if previous.iter().any(|token| token.is_good) {
                form.inline method="post" action={ (address(organisation)) "/revoke-previous" } {
                    (form::token(&context.session))
                    p { "The previous token still works. Once nobody uses it, or if it leaked: " button.danger type="submit" { "Revoke the previous token now" } }
                }
            }
            div.scroll tabindex="0" role="region" aria-label="Replaced tokens" {
                table.replaced {
                    thead {
                        tr {
                            th scope="col" { "Token" } th scope="col" { "Replaced" } th scope="col" { "State" }
                            th.number scope="col" { "Refused exports" } th scope="col" { "Still used by (30 days)" }
                        }
                    }
                    tbody { @for token in previous { (row(organisation.org.as_str(), token, context.now)) } }
                }
            }
        }
    }
}

fn row(org: &str, token: &ReplacedView, now: Timestamp) -> Markup {
    html! {
        tr {
            td { code { (token.token_id) } br; small { "generation " (token.generation) } }
            td { (time::relative(token.retired_at, now)) }
            td {
                @if token.is_good { span.badge.warn { "Works" } br; small { "ends " (time::relative(token.valid_until, now)) } }
                @else { span.badge { "Refused" } }
            }
            td.number { (number::grouped(token.refused)) }
            td {
                @if token.still_used_by.is_empty() { span.soft { "Nobody" } }
                @else {
                    ul.plain {
                        @for user in &token.still_used_by {
                            li {
                                @match &user.user {
                                    Some(user) => (person::link(org, user)),
                                    None => span.soft { "Somebody unnamed" },
                                }
                                " " small { (time::relative(user.last_seen, now)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
