//! What is left out of an export because it is of quarter hours that are full: the projection marks them in the token's item.

use crate::pack::group::Group;
use crate::store::marks::Marks;
use crate::time::Millis;

/// The groups of an export of which something is still taken.
#[derive(Debug)]
pub(super) struct Kept {
    /// Those that are stored.
    pub(super) groups: Vec<Group>,
    /// How many records are left out.
    pub(super) left_out: u64,
}

impl Kept {
    /// What is taken of `groups` at `now`.
    pub(super) fn of(groups: Vec<Group>, marks: &Marks, now: Millis) -> Self {
        let is_full = |group: &Group| marks.is_full(group.source, group.bucket, now);
        let (full, groups): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(is_full);
        Self { groups, left_out: full.iter().map(|group| u64::from(group.accepted)).sum() }
    }

    /// A sentence about what is left out, if anything is.
    pub(super) fn remark(&self) -> Option<String> {
        (self.left_out > 0).then(|| {
            format!(
                "{} records are of a quarter hour of which as much is stored as is taken of one sender: \
                 whoever sends for many has to name each of them (user.email or enduser.id).",
                self.left_out
            )
        })
    }
}
