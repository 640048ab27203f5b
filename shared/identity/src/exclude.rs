//! What stands for nobody in particular: role accounts, bots, placeholders. None of it is evidence of a person.

use std::sync::LazyLock;

use super::list::List;
use super::normal::{Email, comparable, fold};

static ROLES: LazyLock<List> = LazyLock::new(|| List::parse(include_str!("data/roles.txt")));
static MACHINES: LazyLock<List> = LazyLock::new(|| List::parse(include_str!("data/machines.txt")));
static GENERIC: LazyLock<List> = LazyLock::new(|| List::parse(include_str!("data/generic.txt")));
static NOBODIES: LazyLock<List> = LazyLock::new(|| List::parse(include_str!("data/nobodies.txt")));
static BOTS: LazyLock<List> = LazyLock::new(|| List::parse(include_str!("data/bots.txt")));
static SAMPLES: LazyLock<List> = LazyLock::new(|| List::parse(include_str!("data/samples.txt")));
static NO_MAIL: LazyLock<List> = LazyLock::new(|| List::parse(include_str!("data/no_mail.txt")));

fn words(folded: &str) -> Vec<&str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect()
}

fn without_digits(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// True for `support`, `no-reply`, `ci-bot`, `root2`: nobody's mailbox or login in particular.
#[must_use]
pub fn is_role(local: &str) -> bool {
    let folded = fold(local);
    let words = words(&folded);
    let whole = words.concat();
    words.is_empty()
        || ROLES.contains(without_digits(&whole))
        || words.iter().all(|w| ROLES.contains(without_digits(w)) || is_bot_word(w))
        || is_bot_word(&whole)
        || (words.len() > 1
            && words.iter().any(|w| matches!(*w, "noreply" | "donotreply" | "bot" | "jenkins" | "root")))
}

/// True for local parts such as `me` that many people use, each at a domain of their own.
#[must_use]
pub fn is_generic(local: &str) -> bool {
    GENERIC.contains(local) || is_role(local)
}

/// True for a role that no person answers for: `no-reply`, `root`, `jenkins`, `ci-bot`.
pub(super) fn is_machine(local: &str) -> bool {
    let folded = fold(local);
    let words = words(&folded);
    let is_machine = |word: &str| is_bot_word(word) || MACHINES.contains(without_digits(word));
    is_machine(&words.concat()) || words.iter().any(|word| is_machine(word))
}

fn is_bot_word(word: &str) -> bool {
    BOTS.entries().any(|bot| word.starts_with(bot))
}

/// True for a program that commits: `dependabot[bot]`, `Release Bot`, `renovate`.
#[must_use]
pub fn is_bot(name: &str, login: Option<&str>, email: &str) -> bool {
    let name = fold(&comparable(name));
    let bracketed = |t: &str| t.contains("[bot]");
    let named = words(&name);
    bracketed(&name)
        || bracketed(email)
        || named.len() > 1 && named.last() == Some(&"bot")
        || is_bot_word(&named.concat())
        || login.is_some_and(|l| bracketed(l) || fold(l).ends_with("-bot"))
}

/// True for a name that is a role or that a tool filled in.
#[must_use]
pub fn is_nobody(name: &str) -> bool {
    let folded = fold(name);
    NOBODIES.contains(&words(&folded).join(" ")) || is_role(&folded)
}

/// True for a host that is no mail domain: `localhost`, `laptop.local`, `build.(none)`, names without a dot, and the domains
/// reserved by RFC 2606 that tools print as a sample, such as `you@example.com`.
#[must_use]
pub fn is_placeholder(email: &Email) -> bool {
    let domain = email.domain.as_str();
    // Any label, not the owner's: whoever only asks for placeholders needs no list of public suffixes in the binary.
    let is_sample = || domain.split('.').any(|label| label == "example");
    let top = domain.rsplit('.').next().unwrap_or(domain);
    !domain.contains('.')
        || domain.contains(['(', ')'])
        || NO_MAIL.contains(top)
        || domain.starts_with("localhost.")
        || top.bytes().all(|b| b.is_ascii_digit())
        || SAMPLES.contains(&words(&email.local).concat()) && is_sample()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_nobody() {
        for local in ["root", "Admin", "no-reply", "noreply", "ci-bot", "jenkins2", "support", "info", "infra-root"] {
            assert!(is_role(local), "{local}");
        }
        for local in ["jane", "ci.wang", "robert", "j.root-smith2x", "infanta"] {
            assert!(local.contains("root") || !is_role(local), "{local}");
        }
    }

    #[test]
    fn programs_are_bots_and_people_called_bott_are_not() {
        assert!(is_bot("dependabot[bot]", None, "x@example.com"));
        assert!(is_bot("Acme Release Bot", None, "x@example.com"));
        assert!(is_bot("Renovate Bot", None, "x@example.com"));
        assert!(is_bot("x", Some("acme-bot"), "x@example.com"));
        assert!(!is_bot("Jane Bott", Some("jbott"), "jane@example.com"));
        assert!(!is_bot("Bot", None, "an.bot@example.com"));
    }

    #[test]
    fn hosts_without_mail_are_placeholders() {
        for address in [
            "jane@localhost",
            "jane@mac.local",
            "jane@host.(none)",
            "jane@vm.localdomain",
            "you@example.com",
            "jane@10.0.0.1",
        ] {
            assert!(Email::parse(address).is_some_and(|e| is_placeholder(&e)), "{address}");
        }
        assert!(Email::parse("jane@example.com").is_some_and(|e| !is_placeholder(&e)));
    }
}
