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
    /// Leaves out zeros. Most summaries were never erased from nor rebuilt, and each attribute costs each of their readers time.
    pub(super) fn write(self, item: Item) -> Item {
        let item = item.number("packs", self.packs);
        let rare = [("erasures", self.erasures), ("epoch", self.epoch)];
        rare.into_iter().filter(|(_, times)| *times != 0).fold(item, |item, (name, times)| item.number(name, times))
    }

    pub(super) fn read(item: &Item) -> Result<Self, StoreError> {
        let times = |name| item.optional_number(name).unwrap_or(0);
        Ok(Self { erasures: times("erasures"), packs: item.required_number("packs")?, epoch: times("epoch") })
    }

    /// The condition that a summary was made from this, with the names of its values.
    pub(super) fn condition(self) -> (String, [(&'static str, i64); 3]) {
        let is = |name: &str, times: i64| match times {
            0 => format!("(attribute_not_exists({name}) OR {name} = :{name})"),
            _ => format!("{name} = :{name}"),
        };
        let expression =
            format!("packs = :packs AND {} AND {}", is("erasures", self.erasures), is("epoch", self.epoch));
        (expression, [(":packs", self.packs), (":erasures", self.erasures), (":epoch", self.epoch)])
    }
}
