//! Everybody, with a filter and a search.

use maud::{Markup, html};
use service::report::users::search::{Found, Group, Search};
use service::report::users::{UserState, UserView};

use super::{heading, labels, path};
use crate::components::pager::pager;
use crate::components::{link, number, time};
use crate::context::PageContext;
use crate::refusal::Refusal;
use crate::{Answer, layout};

/// People on a page.
const PAGE: usize = 30;

/// Groups to filter by, as the address and as people name them.
const GROUPS: [(Option<Group>, &str, &str); 6] = [
    (None, "", "All"),
    (Some(Group::User(UserState::Merged)), "merged", "Merged"),
    (Some(Group::User(UserState::Suggested)), "suggested", "Suggestion"),
    (Some(Group::User(UserState::Unmatched)), "unmatched", "No Git match"),
    (Some(Group::User(UserState::Unattributed)), "unattributed", "Unattributed"),
    (Some(Group::GitOnly), "git", "Only in Git"),
];

/// What the address asks for.
struct Asked<'a> {
    text: &'a str,
    group: Option<Group>,
    /// The group, as the address names it.
    state: &'static str,
    page: usize,
}

impl<'a> Asked<'a> {
    fn read(context: &'a PageContext<'_>) -> Self {
        let asked = context.query.get("state").unwrap_or_default();
        // A state that there is none of is no filter.
        let known = GROUPS.iter().find(|(_, state, _)| *state == asked);
        let (group, state) = known.map_or((None, ""), |(group, state, _)| (*group, *state));
        let page = context.query.get("page").and_then(|text| text.parse().ok()).unwrap_or(1);
        Self { text: context.query.get("q").unwrap_or_default(), group, state, page }
    }
}

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let asked = Asked::read(context);
    let search = Search { text: asked.text.to_owned(), group: asked.group, page: asked.page, page_size: PAGE };
    let found = search.find(context.store(), &context.organisation()?.uid).await?;
    let content = html! {
        (heading(context, "")?)
        (filter(context, &asked, &found)?)
        @if found.people.is_empty() { (nobody(context, &asked)?) } @else { (people(context, &asked, &found)?) }
    };
    Ok(layout::page(context, "Users", content))
}

fn filter(context: &PageContext<'_>, asked: &Asked<'_>, found: &Found) -> Result<Markup, Refusal> {
    let own = path(context, "")?;
    let count = |group: Option<Group>| match group {
        None => found.users(),
        Some(group) => found.counts.get(&group).copied().unwrap_or_default(),
    };
    Ok(html! {
        div.filter {
            nav.choices aria-label="State" {
                @for (group, state, name) in GROUPS {
                    @let is_current = group == asked.group;
                    @if is_current || group.is_none() || count(group) > 0 {
                        a href=(link::with(&own, [("q", asked.text), ("state", state)])) aria-current=[is_current.then_some("true")] {
                            (name) " " span.count { (number::grouped(count(group) as u64)) }
                        }
                    }
                }
            }
            form.search role="search" action=(own) {
                @if asked.group.is_some() { input type="hidden" name="state" value=(asked.state); }
                label.hidden for="q" { "Search people" }
                input #q type="search" name="q" value=(asked.text) placeholder="Name, e-mail, login, account" maxlength="200";
                button type="submit" { "Search" }
            }
        }
    })
}

fn nobody(context: &PageContext<'_>, asked: &Asked<'_>) -> Result<Markup, Refusal> {
    Ok(html! {
        div.empty {
            @if asked.text.is_empty() && asked.group.is_none() {
                h2 { "Nobody yet" }
                p {
                    "People appear here within two minutes of their first export from Claude Code. "
                    a href={ "/orgs/" (context.organisation()?.org) "/settings/claude-code" } { "Deploy the settings" }
                    ", or prepare the other side: " a href=(path(context, "/git")?) { "import Git users" } "."
                }
            } @else {
                h2 { "Nobody like that" }
                p { "Try another word or state, or " a href=(path(context, "")?) { "see everybody" } "." }
            }
        }
    })
}

fn people(context: &PageContext<'_>, asked: &Asked<'_>, found: &Found) -> Result<Markup, Refusal> {
    let own = path(context, "")?;
    Ok(html! {
        form action=(path(context, "/merge")?) {
            div.card.flush tabindex="0" role="region" aria-label="People" {
                table.people {
                    thead {
                        tr {
                            th scope="col" { span.hidden { "Choose" } }
                            th scope="col" { "Person" }
                            th scope="col" { "Git" }
                            th scope="col" { "State" }
                            th scope="col" { "Version" }
                            th scope="col" { "Last seen" }
                        }
                    }
                    tbody { @for user in &found.people { (row(context, user)?) } }
                }
            }
            div.below {
                p.actions {
                    button type="submit" { "Merge the chosen…" }
                    span.hint { "Choose people who are one and the same." }
                }
                (pager(found.page, found.pages, |page| {
                    link::with(&own, [("q", asked.text), ("state", asked.state), ("page", &page.to_string())])
                }))
            }
        }
    })
}

fn row(context: &PageContext<'_>, user: &UserView) -> Result<Markup, Refusal> {
    let title = labels::title(user);
    Ok(html! {
        tr {
            td.pick { input type="checkbox" name="pick" value=(user.id) aria-label={ "Choose " (title) }; }
            td.who {
                a href=(path(context, &format!("/{}", user.id))?) { (labels::name(&title)) }
                small { (labels::subtitle(user)) }
            }
            td.git {
                @match user.git.first() {
                    Some(first) => {
                        (labels::name(if first.name.is_empty() { &first.email } else { &first.name }))
                        @if user.git.len() > 1 { small { "and " (number::of(user.git.len() - 1, "other", "others")) } }
                    }
                    None => span.never { "–" }
                }
            }
            td.state { (labels::state(user)) }
            td.version { @match labels::version(user) { Some(version) => (labels::name(version)), None => span.never { "–" } } }
            td.seen { (time::relative_or(user.last_seen, context.now, "never")) }
        }
    })
}
