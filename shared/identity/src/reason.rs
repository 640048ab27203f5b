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
    let end = if alone { "and nobody else's does" } else { "and so do others'" };
    let what = match rule {
        Rule::Login => "the Git login",
        Rule::FullName => "the full name",
        Rule::PersonalDomain => "the domain of the e-mail address spells the name or login",
        Rule::SameLocalPart => "the part before the @ of another address",
        Rule::HandleName => "the author name",
        Rule::InitialAndSurname => "initial and surname",
        Rule::CutOff => "initial and surname, cut off,",
        Rule::GivenNameAndInitial => "given name and initial",
        Rule::FormOfGivenName => "a form of the given name, with the surname,",
        Rule::SameButDigits => "but for digits a login, address or author name",
        Rule::SimilarHandle => "the beginning of a login, address or author name",
        Rule::TwoWords => "two words of the name",
        Rule::OneWord => "one word of the name",
        Rule::SameEmail => return format!("same e-mail as {who}"),
        Rule::Decision | Rule::SameAccount | Rule::SameClient | Rule::SameAuthor => return who,
    };
    match rule {
        Rule::PersonalDomain => format!("{what} of {who}, {end}"),
        _ => format!("{what} of {who} matches the e-mail address, {end}"),
    }
}
