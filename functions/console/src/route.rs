//! The one list of all pages: method, path, and what is shown or done there.

use std::sync::LazyLock;

use crate::refusal::Refusal;
use http::Method;
use service::http::routes::{Found, Routes};

/// The largest form, in bytes.
pub(crate) const FORM: usize = 64 * 1024;

/// The largest form that nobody is signed in for, in bytes: a key, and the address of a page.
const KEY: usize = 4 * 1024;

/// What is shown to anybody, or done for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PublicPage {
    /// The stylesheet and the script.
    Asset,
    /// Asks for an admin key, or takes a one-time code.
    SignIn,
    /// Takes an admin key.
    SubmitSignIn,
}

/// What is shown to who is signed in, or done for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Page {
    /// Leads to the first organisation.
    Home,
    /// Ends the session.
    SignOut,
    /// Lists organisations, and asks for a new one.
    Organisations,
    /// Enables an organisation.
    Enable,
    /// Settings > AI Tools > Claude Code.
    ClaudeCode,
    /// The same's Last Activity alone.
    LastActivity,
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
    /// Says whose an unattributed identity is, on the page of settings.
    Attribute,
    /// People.
    Users,
    /// The same people for spreadsheets.
    UsersTable,
    /// One person.
    Person,
    /// Says the same on a person's own page.
    Link,
    /// Forgets a person.
    Erase,
    /// Who may be whom.
    Suggestions,
    /// A person is who is suggested.
    Accept,
    /// A person is not one of those who are suggested.
    Reject,
    /// A rejection is taken back.
    UndoRejection,
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
    /// Brings back the Git users from before.
    RestoreGitUsers,
    /// Numbers.
    Analytics,
    /// Numbers as a table for spreadsheets.
    AnalyticsTable,
    /// What a month costs.
    Spend,
    /// What a month costs as a table for spreadsheets.
    SpendTable,
    /// Who uses it.
    Adoption,
    /// A table of the same for spreadsheets.
    AdoptionTable,
    /// What fails and what is slow.
    Reliability,
    /// A table of the same for spreadsheets.
    ReliabilityTable,
    /// What comes of the work.
    Outcome,
    /// A table of the same for spreadsheets.
    OutcomeTable,
    /// The sessions of a period.
    Sessions,
    /// The same sessions for spreadsheets.
    SessionsTable,
    /// One session.
    Session,
    /// A table of the same for spreadsheets.
    SessionTable,
    /// What is wrong.
    Health,
}

impl Page {
    /// Whether asking for it shows that somebody is at work: not what an open page asks for by itself, and not the end of a session.
    pub(crate) const fn is_use(self) -> bool {
        !matches!(self, Self::LastActivity | Self::Verify | Self::SignOut)
    }

    /// Whether it is a whole page, which has a place for words, and not a part of one or a file.
    pub(crate) const fn is_whole(self) -> bool {
        !matches!(
            self,
            Self::LastActivity
                | Self::Verify
                | Self::UsersTable
                | Self::AnalyticsTable
                | Self::SpendTable
                | Self::AdoptionTable
                | Self::ReliabilityTable
                | Self::OutcomeTable
                | Self::SessionsTable
                | Self::SessionTable
        )
    }

    /// The page of the navigation that this one belongs to.
    pub(crate) const fn section(self) -> Self {
        match self {
            Self::Person
            | Self::Suggestions
            | Self::Merges
            | Self::Choose
            | Self::GitUsers
            | Self::ImportGitUsers
            | Self::RestoreGitUsers => Self::Users,
            Self::Spend | Self::Adoption | Self::Reliability | Self::Outcome | Self::Sessions | Self::Session => {
                Self::Analytics
            }
            other => other,
        }
    }
}

/// Who may open a page, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    /// Anybody.
    Public(PublicPage),
    /// Who is signed in; a POST also has to come from a form of the session.
    Admin(Page),
}

/// A page, and where it is.
#[derive(Debug)]
pub(crate) struct Route {
    /// What is shown or done.
    pub(crate) target: Target,
    /// GET, which answers HEAD too, or POST.
    pub(crate) method: Method,
    /// Its path; `{org}` is always the first parameter.
    pub(crate) path: &'static str,
    /// The largest body, in bytes.
    pub(crate) largest: usize,
}

/// The largest upload of Git users with the form around it, in bytes.
const UPLOAD: usize = service::merging::upload::LIMITS.sent + FORM;

const fn route(target: Target, method: Method, path: &'static str, largest: usize) -> Route {
    Route { target, method, path, largest }
}

const fn look(page: Page, path: &'static str) -> Route {
    route(Target::Admin(page), Method::GET, path, FORM)
}

const fn change(page: Page, path: &'static str) -> Route {
    route(Target::Admin(page), Method::POST, path, FORM)
}

const fn upload(page: Page, path: &'static str) -> Route {
    route(Target::Admin(page), Method::POST, path, UPLOAD)
}

const fn public(page: PublicPage, path: &'static str) -> Route {
    route(Target::Public(page), Method::GET, path, FORM)
}

const fn key(page: PublicPage, path: &'static str) -> Route {
    route(Target::Public(page), Method::POST, path, KEY)
}

/// Every page there is.
pub(crate) const ROUTES: &[Route] = &[
    look(Page::Home, "/"),
    public(PublicPage::Asset, "/assets/{name}"),
    public(PublicPage::SignIn, "/sign-in"),
    key(PublicPage::SubmitSignIn, "/sign-in"),
    change(Page::SignOut, "/sign-out"),
    look(Page::Organisations, "/orgs"),
    change(Page::Enable, "/orgs"),
    look(Page::ClaudeCode, "/orgs/{org}/settings/claude-code"),
    look(Page::LastActivity, "/orgs/{org}/settings/claude-code/activity"),
    look(Page::Verify, "/orgs/{org}/settings/claude-code/verify"),
    look(Page::Download, "/orgs/{org}/settings/claude-code/download/{variant}"),
    change(Page::Rotate, "/orgs/{org}/settings/claude-code/rotate"),
    change(Page::Revoke, "/orgs/{org}/settings/claude-code/revoke"),
    change(Page::RevokePrevious, "/orgs/{org}/settings/claude-code/revoke-previous"),
    change(Page::EnableAgain, "/orgs/{org}/settings/claude-code/enable"),
    change(Page::Disable, "/orgs/{org}/settings/claude-code/disable"),
    change(Page::Purge, "/orgs/{org}/settings/claude-code/purge"),
    change(Page::Attribute, "/orgs/{org}/settings/claude-code/attribute"),
    look(Page::Users, "/orgs/{org}/users"),
    look(Page::UsersTable, "/orgs/{org}/users.csv"),
    look(Page::Suggestions, "/orgs/{org}/users/suggestions"),
    change(Page::Accept, "/orgs/{org}/users/suggestions/accept"),
    change(Page::Reject, "/orgs/{org}/users/suggestions/reject"),
    change(Page::UndoRejection, "/orgs/{org}/users/rejections/undo"),
    look(Page::Merges, "/orgs/{org}/users/merges"),
    change(Page::Merge, "/orgs/{org}/users/merges"),
    change(Page::Undo, "/orgs/{org}/users/merges/undo"),
    change(Page::RunMerge, "/orgs/{org}/users/merges/run"),
    look(Page::Choose, "/orgs/{org}/users/merge"),
    look(Page::GitUsers, "/orgs/{org}/users/git"),
    upload(Page::ImportGitUsers, "/orgs/{org}/users/git"),
    change(Page::RestoreGitUsers, "/orgs/{org}/users/git/restore"),
    look(Page::Person, "/orgs/{org}/users/{id}"),
    change(Page::Link, "/orgs/{org}/users/{id}/link"),
    change(Page::Erase, "/orgs/{org}/users/{id}/erase"),
    look(Page::Analytics, "/orgs/{org}/analytics"),
    look(Page::AnalyticsTable, "/orgs/{org}/analytics.csv"),
    look(Page::Spend, "/orgs/{org}/analytics/spend"),
    look(Page::SpendTable, "/orgs/{org}/analytics/spend.csv"),
    look(Page::Adoption, "/orgs/{org}/analytics/adoption"),
    look(Page::AdoptionTable, "/orgs/{org}/analytics/adoption.csv"),
    look(Page::Reliability, "/orgs/{org}/analytics/reliability"),
    look(Page::ReliabilityTable, "/orgs/{org}/analytics/reliability.csv"),
    look(Page::Outcome, "/orgs/{org}/analytics/outcome"),
    look(Page::OutcomeTable, "/orgs/{org}/analytics/outcome.csv"),
    look(Page::Sessions, "/orgs/{org}/sessions"),
    look(Page::SessionsTable, "/orgs/{org}/sessions.csv"),
    look(Page::SessionTable, "/orgs/{org}/session.csv"),
    // The rest of the path: a client may send any text as the id of a session.
    look(Page::Session, "/orgs/{org}/sessions/{*id}"),
    look(Page::Health, "/orgs/{org}/health"),
];

static TABLE: LazyLock<Routes<Route>> =
    LazyLock::new(|| Routes::new(ROUTES.iter().map(|route| (route.method.clone(), route.path, route))));

/// The page at `path` and the values of the path's parameters.
///
/// # Errors
/// There is no such path, or it does not take the method.
pub(crate) fn find<'a>(method: &Method, path: &'a str) -> Result<Found<'a, Route>, Refusal> {
    TABLE.find(if method == Method::HEAD { &Method::GET } else { method }, path).map_err(Refusal::of_page)
}

/// Whether there is anything at `path`, whatever the method.
pub(crate) fn is_known(path: &str) -> bool {
    TABLE.has(path)
}

/// `asked` with its query, if it is a page of ours that can be opened: where somebody is led back to after signing in.
/// Anything else, other sites above all, is not.
pub(crate) fn local(asked: &str) -> Option<&str> {
    let (path, _) = asked.split_once('?').unwrap_or((asked, ""));
    let is_plain = asked.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let (route, _) = find(&Method::GET, path).ok().filter(|_| is_plain)?;
    matches!(route.target, Target::Admin(_)).then_some(asked)
}

#[cfg(test)]
mod tests;
