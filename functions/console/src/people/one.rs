//! A person: identities on both sides, how they came together, and what can be done about it.

use std::collections::BTreeSet;

use maud::{Markup, html};
use shared::erasure;
use shared::merging::decide::LinkRequest;
use shared::merging::view::{MergeView, SuggestionView};
use shared::people::directory::Directory;
use shared::report::users::list::user as look_up;
use shared::report::users::{UserView, why_unattributed};

use super::{back, desk, heading, merges, path, suggestions, words};
use crate::failure::{Refusal, sentence};
use crate::parts::{form, link, time};
use crate::visit::Visit;
use crate::{Answer, answer, layout};

/// Entries of the history that are shown.
const ENTRIES: usize = 20;

/// The page.
pub(crate) async fn show(visit: &Visit<'_>) -> Answer {
    let asked = visit.values.get(1).map_or("", AsRef::as_ref);
    let uid = &visit.organisation()?.uid;
    let store = visit.store();
    let (directory, user, history) =
        tokio::join!(Directory::read(store, uid), look_up(store, uid, asked), store.merges(uid, None, usize::MAX));
    let (directory, user, history) = (directory?, user?, history?);
    let person = directory.find(&user.id);
    let mut identities: BTreeSet<String> = BTreeSet::from([user.id.clone()]);
    if let Some(person) = person {
        identities.extend(person.united.iter().map(ToString::to_string));
        identities.extend(directory.record(person).iter().flat_map(|record| record.identities()).map(str::to_owned));
    }
    let entries = history.into_iter().filter(|record| record.tells_of(&identities)).take(ENTRIES);
    let entries: Vec<MergeView> = entries.map(MergeView::from).collect();
    let suggestion = if user.state == "suggested" { store.suggestion(uid, &user.id).await? } else { None };
    let own = path(visit, &format!("/{}", user.id))?;
    let why = person.filter(|_| user.state == "unattributed").map(|person| why_unattributed(&directory, person));
    let content = html! {
        (heading(visit, "person")?)
        (top(visit, &user)?)
        @if let Some(why) = why { (whose(visit, &user, &why, &own)?) }
        @if let Some(suggestion) = suggestion { (suggestions::card(visit, &SuggestionView::from(suggestion), &own)?) }
        (identified(visit, &user))
        @if !entries.is_empty() { h2.section { "History" } (merges::list(visit, &entries, &own)?) }
        @if !words::is_git_only(&user) { (forget(visit, &user, &own)?) }
    };
    Ok(layout::page(visit, &words::title(&user), content))
}

fn top(visit: &Visit<'_>, user: &UserView) -> Result<Markup, Refusal> {
    let analytics = format!("/orgs/{}/analytics", visit.organisation()?.org);
    Ok(html! {
        section.card.person-top {
            div {
                h2 { (words::name(&words::title(user))) " " (words::state(user)) }
                p.soft { (words::subtitle(user)) }
                @if user.state != "unattributed" && user.state != "suggested" { p.hint { bdi { (sentence(&user.reason)) } } }
                dl.facts {
                    div { dt { "First seen" } dd { (time::relative_or(user.first_seen, visit.now, "never")) } }
                    div { dt { "Last seen" } dd { (time::relative_or(user.last_seen, visit.now, "never")) } }
                    div { dt { "Newest version" } dd { (words::name(words::version(user).unwrap_or("–"))) } }
                    @if let Some(at) = user.merged_at { div { dt { "Merged" } dd { (time::relative(at, visit.now)) } } }
                }
            }
            p.actions {
                @if !words::is_git_only(user) {
                    a.button href=(link::with(&analytics, [("user", user.id.as_str())])) { "Analytics" }
                }
                a.button href=(link::with(&path(visit, "/merge")?, [("pick", user.id.as_str())])) { "Merge with…" }
            }
        }
    })
}

fn identified(visit: &Visit<'_>, user: &UserView) -> Markup {
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
                                    td { small { (words::kind(&known.kind)) } (words::name(if known.value.is_empty() { "–" } else { &known.value })) }
                                    td { (words::name(&known.versions.join(", "))) }
                                    td { (time::relative(known.last_seen, visit.now)) small { "first " (time::relative(known.first_seen, visit.now)) } }
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
                                    td { (words::name(if known.name.is_empty() { "–" } else { &known.name })) small { (words::name(&known.email)) } }
                                    td { (words::name(known.login.as_deref().unwrap_or("–"))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn whose(visit: &Visit<'_>, user: &UserView, why: &str, own: &str) -> Result<Markup, Refusal> {
    Ok(html! {
        form.card method="post" action=(path(visit, &format!("/{}/link", user.id))?) {
            (form::token(visit))
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

fn forget(visit: &Visit<'_>, user: &UserView, own: &str) -> Result<Markup, Refusal> {
    Ok(html! {
        details.card.danger-zone {
            summary { "Erase this person" }
            form method="post" action=(path(visit, &format!("/{}/erase", user.id))?) {
                (form::token(visit))
                input type="hidden" name="to" value=(own);
                p {
                    "Events, numbers, identities, merges and decisions about this person are deleted for good. What arrives later is "
                    "collected again: stop the telemetry of the machine first. What Git knows stays until the next import."
                }
                div.choice {
                    input #sure type="checkbox" name="sure" value="yes" required;
                    label for="sure" { "Erase " (words::name(&words::title(user))) ". This cannot be undone." }
                }
                p.actions { button.danger type="submit" { "Erase" } }
            }
        }
    })
}

/// Says whose an unattributed identity is.
pub(crate) async fn link(visit: &Visit<'_>) -> Answer {
    let id = visit.values.get(1).map_or("", AsRef::as_ref);
    let request = LinkRequest { email: visit.form.get("email").unwrap_or_default().to_owned() };
    match desk(visit)?.link(id, &request).await {
        Ok(person) => {
            let said = format!("Attributed to {}.", request.email.trim());
            Ok(answer::done(visit, &path(visit, &format!("/{person}"))?, said))
        }
        Err(problem) => back(visit, &path(visit, "")?, Err(problem)),
    }
}

/// Forgets a person, if that was confirmed.
pub(crate) async fn erase(visit: &Visit<'_>) -> Answer {
    let id = visit.values.get(1).map_or("", AsRef::as_ref);
    if visit.form.get("sure") != Some("yes") {
        let own = path(visit, &format!("/{id}"))?;
        return Ok(answer::refused(visit, &own, "Nothing was erased: confirm it with the box beside the button."));
    }
    match erasure::erase(visit.store(), visit.organisation()?, id, visit.now).await {
        Ok(()) => Ok(answer::done(visit, &path(visit, "")?, "The person is erased.")),
        Err(problem) => back(visit, &path(visit, "")?, Err(problem)),
    }
}
