//! The rules by which identities are one person, and what an organisation may set about them.

use serde::{Deserialize, Serialize};

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

/// What an organisation may set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Addresses of mailboxes that several people use, beyond the ones that are recognised.
    pub shared_mailboxes: Vec<String>,
    /// False to propose what only a pattern says instead of doing it.
    pub merge_by_pattern: bool,
    /// How many candidates are proposed for one person.
    pub candidates: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Self { shared_mailboxes: Vec::new(), merge_by_pattern: true, candidates: 3 }
    }
}
