//! How much memory the messages of one body may take once they are decoded.
//!
//! A message is far larger in memory than on the wire: an empty log record is two bytes of protobuf
//! and some two hundred decoded, so a body within every size limit could fill gigabytes. What the
//! messages themselves take is therefore summed up, and capped, before it is allocated; their texts
//! are no larger than the body.

mod protobuf;

use std::cell::Cell;

pub(super) use protobuf::{Unfit, weigh};

/// What the decoded messages of one body may take, in bytes: four times the largest body, and more
/// than twice of what such a body holds when it is full of short attributes.
const MOST: usize = 256 << 20;

/// A running sum of what messages take.
#[derive(Debug)]
pub(super) struct Weight {
    left: Cell<Option<usize>>,
}

impl Default for Weight {
    fn default() -> Self {
        Self { left: Cell::new(Some(MOST)) }
    }
}

impl Weight {
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
