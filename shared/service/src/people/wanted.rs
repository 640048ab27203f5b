//! Whom an id or an e-mail address names: the one rule for everything that looks somebody up.

use std::sync::Arc;

use telemetry::claude::source::{SourceId, SourceKind, normalised};

/// The id of the person with an e-mail address.
#[must_use]
pub fn person_id(email: &str) -> Arc<str> {
    SourceId::new(SourceKind::Email, email).encoded().into()
}

/// An id or an e-mail address, as it was given.
///
/// Ids are compared as they are. E-mail addresses are compared as sources are, see [`normalised`], and never as the planner compares
/// them: to it `janedoe@gmail.com` is evidence of `jane.doe@gmail.com`, but whoever decides about the one has not named the other.
#[derive(Debug)]
pub struct Wanted<'a> {
    text: &'a str,
    email: String,
}

impl<'a> Wanted<'a> {
    /// Reads it. Any text may be an id, and any may be an address.
    #[must_use]
    pub fn new(id_or_email: &'a str) -> Self {
        Self { text: id_or_email, email: normalised(SourceKind::Email, id_or_email) }
    }

    /// The id that it is, if it is one.
    #[must_use]
    pub fn id(&self) -> &'a str {
        self.text
    }

    /// The address that it is, if it is one, as it is compared.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The id of whoever has the address, as long as nobody is merged with them.
    #[must_use]
    pub fn person_id(&self) -> Arc<str> {
        person_id(&self.email)
    }

    /// True for this id.
    #[must_use]
    pub fn is_id(&self, id: &str) -> bool {
        id == self.text
    }

    /// True for this address.
    #[must_use]
    pub fn is_email(&self, email: &str) -> bool {
        normalised(SourceKind::Email, email) == self.email
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_in_any_case_and_with_space_around_it() {
        let wanted = Wanted::new(" Jane.Doe@Gmail.com ");
        assert!(wanted.is_email("jane.doe@gmail.com") && wanted.is_email("JANE.DOE@gmail.com\n"));
        assert_eq!(wanted.person_id(), person_id("jane.doe@gmail.com"));
    }

    #[test]
    fn what_the_planner_takes_for_the_same_mailbox_is_another_address() {
        for other in ["janedoe@gmail.com", "jane.doe+x@gmail.com", "jane.doe@googlemail.com", "<jane.doe@gmail.com>"] {
            assert!(!Wanted::new("jane.doe@gmail.com").is_email(other), "{other}");
        }
    }

    #[test]
    fn an_id_is_compared_as_it_is() {
        assert!(Wanted::new("aB").is_id("aB"));
        assert!(!Wanted::new("ab").is_id("aB") && !Wanted::new(" aB").is_id("aB"));
    }
}
