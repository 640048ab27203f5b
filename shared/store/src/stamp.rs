//! What a summary was made from, by which an older one never replaces a newer one.

use super::{Item, StoreError};

/// What a summary was made from. The greater stamp is the later one: compared by erasures first; then by packs, since
/// packs expire one by one while what they contributed is kept longer; then by rebuilds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Stamp {
    /// How often something was erased of the source.
    pub erasures: i64,
    /// The number of packs.
    pub packs: i64,
    /// How often everything was recomputed.
    pub epoch: i64,
}

impl Stamp {
    pub(super) fn write(self, item: Item) -> Item {
        item.number("erasures", self.erasures).number("packs", self.packs).number("epoch", self.epoch)
    }

    pub(super) fn read(item: &Item) -> Result<Self, StoreError> {
        let number = |name| item.required_number(name);
        Ok(Self { erasures: number("erasures")?, packs: number("packs")?, epoch: number("epoch")? })
    }
}
