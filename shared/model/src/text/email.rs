//! What an e-mail address looks like. Whether anybody reads mail there is not asked.

use super::invisible::is_taken_out;

/// Longest address, in bytes: the limit of a path in RFC 5321, section 4.5.3.1.3, without its angle brackets.
pub const MAX_BYTES: usize = 254;

/// What is left and right of the last `@` of anything that Git takes for an address: something stands on both sides, and nothing in it
/// is a gap, an angle bracket or taken out of what is stored. Hosts without a dot and several `@` are accepted.
#[must_use]
pub fn parts(text: &str) -> Option<(&str, &str)> {
    let is_foreign = |c: char| matches!(c, '<' | '>') || c.is_whitespace() || is_taken_out(c);
    let (local, domain) = text.rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty() && !text.contains(is_foreign)).then_some((local, domain))
}

/// True for one address as people write it: [`parts`] with a single `@`, none of the signs `,` `;` `"` `\` that separate or quote
/// addresses (RFC 5322, section 3.4), and no longer than [`MAX_BYTES`].
#[must_use]
pub fn is_address(text: &str) -> bool {
    let is_one = |(local, _): (&str, &str)| !local.contains('@');
    text.len() <= MAX_BYTES && parts(text).is_some_and(is_one) && !text.contains([',', ';', '"', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_at_with_something_on_both_sides() {
        for text in ["jane@example.com", "j.d+x%y@sub.example.org", "jörg@exämple.org", "root@host", "a@b."] {
            assert!(is_address(text), "{text}");
        }
        for text in ["", "@", "a@", "@b", "jane", "a@b@c"] {
            assert!(!is_address(text), "{text}");
        }
    }

    #[test]
    fn nothing_that_separates_quotes_or_hides_stands_in_an_address() {
        for sign in [" ", "\t", "\n", "\u{A0}", "\0", "\u{200B}", "\u{202E}", "<", ">", ",", ";", "\"", "\\"] {
            for text in [
                format!("ja{sign}ne@example.com"),
                format!("jane@example{sign}.com"),
                format!("jane@example.com{sign}"),
            ] {
                assert!(!is_address(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn an_address_has_254_bytes_at_most() {
        let longest = format!("{}@example.com", "a".repeat(MAX_BYTES - "@example.com".len()));
        assert!(is_address(&longest));
        assert!(!is_address(&format!("a{longest}")));
    }

    #[test]
    fn git_takes_more_for_an_address() {
        assert_eq!(parts("a@b@c"), Some(("a@b", "c")));
        assert_eq!(parts("\"jane\",x@host.(none)"), Some(("\"jane\",x", "host.(none)")));
        for text in ["jane", "@b", "a@", "a b@c", "<a@b>", "a\u{0}@b", "a@b\u{202E}"] {
            assert_eq!(parts(text), None, "{text:?}");
        }
    }
}
