//! Short forms of given names that address books agree on, one meaning each: a form that stands for several names is left out.

use std::sync::LazyLock;

use super::list::List;

static SHORT: LazyLock<List> = LazyLock::new(|| List::parse(include_str!("data/nicknames.txt")));

/// The other forms of a folded given name: the full form of a short one, the short forms of a full one.
pub(super) fn other_forms(given: &str) -> impl Iterator<Item = &'static str> {
    SHORT.entries().filter_map(|line| line.split_once(' ')).filter_map(move |(short, full)| match given {
        g if g == short => Some(full),
        g if g == full => Some(short),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_full_forms_lead_to_each_other() {
        assert_eq!(other_forms("bob").collect::<Vec<_>>(), ["robert"]);
        assert_eq!(other_forms("robert").collect::<Vec<_>>(), ["bob", "rob"]);
        assert_eq!(other_forms("jane").count(), 0);
    }
}
