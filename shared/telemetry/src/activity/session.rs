//! Sessions where their names are not needed: what stands for one, how it began, in which of them work was done, and in which
//! requests were made.

use sha2::{Digest, Sha256};

use super::label::Label;
use super::matching::Subject;
use super::measure::{Measure, Numbers};

/// The first 64 bits of SHA-256 of a `session.id`. Among a million sessions two have the same one once in 30 million times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey(u64);

impl SessionKey {
    /// The key of the session with this id.
    #[must_use]
    pub fn of(session: &str) -> Self {
        let digest = Sha256::digest(session);
        let mut key = [0; 8];
        key.copy_from_slice(&digest[..8]);
        Self::read(key)
    }

    /// The 64 bits, as they are stored.
    #[must_use]
    pub fn bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    /// The key with these 64 bits.
    #[must_use]
    pub fn read(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }
}

/// How a session was seen to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Began {
    /// As the agents' view.
    pub as_view: bool,
    /// In another way.
    pub otherwise: bool,
}

impl Began {
    /// What a row says of its session.
    #[must_use]
    pub fn of(numbers: &Numbers) -> Self {
        Self { as_view: numbers[Measure::AgentsView] > 0, otherwise: numbers[Measure::Starts] > 0 }
    }

    /// Both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self { as_view: self.as_view || other.as_view, otherwise: self.otherwise || other.otherwise }
    }
}

/// Where the work of a row was done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Worked {
    /// The sessions, by their places in the outline, in order.
    pub sessions: Vec<usize>,
    /// Whether there is work of which no session is named.
    pub outside: bool,
}

/// What events reported of a day and metrics did not repeat: whose requests they were, so that metrics under another source can be told
/// to be of the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Requests {
    /// The session.
    pub session: Option<SessionKey>,
    /// The model.
    pub model: Label,
}

impl Requests {
    /// Those of a subject.
    #[must_use]
    pub fn of(Subject { session, model }: &Subject) -> Self {
        Self { session: session.as_deref().map(SessionKey::of), model: model.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_session_stays_what_it_was() {
        let key = SessionKey::of("60f43ec4-f3a2-4ecc-b716-7c94636ea600");
        assert_eq!(key.bytes(), [0x83, 0x82, 0xd1, 0x62, 0xf5, 0xd7, 0xb4, 0xe5]);
        assert_eq!(SessionKey::read(key.bytes()), key);
    }
}
