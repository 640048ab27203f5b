//! Mail providers: whose local parts ignore dots and tags, and which domains say nothing about an employer.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::list::List;

static FREE_MAIL: LazyLock<List> = LazyLock::new(|| List::parse(include_str!("data/free_mail.txt")));

static PROVIDERS: LazyLock<BTreeMap<&str, Provider>> =
    LazyLock::new(|| List::parse(include_str!("data/providers.txt")).entries().filter_map(Provider::parse).collect());

/// How a provider reads a local part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Provider {
    /// Dots do not count.
    pub(super) ignores_dots: bool,
    /// From this character on it is a tag.
    pub(super) tag: Option<char>,
    /// The one domain that all its aliases stand for.
    pub(super) domain: Option<&'static str>,
}

impl Provider {
    /// Reads an entry of the list, with the domain that it is of.
    fn parse(entry: &'static str) -> Option<(&'static str, Self)> {
        let mut words = entry.split_whitespace();
        let (domain, of) = (words.next()?, words.next()?);
        let mut found = Self { domain: Some(of), ..Self::default() };
        for word in words {
            match word {
                "+" => found.tag = Some('+'),
                "dots" => found.ignores_dots = true,
                _ => return None,
            }
        }
        Some((domain, found))
    }
}

/// The rules of a domain (lower case); of an unknown domain every character counts.
pub(super) fn rules(domain: &str) -> Provider {
    PROVIDERS.get(domain).copied().unwrap_or_default()
}

/// True if anybody can have an address at this domain (lower case).
pub(super) fn is_public(domain: &str) -> bool {
    let at_any_suffix = || domain.find('.').is_some_and(|dot| FREE_MAIL.contains(&domain[..=dot]));
    FREE_MAIL.contains(domain) || at_any_suffix()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_ignores_is_read_from_its_line_and_nothing_of_a_line_is_passed_over() {
        let google = Provider { ignores_dots: true, tag: Some('+'), domain: Some("gmail.com") };
        assert_eq!((rules("googlemail.com"), rules("example.com")), (google, Provider::default()));
        let lines =
            include_str!("data/providers.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(PROVIDERS.len(), lines.count());
    }

    #[test]
    fn every_listed_domain_is_found() {
        for domain in ["126.com", "gmail.com", "zoho.com", "yahoo.co.jp", "web.de"] {
            assert!(is_public(domain), "{domain}");
        }
        assert!(!is_public("example.com"));
    }
}
