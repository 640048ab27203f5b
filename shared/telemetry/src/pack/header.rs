//! The header of a pack: what is not part of its content.

use super::wire::{Corrupt, Reader, put};
use crate::claude::vocabulary::Gate;
use model::time::Timestamp;

/// What is known of a pack besides its records. Not covered by the pack's digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// When the export arrived.
    pub received_at: Timestamp,
    /// Generation of the token it was sent with.
    pub generation: u32,
    /// Records or spans accepted.
    pub accepted: u32,
    /// Records of the export that were rejected; counted in one pack of the export.
    pub rejected: u32,
    /// Records whose claimed time cannot be right.
    pub reclocked: u32,
    /// Values cut or dropped, because of their size or because they could not be read; counted in one pack of the
    /// export.
    pub cut: u32,
    /// Content values dropped, by [`Gate::ALL`].
    pub dropped: [u32; Gate::ALL.len()],
}

impl Header {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        put(out, self.received_at.0.max(0) as u64);
        for number in [self.generation, self.accepted, self.rejected, self.reclocked, self.cut] {
            put(out, number.into());
        }
        // Usually nothing was dropped, so trailing zeros are omitted.
        let gates = self.dropped.iter().rposition(|n| *n > 0).map_or(0, |i| i + 1);
        put(out, gates as u64);
        for number in &self.dropped[..gates] {
            put(out, (*number).into());
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Corrupt> {
        let received_at =
            Timestamp(i64::try_from(reader.number()?).map_err(|_| Corrupt::Damaged("a time is out of range"))?);
        let (generation, accepted, rejected) = (reader.small()?, reader.small()?, reader.small()?);
        let (reclocked, cut) = (reader.small()?, reader.small()?);
        let mut dropped = [0; Gate::ALL.len()];
        let gates = reader.count()?;
        for slot in dropped.get_mut(..gates).ok_or(Corrupt::Damaged("it has an unknown gate"))? {
            *slot = reader.small()?;
        }
        Ok(Self { received_at, generation, accepted, rejected, reclocked, cut, dropped })
    }
}
