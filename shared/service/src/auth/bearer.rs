//! What `Authorization: Bearer` presents (RFC 6750, 2.1).
//!
//! The crate `headers` would bring an older SHA-1 and all that belongs to it along, and neither takes the blanks before and after that
//! API Gateway hands on.

/// What the bearer presents; `None` for another scheme, and for a scheme alone. Case and blanks do not matter.
pub(super) fn presented(authorization: &str) -> Option<&str> {
    let (scheme, presented) = authorization.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| presented.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_blanks_do_not_matter() {
        for value in ["Bearer key", "bearer key", "BEARER   key", " Bearer key "] {
            assert_eq!(presented(value), Some("key"), "{value}");
        }
    }

    #[test]
    fn another_scheme_and_a_scheme_alone_present_nothing() {
        for value in ["", "key", "Bearer", "Bearer ", "Bearer\tkey", "Basic key", "Bearerkey key"] {
            assert_eq!(presented(value), None, "{value}");
        }
    }
}
