//! What is left out of an export because it is of buckets that are full: the projection marks them in the token's item.

use model::bucket::Bucket;
use model::time::Timestamp;
use store::marks::Marks;
use telemetry::claude::export::{Entry, Export, claimed};

/// Leaves out of an export that arrived at `now` what is of full buckets, and says how many records that are. Whole groups go, so
/// the keys of all others stay what they are.
pub(super) fn leave_out(export: &mut Export, marks: &Marks, now: Timestamp) -> u64 {
    let before = export.entries.len();
    let is_full = |entry: &Entry| marks.is_full(entry.source, Bucket::of(claimed(entry.time_nanos)), now);
    export.entries.retain(|entry| !is_full(entry));
    (before - export.entries.len()) as u64
}

/// The sentence about records that were left out, if there are any.
pub(super) fn remark(left_out: u64) -> Option<String> {
    (left_out > 0).then(|| {
        format!(
            "{left_out} records are of a quarter hour of which as much is stored as is taken of one sender: \
             whoever sends for many has to name each of them (user.email or enduser.id)."
        )
    })
}
