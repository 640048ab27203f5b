//! Why two identities are one person, in words an admin can check.

use serde::{Deserialize, Serialize};

use super::normal::{comparable, presentable};
use super::{GitIdentity, IdentityRef};

/// The rule that joined two identities or proposes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// An admin said so.
    Decision,
    /// The same account.
    SameAccount,
    /// The same installation, which only one e-mail ever used.
    SameClient,
    /// The same e-mail.
    SameEmail,
    /// Git identities that share an e-mail, a login, an uncommon name or an uncommon handle.
    SameAuthor,
    /// The login at the Git host equals the local part.
    Login,
    /// Given name and surname make up the local part.
    FullName,
    /// Domain or local part and domain spell the name.
    PersonalDomain,
    /// The local part stands before another domain in Git.
    SameLocalPart,
    /// The author name is a handle, and the local part.
    HandleName,
    /// The local part is an initial and the surname.
    InitialAndSurname,
    /// The local part is an initial and the surname, cut off after seven or eight letters.
    CutOff,
    /// The local part is the given name and an initial.
    GivenNameAndInitial,
    /// A form of the given name and the surname make up the local part.
    FormOfGivenName,
    /// The handles are the same but for digits at the end.
    SameButDigits,
    /// The handles begin alike.
    SimilarHandle,
    /// Two words of the name stand in the local part, but not given name and surname: a middle name, a part of the surname.
    TwoWords,
    /// One word of the name stands in the local part.
    OneWord,
}

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
    let end = if alone { ", which nobody else fits" } else { ", which others fit too" };
    match rule {
        Rule::Login => {
            format!("a Git login of {who} equals the local part of the e-mail{end}")
        }
        Rule::FullName => {
            format!("given name and surname of {who} make up the local part of the e-mail{end}")
        }
        Rule::PersonalDomain => {
            format!("the domain of the e-mail spells the name or login of {who}{end}")
        }
        Rule::SameLocalPart => {
            format!("the local part of the e-mail is that of {who} at another address{end}")
        }
        Rule::HandleName => {
            format!("the author name of {who} is the local part of the e-mail{end}")
        }
        Rule::InitialAndSurname => {
            format!("initial and surname of {who} make up the local part of the e-mail{end}")
        }
        Rule::CutOff => {
            format!("initial and surname of {who}, cut off, make up the local part of the e-mail{end}")
        }
        Rule::GivenNameAndInitial => {
            format!("given name and initial of {who} make up the local part of the e-mail{end}")
        }
        Rule::FormOfGivenName => {
            format!("a form of the given name and the surname of {who} make up the local part of the e-mail{end}")
        }
        Rule::SameButDigits => {
            format!("but for digits the local part of the e-mail is a login, local part or author name of {who}{end}")
        }
        Rule::SimilarHandle => {
            format!("the local part of the e-mail resembles a login, local part or author name of {who}{end}")
        }
        Rule::TwoWords => {
            format!("two words of the name of {who} make up the local part of the e-mail{end}")
        }
        Rule::OneWord => {
            format!("one word of the name of {who} stands in the local part of the e-mail{end}")
        }
        Rule::SameEmail => format!("same e-mail as {who}"),
        Rule::Decision | Rule::SameAccount | Rule::SameClient | Rule::SameAuthor => who,
    }
}
