//! Everybody, with a filter, a search and two orders.

use http::StatusCode;
use maud::{Markup, html};
use model::bucket::Bucket;
use model::calendar::Calendar;
use service::http::Problem;
use service::people::clients::Behind;
use service::people::state::{Group, UserState};
use service::report::error::QuestionError;
use service::report::users::UserView;
use service::report::users::list::behind;
use service::report::users::search::{Found, Order, Search};
use service::report::users::table::as_table;

use super::{heading, labels, path};
use crate::components::pager::pager;
use crate::components::{link, number, time};
use crate::context::PageContext;
use crate::refusal::Refusal;
use crate::{Answer, answer, layout};

/// People on a page.
const PAGE: usize = 30;

/// Groups to filter by, as people name them.
const GROUPS: [(Option<Group>, &str); 6] = [
    (None, "All"),
    (Some(Group::User(UserState::Merged)), "Merged"),
    (Some(Group::User(UserState::Suggested)), "Suggestion"),
    (Some(Group::User(UserState::Unmatched)), "No Git match"),
    (Some(Group::User(UserState::Unattributed)), "Unattributed"),
    (Some(Group::GitOnly), "Only in Git"),
];

/// The order by who was seen last, as the address names it.
const SEEN: &str = "seen";

/// The parameters of [`Behind`].
const BEHIND: [&str; 3] = ["settings", "version", "active_since"];

/// What the address asks for.
#[derive(Clone, Copy)]
struct Asked<'a> {
    text: &'a str,
    group: Option<Group>,
    order: Order,
    /// What the people work with, if not everybody is listed.
    behind: Behind,
    page: usize,
}

impl<'a> Asked<'a> {
    /// Reads an address. What makes no sense in it is no filter, and comes back beside it.
    fn read(context: &'a PageContext<'_>) -> Result<(Self, Option<QuestionError>), Refusal> {
        let group = context.query.get("state").and_then(Group::named);
        let order = if context.query.get("sort") == Some(SEEN) { Order::LastSeen } else { Order::Name };
        let page = context.query.get("page").and_then(|text| text.parse().ok()).unwrap_or(1);
        let (behind, mistake) = match behind(&context.query, context.organisation()?) {
            Ok(behind) => (behind, None),
            Err(mistake) => (Behind::default(), Some(mistake)),
        };
        Ok((Self { text: context.query.get("q").unwrap_or_default(), group, order, behind, page }, mistake))
    }

    fn search(&self, page_size: usize) -> Search {
        let &Self { group, order, behind, page, .. } = self;
        Search { text: self.text.to_owned(), group, behind, order, page, page_size }
    }

    /// The address of this.
    fn address(&self, path: &str, context: &PageContext<'_>) -> String {
        self.address_without(path, context, "")
    }

    /// The address of this without one of the parameters that say what they work with.
    fn address_without(&self, path: &str, context: &PageContext<'_>, left: &str) -> String {
        let page = if self.page > 1 { self.page.to_string() } else { String::new() };
        let state = self.group.map_or("", Group::name);
        let sort = if self.order == Order::LastSeen { SEEN } else { "" };
        let own = [("q", self.text), ("state", state), ("sort", sort), ("page", &page)];
        link::with(path, own.into_iter().chain(self.kept(context)).filter(|(name, _)| *name != left))
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
    let kept = asked.kept(context);
    let own = [("q", asked.text), ("state", asked.group.map_or("", Group::name))];
    let narrowed = answer::narrowed(own.into_iter().chain(kept));
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
    let without = |left: &str| Asked { page: 1, ..*asked }.address_without(&own, context, left);
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
                @for (group, name) in GROUPS {
                    @let is_current = group == asked.group;
                    @if is_current || group.is_none() || count(group) > 0 {
                        a href=(Asked { group, page: 1, ..*asked }.address(&own, context)) aria-current=[is_current.then_some("true")] {
                            (name) " " span.count { (number::grouped(count(group) as u64)) }
                        }
                    }
                }
            }
            form.search role="search" action=(own) {
                @if let Some(group) = asked.group { input type="hidden" name="state" value=(group.name()); }
                @if asked.order == Order::LastSeen { input type="hidden" name="sort" value=(SEEN); }
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
                p {
                    @if !asked.text.is_empty() { "No name, address, login or account has “" (labels::name(asked.text)) "” in it" @if asked.group.is_some() { " in this state" } ". " }
                    "Try another word or state, or " a href=(path(context, "")?) { "see everybody" } "."
                }
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
                            (head(asked, &own, context, Order::Name))
                            th scope="col" { "Git" }
                            th scope="col" { "State" }
                            th scope="col" { "Version" }
                            (head(asked, &own, context, Order::LastSeen))
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
                a.button href=(Asked { page: 1, ..*asked }.address(&format!("{own}.csv"), context)) download { "CSV" }
                (pager(found.page, found.pages, &|page| Asked { page, ..*asked }.address(&own, context)))
            }
        }
    })
}

/// The head of a column that people can be in order of.
fn head(asked: &Asked<'_>, own: &str, context: &PageContext<'_>, order: Order) -> Markup {
    let (name, direction, arrow) = match order {
        Order::Name => ("Person", "ascending", " ↑"),
        Order::LastSeen => ("Last seen", "descending", " ↓"),
    };
    let is_current = asked.order == order;
    html! {
        th scope="col" aria-sort=[is_current.then_some(direction)] {
            a href=(Asked { order, page: 1, ..*asked }.address(own, context)) { (name) @if is_current { (arrow) } }
        }
    }
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
            td.version { (labels::of_version(context.organisation()?.org.as_str(), user.version.as_deref())) }
            td.seen { (time::relative_or(user.last_seen, context.now, "never")) }
        }
    })
}
