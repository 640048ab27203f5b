//! The one list of all calls of the admin API: method, path, who may make it, and what it takes and answers.
//!
//! To add a call: add it to the calls of a function in [`call`](super::call) and to one of the lists of [`Endpoint`]s below; the compiler
//! then asks the function to answer it. The machine-readable description follows by itself.

use std::sync::LazyLock;

use http::Method;
use service::http::routes::{Found, RouteError, Routes};

use super::call::Endpoint;

mod ingest;
mod maintenance;
mod organisations;
mod people;
mod report;
mod settings;

static ROUTES: LazyLock<Routes<Endpoint>> =
    LazyLock::new(|| Routes::new(all().map(|endpoint| (endpoint.method.clone(), endpoint.path, endpoint))));

/// Every call there is.
pub fn all() -> impl Iterator<Item = &'static Endpoint> {
    let lists = [
        organisations::ENDPOINTS,
        people::ENDPOINTS,
        maintenance::ENDPOINTS,
        report::ENDPOINTS,
        settings::ENDPOINTS,
        ingest::ENDPOINTS,
    ];
    lists.into_iter().flatten()
}

/// Which call `method` and `path` are, and the values of the path's parameters.
///
/// # Errors
/// There is no such path, or it does not take the method.
pub fn find<'a>(method: &Method, path: &'a str) -> Result<Found<'a, Endpoint>, RouteError> {
    ROUTES.find(method, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{Operation, OrganisationCall};

    #[test]
    fn a_path_gives_the_operation_and_the_values_of_its_parameters() {
        let (endpoint, values) = find(&Method::DELETE, "/api/orgs/acme/admin-keys/a%2Db").unwrap();
        assert_eq!(endpoint.operation, Operation::Organisations(OrganisationCall::DeleteAdminKey));
        assert_eq!(values, ["acme", "a-b"]);
    }

    #[test]
    fn only_an_upload_may_be_larger_than_what_is_read_as_json() {
        let largest = |method: Method, path: &str| find(&method, path).unwrap().0.largest();
        assert_eq!(largest(Method::PUT, "/api/orgs/acme/git-users"), 64 << 20);
        assert_eq!(largest(Method::POST, "/api/orgs/acme/token/rotate"), 1 << 20);
        assert_eq!(largest(Method::GET, "/openapi.json"), 4 << 10);
    }

    #[test]
    fn an_unknown_path_is_not_found_and_a_known_one_says_its_methods() {
        for path in ["", "/", "/api", "/api/orgs/", "/api/orgs//token", "/api/orgs/acme/", "/api/orgs/%FF"] {
            assert!(matches!(find(&Method::GET, path), Err(RouteError::Path)), "{path}");
        }
        let methods = vec![Method::PUT, Method::GET, Method::DELETE];
        assert_eq!(find(&Method::POST, "/api/orgs/acme").err(), Some(RouteError::Method(methods)));
    }

    #[test]
    fn every_call_is_found_at_its_own_path() {
        for endpoint in all() {
            let path = endpoint.path.replace(['{', '}'], "");
            assert_eq!(find(&endpoint.method, &path).unwrap().0.operation, endpoint.operation);
        }
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
