//! Addresses of our own pages.

use form_urlencoded::Serializer;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// What stands for itself in a path: RFC 3986, 2.3.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Any text as one segment of a path.
pub(crate) fn segment(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, &RESERVED)
}

/// `path` with these parameters, without those that are empty.
pub(crate) fn with<'a>(path: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    written(path, &mut parameters.into_iter())
}

/// In the program once, and not for each kind of parameters.
fn written(path: &str, parameters: &mut dyn Iterator<Item = (&str, &str)>) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in parameters.filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// The parameters of an address.
pub(crate) fn parameters(address: &str) -> Vec<(String, String)> {
    let query = address.split('#').next().and_then(|address| address.split_once('?')).map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_never_ends_its_segment() {
        assert_eq!(segment("a/b?c#d e%é-._~").to_string(), "a%2Fb%3Fc%23d%20e%25%C3%A9-._~");
    }

    #[test]
    fn parameters_are_those_that_an_address_was_made_of() {
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(parameters(&format!("{}#x", with("/users", [("q", "a&b=c d")]))), [own("q", "a&b=c d")]);
        assert_eq!((parameters("/users"), parameters("#a?b=c")), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_value_never_ends_its_parameter() {
        assert_eq!(with("/users", [("q", "a&b=c d"), ("state", "")]), "/users?q=a%26b%3Dc+d");
        assert_eq!(with("/users", [("q", "")]), "/users");
    }
}
