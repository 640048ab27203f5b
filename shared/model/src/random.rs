//! The randomness of one request, drawn at the edge and passed in, so that decisions based on it can be tested.

use crate::organisation::Uid;
use crate::organisation::VersionId;
use crate::token::{PlainToken, TokenKind};

/// All the random bytes that a request may need.
#[derive(Clone, Copy)]
pub struct Random {
    token: [u8; 32],
    version: [u8; 16],
    uid: [u8; 12],
    nonce: [u8; 16],
    code: [u8; 32],
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Random")
    }
}

impl Random {
    /// Draws from the operating system's random source.
    ///
    /// # Errors
    /// [`getrandom::Error`] if the random source fails.
    pub fn draw() -> Result<Self, getrandom::Error> {
        let mut random = Self { token: [0; 32], version: [0; 16], uid: [0; 12], nonce: [0; 16], code: [0; 32] };
        getrandom::fill(&mut random.token)?;
        getrandom::fill(&mut random.version)?;
        getrandom::fill(&mut random.uid)?;
        getrandom::fill(&mut random.nonce)?;
        getrandom::fill(&mut random.code)?;
        Ok(random)
    }

    /// A token with 256 bits that are used for nothing else.
    #[must_use]
    pub fn token(&self, kind: TokenKind) -> PlainToken {
        PlainToken::from_random(kind, self.token)
    }

    /// The id of a version of a secret.
    #[must_use]
    pub fn version(&self) -> VersionId {
        VersionId::from_random(self.version)
    }

    /// The unique id of an organisation.
    #[must_use]
    pub fn uid(&self) -> Uid {
        Uid::from_random(self.uid)
    }

    /// Distinguishes sessions from each other.
    #[must_use]
    pub fn nonce(&self) -> [u8; 16] {
        self.nonce
    }

    /// A one-time sign-in code with 256 bits that are used for nothing else.
    #[must_use]
    pub fn code(&self) -> [u8; 32] {
        self.code
    }
}
