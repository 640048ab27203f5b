//! Mail providers: whose local parts ignore dots and tags, and which domains say nothing about an employer.

use std::sync::LazyLock;

use super::list::List;

static FREE_MAIL: LazyLock<List> = LazyLock::new(|| List::parse(include_str!("data/free_mail.txt")));

/// How a provider reads a local part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Provider {
    /// Dots do not count.
    pub(super) ignores_dots: bool,
    /// From this character on it is a tag.
    pub(super) tag: Option<char>,
    /// The one domain that all its aliases stand for.
    pub(super) domain: Option<&'static str>,
}

const PLAIN: Provider = Provider { ignores_dots: false, tag: None, domain: None };
const PLUS: Provider = Provider { tag: Some('+'), ..PLAIN };

/// The rules of a domain (lower case), as the providers document them; of an unknown domain every character counts.
pub(super) fn rules(domain: &str) -> Provider {
    match domain {
        "gmail.com" | "googlemail.com" => Provider { ignores_dots: true, tag: Some('+'), domain: Some("gmail.com") },
        "icloud.com" | "me.com" | "mac.com" => Provider { domain: Some("icloud.com"), ..PLUS },
        "protonmail.com" | "proton.me" | "pm.me" => Provider { domain: Some("proton.me"), ..PLUS },
        "yandex.ru" | "yandex.com" | "ya.ru" => Provider { domain: Some("yandex.ru"), ..PLUS },
        "outlook.com" | "hotmail.com" | "live.com" | "fastmail.com" | "fastmail.fm" | "hey.com" | "zoho.com" => PLUS,
        _ => PLAIN,
    }
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
    fn every_listed_domain_is_found() {
        for domain in ["126.com", "gmail.com", "zoho.com", "yahoo.co.jp", "web.de"] {
            assert!(is_public(domain), "{domain}");
        }
        assert!(!is_public("example.com"));
    }
}
