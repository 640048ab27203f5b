//! What events of a day left over, and whom it explains.

use model::order;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::amounts::{Left, Pending};
use crate::activity::dimensions::{Dimension, Label};
use crate::activity::matching::Unused;
use crate::activity::money::Money;
use crate::activity::session::{Requests, SessionKey};
use crate::claude::source::{SourceId, SourceKind};

static NOBODY: LazyLock<SourceId> = LazyLock::new(|| SourceId::new(SourceKind::None, ""));

/// Who shares amounts beyond a source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Sharing {
    Session(SessionKey, Label),
    Person(Arc<str>, Label),
    Anybody(Label),
}

/// What events of one day left over.
pub(super) struct Pools {
    left: Vec<Left>,
}

impl Pools {
    pub(super) fn of(mut left: Vec<Left>) -> Self {
        left.retain(|left| !left.left.is_empty());
        order::sort_by(&mut left, |a, b| (a.place.source, &a.of).cmp(&(b.place.source, &b.of)));
        Self { left }
    }

    /// Takes what is explained from the pending amounts of the day, in their order.
    pub(super) fn explain(mut self, pending: &mut [Pending]) {
        self.by_others(pending, |of, _| Some(Sharing::Session(of.session?, of.model.clone())));
        self.by_others(pending, |of, person| Some(Sharing::Person(person.clone()?, of.model.clone())));
        let anybody =
            |pending: &Pending| pending.place.source == *NOBODY && pending.about[Dimension::Session].is_none();
        let (mut of_nobody, _): (Vec<&mut Pending>, Vec<_>) = pending.iter_mut().partition(|p| anybody(p));
        self.by(&mut of_nobody, |of, _| Some(Sharing::Anybody(of.model.clone())));
    }

    fn by_others(
        &mut self,
        pending: &mut [Pending],
        sharing: impl Fn(&Requests, &Option<Arc<str>>) -> Option<Sharing>,
    ) {
        self.by(&mut pending.iter_mut().collect::<Vec<_>>(), sharing);
    }

    /// Takes from what is shared with other sources.
    fn by(&mut self, pending: &mut [&mut Pending], sharing: impl Fn(&Requests, &Option<Arc<str>>) -> Option<Sharing>) {
        let mut pools: HashMap<Sharing, Pool> = HashMap::new();
        for (index, left) in self.left.iter().enumerate() {
            if let Some(key) = sharing(&left.of, &left.person) {
                pools.entry(key).or_default().entries.push(index);
            }
        }
        for pending in pending.iter_mut().filter(|pending| !pending.left.is_empty()) {
            let key = sharing(&Requests::of(&pending.subject()), &pending.person);
            if let Some(pool) = key.and_then(|key| pools.get_mut(&key)) {
                pool.serve(pending, &mut self.left);
            }
        }
    }
}

/// Entries of [`Pools`], in the order of their sources.
#[derive(Default)]
struct Pool {
    entries: Vec<usize>,
    unused: [Unused; Money::LEN],
}

impl Pool {
    fn serve(&mut self, pending: &mut Pending, all: &mut [Left]) {
        for (measure, unused) in self.unused.iter_mut().enumerate() {
            let mut position = 0;
            while pending.left[measure] > 0 {
                position = unused.from(position, |at| self.entries.get(at).is_some_and(|i| all[*i].left[measure] <= 0));
                let Some(left) = self.entries.get(position).map(|index| &all[*index]) else { break };
                if left.place.source == pending.place.source {
                    position = self.entries.partition_point(|index| all[*index].place.source <= pending.place.source);
                    continue;
                }
                let left = &mut all[self.entries[position]];
                let taken = pending.left[measure].min(left.left[measure]);
                pending.left[measure] -= taken;
                left.left[measure] -= taken;
            }
        }
    }
}
