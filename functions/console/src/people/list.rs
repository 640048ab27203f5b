//! Everybody, with a filter and a search.

use http::StatusCode;
use maud::{Markup, html};
use model::bucket::Bucket;
use model::calendar::Calendar;
use service::http::Problem;
use service::people::clients::Behind;
use service::report::error::QuestionError;
use service::report::users::list::behind;
use service::report::users::search::{Found, Group, Search};
use service::report::users::table::as_table;
use service::report::users::{UserState, UserView};

use super::{heading, labels, path};
use crate::components::pager::pager;
use crate::components::{link, number, time};
use crate::context::PageContext;
use crate::refusal::Refusal;
use crate::{Answer, answer, layout};

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

/// The parameters of [`Behind`].
const BEHIND: [&str; 3] = ["settings", "version", "active_since"];

/// What the address asks for.
struct Asked<'a> {
    text: &'a str,
    group: Option<Group>,
    /// The group, as the address names it.
    state: &'static str,
    /// What the people work with, if not everybody is listed.
    behind: Behind,
    page: usize,
}

impl<'a> Asked<'a> {
    /// Reads an address. What makes no sense in it is no filter, and comes back beside it.
    fn read(context: &'a PageContext<'_>) -> Result<(Self, Option<QuestionError>), Refusal> {
        let asked = context.query.get("state").unwrap_or_default();
        let known = GROUPS.iter().find(|(_, state, _)| *state == asked);
        let (group, state) = known.map_or((None, ""), |(group, state, _)| (*group, *state));
        let page = context.query.get("page").and_then(|text| text.parse().ok()).unwrap_or(1);
        let (behind, mistake) = match behind(&context.query, context.organisation()?) {
            Ok(behind) => (behind, None),
            Err(mistake) => (Behind::default(), Some(mistake)),
        };
        Ok((Self { text: context.query.get("q").unwrap_or_default(), group, state, behind, page }, mistake))
    }

    fn search(&self, page_size: usize) -> Search {
        Search { text: self.text.to_owned(), group: self.group, behind: self.behind, page: self.page, page_size }
    }

    /// The address of a page of the same people.
    fn address(&self, path: &str, context: &PageContext<'_>, page: usize) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let own = [("q", self.text), ("state", self.state), ("page", &page)];
        link::with(path, own.into_iter().chain(self.kept(context)))
    }

    /// The parameters that say what they work with.
    fn kept<'c>(&self, context: &'c PageContext<'_>) -> Vec<(&'static str, &'c str)> {
        let kept = |name: &'static str| Some((name, context.query.get(name)?));
        if self.behind.is_anybody() { Vec::new() } else { BEHIND.into_iter().filter_map(kept).collect() }
    }
}

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let (asked, mistake) = Asked::read(context)?;
    let found = asked.search(PAGE).find(context.store(), context.organisation()?).await?;
    let content = html! {
        (heading(context, "")?)
        @if let Some(mistake) = &mistake {
            div.notice.bad role="alert" {
                p { (mistake.parameter()) ": " (mistake) ". Allowed: " (mistake.allowed()) ". Everybody is shown instead." }
            }
        }
        (filter(context, &asked, &found)?)
        @if found.people.is_empty() { (nobody(context, &asked)?) } @else { (people(context, &asked, &found)?) }
    };
    let mut response = layout::page(context, "Users", content);
    if mistake.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

/// The people who are listed, all pages of them, for spreadsheets.
pub(crate) async fn table(context: &PageContext<'_>) -> Answer {
    let (asked, mistake) = Asked::read(context)?;
    if let Some(mistake) = mistake {
        return Err(Problem::from(mistake).into());
    }
    let organisation = context.organisation()?;
    let found = Asked { page: 1, ..asked }.search(usize::MAX).find(context.store(), organisation).await?;
    let narrowed = if context.query.pairs().next().is_some() { "-filtered" } else { "" };
    let day = Calendar::of(organisation).date(Bucket::of(context.now));
    let name = format!("claude-code-{}-users{narrowed}-{day}.csv", organisation.org);
    Ok(answer::table(&name, as_table(&found.people)?))
}

/// What is shown alone of what people work with, in words.
fn behind_words(asked: &Asked<'_>, context: &PageContext<'_>) -> Vec<(&'static str, String)> {
    let since = asked.behind.active_since.map(|since| {
        let zone = context.organisation.as_ref().map(Calendar::of);
        zone.map_or_else(String::new, |calendar| calendar.date(Bucket::of(since)).strftime("%-d %b %Y").to_string())
    });
    let older = [
        ("settings", asked.behind.older_settings, "Not on the latest settings"),
        ("version", asked.behind.older_version, "Not on the newest version"),
    ];
    let older = older.into_iter().filter(|(_, is_asked, _)| *is_asked).map(|(name, _, said)| (name, said.to_owned()));
    older.chain(since.map(|since| ("active_since", format!("Active since {since}")))).collect()
}

/// What is shown alone of what people work with, each with a link without it.
fn narrowed(context: &PageContext<'_>, asked: &Asked<'_>) -> Result<Markup, Refusal> {
    let own = path(context, "")?;
    let without = |left: &str| {
        let kept = asked.kept(context).into_iter().filter(|(name, _)| *name != left);
        link::with(&own, [("q", asked.text), ("state", asked.state)].into_iter().chain(kept))
    };
    let said = behind_words(asked, context);
    Ok(html! {
        @if !said.is_empty() {
            ul.narrowed aria-label="Shown alone" {
                @for (name, said) in &said {
                    li { (said) a href=(without(name)) aria-label={ "Show also others: " (said) } { "×" } }
                }
            }
        }
    })
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
                        a href=(link::with(&own, [("q", asked.text), ("state", state)].into_iter().chain(asked.kept(context)))) aria-current=[is_current.then_some("true")] {
                            (name) " " span.count { (number::grouped(count(group) as u64)) }
                        }
                    }
                }
            }
            form.search role="search" action=(own) {
                @if asked.group.is_some() { input type="hidden" name="state" value=(asked.state); }
                @for (name, value) in asked.kept(context) { input type="hidden" name=(name) value=(value); }
                label.hidden for="q" { "Search people" }
                input #q type="search" name="q" value=(asked.text) placeholder="Name, e-mail, login, account" maxlength="200";
                button type="submit" { "Search" }
            }
        }
        (narrowed(context, asked)?)
    })
}

fn nobody(context: &PageContext<'_>, asked: &Asked<'_>) -> Result<Markup, Refusal> {
    Ok(html! {
        div.empty {
            @if asked.text.is_empty() && asked.group.is_none() && asked.behind.is_anybody() {
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
                    button type="submit" { "Merge selected…" }
                    span.hint { "Choose entries of the same person." }
                }
                a.button href=(asked.address(&format!("{own}.csv"), context, 1)) download { "CSV" }
                (pager(found.page, found.pages, |page| asked.address(&own, context, page)))
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
            td.version { @match &user.version { Some(version) => (labels::name(version)), None => span.never { "–" } } }
            td.seen { (time::relative_or(user.last_seen, context.now, "never")) }
        }
    })
}
