//! Why two identities are one person, in words an admin can check.

use serde::{Deserialize, Serialize};

use super::normal::{comparable, presentable};
use super::rule::Rule;
use super::{GitIdentity, IdentityRef};

/// Why, how sure, and on what evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule.
    pub rule: Rule,
    /// A sentence for an admin.
    pub text: String,
    /// How sure, from 0 to 1.
    pub score: f64,
    /// The identity that shows it; none where an admin, an account or an installation does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<IdentityRef>,
}

/// How an author is shown: `Jane Doe <jane@example.com>`, neutralised.
pub(super) fn shown(git: &GitIdentity) -> String {
    let (name, email) = (presentable(&git.name), comparable(&git.email));
    match (name.is_empty(), email.is_empty()) {
        (false, false) => format!("{name} <{email}>"),
        (false, true) => name,
        (true, _) => email,
    }
}

/// The sentence for a pattern that one author fits. `alone` if nobody else does.
pub(super) fn sentence(rule: Rule, git: &GitIdentity, alone: bool) -> String {
    let who = shown(git);
    let what = match rule {
        Rule::Login => format!("the Git login of {who} matches the e-mail address"),
        Rule::FullName => format!("the full name of {who} matches the e-mail address"),
        Rule::PersonalDomain => format!("the domain of the e-mail address spells the name or login of {who}"),
        Rule::SameLocalPart => format!("an address of {who} has the same part before the @"),
        Rule::HandleName => format!("the author name of {who} matches the e-mail address"),
        Rule::InitialAndSurname => format!("initial and surname of {who} match the e-mail address"),
        Rule::CutOff => format!("initial and surname of {who}, cut off, match the e-mail address"),
        Rule::GivenNameAndInitial => format!("given name and initial of {who} match the e-mail address"),
        Rule::FormOfGivenName => format!("a form of the given name and the surname of {who} match the e-mail address"),
        Rule::SameButDigits => {
            format!("a login, address or author name of {who} matches the e-mail address but for digits at its end")
        }
        Rule::SimilarHandle => format!("a login, address or author name of {who} begins like the e-mail address"),
        Rule::TwoWords => format!("two words of the name of {who} occur in the e-mail address"),
        Rule::OneWord => format!("one word of the name of {who} occurs in the e-mail address"),
        Rule::SameEmail => return format!("same e-mail as {who}"),
        Rule::Decision | Rule::SameAccount | Rule::SameClient | Rule::SameAuthor => return who,
    };
    let end = if alone { "nobody else fits" } else { "others fit, too" };
    format!("{what}; {end}")
}

#[cfg(test)]
mod tests {
    use super::super::GitId;
    use super::*;

    #[test]
    fn every_pattern_is_a_sentence_with_a_verb() {
        let (name, email) = ("Jane Doe".to_owned(), "jane@example.com".to_owned());
        let jane = GitIdentity { id: GitId(String::new()), name, email, login: None, emails: Vec::new() };
        for (rule, expected) in [
            (Rule::Login, "the Git login of Jane Doe <jane@example.com> matches the e-mail address"),
            (Rule::FullName, "the full name of Jane Doe <jane@example.com> matches the e-mail address"),
            (
                Rule::PersonalDomain,
                "the domain of the e-mail address spells the name or login of Jane Doe <jane@example.com>",
            ),
            (Rule::SameLocalPart, "an address of Jane Doe <jane@example.com> has the same part before the @"),
            (Rule::HandleName, "the author name of Jane Doe <jane@example.com> matches the e-mail address"),
            (Rule::InitialAndSurname, "initial and surname of Jane Doe <jane@example.com> match the e-mail address"),
            (Rule::CutOff, "initial and surname of Jane Doe <jane@example.com>, cut off, match the e-mail address"),
            (
                Rule::GivenNameAndInitial,
                "given name and initial of Jane Doe <jane@example.com> match the e-mail address",
            ),
            (
                Rule::FormOfGivenName,
                "a form of the given name and the surname of Jane Doe <jane@example.com> match the e-mail address",
            ),
            (
                Rule::SameButDigits,
                "a login, address or author name of Jane Doe <jane@example.com> matches the e-mail address but for digits at its end",
            ),
            (
                Rule::SimilarHandle,
                "a login, address or author name of Jane Doe <jane@example.com> begins like the e-mail address",
            ),
            (Rule::TwoWords, "two words of the name of Jane Doe <jane@example.com> occur in the e-mail address"),
            (Rule::OneWord, "one word of the name of Jane Doe <jane@example.com> occurs in the e-mail address"),
        ] {
            assert_eq!(sentence(rule, &jane, true), format!("{expected}; nobody else fits"));
            assert_eq!(sentence(rule, &jane, false), format!("{expected}; others fit, too"));
        }
        assert_eq!(sentence(Rule::SameEmail, &jane, true), "same e-mail as Jane Doe <jane@example.com>");
    }
}
