//! What a call of the admin API is.

use http::Method;

use super::schema::Schema;
use service::http::body;
use service::merging::upload;

/// The functions that serve calls of the admin API, each a binary of its own on AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// Exports, and whether their token is good.
    Ingest,
    /// Organisations, tokens and admin keys.
    RotateToken,
    /// Generated settings and the description of the API.
    GenerateSettings,
    /// Git users, merges and suggestions.
    MergeUsers,
    /// Erasing, removing and rebuilding.
    Maintain,
    /// What was stored, in numbers and one by one.
    Report,
}

/// What a call does, by the function that does it: a function matches its own calls, all of them, and can be asked for no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Says whether an export with the token would be taken: the one call of [`Function::Ingest`] beside exports, made with the token that a
    /// user's machine has.
    CheckToken,
    /// A call of [`Function::RotateToken`].
    Organisations(OrganisationCall),
    /// A call of [`Function::GenerateSettings`].
    Settings(SettingsCall),
    /// A call of [`Function::MergeUsers`].
    People(PeopleCall),
    /// A call of [`Function::Maintain`].
    Maintenance(MaintenanceCall),
    /// A call of [`Function::Report`].
    Report(ReportCall),
}

impl Operation {
    /// The function that does it.
    #[must_use]
    pub const fn function(self) -> Function {
        match self {
            Self::CheckToken => Function::Ingest,
            Self::Organisations(_) => Function::RotateToken,
            Self::Settings(_) => Function::GenerateSettings,
            Self::People(_) => Function::MergeUsers,
            Self::Maintenance(_) => Function::Maintain,
            Self::Report(_) => Function::Report,
        }
    }

    /// Its name in the description of the API.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::CheckToken => "CheckToken".into(),
            Self::Organisations(call) => format!("{call:?}"),
            Self::Settings(call) => format!("{call:?}"),
            Self::People(call) => format!("{call:?}"),
            Self::Maintenance(call) => format!("{call:?}"),
            Self::Report(call) => format!("{call:?}"),
        }
    }
}

/// Organisations, tokens and admin keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrganisationCall {
    /// Enables an organisation, or changes it.
    PutOrganisation,
    /// Lists organisations.
    ListOrganisations,
    /// Shows an organisation.
    GetOrganisation,
    /// Disables or purges an organisation.
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
}

/// Generated settings and the description of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SettingsCall {
    /// Generates a configuration.
    GetSettings,
    /// Describes the API.
    GetOpenApi,
}

/// Git users, merges and suggestions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeopleCall {
    /// Replaces the Git users.
    PutGitUsers,
    /// Brings back the Git users that were replaced.
    RestoreGitUsers,
    /// Runs the merge.
    RunMerge,
    /// Shows a merge run.
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
    /// Lists whom admins keep apart.
    ListRejections,
    /// Takes back that people are kept apart.
    UndoRejection,
    /// Links an identity to an e-mail address.
    LinkUser,
}

/// What takes things out of what is stored, or makes it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MaintenanceCall {
    /// Erases a person.
    DeleteUser,
    /// Shows whether the erasing of a person is finished.
    GetErasure,
    /// Starts a rebuild.
    RequestRebuild,
    /// Shows how far a rebuild is.
    GetRebuild,
    /// Removes what came with a token.
    RemoveActivity,
    /// Shows how far a removal is.
    GetRemoval,
}

/// What was stored, in numbers and one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportCall {
    /// Says what arrives and what is wrong.
    GetStatus,
    /// Lists people.
    ListUsers,
    /// Shows a person.
    GetUser,
    /// Adds up activity.
    GetActivity,
    /// Says what a month costs.
    GetSpend,
    /// Counts who has begun, stayed and left.
    GetAdoption,
    /// Lists who has begun, stayed and left.
    ListAdoptionPeople,
    /// Lists records.
    ListEvents,
    /// Lists sessions.
    ListSessions,
    /// Shows a session.
    GetSession,
    /// One day in the shape of Anthropic's analytics.
    GetUsageReport,
}

/// Who may make a call, and about what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Anybody.
    Open,
    /// Who has an admin key.
    Key,
    /// Who has an admin key that may see the organisation in the path.
    Organisation,
    /// Who has an admin key of one organisation, in the header that Anthropic's API has it in: the call is about that organisation.
    OwnOrganisation,
    /// Who has an ingest token: ingest itself lets them in.
    IngestToken,
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
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Who may make it.
    pub scope: Scope,
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

impl Parameter {
    /// A parameter of the query.
    pub(super) const fn query(name: &'static str, description: &'static str) -> Self {
        Self { name, description, place: Place::Query }
    }
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

/// The largest body of a call that nobody needs an admin key of the usual kind for, in bytes.
const NEEDLESS: usize = 4 * 1024;

impl Endpoint {
    /// The largest body that the call takes, in bytes as sent.
    #[must_use]
    pub fn largest(&self) -> usize {
        match (self.operation, self.scope) {
            (Operation::People(PeopleCall::PutGitUsers), _) => upload::LIMITS.sent,
            (_, Scope::Open | Scope::OwnOrganisation | Scope::IngestToken) => NEEDLESS,
            (_, Scope::Key | Scope::Organisation) => body::LIMIT,
        }
    }

    /// The names of the parameters that its query may have.
    pub fn query(&self) -> impl Iterator<Item = &'static str> {
        self.parameters.iter().filter(|parameter| parameter.place == Place::Query).map(|parameter| parameter.name)
    }
}

/// The parameters of every list.
pub(super) const PAGE: [Parameter; 2] = [
    Parameter { name: "limit", description: "Most items of a page, 1 to 1000; 100 unless given.", place: Place::Query },
    Parameter { name: "cursor", description: "The `next_cursor` of the page before.", place: Place::Query },
];
