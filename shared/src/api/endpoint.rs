//! The one list of all calls of the admin API: method, path, and the function that serves it.
//!
//! To add a call: add it to [`Operation`] and to one of the lists of [`Endpoint`]s below; match the operation in the function that
//! serves it. The machine-readable description follows by itself.

use std::borrow::Cow;

use super::openapi::Schema;
use crate::http::{Problem, body, path};
use crate::merging::upload;
use http::Method;

mod organisations;
mod people;
mod report;
mod service;

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

/// Every call there is.
pub fn all() -> impl Iterator<Item = &'static Endpoint> {
    let others = people::ENDPOINTS.iter().chain(report::ENDPOINTS);
    organisations::ENDPOINTS.iter().chain(others).chain(service::ENDPOINTS)
}

/// Which call `method` and `path` are.
///
/// # Errors
/// There is no such path, or it does not take the method.
pub fn find<'a>(method: &Method, asked: &'a str) -> Result<Call<'a>, Problem> {
    let mut others = Vec::new();
    for endpoint in all() {
        match path::values(endpoint.path, asked) {
            Some(values) if endpoint.method == *method => {
                let Endpoint { operation, function, needs_key, .. } = *endpoint;
                return Ok(Call { operation, function, needs_key, values });
            }
            Some(_) => others.push(endpoint.method.clone()),
            None => {}
        }
    }
    if others.is_empty() { Err(Problem::NotFound("there is no such path")) } else { Err(Problem::Method(others)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_gives_the_operation_and_the_values_of_its_parameters() {
        let call = find(&Method::DELETE, "/api/orgs/acme/admin-keys/a%2Db").unwrap();
        assert_eq!(call.operation, Operation::DeleteAdminKey);
        assert_eq!((call.value(0), call.value(1), call.value(2)), ("acme", "a-b", ""));
    }

    #[test]
    fn only_an_upload_may_be_larger_than_what_is_read_as_json() {
        let largest = |method: Method, path: &str| find(&method, path).unwrap().largest();
        assert_eq!(largest(Method::PUT, "/api/orgs/acme/git-users"), 64 << 20);
        assert_eq!(largest(Method::POST, "/api/orgs/acme/token/rotate"), 1 << 20);
        assert_eq!(largest(Method::GET, "/openapi.json"), 4 << 10);
    }

    #[test]
    fn an_unknown_path_is_not_found_and_a_known_one_says_its_methods() {
        for path in ["", "/", "/api", "/api/orgs/", "/api/orgs//token", "/api/orgs/acme/", "/api/orgs/%FF"] {
            assert!(matches!(find(&Method::GET, path), Err(Problem::NotFound(_))), "{path}");
        }
        let methods = vec![Method::PUT, Method::GET, Method::DELETE];
        assert_eq!(find(&Method::POST, "/api/orgs/acme"), Err(Problem::Method(methods)));
    }

    #[test]
    fn no_operation_and_no_path_stands_in_the_list_twice() {
        let mut seen = std::collections::HashSet::new();
        for endpoint in all() {
            assert!(seen.insert(format!("{:?}", endpoint.operation)), "{endpoint:?}");
            assert!(seen.insert(format!("{} {}", endpoint.method, endpoint.path)), "{endpoint:?}");
        }
    }
}
