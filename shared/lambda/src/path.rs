//! The path of a request, which an HTTP API hands over decoded, other than a REST API or a function's own address.

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in a path only in its percent-encoded form: all but unreserved characters, sub-delimiters, `:`, `@` and `/` (RFC 3986, 3.3).
/// A percent sign too, since what it once encoded is decoded already.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

/// The address of a request for a decoded path, with its query as it was sent; `None` if that is none. Whoever decodes the path once has
/// what the client meant, but for a slash within a segment, which nobody can tell any more.
pub(crate) fn target(decoded: &str, query: Option<&str>) -> Option<Uri> {
    if !decoded.starts_with('/') {
        return None;
    }
    let mut target = utf8_percent_encode(decoded, ENCODED).to_string();
    if let Some(query) = query {
        target.push('?');
        target.push_str(query);
    }
    target.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_a_decoded_path_is_what_the_handler_decodes() {
        for path in [
            "/v1/logs",
            "/api/orgs/acme/users/jane_example.com#EXT#@tenant.example.com",
            "/api/orgs/acme/users/jane doe@example.com",
            "/api/orgs/acme/users/a<b>?c=d&e@example.com",
            "/api/orgs/acme/users/100%40@example.com",
            "/api/orgs/acme/users/jos\u{e9}@example.com",
            "//",
        ] {
            let uri = target(path, None).unwrap();
            let decoded = percent_encoding::percent_decode_str(uri.path()).decode_utf8().unwrap();
            assert_eq!((&*decoded, uri.query()), (path, None));
        }
    }

    #[test]
    fn a_query_stays_as_it_was_sent_and_what_is_no_path_is_nothing() {
        assert_eq!(target("/a b", Some("user=a%40b")).unwrap().to_string(), "/a%20b?user=a%40b");
        for path in ["", "a", "*"] {
            assert_eq!(target(path, None), None, "{path}");
        }
        assert_eq!(target("/", Some("a b")), None);
    }
}
