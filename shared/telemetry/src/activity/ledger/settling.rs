//! Tokens and cost that both events and metrics report count once.
//!
//! Within a bucket the two were held against each other when the bucket was summarised. What is left is settled here, by
//! days, so that a closed day comes to the same as its buckets, and any part of a range to the same as within the whole:
//!
//! 1. Points of a bucket that reach back are explained by what earlier buckets of their source left over.
//! 2. What is not explained by then may have been reported under another source, because an intermediary took attributes
//!    away: events of the same session, else of the same person, explain it if they are of the same day and model. Points
//!    of nobody at all are explained by anybody's.
//!
//! What remains counts beside the events, where its points stand.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::amounts::{Left, Pending, Person};
use super::divisions::At;
use super::grouping::{Place, Role};
use super::pools::Pools;
use crate::activity::late::{Buckets, Late, Spare, looked_back_to, settle};
use crate::activity::matching::Subject;
use crate::activity::money::Money;
use crate::activity::session::Requests;
use crate::claude::source::SourceId;
use model::bucket::Bucket;
use model::order;

/// The amounts of all summaries of a range.
#[derive(Debug, Default)]
pub(super) struct Settling {
    /// By source: what its buckets left over, and what points of theirs reach back.
    sources: BTreeMap<SourceId, OfSource>,
    left: Vec<Left>,
    pending: Vec<Pending>,
}

/// Whether metrics were left that their own sources did not explain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    /// Any at all.
    pub(super) any: bool,
    /// Some of what is shown.
    pub(super) shown: bool,
}

#[derive(Debug, Default)]
struct OfSource {
    spare: Vec<(Spare, Place, Person)>,
    heads: Vec<(Spare, Bucket)>,
    late: Vec<(Late, Pending)>,
}

impl Settling {
    /// Adds what events of a summary at `place` reported and metrics of the same summary did not repeat.
    pub(super) fn spare(&mut self, place: &Place, person: Person, subject: Subject, left: Money) {
        match place.bucket {
            Some(bucket) => {
                let spare = Spare { bucket, subject, left };
                self.sources.entry(place.source).or_default().spare.push((spare, place.clone(), person));
            }
            None => self.left(place, person, Requests::of(&subject), left),
        }
    }

    /// Adds what events of a day reported and metrics of the same day did not repeat.
    pub(super) fn left(&mut self, place: &Place, person: Person, of: Requests, left: Money) {
        self.left.push(Left { place: place.clone(), person, of, left });
    }

    /// Adds what events of a summary reported before the first value of a counter.
    pub(super) fn head(&mut self, place: &Place, subject: Subject, left: Money) {
        if let Some(bucket) = place.bucket {
            let spare = Spare { bucket, subject, left };
            self.sources.entry(place.source).or_default().heads.push((spare, place.ends));
        }
    }

    /// Adds what metrics reported beyond the events of the same summary, and how many buckets before it their intervals begin.
    pub(super) fn pending(&mut self, pending: Pending, reach: u32) {
        match pending.place.bucket {
            Some(bucket) if reach > 0 => {
                let late = Late { bucket, reach, subject: pending.subject(), left: pending.left };
                self.sources.entry(pending.place.source).or_default().late.push((late, pending));
            }
            _ => self.pending.push(pending),
        }
    }

    /// Adds the amounts of another; `moved` says which lines those of its lines are.
    pub(super) fn absorb(&mut self, other: Self, moved: impl Fn(Option<At>) -> Option<At>) {
        let pending = |pending: Pending| Pending { at: moved(pending.at), ..pending };
        for (source, OfSource { spare, heads, late }) in other.sources {
            let own = self.sources.entry(source).or_default();
            own.spare.extend(spare);
            own.heads.extend(heads);
            own.late.extend(late.into_iter().map(|(late, of)| (late, pending(of))));
        }
        self.left.extend(other.left);
        self.pending.extend(other.pending.into_iter().map(pending));
    }

    /// What counts beside the events, and what other sources could have explained.
    pub(super) fn unexplained(mut self) -> (Vec<Pending>, Open) {
        for source in std::mem::take(&mut self.sources).into_values() {
            self.settle_source(source);
        }
        let Self { left, mut pending, .. } = self;
        pending.retain(|pending| !pending.left.is_empty() && pending.place.is_of_range());
        let open = Open { any: !pending.is_empty(), shown: pending.iter().any(|pending| pending.at.is_some()) };
        if pending.is_empty() {
            return (pending, open);
        }
        let mut days: HashMap<Bucket, (Vec<Left>, Vec<Pending>)> = HashMap::new();
        for pending in pending {
            days.entry(pending.place.ends).or_default().1.push(pending);
        }
        for left in left.into_iter().filter(|left| left.place.is_of_range()) {
            if let Some(day) = days.get_mut(&left.place.ends) {
                day.0.push(left);
            }
        }
        let mut unexplained = Vec::new();
        for (left, mut pending) in days.into_values() {
            // By rows and not by time: a closed day has the sums of its rows, and comes to the same.
            order::sort_by(&mut pending, |a, b| {
                (a.place.source, &a.about, a.place.bucket).cmp(&(b.place.source, &b.about, b.place.bucket))
            });
            Pools::of(left).explain(&mut pending);
            unexplained.extend(pending.into_iter().filter(|pending| !pending.left.is_empty()));
        }
        (unexplained, open)
    }

    /// Settles the buckets of a source, day by day.
    fn settle_source(&mut self, OfSource { mut spare, mut heads, mut late }: OfSource) {
        order::sort_by(&mut spare, |a, b| a.0.cmp(&b.0));
        order::sort_by(&mut heads, Ord::cmp);
        order::sort_by(&mut late, |(a, p), (b, q)| (a.bucket, &p.about, a.reach).cmp(&(b.bucket, &q.about, b.reach)));
        let days: BTreeSet<Bucket> =
            late.iter().filter(|(_, p)| is_whole(&p.place)).map(|(_, p)| p.place.ends).collect();
        let raw: Vec<Spare> = spare.iter().map(|(spare, ..)| spare.clone()).collect();
        for ends in days {
            let is_of_day = |place: &Place| place.ends == ends && is_whole(place);
            let own: Vec<&(Late, Pending)> = late.iter().filter(|(_, p)| is_of_day(&p.place)).collect();
            let first = own.iter().map(|(late, _)| late.bucket).min();
            let begins = own.iter().map(|(late, _)| late.begins()).min();
            let (Some(first), Some(begins)) = (first, begins) else { continue };
            let from = looked_back_to(first, begins);
            let is_before = |bucket: Bucket, place: &Place| place.ends < ends && bucket >= from && bucket < first;
            let before = Buckets {
                spare: raw
                    .iter()
                    .zip(&spare)
                    .filter(|(raw, s)| is_before(raw.bucket, &s.1))
                    .map(|(raw, _)| raw.clone())
                    .collect(),
                heads: Vec::new(),
                late: late
                    .iter()
                    .filter(|(l, p)| is_before(l.bucket, &p.place) && !p.is_gap && l.begins() >= from.0)
                    .map(|(l, _)| l.clone())
                    .collect(),
            };
            let indices: Vec<usize> = (0..spare.len()).filter(|index| is_of_day(&spare[*index].1)).collect();
            let mut day = Buckets {
                spare: indices.iter().map(|index| raw[*index].clone()).collect(),
                heads: heads.iter().filter(|(_, of)| *of == ends).map(|(head, _)| head.clone()).collect(),
                late: own.iter().map(|(late, _)| late.clone()).collect(),
            };
            settle(before, &mut day);
            indices.into_iter().zip(day.spare).for_each(|(index, left)| spare[index].0 = left);
            let left = own.iter().zip(day.late).map(|((_, p), late)| Pending { left: late.left, ..p.clone() });
            self.pending.extend(left);
        }
        let own = spare.into_iter().filter(|(_, place, _)| is_whole(place));
        self.left.extend(own.map(|(Spare { subject, left, .. }, place, person)| Left {
            place,
            person,
            of: Requests::of(&subject),
            left,
        }));
    }
}

/// Whether all buckets of a day were read of which this is one.
fn is_whole(place: &Place) -> bool {
    place.role != Role::Before
}
