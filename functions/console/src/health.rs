//! Health: what is wrong, who is concerned and what to do about it; and what arrives.

use maud::{Markup, html};
use service::health::{Finding, Severity};
use service::people::directory::Directory;
use service::report::status::{SignalView, StatusView, status};

use crate::components::{link, number, person, time};
use crate::context::PageContext;
use crate::refusal::Refusal;
use crate::{Answer, layout};

/// People of a finding that are shown at once.
const SHOWN: usize = 8;

/// What is looked at, in words.
const CHECKS: [&str; 9] = [
    "Nobody is refused because of a replaced token, or has outdated settings",
    "Telemetry of everybody who was active still arrives",
    "Events and metrics both come, and sessions with prompts have tokens",
    "Everybody's telemetry says whose it is, and no installation is shared by several people",
    "No client has a version of which lost telemetry is reported, or refuses the managed settings",
    "No prompts or other content come that the organisation does not keep",
    "No telemetry of another Anthropic organisation comes",
    "Nobody's match in Git is missing from the current import",
    "Everything that was stored can be read and is counted",
];

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let directory = Directory::read(context.store(), &organisation.uid).await?;
    let audience = (&context.session.admin).into();
    let status = status(context.store(), organisation, &directory, audience, context.now).await?;
    let content = html! {
        h1 { "Health" }
        (summary(context, &status)?)
        @for finding in &status.findings { (one(context, finding)?) }
        (signals(context, &status))
        (checked(&status))
    };
    Ok(layout::page(context, "Health", content))
}

fn summary(context: &PageContext<'_>, status: &StatusView) -> Result<Markup, Refusal> {
    let count = |severity| status.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Info));
    Ok(html! {
        @if status.last_activity.is_none() {
            div.empty {
                h2 { "Nothing has arrived yet" }
                p {
                    "Findings appear once Claude Code sends telemetry. "
                    a href={ "/orgs/" (context.organisation()?.org) "/settings/claude-code" } { "Deploy the settings" }
                    "; the same page walks through what to check if nothing comes."
                }
            }
        } @else if status.findings.is_empty() {
            div.card.calm {
                h2 { "All is well" }
                p { "No problem was found in what arrives. Below is what was checked." }
            }
        } @else {
            p.lead.loose {
                @if errors > 0 { span.badge.bad { (number::of(errors, "error", "errors")) } " " }
                @if warnings > 0 { span.badge.warn { (number::of(warnings, "warning", "warnings")) } " " }
                @if notes > 0 { span.badge { (number::of(notes, "note", "notes")) } }
                " Claude Code does not report failed exports to users. They appear here."
            }
        }
    })
}

/// Where all are listed whom a finding is about, as the address of users says it: a finding names the first of them.
fn list_of(code: &str) -> Option<(&'static str, &'static str)> {
    match code {
        "stale_settings" => Some(("settings", "older")),
        "version_loses_telemetry" => Some(("version", "older")),
        "unattributed_activity" => Some(("state", "unattributed")),
        "git_active_but_silent" => Some(("state", "git")),
        _ => None,
    }
}

fn one(context: &PageContext<'_>, finding: &Finding) -> Result<Markup, Refusal> {
    let (tone, word) = match finding.severity {
        Severity::Error => ("bad", "Error"),
        Severity::Warning => ("warn", "Warning"),
        Severity::Info => ("note", "Note"),
    };
    let shown = finding.users.len().min(SHOWN);
    let (first, rest) = finding.users.split_at(shown);
    let org = context.organisation()?.org.as_str();
    Ok(html! {
        section class={ "card finding " (tone) } {
            div.finding-head { span class={ "badge " (tone) } { (word) } code.soft { (finding.code) } }
            h2 { bdi { (finding.message) } }
            p { bdi { (finding.remedy) } }
            @if let Some(list) = list_of(finding.code) {
                p { a href=(link::with(&format!("/orgs/{org}/users"), [list])) { "Everybody it is about, in the list of users" } }
            }
            @if finding.code == "git_match_lost" { p { a href={ "/orgs/" (org) "/users/git" } { "Git users" } } }
            @if !finding.users.is_empty() {
                ul.people-list aria-label="Who" {
                    @for user in first { li { (person::link(org, user)) } }
                    @if rest.is_empty() {} @else {
                        li {
                            details {
                                summary { (rest.len()) " more" }
                                ul.people-list {
                                    @for user in rest { li { (person::link(org, user)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}

fn signals(context: &PageContext<'_>, status: &StatusView) -> Markup {
    let signals = &status.signals;
    let rows: [(&str, &str, &SignalView); 3] = [
        ("Events", "prompts, requests, tools, errors", &signals.logs),
        ("Metrics", "lines, commits, PRs, active time", &signals.metrics),
        ("Spans", "counted and not kept", &signals.traces),
    ];
    html! {
        div.card.flush tabindex="0" role="region" aria-label="Data received" {
            table.signals {
                caption { "Data received" }
                thead {
                    tr {
                        th scope="col" { "Signal" }
                        th scope="col" { "Last arrival" }
                        th.number scope="col" { "Stored" }
                        th.number scope="col" { "Left out" }
                    }
                }
                tbody {
                    @for (title, what, signal) in rows {
                        tr {
                            th scope="row" { (title) small { (what) } }
                            td { (time::relative_or(signal.last_seen, context.now, "never")) }
                            td.number { (number::grouped(signal.accepted)) }
                            td.number { (number::grouped(signal.rejected)) }
                        }
                    }
                }
            }
        }
        p.hint {
            "Left out are records that cannot be counted, of exports of which the rest was stored. Exports that were refused because of their token \
             are in the findings above. "
            (number::of(status.users.total, "person", "people")) " seen, " (number::grouped(status.users.active_24h as u64))
            " at work in the last 24 hours, " (number::grouped(status.users.unattributed as u64)) " unattributed."
            @if status.users.automation > 0 {
                " " (number::of(status.users.automation, "source is", "sources are")) " not counted: automation, or without a name and there "
                "for less than a day."
            }
        }
    }
}

fn checked(status: &StatusView) -> Markup {
    html! {
        details.card.checked open[status.findings.is_empty() && status.last_activity.is_some()] {
            summary { "Checks" }
            ul { @for check in CHECKS { li { (check) } } }
        }
    }
}
