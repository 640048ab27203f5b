//! How much of one source and bucket is added up. Whoever has a token could otherwise store so much of one that adding it up
//! takes all memory, or takes so long that others wait.

use model::time::{MINUTE, SignedDuration};

/// The most that counts of what one source sent of a bucket. A busy developer sends some 45 packs of a few kilobytes, a fleet of
/// build machines under one name some hundreds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Packs.
    pub packs: usize,
    /// Bytes of packs, as they are stored.
    pub bytes: usize,
    /// Records that are told apart, give or take those of a pack.
    pub records: usize,
    /// Bytes of the summaries, if nothing in them could be compressed, give or take those of a pack. A stored summary ends at 3.5 MB.
    pub summary: usize,
    /// After how long it is noted anew that the same was seen of a source again. With `None` every time, together with the
    /// summary, which is exact at once and costs several times as much.
    pub seen_again: Option<SignedDuration>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { packs: 2_000, bytes: 32 << 20, records: 200_000, summary: 2 << 20, seen_again: None }
    }
}

impl Bounds {
    /// As they are where writes cost money: the summary alone is written, and what is known of the source once per bucket.
    #[must_use]
    pub fn thrifty() -> Self {
        Self { seen_again: Some(15 * MINUTE), ..Self::default() }
    }

    /// Whether a pack counts that comes after `packs` others, if with it they have `bytes`.
    #[must_use]
    pub fn has_room(&self, packs: usize, bytes: usize) -> bool {
        packs < self.packs && bytes <= self.bytes
    }

    /// Whether no more packs count after so many records and so large summaries.
    #[must_use]
    pub fn is_reached(&self, records: usize, summary: usize) -> bool {
        records >= self.records || summary >= self.summary
    }
}
