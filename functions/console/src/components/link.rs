//! Addresses of our own pages.

use form_urlencoded::Serializer;

/// `path` with these parameters, without those that are empty.
pub(crate) fn with<'a>(path: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(parameters.into_iter().filter(|(_, value)| !value.is_empty()));
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_never_ends_its_parameter() {
        assert_eq!(with("/users", [("q", "a&b=c d"), ("state", "")]), "/users?q=a%26b%3Dc+d");
        assert_eq!(with("/users", [("q", "")]), "/users");
    }
}
