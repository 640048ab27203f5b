//! A person: identities on both sides, how they came together, and what can be done about it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use http::StatusCode;
use maud::{Markup, html};
use service::erasure;
use service::health::Finding;
use service::merging::decide::LinkRequest;
use service::merging::view::{MergeView, SuggestionView};
use service::people::directory::{Directory, Person};
use service::people::state::UserState;
use service::report::status::status;
use service::report::users::list::user as look_up;
use service::report::users::{UserView, why_unattributed};

use super::{back, decisions, labels, merges, path, suggestions, tabs};
use crate::analytics::person;
use crate::components::{form, link, time};
use crate::context::PageContext;
use crate::error_page::sentence;
use crate::refusal::Refusal;
use crate::{Answer, answer, layout};

/// Entries of the history that are shown.
const ENTRIES: usize = 20;

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let asked = context.values.get(1).map_or("", AsRef::as_ref);
    let uid = &context.organisation()?.uid;
    let store = context.store();
    let (directory, user, history) =
        tokio::join!(Directory::read(store, uid), look_up(store, uid, asked), store.merges(uid, None, usize::MAX));
    let (directory, user, history) = (Arc::new(directory?), user?, history?);
    let person: Option<&Person> = directory.find(&user.id);
    let mut identities: BTreeSet<String> = BTreeSet::from([user.id.clone()]);
    if let Some(person) = person {
        identities.extend(person.united.iter().map(ToString::to_string));
        identities.extend(directory.record(person).iter().flat_map(|record| record.identities()).map(str::to_owned));
    }
    let entries = history.into_iter().filter(|record| record.tells_of(&identities)).take(ENTRIES);
    let entries: Vec<MergeView> = entries.map(MergeView::from).collect();
    let suggestion = if user.state == UserState::Suggested { store.suggestion(uid, &user.id).await? } else { None };
    let own = path(context, &format!("/{}", user.id))?;
    let why =
        person.filter(|_| user.state == UserState::Unattributed).map(|person| why_unattributed(&directory, person));
    // Who is known from Git alone has neither numbers nor findings.
    let (work, mistake) = match person {
        Some(_) => {
            let work = person::work(context, Arc::clone(&directory), &user.id);
            let ((work, mistake), findings) = tokio::try_join!(work, findings(context, &directory, &user.id))?;
            (Some((work, findings)), mistake)
        }
        None => (None, None),
    };
    let content = html! {
        (tabs(context, "")?)
        div.heading.split {
            h1 { (labels::name(&labels::title(&user))) " " (labels::state(&user)) }
            a.button href=(link::with(&path(context, "/merge")?, [("pick", user.id.as_str())])) { "Merge with…" }
        }
        (top(context, &user)?)
        @if let Some((work, findings)) = &work { (findings) (work) h2.section { "Who this is" } }
        @if let Some(why) = why { (whose(context, &user, &why, &own)?) }
        @if let Some(suggestion) = suggestion { (suggestions::card(context, &SuggestionView::from(suggestion), &own)?) }
        (identified(context, &user))
        @if !entries.is_empty() { h2.section { "History" } (merges::list(context, &entries, &own)?) }
        @if !labels::is_git_only(&user) { (forget(context, &user, &own)?) }
    };
    let mut response = layout::page(context, &labels::title(&user), content);
    if mistake.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

/// What health says of a person, in their own words.
async fn findings(context: &PageContext<'_>, directory: &Directory, id: &str) -> Result<Markup, Refusal> {
    let organisation = context.organisation()?;
    let status = status(context.store(), organisation, directory, (&context.session.admin).into(), context.now).await?;
    let own: Vec<&Finding> =
        status.findings.iter().filter(|finding| finding.users.iter().any(|user| user.id == id)).collect();
    Ok(html! {
        @if !own.is_empty() {
            section.card.finding.warn {
                h2 { "What Health says" }
                ul { @for finding in own { li { bdi { (finding.message) } " " span.soft { bdi { (finding.remedy) } } } } }
                p { a href={ "/orgs/" (organisation.org) "/health" } { "Health" } " has the details." }
            }
        }
    })
}

fn top(context: &PageContext<'_>, user: &UserView) -> Result<Markup, Refusal> {
    let org = context.organisation()?.org.as_str();
    Ok(html! {
        section.card.person-top {
            div {
                p.soft { (labels::subtitle(user)) }
                @if matches!(user.state, UserState::Merged | UserState::Unmatched) { p.hint { bdi { (sentence(&user.reason)) } } }
                dl.facts {
                    div { dt { "First seen" } dd { (time::relative_or(user.first_seen, context.now, "never")) } }
                    div { dt { "Last seen" } dd { (time::relative_or(user.last_seen, context.now, "never")) } }
                    div { dt { "Newest version" } dd { (labels::of_version(org, labels::version(user))) } }
                    @if let Some(at) = user.merged_at { div { dt { "Merged" } dd { (time::relative(at, context.now)) } } }
                }
            }
        }
    })
}

fn identified(context: &PageContext<'_>, user: &UserView) -> Markup {
    html! {
        div.sides {
            @if !user.claude.is_empty() {
                div.card.flush tabindex="0" role="region" aria-label="In Claude Code" {
                    table.identities {
                        caption { "In Claude Code" }
                        thead { tr { th scope="col" { "Identity" } th scope="col" { "Versions" } th scope="col" { "Last seen" } } }
                        tbody {
                            @for known in &user.claude {
                                tr {
                                    td { small { (labels::kind(&known.kind)) } (labels::name(if known.value.is_empty() { "–" } else { &known.value })) }
                                    td { (labels::name(&known.versions.join(", "))) }
                                    td { (time::relative(known.last_seen, context.now)) small { "first " (time::relative(known.first_seen, context.now)) } }
                                }
                            }
                        }
                    }
                }
            }
            @if !user.git.is_empty() {
                div.card.flush tabindex="0" role="region" aria-label="In Git" {
                    table.identities {
                        caption { "In Git" }
                        thead { tr { th scope="col" { "Author" } th scope="col" { "Login" } } }
                        tbody {
                            @for known in &user.git {
                                tr {
                                    td { (labels::name(if known.name.is_empty() { "–" } else { &known.name })) small { (labels::name(&known.email)) } }
                                    td { (labels::name(known.login.as_deref().unwrap_or("–"))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn whose(context: &PageContext<'_>, user: &UserView, why: &str, own: &str) -> Result<Markup, Refusal> {
    Ok(html! {
        form.card method="post" action=(path(context, &format!("/{}/link", user.id))?) {
            (form::token(&context.session))
            input type="hidden" name="to" value=(own);
            h2 { "Whose is this?" }
            p { (sentence(why)) " Say whose it is, and everything that came and will come counts for that person." }
            div.ask {
                label.hidden for="email" { "E-mail address" }
                input #email type="email" name="email" required maxlength="254" placeholder="dana@example.com" autocomplete="off";
                button.primary type="submit" { "Attribute" }
            }
            p.hint { "Or put " code { "user.email=<address>" } " into " code { "OTEL_RESOURCE_ATTRIBUTES" } " of that machine." }
        }
    })
}

fn forget(context: &PageContext<'_>, user: &UserView, own: &str) -> Result<Markup, Refusal> {
    Ok(html! {
        details.card.danger-zone {
            summary { "Erase this person" }
            form method="post" action=(path(context, &format!("/{}/erase", user.id))?) {
                (form::token(&context.session))
                input type="hidden" name="to" value=(own);
                p {
                    "Events, numbers, identities, merges and decisions about this person are deleted for good. What arrives later is "
                    "collected again: stop the telemetry of the machine first. What Git knows stays until the next import."
                }
                div.choice {
                    input #sure type="checkbox" name="sure" value="yes" required;
                    label for="sure" { "Erase " (labels::name(&labels::title(user))) ". This cannot be undone." }
                }
                p.actions { button.danger type="submit" { "Erase" } }
            }
        }
    })
}

/// Says whose an unattributed identity is.
pub(crate) async fn link(context: &PageContext<'_>) -> Answer {
    let id = context.values.get(1).map_or("", AsRef::as_ref);
    let request = LinkRequest { email: context.form.get("email").unwrap_or_default().to_owned() };
    match decisions(context)?.link(id, &request).await {
        Ok(person) => {
            let said = format!("Attributed to {}.", request.email.trim());
            Ok(answer::done(context, &path(context, &format!("/{person}"))?, said))
        }
        Err(error) => back(context, &path(context, "")?, Err(error)),
    }
}

/// Forgets a person, if that was confirmed.
pub(crate) async fn erase(context: &PageContext<'_>) -> Answer {
    let id = context.values.get(1).map_or("", AsRef::as_ref);
    if context.form.get("sure") != Some("yes") {
        let own = path(context, &format!("/{id}"))?;
        return Ok(answer::refused(context, &own, "Nothing was erased: confirm it with the box beside the button."));
    }
    let deadline = Instant::now() + context.app.patience;
    match erasure::erase(context.store(), context.organisation()?, id, context.now, deadline).await {
        Ok(erasure) if !erasure.is_complete() => Ok(answer::done(
            context,
            &path(context, "")?,
            "The person is being erased. This continues in the background.",
        )),
        Ok(_) => Ok(answer::done(context, &path(context, "")?, "The person is erased.")),
        Err(error) => back(context, &path(context, "")?, Err(error)),
    }
}
