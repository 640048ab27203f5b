//! Limits the memory, and with it the work, that one body may cost once it is decoded.
//!
//! A message is far larger in memory than on the wire: an empty log record is two bytes of protobuf and about two
//! hundred decoded, and reading it takes some hundreds more. A body within every size limit could therefore fill
//! gigabytes. So the memory of the messages is summed up and capped before it is allocated: for protobuf before
//! decoding, for JSON while reading. Every message that is worked on is counted, and the work on it is bounded by its
//! own size, so the cap bounds the work too.

mod protobuf;

use std::cell::Cell;

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};

pub(super) use protobuf::{SizeError, check_decoded_size, without_unreadable};

/// The most memory that one export may take at any moment until it is packed, in bytes: its body, the texts of its
/// messages (no more than the body) and the messages themselves. A body of 64 MiB full of ordinary records takes nine
/// tenths of it, and the ingest function on Lambda has room for it.
const MOST: usize = 352 << 20;
/// What the messages of any body may take, in bytes. Recorded exports take less than one MiB.
const FREE: usize = 32 << 20;
/// What they may take in addition for each byte of the body. Ordinary records take three to five.
const FOR_EACH_BYTE: usize = 16;

/// The overhead of a short text beyond its characters: allocators hand out no less than 32 bytes.
const TEXT: usize = 16;
/// How many places a list has room for beyond its first element: the standard library's vectors begin with four. Where
/// lists are nested, each with one element, that is most of what they take.
pub(super) const SPARE_PLACES: usize = 3;
/// An attribute, whose name and value are mostly texts.
pub(super) const ATTRIBUTE: usize = size_of::<KeyValue>() + 2 * TEXT;
/// A value in a list.
pub(super) const ELEMENT: usize = size_of::<AnyValue>() + TEXT;
/// What reading adds for each log record, data point or span, in bytes: its entry, and its share of what sorts and
/// groups the entries.
pub const READ: usize = 512;

/// The most memory that may be held for a body of `inflated` bytes until it is packed, in bytes. It includes the body.
#[must_use]
pub fn most(inflated: usize) -> usize {
    let messages = FREE.saturating_add(inflated.saturating_mul(FOR_EACH_BYTE));
    inflated.saturating_mul(2).saturating_add(messages).min(MOST)
}

/// What is left of the memory that messages may take.
#[derive(Debug)]
pub(super) struct MessageBudget {
    left: Cell<Option<usize>>,
}

impl MessageBudget {
    /// For the messages of a body of `inflated` bytes, which is in memory `copies` times while it is decoded, counting
    /// its texts as one copy.
    pub(super) fn of(inflated: usize, copies: usize) -> Self {
        let rest = MOST.saturating_sub(inflated.saturating_mul(copies));
        let most = FREE.saturating_add(inflated.saturating_mul(FOR_EACH_BYTE));
        Self { left: Cell::new(Some(rest.min(most))) }
    }

    /// Charges `bytes`. Returns false once the cap is exceeded, and from then on.
    pub(super) fn add(&self, bytes: usize) -> bool {
        self.left.set(self.left.get().and_then(|left| left.checked_sub(bytes)));
        !self.is_over()
    }

    /// Whether the cap is exceeded.
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
                let left = MessageBudget::of(inflated, copies).left.get().unwrap();
                assert!(left + copies * inflated <= MOST, "{inflated}");
            }
            let left = MessageBudget::of(inflated, 2).left.get().unwrap();
            assert_eq!(left + 2 * inflated, most(inflated), "what is reserved is what may be taken");
        }
        assert!(most(60_000) < 34 << 20);
    }
}
