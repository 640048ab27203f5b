//! Text from outside brought into a form that can be compared, and one that can be shown.

use model::text::email;
use model::text::invisible::{is_ignored, is_taken_out};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::provider;

/// What is kept of a name or an address, in characters: enough for any real one.
const MAX_CHARS: usize = 200;

/// The text without anything invisible, its spaces collapsed, and cut at 200 characters: safe to compare. So an address is shown, too:
/// two that look alike are the same.
#[must_use]
pub fn comparable(text: &str) -> String {
    tidy(text, is_ignored)
}

/// The same with the invisible characters that its script needs: a name that is safe to show to an admin.
#[must_use]
pub fn presentable(text: &str) -> String {
    tidy(text, is_taken_out)
}

fn tidy(text: &str, is_left_out: fn(char) -> bool) -> String {
    let mut out = String::new();
    let mut gap = false;
    for c in text.chars().filter(|&c| c.is_whitespace() || !is_left_out(c)).take(MAX_CHARS) {
        if c.is_whitespace() {
            gap = !out.is_empty();
        } else {
            if gap {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
    }
    out
}

/// Lower case without accents: `Łukasz Müller` becomes `lukasz muller`. Letters of other scripts stay themselves.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        out.push_str(text);
        out.make_ascii_lowercase();
        return out;
    }
    for c in text.nfkd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase) {
        match c {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            'ł' => out.push('l'),
            'ø' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ı' => out.push('i'),
            'ħ' => out.push('h'),
            'ŧ' => out.push('t'),
            'ƶ' => out.push('z'),
            // Decomposition of a capital İ leaves a dot behind once it is lower case.
            c if is_combining_mark(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// The same with the vowels written out as German, Danish and Swedish speakers do in addresses: `Jörg` becomes `joerg`, `Bjørn`
/// `bjoern`. `None` where that changes nothing.
#[must_use]
pub fn fold_written_out(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut changed = false;
    let mut out = String::with_capacity(text.len() + 4);
    for c in text.nfc().flat_map(char::to_lowercase) {
        let pair = match c {
            'ä' => "ae",
            'ö' | 'ø' => "oe",
            'ü' => "ue",
            'å' => "aa",
            c => {
                out.push(c);
                continue;
            }
        };
        changed = true;
        out.push_str(pair);
    }
    changed.then(|| fold(&out))
}

/// Only the letters and digits of a folded text.
#[must_use]
pub fn squash(folded: &str) -> String {
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A mail address, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email {
    /// Lower case, without a tag or dots that the provider ignores.
    pub key: String,
    /// The local part, folded, without a tag.
    pub local: String,
    /// The domain, lower case.
    pub domain: String,
}

impl Email {
    /// Reads an address, in angle brackets or without; `None` if it has not the shape of one: see [`email::is_address`].
    ///
    /// Case is ignored everywhere. Dots and tags are ignored only where the provider does; the tag of an unknown domain stays
    /// in the key, and leaves the local part that patterns look at.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = comparable(text);
        let text = text.strip_prefix('<').unwrap_or(&text);
        let text = text.strip_suffix('>').unwrap_or(text);
        let (local, domain) = email::parts(text).filter(|_| email::is_address(text))?;
        let domain = domain.trim_end_matches('.').to_lowercase();
        if domain.is_empty() {
            return None;
        }
        let local = local.to_lowercase();
        let rules = provider::rules(&domain);
        let without_tag = |c: char| local.split_once(c).map_or(local.as_str(), |(before, _)| before);
        let mut mailbox = rules.tag.map_or(local.clone(), |c| without_tag(c).to_owned());
        if rules.ignores_dots {
            mailbox.retain(|c| c != '.');
        }
        if mailbox.is_empty() {
            return None;
        }
        let key = format!("{mailbox}@{}", rules.domain.unwrap_or(&domain));
        let local = fold(without_tag('+'));
        Some(Self { key, local, domain })
    }

    /// The account name in an address that a Git host made up to keep the real one private: GitHub's
    /// `ID+login@users.noreply.github.com` and `login@users.noreply.github.com`, GitLab's `ID-login@users.noreply.gitlab.com`.
    #[must_use]
    pub fn noreply_login(address: &str) -> Option<String> {
        let address = comparable(address).to_lowercase();
        let (local, domain) = address.rsplit_once('@')?;
        let login = match domain {
            "users.noreply.github.com" => without_id(local, '+'),
            "users.noreply.gitlab.com" => without_id(local, '-'),
            _ if domain.starts_with("users.noreply.") => without_id(without_id(local, '+'), '-'),
            _ => return None,
        };
        (!login.is_empty()).then(|| login.to_owned())
    }
}

impl Email {
    /// The number of the account in such an address, with its host: it stays when the login changes.
    #[must_use]
    pub fn noreply_account(address: &str) -> Option<String> {
        let address = comparable(address).to_lowercase();
        let (local, domain) = address.rsplit_once('@')?;
        let separator = match domain {
            "users.noreply.github.com" => '+',
            "users.noreply.gitlab.com" => '-',
            _ => return None,
        };
        let (id, _) = local.split_once(separator)?;
        (!id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())).then(|| format!("{id}@{domain}"))
    }
}

fn without_id(local: &str, separator: char) -> &str {
    match local.split_once(separator) {
        Some((id, login)) if !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) => login,
        _ => local,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<String> {
        Email::parse(text).map(|e| e.key)
    }

    #[test]
    fn dots_and_tags_count_except_where_the_provider_ignores_them() {
        assert_eq!(key("J.Doe+x@GoogleMail.com"), key("jdoe@gmail.com"));
        assert_eq!(key("jdoe+x@outlook.com"), key("jdoe@outlook.com"));
        assert_ne!(key("j.doe@outlook.com"), key("jdoe@outlook.com"));
        assert_ne!(key("jdoe+x@example.com"), key("jdoe@example.com"));
        assert_ne!(key("j.doe@example.com"), key("jdoe@example.com"));
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in ["", "@", "a@", "@b", "a b@example.com", "a@b@example.com", "no address", "+x@gmail.com"] {
            assert_eq!(Email::parse(text), None, "{text}");
        }
    }

    #[test]
    fn private_addresses_of_git_hosts_give_the_login() {
        assert_eq!(Email::noreply_login("123+Jdoe@users.noreply.github.com").as_deref(), Some("jdoe"));
        assert_eq!(Email::noreply_login("jdoe@users.noreply.github.com").as_deref(), Some("jdoe"));
        assert_eq!(Email::noreply_login("123-j-doe@users.noreply.gitlab.com").as_deref(), Some("j-doe"));
        assert_eq!(Email::noreply_login("jdoe@example.com"), None);
    }

    #[test]
    fn tricks_with_direction_and_control_characters_are_taken_out() {
        for tidied in [comparable, presentable] {
            assert_eq!(tidied("Jane\u{202e}\u{0} \u{200b} Doe\n"), "Jane Doe");
            assert_eq!(tidied("Jane\u{2028}Doe"), "Jane Doe");
            assert_eq!(tidied(&"\u{202e}a".repeat(300)), "a".repeat(200));
        }
        assert_eq!(key("ja\u{200d}ne@example.com\u{202e}"), key("jane@example.com"));
    }

    #[test]
    fn a_name_is_shown_as_its_script_writes_it_and_compared_as_it_is_seen() {
        let name = "\u{645}\u{6cc}\u{200c}\u{62e}";
        assert_eq!(presentable(name), name);
        assert_eq!(comparable(name), "\u{645}\u{6cc}\u{62e}");
    }

    #[test]
    fn accents_fold_and_umlauts_can_be_written_out() {
        assert_eq!(fold("Łukasz MÜLLER İ ß"), "lukasz muller i ss");
        assert_eq!(fold_written_out("Jörg Müller").as_deref(), Some("joerg mueller"));
        assert_eq!(fold_written_out("Jose\u{301}"), None);
    }
}
