//! What a text means that a client sends as the name of a person: an address, perhaps written as a link or in percent-encoding, another
//! name, or something that a template or a shell was to fill in and did not.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::email::{is_address, parts};

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Naming<'a> {
    /// An e-mail address, cleaned where its meaning is certain.
    Address(Cow<'a, str>),
    /// Nobody: a variable that nothing expanded, or what stands for a name in an example.
    Placeholder,
    /// Another name: a login, a staff number.
    Name(&'a str),
}

/// Words that stand for nobody, alone and before the `@` of any address; without separators.
const NOBODY: [&str; 12] = [
    "anonymous",
    "changeme",
    "na",
    "nil",
    "nobody",
    "none",
    "noone",
    "null",
    "placeholder",
    "todo",
    "undefined",
    "unknown",
];

/// Words that stand for whoever reads an example, alone and before the `@` of a [sample domain](SAMPLE_DOMAINS); without separators.
const READER: [&str; 18] = [
    "email",
    "emailaddress",
    "example",
    "firstlast",
    "firstname",
    "firstnamelastname",
    "foo",
    "me",
    "myemail",
    "myname",
    "name",
    "someone",
    "user",
    "useremail",
    "username",
    "you",
    "youremail",
    "yourname",
];

/// Domains that examples use. Those of RFC 2606 are recognised by their label `example`.
const SAMPLE_DOMAINS: [&str; 8] = [
    "company.com",
    "domain.com",
    "mycompany.com",
    "yourcompany.com",
    "your-company.com",
    "yourdomain.com",
    "your-domain.com",
    "email.com",
];

/// Reads a name that a client sent. Space around it does not count.
#[must_use]
pub fn read(text: &str) -> Naming<'_> {
    let text = text.trim();
    let link = text.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:")).map(|_| &text[7..]);
    let bare = link.map_or(text, |link| link.split('?').next().unwrap_or_default().trim_start_matches('/'));
    // `Dana Doe <dana@example.com>`, as mail programs write it.
    let bracketed = bare.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')).map(|(_, inner)| inner);
    let bare = bracketed.filter(|inner| is_address(inner)).unwrap_or(bare);
    let address = decoded(bare).map_or(Cow::Borrowed(bare), Cow::Owned);
    if is_unexpanded(&address) || stands_for_nobody(&address) {
        return Naming::Placeholder;
    }
    if is_address(&address) { Naming::Address(address) } else { Naming::Name(text) }
}

/// The address that `text` is in percent-encoding. A `%` that begins no encoded byte makes it another text.
fn decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_encoded = |at: usize| {
        let digits = bytes.get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let mut signs = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%').map(|(at, _)| at).peekable();
    signs.peek()?;
    if !signs.all(is_encoded) {
        return None;
    }
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    is_address(&decoded).then(|| decoded.into_owned())
}

/// True for `$USER`, `${USER}`, `$(whoami)` and `%USERNAME%` wherever they stand, and for `{{ email }}` and `<your e-mail>` in place of a
/// name or of what is left of its `@`.
fn is_unexpanded(text: &str) -> bool {
    let begins_name = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || "_{(".contains(c));
    let in_shell = text
        .match_indices('$')
        .any(|(at, _)| begins_name(&text[at + 1..]) && !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()));
    let is_variable = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let on_windows = text.split('%').skip(1).any(is_variable) && text.matches('%').count() > 1;
    let is_gap = |open: char, close: char| {
        let inner = text.strip_prefix(open).and_then(|rest| rest.split_once(close));
        inner.is_some_and(|(_, rest)| {
            let rest = rest.trim_start_matches(close);
            rest.is_empty() || rest.starts_with('@')
        })
    };
    in_shell || on_windows || is_gap('{', '}') || is_gap('<', '>')
}

fn stands_for_nobody(text: &str) -> bool {
    let word =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    match parts(text) {
        None => {
            let word = word(text);
            word.is_empty() || NOBODY.contains(&word.as_str()) || READER.contains(&word.as_str())
        }
        Some((local, domain)) => {
            let (word, domain) = (word(local), domain.to_ascii_lowercase());
            let is_sample = SAMPLE_DOMAINS.contains(&domain.as_str());
            NOBODY.contains(&word.as_str()) || READER.contains(&word.as_str()) && is_sample
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_an_address_as_a_link_in_brackets_and_in_percent_encoding() {
        for text in [
            "dana@example.com",
            " dana@example.com\n",
            "mailto:dana@example.com",
            "MailTo:dana@example.com?subject=x",
            "<dana@example.com>",
            "Dana Doe <dana@example.com>",
            "dana%40example.com",
            "mailto:dana%40example.com",
            "d%61na@example.com",
        ] {
            assert_eq!(read(text), Naming::Address("dana@example.com".into()), "{text}");
        }
        assert_eq!(read("dana%2Bwork@example.com"), Naming::Address("dana+work@example.com".into()));
    }

    #[test]
    fn a_percent_sign_that_encodes_nothing_stays() {
        for text in ["joe%relay@example.com", "100%@example.com", "joe%acme.com@example.com"] {
            assert_eq!(read(text), Naming::Address(text.into()), "{text}");
        }
    }

    #[test]
    fn what_nothing_filled_in_is_nobody() {
        for text in [
            "user@company.com",
            "your.name@yourcompany.com",
            "first.last@domain.com",
            "you@email.com",
            "$USER@example.com",
            "${USER}@acme.com",
            "$USER",
            "${USER}",
            "$(whoami)@acme.com",
            "%USERNAME%",
            "%USERNAME%@acme.com",
            "{{ user.email }}",
            "<your e-mail>",
            "<name>@acme.com",
            "unknown",
            "Unknown@acme.com",
            "null",
            "None",
            "N/A",
            "undefined",
            "user%40company.com",
            "mailto:user@company.com",
            "",
            "-",
            "...",
        ] {
            assert_eq!(read(text), Naming::Placeholder, "{text}");
        }
    }

    #[test]
    fn people_with_unlucky_names_are_people() {
        for text in [
            "user@acme.com",
            "nanette@example.com",
            "me@danadoe.org",
            "name.surname@acme.com",
            "dana.null@acme.com",
            "cash$money@acme.com",
            "a$1@acme.com",
            "dana@company.co",
        ] {
            assert_eq!(read(text), Naming::Address(text.into()), "{text}");
        }
    }

    #[test]
    fn logins_and_staff_numbers_are_names() {
        for text in ["E12345", "dana", "ACME\\dana", "ci/acme/shop", "50%", "mailto:dana", "a@b@c", "<b>x</b>"] {
            assert_eq!(read(text), Naming::Name(text), "{text}");
        }
    }
}
