//! The stored form of a sighting: JSON, compressed, so that it is below one write unit of 1 KB, however much there is to say of somebody.

use super::Sighting;
use crate::compression::{compress, inflate};
use crate::pack::Corrupt;

/// What the JSON of earlier releases begins with, and no compressed one.
const PLAIN: u8 = b'{';

impl Sighting {
    /// As it is stored.
    ///
    /// # Errors
    /// None that is expected.
    pub fn encode(&self) -> Result<Vec<u8>, Corrupt> {
        let json = serde_json::to_vec(self).map_err(|_| Corrupt::Damaged("it cannot be written"))?;
        compress(&json).ok_or(Corrupt::Damaged("it cannot be compressed"))
    }

    /// Reads what was stored, also by an earlier release.
    ///
    /// # Errors
    /// It is damaged.
    pub fn decode(stored: &[u8]) -> Result<Self, Corrupt> {
        let damaged = |_| Corrupt::Damaged("it is no sighting");
        match stored.first() {
            Some(&PLAIN) => serde_json::from_slice(stored).map_err(damaged),
            _ => serde_json::from_slice(&inflate(stored)?).map_err(damaged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sighting::{Fact, Seen};
    use model::time::Timestamp;

    fn known() -> Sighting {
        let mut known = Sighting { kind: Some("email".into()), ..Sighting::default() };
        for version in 0..8 {
            let seen = Seen { first: Timestamp(1_790_000_000_000 + version), last: Timestamp(1_790_000_900_000) };
            known.facts.note(Fact::Version, &format!("2.1.{version}"), seen);
        }
        known
    }

    #[test]
    fn it_is_read_as_it_was_stored_by_this_release_and_by_earlier_ones() {
        let stored = known().encode().unwrap();
        assert_eq!(Sighting::decode(&stored).unwrap(), known());
        let earlier = serde_json::to_vec(&known()).unwrap();
        assert_eq!(Sighting::decode(&earlier).unwrap(), known());
        assert!(stored.len() * 2 < earlier.len(), "{} of {}", stored.len(), earlier.len());
    }

    #[test]
    fn what_is_cut_off_or_something_else_is_refused() {
        let stored = known().encode().unwrap();
        for length in 0..stored.len() {
            assert!(Sighting::decode(&stored[..length]).is_err(), "cut to {length}");
        }
        for damaged in [&b""[..], b"{", b"[]", b"null", &compress(b"[]").unwrap(), &[0x28, 0xb5, 0x2f, 0xfd]] {
            assert!(Sighting::decode(damaged).is_err(), "{damaged:?}");
        }
    }
}
