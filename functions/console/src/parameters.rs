//! What the address of each page can ask for. What else stands in one is as if it did not, and the page says so: a misspelt name would
//! otherwise look like an answer.

use std::borrow::Cow;

use ::settings::{OptionName, Variant};
use maud::{Markup, html};
use service::http::Problem;
use service::http::query::Query;
use service::people::state::Group;
use service::report::groupings::{self, NAMED, OWN};

use crate::components::text;
use crate::route::Page;

/// How many parameters that a page does not know are named on it.
const NAMED_AT_ONCE: usize = 5;
/// The longest name that is repeated, in bytes.
const LONGEST: usize = 40;

/// A parameter that a page knows, or several.
#[derive(Debug, Clone, Copy)]
enum Parameter {
    /// The one of this name.
    One(&'static str, Value),
    /// One of this name, as often as there are values.
    Each(&'static str),
    /// Everything that numbers can be narrowed to.
    Filters,
    /// The options of a configuration.
    Options,
}

/// What a parameter can be.
#[derive(Debug, Clone, Copy)]
enum Value {
    /// Any text, or what only the page can judge.
    Text,
    /// The number of a page.
    Number,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A group of people.
    Group,
    /// The name of a filter.
    Filter,
    /// A form of a configuration.
    Variant,
}

use Parameter::{Each, Filters, One, Options};
use Value::{Number, Text, Word};

/// The days that numbers are of, and what they are narrowed to.
const NUMBERS: &[Parameter] =
    &[One("from", Text), One("to", Text), One("filter", Value::Filter), One("value", Text), Filters];
/// The lines of a table.
const LINES: &[Parameter] =
    &[One("sort", Text), One("order", Word(&["up", "down"])), One("find", Text), One("page", Number)];
const BY: &[Parameter] = &[One("by", Text)];
/// The tables of pages that have several, of which one can stand alone.
const OF_ADOPTION: &[Parameter] = &[One("table", Word(&["people", "persons", "versions", "weeks"])), One("who", Text)];
const OF_RELIABILITY: &[Parameter] =
    &[One("table", Word(&["errors", "models", "versions", "tools", "mcp", "skills", "plugins", "agents"]))];
const OF_OUTCOME: &[Parameter] = &[One("table", Word(&["people", "teams", "repositories", "languages", "before"]))];
const OF_SESSIONS: &[Parameter] = &[One("table", Word(&["sessions"]))];
const PEOPLE: &[Parameter] = &[
    One("q", Text),
    One("state", Value::Group),
    One("sort", Word(&["name", "seen"])),
    One("page", Number),
    One("settings", Text),
    One("version", Text),
    One("active_since", Text),
];
/// Where a session is looked for, and where its page leads back to.
const SESSION: &[Parameter] = &[
    One("from", Text),
    One("to", Text),
    One("user", Text),
    One("back", Text),
    One("table", Word(&["models", "events"])),
];

/// What the address of a page can ask for; `None` where it asks nothing, or whoever answers refuses what is unknown.
const fn of(page: Page) -> Option<&'static [&'static [Parameter]]> {
    Some(match page {
        Page::Organisations | Page::LastActivity | Page::Verify | Page::GitUsers | Page::Health => &[],
        Page::ClaudeCode => &[&[One("variant", Value::Variant), One("show", Word(&["token"])), Options]],
        Page::Users | Page::UsersTable => &[PEOPLE],
        Page::Person => &[NUMBERS],
        Page::Suggestions => &[&[One("cursor", Text), One("rejected", Word(&["all"]))]],
        Page::Merges => &[&[One("cursor", Text)]],
        Page::Choose => &[&[Each("pick")]],
        Page::Analytics | Page::AnalyticsTable => &[BY, LINES, NUMBERS],
        Page::Spend | Page::SpendTable => &[&[One("month", Text)], BY, LINES, NUMBERS],
        Page::Adoption | Page::AdoptionTable => &[OF_ADOPTION, BY, LINES, NUMBERS],
        Page::Reliability | Page::ReliabilityTable => &[OF_RELIABILITY, LINES, NUMBERS],
        Page::Outcome | Page::OutcomeTable => &[OF_OUTCOME, LINES, NUMBERS],
        Page::Sessions | Page::SessionsTable => &[OF_SESSIONS, LINES, NUMBERS],
        Page::Session => &[SESSION, LINES],
        Page::SessionTable => &[&[One("session", Text)], SESSION, LINES],
        _ => return None,
    })
}

impl Parameter {
    /// What the parameter called `name` can be, if it is this one.
    fn value(self, name: &str) -> Option<Value> {
        let is_it = match self {
            One(known, _) | Each(known) => known == name,
            Filters => is_filter(name),
            Options => OptionName::ALL.iter().any(|option| option.as_str() == name),
        };
        is_it.then_some(if let One(_, value) = self { value } else { Text })
    }

    fn names(self) -> Vec<&'static str> {
        match self {
            One(name, _) | Each(name) => vec![name],
            Filters => NAMED.iter().map(|(name, _)| *name).chain(["attribute.*"]).collect(),
            Options => OptionName::ALL.iter().map(|option| option.as_str()).collect(),
        }
    }
}

impl Value {
    /// What it can be, if `text` is something else. A form sends empty fields, too.
    fn instead_of(self, text: &str) -> Option<String> {
        let listed = |known: &[&str]| (!known.contains(&text)).then(|| known.join(", "));
        match self {
            _ if text.is_empty() => None,
            Self::Text => None,
            Self::Number => text.parse::<usize>().map_or(true, |page| page == 0).then(|| "a number from 1".to_owned()),
            Self::Word(known) => listed(known),
            Self::Group => listed(&Group::ALL.map(Group::name)),
            Self::Filter => (!is_filter(text)).then(|| Filters.names().join(", ")),
            Self::Variant => listed(&Variant::ALL.map(Variant::name)),
        }
    }
}

fn is_filter(name: &str) -> bool {
    name.starts_with(OWN) || groupings::find(name, &[]).is_some()
}

/// A parameter that is as if it were not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ignored {
    name: String,
    detail: &'static str,
    allowed: Cow<'static, str>,
}

impl From<Ignored> for Problem {
    fn from(ignored: Ignored) -> Self {
        Self::invalid(ignored.name, ignored.detail, ignored.allowed)
    }
}

/// Takes out of a query what its page knows nothing of, and gives that.
pub(crate) fn sift(page: Page, query: &mut Query<'_>) -> Vec<Ignored> {
    let Some(known) = of(page) else { return Vec::new() };
    let known: Vec<Parameter> = known.concat();
    let (mut ignored, mut seen) = (Vec::new(), Vec::new());
    query.retain(|name, text| {
        let found = known.iter().find_map(|parameter| Some((parameter, parameter.value(name)?)));
        let (detail, allowed): (_, Cow<'static, str>) = match found {
            None => ("there is no such parameter", allowed(&known).into()),
            Some((Each(_), _)) => return true,
            Some(_) if seen.iter().any(|earlier| earlier == name) => ("it is given more than once", "once".into()),
            Some((_, value)) => {
                seen.push(name.to_owned());
                match value.instead_of(text) {
                    None => return true,
                    Some(allowed) => ("there is no such value", allowed.into()),
                }
            }
        };
        ignored.push(Ignored { name: named(name), detail, allowed });
        false
    });
    ignored
}

/// A name as it is repeated. Whatever is no name would be a sentence of whoever made the address, in the console's own words.
fn named(name: &str) -> String {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let is_plain = (1..=LONGEST).contains(&name.len()) && name.bytes().all(is_name);
    if is_plain { name.to_owned() } else { "A parameter".to_owned() }
}

/// The names that a page knows, as a refusal tells them.
fn allowed(known: &[Parameter]) -> String {
    if known.is_empty() {
        return "no parameters".into();
    }
    known.iter().flat_map(|parameter| parameter.names()).collect::<Vec<_>>().join(", ")
}

/// What a page says of them.
pub(crate) fn notice(ignored: &[Ignored]) -> Markup {
    html! {
        div.notice.bad role="alert" {
            @for Ignored { name, detail, allowed } in ignored.iter().take(NAMED_AT_ONCE) {
                p { (text::name(name)) ": " (detail) ". Allowed: " (allowed) ". It is left out." }
            }
            @if ignored.len() > NAMED_AT_ONCE { p { "So are " (ignored.len() - NAMED_AT_ONCE) " more." } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{ROUTES, Target};
    use http::Method;

    /// What is left of an address, and the names that are not.
    fn sifted(page: Page, address: &str) -> (Vec<String>, Vec<String>) {
        let mut query = Query::read(Some(address));
        let ignored = sift(page, &mut query);
        (
            query.pairs().map(|(name, text)| format!("{name}={text}")).collect(),
            ignored.into_iter().map(|one| one.name).collect(),
        )
    }

    #[test]
    fn what_every_page_takes_is_written_down() {
        for route in ROUTES.iter().filter(|route| route.method == Method::GET) {
            if let Target::Admin(page) = route.target {
                assert_eq!(of(page).is_none(), matches!(page, Page::Home | Page::Download), "{route:?}");
            }
        }
    }

    #[test]
    fn what_a_page_does_not_know_is_taken_out_and_named() {
        for (page, address, left, taken) in [
            (Page::Analytics, "teem=a&team=b", vec!["team=b"], vec!["teem"]),
            (Page::Analytics, "attribute.site=x&by=model&sort=", vec!["attribute.site=x", "by=model", "sort="], vec![]),
            (Page::Analytics, "filter=teem&value=a", vec!["value=a"], vec!["filter"]),
            (Page::Users, "stat=git&state=nonsense&q=a", vec!["q=a"], vec!["stat", "state"]),
            (Page::Users, "state=&state=git&page=0&page=2", vec!["state="], vec!["state", "page", "page"]),
            (Page::Users, "state=git&sort=seen&page=2", vec!["state=git", "sort=seen", "page=2"], vec![]),
            (Page::Spend, "month=2026-11&order=sideways", vec!["month=2026-11"], vec!["order"]),
            (Page::Choose, "pick=a&pick=b&pick=", vec!["pick=a", "pick=b", "pick="], vec![]),
            (
                Page::ClaudeCode,
                "variant=shell.sh&gzip=true&variance=x",
                vec!["variant=shell.sh", "gzip=true"],
                vec!["variance"],
            ),
            (Page::ClaudeCode, "variant=none", vec![], vec!["variant"]),
            (Page::Health, "x=", vec![], vec!["x"]),
        ] {
            let own = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(sifted(page, address), (own(left), own(taken)), "{address}");
        }
    }

    #[test]
    fn a_page_names_a_few_of_them_and_counts_the_others() {
        let address: String = (0..40).map(|number| format!("{}{number}=&", "x".repeat(200))).collect();
        let shown = notice(&sift(Page::Health, &mut Query::read(Some(&address)))).into_string();
        assert!(shown.contains("So are 35 more.") && shown.len() < 1_500, "{shown}");
    }

    #[test]
    fn what_is_no_name_is_not_repeated() {
        for name in ["Your+key+has+expired", "%3Cscript%3E", "", &"x".repeat(41), "%E2%80%AEa"] {
            assert_eq!(sifted(Page::Health, &format!("{name}=x")).1, ["A parameter"], "{name}");
        }
    }
}
