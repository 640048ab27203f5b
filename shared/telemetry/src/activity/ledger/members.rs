//! The sessions and the people of an account, as sets of numbers: each is in many lines, and sets of numbers are small and quickly
//! united.

use roaring::{MultiOps, RoaringBitmap};
use smallvec::SmallVec;

/// Some of the sessions or of the people of one account. They have nothing to do with those of another.
#[derive(Debug, Clone)]
pub struct Members(Set);

/// How many are kept in place.
const FEW: usize = 6;

#[derive(Debug, Clone)]
enum Set {
    /// In order. Of a month by days and people there are tens of thousands of lines, with one person and some sessions each.
    Few(SmallVec<[u32; FEW]>),
    Many(RoaringBitmap),
}

impl Default for Members {
    fn default() -> Self {
        Self(Set::Few(SmallVec::new()))
    }
}

/// Which form a set has is told by how it came about, and not by what is in it.
impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        self.numbers().eq(other.numbers())
    }
}

impl Members {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Set::Few(few) => few.len(),
            Set::Many(many) => usize::try_from(many.len()).unwrap_or(usize::MAX),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those of all of these sets of one account. Sets grow slowly when others are added one by one.
    #[must_use]
    pub fn of_all<'a>(sets: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut numbers, mut many) = (Vec::new(), Vec::new());
        for set in sets {
            match &set.0 {
                Set::Few(few) => numbers.extend_from_slice(few),
                Set::Many(set) => many.push(set),
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        if many.is_empty() {
            return numbers.into_iter().collect();
        }
        let mut all = many.union();
        all.extend(numbers);
        Self(Set::Many(all))
    }

    /// Adds those of another set of the same account.
    pub fn absorb(&mut self, other: &Self) {
        match (&mut self.0, &other.0) {
            (_, Set::Few(others)) => others.iter().for_each(|number| self.enter(*number)),
            (Set::Few(few), Set::Many(others)) => {
                let mut all = others.clone();
                all.extend(few.iter());
                self.0 = Set::Many(all);
            }
            (Set::Many(many), Set::Many(others)) => *many |= others,
        }
    }

    /// The same under other numbers: `numbers` has the new one of each.
    pub(super) fn renumbered(&self, numbers: &[u32]) -> Self {
        self.numbers().filter_map(|number| numbers.get(number as usize).copied()).collect()
    }

    pub(super) fn enter(&mut self, number: u32) {
        match &mut self.0 {
            Set::Few(few) => {
                if let Err(place) = few.binary_search(&number) {
                    match few.len() < FEW {
                        true => few.insert(place, number),
                        false => self.0 = Set::Many(few.iter().copied().chain([number]).collect()),
                    }
                }
            }
            Set::Many(many) => {
                many.insert(number);
            }
        }
    }

    /// Their numbers, in order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        let (few, many) = match &self.0 {
            Set::Few(few) => (Some(few.iter().copied()), None),
            Set::Many(many) => (None, Some(many.iter())),
        };
        few.into_iter().flatten().chain(many.into_iter().flatten())
    }

    fn has(&self, number: u32) -> bool {
        match &self.0 {
            Set::Few(few) => few.contains(&number),
            Set::Many(many) => many.contains(number),
        }
    }

    /// Takes away those that are in another set.
    pub(super) fn remove(&mut self, others: &Self) {
        match (&mut self.0, &others.0) {
            (Set::Few(few), _) => few.retain(|number| !others.has(*number)),
            (Set::Many(many), Set::Few(others)) => others.iter().for_each(|number| {
                many.remove(*number);
            }),
            (Set::Many(many), Set::Many(others)) => *many -= others,
        }
    }

    /// Takes away those that are not in another set.
    pub(super) fn keep(&mut self, others: &Self) {
        match (&mut self.0, &others.0) {
            (Set::Few(few), _) => few.retain(|number| others.has(*number)),
            (Set::Many(many), Set::Few(others)) => {
                self.0 = Set::Few(others.iter().copied().filter(|number| many.contains(*number)).collect());
            }
            (Set::Many(many), Set::Many(others)) => *many &= others,
        }
    }
}

impl FromIterator<u32> for Members {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut members = Self::default();
        numbers.into_iter().for_each(|number| members.enter(number));
        members
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn numbers() -> impl Strategy<Value = BTreeSet<u32>> {
        proptest::collection::btree_set(0..40_u32, 0..3 * FEW)
    }

    fn same(members: &Members, expected: impl Iterator<Item = u32>) -> bool {
        let expected: Vec<u32> = expected.collect();
        members.len() == expected.len() && members.numbers().eq(expected)
    }

    proptest! {
        #[test]
        fn few_and_many_members_come_to_the_same(one in numbers(), other in numbers()) {
            let of = |set: &BTreeSet<u32>| set.iter().rev().copied().collect::<Members>();
            let (few, many) = (of(&one), of(&other));
            let [mut both, mut kept, mut rest] = [few.clone(), few.clone(), few.clone()];
            both.absorb(&many);
            kept.keep(&many);
            rest.remove(&many);
            prop_assert!(same(&both, one.union(&other).copied()));
            prop_assert!(same(&Members::of_all([&few, &many, &few]), one.union(&other).copied()));
            prop_assert!(same(&rest, one.difference(&other).copied()));
            prop_assert!(same(&kept, one.intersection(&other).copied()));
            kept.absorb(&rest);
            prop_assert_eq!(kept, few);
        }
    }
}
