//! What alone is shown: every filter by its name, with a link to the numbers without it.

use maud::{Markup, html};
use service::people::directory::Directory;
use service::people::view::PersonView;
use service::report::filters::WITHOUT;

use super::about;
use super::scope::Scope;
use crate::components::text::name;

/// The filters; nothing if there are none.
pub(super) fn filters(org: &str, scope: &Scope<'_>, directory: &Directory) -> Markup {
    chips((org, &scope.kept_of_person()), &scope.filters, directory, &|by| scope.without(by).here())
}

/// Filters with links to take each away: `without` gives the address of the page without one, `kept` goes along to a person's page.
pub(super) fn chips(
    (org, kept): (&str, &str),
    filters: &[(&str, &str)],
    directory: &Directory,
    without: &dyn Fn(&str) -> String,
) -> Markup {
    html! {
        @if !filters.is_empty() {
            ul.narrowed aria-label="Shown alone" {
                @for (by, value) in filters {
                    li {
                        span.soft { (about::title(by)) ": " }
                        @match person(by, value, directory) {
                            Some(id) => a.who href={ "/orgs/" (org) "/users/" (id) (kept) } { (name(&shown(by, value, directory))) },
                            None => (name(&shown(by, value, directory))),
                        }
                        a href=(without(by)) aria-label={ "Show every " (about::title(by).to_lowercase()) } { "×" }
                    }
                }
            }
            @if let Some((by, _)) = filters.iter().find(|(by, _)| about::is_rarely_said(by)) {
                p.hint.zone {
                    "What does not say its " (about::title(by).to_lowercase()) " is left out: prompts, commits and pull requests rarely do."
                }
            }
        }
    }
}

/// The filters within a sentence.
pub(super) fn words(scope: &Scope<'_>, directory: &Directory) -> Markup {
    html! {
        @for (at, (by, value)) in scope.filters.iter().enumerate() {
            @if at > 0 { " and " }
            (about::title(by).to_lowercase()) " " (name(&shown(by, value, directory)))
        }
    }
}

/// The id of the person that a filter is about.
fn person<'d>(by: &str, value: &str, directory: &'d Directory) -> Option<&'d str> {
    directory.find(value).filter(|_| by == "user").map(|person| &*person.id)
}

/// A value as people name it.
fn shown(by: &str, value: &str, directory: &Directory) -> String {
    if value == WITHOUT {
        return "not reported".into();
    }
    if by != "user" {
        return value.to_owned();
    }
    let person = directory.find(value).map_or_else(|| PersonView::of(directory, value), PersonView::from);
    person.name.or(person.email).unwrap_or(person.id)
}
