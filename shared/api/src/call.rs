//! What a call of the admin API is.

use std::borrow::Cow;

use http::Method;

use super::schema::Schema;
use service::http::body;
use service::merging::upload;

/// The functions that serve calls of the admin API, each a binary of its own on AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// Organisations, tokens and admin keys.
    RotateToken,
    /// Generated settings and the description of the API.
    GenerateSettings,
    /// Git users, merges, suggestions, and who is to be forgotten.
    MergeUsers,
    /// What was stored, in numbers and one by one.
    Report,
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Enables an organisation, or changes it.
    PutOrganisation,
    /// Lists organisations.
    ListOrganisations,
    /// Shows an organisation.
    GetOrganisation,
    /// Disables or erases an organisation.
    DeleteOrganisation,
    /// Replaces the token.
    RotateToken,
    /// Ends an overlap.
    RevokePreviousToken,
    /// Refuses all tokens.
    RevokeTokens,
    /// Shows what is known of the tokens.
    GetToken,
    /// Makes an admin key.
    CreateAdminKey,
    /// Lists admin keys.
    ListAdminKeys,
    /// Removes an admin key.
    DeleteAdminKey,
    /// Replaces the Git side.
    PutGitUsers,
    /// Runs the merge.
    RunMerge,
    /// Asks for a run that was not done.
    GetMergeRun,
    /// Lists the history of merges.
    ListMerges,
    /// Merges by hand.
    CreateMerge,
    /// Takes a merge back.
    UndoMerge,
    /// Lists suggestions.
    ListSuggestions,
    /// Accepts a suggestion.
    AcceptSuggestion,
    /// Rejects a suggestion.
    RejectSuggestion,
    /// Says whose an identity is.
    LinkUser,
    /// Asks for a rebuild.
    RequestRebuild,
    /// Shows how far a rebuild is, and goes on with it.
    GetRebuild,
    /// Takes out what came with a token.
    RemoveActivity,
    /// Shows how far that is.
    GetRemoval,
    /// Says what arrives and what is wrong.
    GetStatus,
    /// Lists people.
    ListUsers,
    /// Shows a person.
    GetUser,
    /// Forgets a person.
    DeleteUser,
    /// Adds up activity.
    GetActivity,
    /// Lists records.
    ListEvents,
    /// Lists sessions.
    ListSessions,
    /// One day in the shape of Anthropic's analytics.
    GetUsageReport,
    /// Generates a configuration.
    GetSettings,
    /// Describes the API.
    GetOpenApi,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// What it does.
    pub operation: Operation,
    /// Its method.
    pub method: Method,
    /// Its path, with parameters in braces.
    pub path: &'static str,
    /// Who serves it.
    pub function: Function,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Whether it wants an admin key.
    pub needs_key: bool,
    /// The parameters of its query and headers.
    pub parameters: &'static [Parameter],
    /// What its body is.
    pub body: Option<Schema>,
    /// What it answers when it is done. How it refuses follows from the rest.
    pub answers: &'static [Answer],
}

/// A parameter of a query or a header.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it means and may be.
    pub description: &'static str,
    /// Where it stands.
    pub place: Place,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the query.
    Query,
    /// In a header.
    Header,
}

/// An answer that is no refusal.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// What it says.
    pub description: &'static str,
    /// What it is.
    pub content: Content,
}

/// The body of an answer.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// None.
    Nothing,
    /// JSON of this schema.
    Json(Schema),
    /// One of these media types, in a form that is another's: an object in JSON, else a text.
    Foreign(&'static [&'static str]),
}

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call<'a> {
    /// What it is to do.
    pub operation: Operation,
    /// Who serves it.
    pub function: Function,
    /// Whether it wants an admin key.
    pub needs_key: bool,
    /// The values of the path's parameters, in their order, percent-decoded.
    pub values: Vec<Cow<'a, str>>,
}

/// The largest body of a call that nobody needs a key for and of one that takes none, in bytes.
const NEEDLESS: usize = 4 * 1024;

impl Call<'_> {
    /// The largest body that the call takes, in bytes as sent.
    #[must_use]
    pub fn largest(&self) -> usize {
        match self.operation {
            Operation::PutGitUsers => upload::LIMITS.sent,
            Operation::GetUsageReport | Operation::GetOpenApi => NEEDLESS,
            _ => body::LIMIT,
        }
    }

    /// The value of the path's parameter number `at`, from 0; empty if there is none.
    #[must_use]
    pub fn value(&self, at: usize) -> &str {
        self.values.get(at).map_or("", AsRef::as_ref)
    }
}

/// The parameters of every list.
pub(super) const PAGE: [Parameter; 2] = [
    Parameter { name: "limit", description: "Most items of a page, 1 to 1000; 100 unless given.", place: Place::Query },
    Parameter { name: "cursor", description: "The `next_cursor` of the page before.", place: Place::Query },
];
