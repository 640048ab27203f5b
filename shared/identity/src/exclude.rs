//! What stands for nobody in particular: role accounts, bots, placeholders. None of it is evidence of a person.

use super::normal::{Email, clean, fold};

/// Mailboxes and accounts of a function, not of a person (after RFC 2142, and what build machines commit as).
const ROLES: &[&str] = &[
    "abuse",
    "accounts",
    "admin",
    "administrator",
    "administrators",
    "admins",
    "automation",
    "billing",
    "bot",
    "bots",
    "build",
    "builder",
    "buildbot",
    "builds",
    "ci",
    "circleci",
    "contact",
    "daemon",
    "deploy",
    "deployer",
    "dev",
    "developer",
    "developers",
    "devops",
    "devs",
    "donotreply",
    "engineering",
    "finance",
    "hello",
    "help",
    "helpdesk",
    "hostmaster",
    "hr",
    "info",
    "infra",
    "it",
    "jenkins",
    "jobs",
    "legal",
    "list",
    "lists",
    "mailer",
    "marketing",
    "nobody",
    "noc",
    "noreply",
    "office",
    "operations",
    "ops",
    "postmaster",
    "press",
    "release",
    "releases",
    "replies",
    "reply",
    "robot",
    "root",
    "sales",
    "security",
    "service",
    "services",
    "shared",
    "staff",
    "superuser",
    "support",
    "svc",
    "sysadmin",
    "system",
    "team",
    "test",
    "tester",
    "testing",
    "travis",
    "user",
    "users",
    "webmaster",
    "zuul",
];

/// Local parts a person may well use at a domain of their own, where they say nothing; never evidence between two domains.
const GENERIC: &[&str] = &[
    "code", "email", "gerrit", "git", "github", "gitlab", "hi", "home", "me", "mail", "mailbox", "mine", "my",
    "myself", "name", "oss", "private", "spam", "web", "work",
];

/// Names that tools fill in, or people who do not want to be named.
const NOBODIES: &[&str] = &[
    "anonymous",
    "author name",
    "build user",
    "default user",
    "developer name",
    "first last",
    "firstname lastname",
    "full name",
    "github actions",
    "john q public",
    "localhost",
    "my name",
    "n a",
    "name",
    "nobody",
    "no author",
    "no name",
    "none",
    "null",
    "student",
    "ubuntu",
    "undefined",
    "unknown",
    "unknown author",
    "user name",
    "username",
    "vagrant",
    "your full name",
    "your name",
    "yourname",
    "first name last name",
];

const BOTS: &[&str] = &[
    "dependabot",
    "renovate",
    "greenkeeper",
    "snyk",
    "codecov",
    "imgbot",
    "mergify",
    "allcontributors",
    "githubactions",
    "semanticrelease",
    "precommitci",
];

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
        || ROLES.contains(&without_digits(&whole))
        || words.iter().all(|w| ROLES.contains(&without_digits(w)) || is_bot_word(w))
        || is_bot_word(&whole)
        || (words.len() > 1
            && words.iter().any(|w| matches!(*w, "noreply" | "donotreply" | "bot" | "jenkins" | "root")))
}

/// True for local parts such as `me` that many people use, each at a domain of their own.
#[must_use]
pub fn is_generic(local: &str) -> bool {
    GENERIC.contains(&local) || is_role(local)
}

fn is_bot_word(word: &str) -> bool {
    BOTS.iter().any(|b| word.starts_with(b))
}

/// True for a program that commits: `dependabot[bot]`, `Release Bot`, `renovate`.
#[must_use]
pub fn is_bot(name: &str, login: Option<&str>, email: &str) -> bool {
    let name = fold(&clean(name));
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
    NOBODIES.contains(&words(&folded).join(" ").as_str()) || is_role(&folded)
}

/// True for a host that is no mail domain: `localhost`, `laptop.local`, `build.(none)`, names without a dot, and the domains
/// reserved by RFC 2606 that tools print as a sample, such as `you@example.com`.
#[must_use]
pub fn is_placeholder(email: &Email) -> bool {
    const SAMPLES: &[&str] = &[
        "you",
        "your",
        "youremail",
        "yourname",
        "name",
        "email",
        "username",
        "someone",
        "foo",
        "example",
        "firstlast",
        "changeme",
        "nobody",
    ];
    let domain = email.domain.as_str();
    // Any label, not the owner's: whoever only asks for placeholders needs no list of public suffixes in the binary.
    let is_sample = || domain.split('.').any(|label| label == "example");
    let top = domain.rsplit('.').next().unwrap_or(domain);
    !domain.contains('.')
        || domain.contains(['(', ')'])
        || matches!(
            top,
            "local"
                | "localdomain"
                | "localhost"
                | "novalocal"
                | "internal"
                | "invalid"
                | "lan"
                | "home"
                | "fedora"
                | "test"
                | "example"
                | "none"
        )
        || domain.starts_with("localhost.")
        || top.bytes().all(|b| b.is_ascii_digit())
        || SAMPLES.contains(&words(&email.local).concat().as_str()) && is_sample()
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
