//! The one list of all calls of the admin API: method, path, and the function that serves it.
//!
//! To add a call: add it to [`Operation`](super::call::Operation) and to one of the lists of [`Endpoint`]s below; match the operation in the function that
//! serves it. The machine-readable description follows by itself.

use http::Method;

use super::call::{Call, Endpoint};
use service::http::{Problem, path};

mod organisations;
mod people;
mod report;
mod settings;

/// Every call there is.
pub fn all() -> impl Iterator<Item = &'static Endpoint> {
    let others = people::ENDPOINTS.iter().chain(report::ENDPOINTS);
    organisations::ENDPOINTS.iter().chain(others).chain(settings::ENDPOINTS)
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
    use crate::call::Operation;

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
