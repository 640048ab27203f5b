//! How much memory, and with it how much work, one body may take once it is decoded.
//!
//! A message is far larger in memory than on the wire: an empty log record is two bytes of protobuf and some two hundred decoded, and
//! reading makes some hundreds more of it, so a body within every size limit could fill gigabytes. What the messages take is
//! therefore summed up, and capped, before it is allocated: protobuf is weighed before it is decoded, JSON while it is read. As every
//! message that is worked on has a weight, and the work on it is bounded by its own size, the cap bounds the work, too.

mod protobuf;

use std::cell::Cell;

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};

pub(super) use protobuf::{Unfit, weigh};

/// What one export may take at any moment until it is packs, in bytes: its body, the texts of its messages (no more than the body)
/// and the messages themselves. A body of 64 MiB full of ordinary records takes nine tenths of it, and the function that ingests on
/// Lambda has room for it.
const MOST: usize = 352 << 20;
/// What the messages of any body may take, in bytes. Recorded exports take less than one MiB.
const FREE: usize = 32 << 20;
/// What they may take beyond, in bytes for each byte of the body. Ordinary records take three to five.
const FOR_EACH_BYTE: usize = 16;

/// What the memory of a short text takes besides its characters: the smallest that is given out is 32 bytes.
const TEXT: usize = 16;
/// What an attribute takes: its name and value are mostly texts.
pub(super) const ATTRIBUTE: usize = size_of::<KeyValue>() + 2 * TEXT;
/// What a value of a list takes.
pub(super) const ELEMENT: usize = size_of::<AnyValue>() + TEXT;
/// What reading makes of each log record, data point or span, in bytes: an entry, and its part of what sorts and groups entries.
pub const READ: usize = 400;

/// What may be held for a body of `inflated` bytes, itself included, until it is packs, in bytes.
#[must_use]
pub fn most(inflated: usize) -> usize {
    let messages = FREE.saturating_add(inflated.saturating_mul(FOR_EACH_BYTE));
    inflated.saturating_mul(2).saturating_add(messages).min(MOST)
}

/// A running sum of what messages take.
#[derive(Debug)]
pub(super) struct Weight {
    left: Cell<Option<usize>>,
}

impl Weight {
    /// For the messages of a body of `inflated` bytes, of which `copies` are in memory while it is decoded; its texts are one of them.
    pub(super) fn of(inflated: usize, copies: usize) -> Self {
        let rest = MOST.saturating_sub(inflated.saturating_mul(copies));
        let most = FREE.saturating_add(inflated.saturating_mul(FOR_EACH_BYTE));
        Self { left: Cell::new(Some(rest.min(most))) }
    }

    /// Adds `bytes` to the sum; false as soon as, and as long as, the sum is over the cap.
    pub(super) fn add(&self, bytes: usize) -> bool {
        self.left.set(self.left.get().and_then(|left| left.checked_sub(bytes)));
        !self.is_over()
    }

    /// Whether the sum is over the cap.
    pub(super) fn is_over(&self) -> bool {
        self.left.get().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_body_may_hold_more_than_the_most_and_small_ones_far_less() {
        for inflated in [0, 60_000, 1 << 20, 16 << 20, 64 << 20] {
            for copies in [2, 3] {
                let left = Weight::of(inflated, copies).left.get().unwrap();
                assert!(left + copies * inflated <= MOST, "{inflated}");
            }
            let left = Weight::of(inflated, 2).left.get().unwrap();
            assert_eq!(left + 2 * inflated, most(inflated), "what is reserved is what may be taken");
        }
        assert!(most(60_000) < 34 << 20);
    }
}
