//! Who owns a domain: what stands below a public suffix is one owner's.

use std::sync::LazyLock;

use publicsuffix::{List, Psl};

/// The rules of the Public Suffix List (<https://publicsuffix.org>), packed by the build script.
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/public_suffixes.zst"));

/// More than the rules are when unpacked, in bytes.
const ROOM: usize = 1 << 20;

/// Both sections: below a suffix of the private one, such as `github.io`, customers are strangers as they are below `co.uk`.
static LIST: LazyLock<List> = LazyLock::new(|| List::from_bytes(&rules()).unwrap_or_default());

#[expect(clippy::disallowed_methods, reason = "it comes with the program, and the room for it is limited")]
fn rules() -> Vec<u8> {
    zstd::bulk::decompress(PACKED, ROOM).unwrap_or_default()
}

/// What the owner of a domain (lower case) registered: `example.co.uk` of `mail.example.co.uk`. Empty where there is none, and where
/// it or what it stands below is in Punycode: the list is in Unicode, and would take a suffix for an owner.
pub(super) fn owned(domain: &str) -> &str {
    let own = LIST.domain(domain.as_bytes()).map_or(0, |own| own.as_bytes().len());
    let own = domain.get(domain.len() - own..).unwrap_or_default();
    if own.contains("xn--") { "" } else { own }
}

/// The label that the owner chose: `example` of `mail.example.co.uk`.
pub(super) fn owner_label(domain: &str) -> &str {
    owned(domain).split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole() {
        let rules = rules();
        let rules = str::from_utf8(&rules).unwrap();
        assert!(rules.lines().count() > 8_000 && rules.len() < ROOM);
        assert_eq!(rules.lines().filter(|line| line.starts_with("// ===BEGIN")).count(), 2);
    }

    #[test]
    fn an_owner_stands_below_a_public_suffix() {
        for (domain, label) in [
            ("example.org", "example"),
            ("mail.example.co.uk", "example"),
            ("one.me.uk", "one"),
            ("alpha.gv.at", "alpha"),
            ("mail.one.github.io", "one"),
            // Any label below `ck` is a suffix, but for `www`.
            ("example.co.ck", "example"),
            ("mail.www.ck", "www"),
            ("example.公司.cn", "example"),
            // No rule fits: the last label is the suffix.
            ("build.example.internal", "example"),
        ] {
            assert_eq!(owner_label(domain), label, "{domain}");
        }
    }

    #[test]
    fn a_suffix_has_no_owner() {
        for domain in ["", ".", "..", ".com", "localhost", "com", "co.uk", "github.io", "co.ck", "a..com"] {
            assert_eq!(owner_label(domain), "", "{domain}");
        }
    }

    #[test]
    fn punycode_shows_no_owner() {
        for domain in ["example.xn--55qx5d.cn", "xn--bcher-kva.example", "example.xn--p1ai"] {
            assert_eq!(owner_label(domain), "", "{domain}");
        }
        assert_eq!(owner_label("xn--bcher-kva.example.org"), "example");
    }
}
