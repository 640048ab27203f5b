//! People, wherever a page names one.

use maud::{Markup, html};
use service::people::view::PersonView;

/// Longest id that is shown whole; ids of people without an address are digests.
const SHOWN: usize = 12;

/// What somebody is called: the name, else the address, else the beginning of the id. Text from outside may be written from right to
/// left, so it keeps to itself.
pub(crate) fn name(person: &PersonView) -> Markup {
    let called = person.name.as_ref().or(person.email.as_ref());
    html! {
        @match called {
            Some(called) => bdi { (called) },
            None => bdi.mono { (person.id.chars().take(SHOWN).collect::<String>()) },
        }
    }
}

/// [`name`], leading to the page of the person.
pub(crate) fn link(org: &str, person: &PersonView) -> Markup {
    html! { a.person href={ "/orgs/" (org) "/users/" (person.id) } { (name(person)) } }
}
