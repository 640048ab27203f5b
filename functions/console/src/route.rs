//! The one list of all pages: method, path, and what is shown or done there.

use std::borrow::Cow;

use http::Method;
use service::http::{Problem, path};

use Access::{Admin, Anybody};

/// The largest form, in bytes.
pub(crate) const FORM: usize = 64 * 1024;

/// The largest form that nobody is signed in for, in bytes: a key, and the address of a page.
const KEY: usize = 4 * 1024;

/// What is shown or done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Page {
    /// Leads to the first organisation.
    Home,
    /// The stylesheet and the script.
    Asset,
    /// Asks for an admin key, or takes a one-time code.
    SignIn,
    /// Takes an admin key.
    SubmitSignIn,
    /// Ends the session.
    SignOut,
    /// Lists organisations, and asks for a new one.
    Organisations,
    /// Enables an organisation.
    Enable,
    /// Settings > AI Tools > Claude Code.
    ClaudeCode,
    /// The same's Last Activity alone.
    Arrivals,
    /// The same's steps to verify alone.
    Verify,
    /// A configuration as a file.
    Download,
    /// Replaces the token.
    Rotate,
    /// Refuses every token.
    Revoke,
    /// Ends an overlap.
    RevokePrevious,
    /// Enables a disabled organisation again.
    EnableAgain,
    /// Disables the organisation.
    Disable,
    /// Erases the organisation.
    Purge,
    /// Says whose an unattributed identity is.
    Attribute,
    /// People.
    Users,
    /// One person.
    Person,
    /// Says whose an unattributed identity is.
    Link,
    /// Forgets a person.
    Erase,
    /// Who may be whom.
    Suggestions,
    /// A person is who is suggested.
    Accept,
    /// A person is none of those who are suggested.
    Reject,
    /// The history of merges.
    Merges,
    /// Takes a merge back.
    Undo,
    /// Asks which of several people gives the merged one its name.
    Choose,
    /// Puts people together by hand.
    Merge,
    /// Runs the merge.
    RunMerge,
    /// The Git side.
    GitUsers,
    /// Replaces the Git side.
    ImportGitUsers,
    /// Numbers.
    Analytics,
    /// Numbers as a table for spreadsheets.
    AnalyticsTable,
    /// What is wrong.
    Health,
}

impl Page {
    /// Whether asking for it shows that somebody is at work: not what an open page asks for by itself, and not the end of a session.
    pub(crate) const fn is_use(self) -> bool {
        !matches!(self, Self::Arrivals | Self::Verify | Self::SignOut)
    }

    /// The page of the navigation that this one belongs to.
    pub(crate) const fn section(self) -> Self {
        match self {
            Self::Person | Self::Suggestions | Self::Merges | Self::Choose | Self::GitUsers | Self::ImportGitUsers => {
                Self::Users
            }
            other => other,
        }
    }
}

/// Who may open a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody.
    Anybody,
    /// Who is signed in; a POST also has to come from a form of the session.
    Admin,
}

/// A page, and where it is.
#[derive(Debug)]
pub(crate) struct Route {
    /// What is shown or done.
    pub(crate) page: Page,
    /// GET, which answers HEAD too, or POST.
    pub(crate) method: Method,
    /// Its path; `{org}` is always the first parameter.
    pub(crate) path: &'static str,
    /// Who may open it.
    pub(crate) access: Access,
    /// The largest body, in bytes.
    pub(crate) largest: usize,
}

/// The largest upload of Git users with the form around it, in bytes.
const UPLOAD: usize = service::merging::upload::LIMITS.sent + FORM;

const fn look(access: Access, page: Page, path: &'static str) -> Route {
    Route { page, method: Method::GET, path, access, largest: FORM }
}

const fn change(access: Access, page: Page, path: &'static str) -> Route {
    Route { page, method: Method::POST, path, access, largest: FORM }
}

const fn key(page: Page, path: &'static str) -> Route {
    Route { page, method: Method::POST, path, access: Anybody, largest: KEY }
}

const fn upload(page: Page, path: &'static str) -> Route {
    Route { page, method: Method::POST, path, access: Admin, largest: UPLOAD }
}

/// Every page there is.
pub(crate) const ROUTES: &[Route] = &[
    look(Admin, Page::Home, "/"),
    look(Anybody, Page::Asset, "/assets/{name}"),
    look(Anybody, Page::SignIn, "/sign-in"),
    key(Page::SubmitSignIn, "/sign-in"),
    change(Admin, Page::SignOut, "/sign-out"),
    look(Admin, Page::Organisations, "/orgs"),
    change(Admin, Page::Enable, "/orgs"),
    look(Admin, Page::ClaudeCode, "/orgs/{org}/settings/claude-code"),
    look(Admin, Page::Arrivals, "/orgs/{org}/settings/claude-code/activity"),
    look(Admin, Page::Verify, "/orgs/{org}/settings/claude-code/verify"),
    look(Admin, Page::Download, "/orgs/{org}/settings/claude-code/download/{variant}"),
    change(Admin, Page::Rotate, "/orgs/{org}/settings/claude-code/rotate"),
    change(Admin, Page::Revoke, "/orgs/{org}/settings/claude-code/revoke"),
    change(Admin, Page::RevokePrevious, "/orgs/{org}/settings/claude-code/revoke-previous"),
    change(Admin, Page::EnableAgain, "/orgs/{org}/settings/claude-code/enable"),
    change(Admin, Page::Disable, "/orgs/{org}/settings/claude-code/disable"),
    change(Admin, Page::Purge, "/orgs/{org}/settings/claude-code/purge"),
    change(Admin, Page::Attribute, "/orgs/{org}/settings/claude-code/attribute"),
    look(Admin, Page::Users, "/orgs/{org}/users"),
    look(Admin, Page::Suggestions, "/orgs/{org}/users/suggestions"),
    change(Admin, Page::Accept, "/orgs/{org}/users/suggestions/accept"),
    change(Admin, Page::Reject, "/orgs/{org}/users/suggestions/reject"),
    look(Admin, Page::Merges, "/orgs/{org}/users/merges"),
    change(Admin, Page::Merge, "/orgs/{org}/users/merges"),
    change(Admin, Page::Undo, "/orgs/{org}/users/merges/undo"),
    change(Admin, Page::RunMerge, "/orgs/{org}/users/merges/run"),
    look(Admin, Page::Choose, "/orgs/{org}/users/merge"),
    look(Admin, Page::GitUsers, "/orgs/{org}/users/git"),
    upload(Page::ImportGitUsers, "/orgs/{org}/users/git"),
    // After those whose last part is a word.
    look(Admin, Page::Person, "/orgs/{org}/users/{id}"),
    change(Admin, Page::Link, "/orgs/{org}/users/{id}/link"),
    change(Admin, Page::Erase, "/orgs/{org}/users/{id}/erase"),
    look(Admin, Page::Analytics, "/orgs/{org}/analytics"),
    look(Admin, Page::AnalyticsTable, "/orgs/{org}/analytics.csv"),
    look(Admin, Page::Health, "/orgs/{org}/health"),
];

/// The page at `asked` and the values of its path's parameters.
///
/// # Errors
/// There is no such path, or it does not take the method.
pub(crate) fn find<'a>(method: &Method, asked: &'a str) -> Result<(&'static Route, Vec<Cow<'a, str>>), Problem> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let mut others = Vec::new();
    for route in ROUTES {
        match path::values(route.path, asked) {
            Some(values) if route.method == *method => return Ok((route, values)),
            Some(_) => others.push(route.method.clone()),
            None => {}
        }
    }
    if others.is_empty() { Err(Problem::NotFound("there is no such page")) } else { Err(Problem::Method(others)) }
}

/// Whether there is anything at `asked`, whatever the method.
pub(crate) fn is_known(asked: &str) -> bool {
    ROUTES.iter().any(|route| path::values(route.path, asked).is_some())
}

/// `asked` with its query, if it is a page of ours that can be opened: where somebody is led back to after signing in.
/// Anything else, other sites above all, is not.
pub(crate) fn local(asked: &str) -> Option<&str> {
    let (path, _) = asked.split_once('?').unwrap_or((asked, ""));
    let is_plain = asked.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let (route, _) = find(&Method::GET, path).ok().filter(|_| is_plain)?;
    (route.access == Access::Admin).then_some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_stands_in_the_list_twice() {
        let mut seen = std::collections::HashSet::new();
        for route in ROUTES {
            assert!(seen.insert(format!("{:?}", route.page)), "{route:?}");
            assert!(seen.insert(format!("{} {}", route.method, route.path)), "{route:?}");
        }
    }

    #[test]
    fn the_way_back_leads_to_our_own_pages_alone() {
        for ours in ["/", "/orgs", "/orgs/acme/users?q=x&page=2"] {
            assert_eq!(local(ours), Some(ours));
        }
        for other in [
            "",
            "//evil.example.com",
            "https://evil.example.com/orgs",
            "/\\evil.example.com",
            "/orgs/acme/users?q=a b",
            "javascript:alert(1)",
            "/sign-in?code=x",
            "/sign-out",
            "/api/orgs",
            "/orgs/acme/users\r\nx: y",
            "/orgs?\\x",
        ] {
            assert_eq!(local(other), None, "{other}");
        }
    }
}
