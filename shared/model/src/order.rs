//! Sorting for lists that are not on the way of every export.
//!
//! The standard library compiles its sort anew for each kind of item, which is up to 6 KB each time; a hundred of them were four per
//! cent of what a cold start of the console reads. Here places are sorted, once in a program, and items are put there.

use std::cmp::Ordering;

/// Sorts `items`, and leaves those that are equal as they stand among each other.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut places: Vec<usize> = (0..items.len()).collect();
    sort_places(&mut places, &|a, b| compare(&items[a], &items[b]));
    for at in 0..items.len() {
        // What stood here may have been swapped to a later place meanwhile: it is followed to where it is now.
        let mut from = places[at];
        while from < at {
            from = places[from];
        }
        places[at] = from;
        items.swap(at, from);
    }
}

/// Sorts `items` by what `key` says of each, and leaves those that are equal as they stand among each other.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

fn sort_places(places: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    places.sort_by(|a, b| compare(*a, *b));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn items_are_sorted_as_the_standard_library_sorts_them(mut items: Vec<(u8, u32)>) {
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by_key(&mut items, |(key, _)| *key);
            prop_assert_eq!(items, expected);
        }
    }
}
