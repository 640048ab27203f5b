//! How people are named on pages. Names come from outside: each is isolated, so that none turns the text around it.

use maud::{Markup, html};
use service::merging::view::AuthorView;
use service::people::state::UserState;
use service::report::users::UserView;

use crate::analytics::naming::{linked, numbers};
use crate::components::text::cut;
pub(super) use crate::components::text::name;

/// What somebody is called: by name, address, or whatever telemetry says.
pub(super) fn title(user: &UserView) -> String {
    let known = user.claude.iter().find(|known| !known.value.is_empty());
    let said = user.name.as_ref().or(user.email.as_ref()).cloned();
    said.or_else(|| known.map(|known| format!("{} {}", kind(&known.kind), cut(&known.value))))
        .unwrap_or_else(|| cut(&user.id))
}

/// What stands below the title: the address, or why there is none; and where a name is from that nobody knows any more.
pub(super) fn subtitle(user: &UserView) -> Markup {
    let address = match &user.email {
        Some(email) if user.name.is_some() => name(email),
        Some(_) => html! {},
        None => html! { "owner unknown" },
    };
    html! {
        (address)
        @if user.name_kept_since.is_some() { " · name from an earlier import" }
    }
}

/// The newest version of the client that somebody was seen with.
pub(super) fn version(user: &UserView) -> Option<&str> {
    let parts =
        |version: &&str| -> Vec<u64> { version.split('.').map(|part| part.parse().unwrap_or_default()).collect() };
    user.claude.iter().flat_map(|known| &known.versions).map(String::as_str).max_by_key(parts)
}

/// A version of the client, which leads to its numbers; a dash if there is none.
pub(super) fn of_version(org: &str, version: Option<&str>) -> Markup {
    match version {
        Some(version) => linked(numbers(org, "version", version).as_deref(), &name(version)),
        None => html! { span.never { "–" } },
    }
}

/// The kind of a name in telemetry, in words.
pub(super) fn kind(kind: &str) -> &str {
    match kind {
        "email" => "E-mail",
        "account" => "Account",
        "client" => "Installation",
        "enduser" => "End user",
        "session" => "Session",
        _ => "Unnamed",
    }
}

/// Whether somebody is known from Git only.
pub(super) fn is_git_only(user: &UserView) -> bool {
    user.claude.is_empty() && user.first_seen.is_none()
}

/// The state as a badge.
pub(super) fn state(user: &UserView) -> Markup {
    match user.state {
        _ if is_git_only(user) => html! { span.badge { "Only in Git" } },
        UserState::Merged => html! { span.badge.good { "Merged" } },
        UserState::Suggested => html! { span.badge.warn { "Suggestion" } },
        UserState::Unattributed => html! { span.badge.bad { "Unattributed" } },
        UserState::Unmatched => html! { span.badge { "No Git match" } },
    }
}

/// An author of commits.
pub(super) fn author(author: &AuthorView) -> Markup {
    git(&author.name, &author.email, author.login.as_deref())
}

/// An author of commits by name, address and login.
pub(super) fn git(author: &str, email: &str, login: Option<&str>) -> Markup {
    html! {
        @if !author.is_empty() { (name(author)) " " }
        span.soft { (name(email)) @if let Some(login) = login { " · @" (name(login)) } }
    }
}
