//! The media type that a `Content-Type` names.
//!
//! The crates for media types refuse what clients do send: a blank before the semicolon, and a parameter without a value.

/// The essence of a media type: type and subtype, in the case in which they were sent, without parameters.
#[must_use]
pub fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_blanks_do_not_belong_to_the_essence() {
        for named in
            ["text/csv", " text/csv ; x=y", "text/csv;charset", "text/csv; charset=\"utf-8\"; x=y", "text/csv;"]
        {
            assert_eq!(essence(named), "text/csv", "{named}");
        }
        for none in ["", " ", ";text/csv"] {
            assert_eq!(essence(none), "", "{none}");
        }
        assert_eq!(essence("Text/CSV"), "Text/CSV");
    }
}
