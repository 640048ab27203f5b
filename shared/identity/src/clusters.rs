//! Union-find that knows which two must not meet.

use std::collections::HashMap;

/// Disjoint sets over `0..n`, joined by size so that no path grows long.
#[derive(Clone, Debug)]
pub(super) struct Clusters {
    parent: Vec<u32>,
    size: Vec<u32>,
    /// Of each representative: those kept apart from a member of its set, by an admin's word.
    apart: HashMap<u32, Vec<u32>>,
}

impl Clusters {
    /// `n` sets of one.
    pub(super) fn new(n: usize) -> Self {
        Self { parent: (0..n).map(|i| i as u32).collect(), size: vec![1; n], apart: HashMap::new() }
    }

    /// The representative of a set.
    pub(super) fn root(&self, mut member: u32) -> u32 {
        while self.parent[member as usize] != member {
            member = self.parent[member as usize];
        }
        member
    }

    fn root_shortening(&mut self, mut member: u32) -> u32 {
        while self.parent[member as usize] != member {
            let up = self.parent[self.parent[member as usize] as usize];
            self.parent[member as usize] = up;
            member = up;
        }
        member
    }

    /// Keeps the sets of two members apart from now on.
    pub(super) fn keep_apart(&mut self, one: u32, other: u32) {
        for (a, b) in [(one, other), (other, one)] {
            let root = self.root_shortening(a);
            self.apart.entry(root).or_default().push(b);
        }
    }

    /// True if an admin's word keeps the two sets apart.
    pub(super) fn are_apart(&self, one: u32, other: u32) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        one != other && self.apart.get(&one).is_some_and(|list| list.iter().any(|&m| self.root(m) == other))
    }

    /// True if an admin's word keeps any two of these sets apart. `roots` are representatives, ascending.
    pub(super) fn hold_apart(&self, roots: &[u32]) -> bool {
        let is_among = |member: u32| roots.binary_search(&self.root(member)).is_ok();
        roots.iter().filter_map(|root| self.apart.get(root)).flatten().any(|&member| is_among(member))
    }

    /// Joins two sets; false if they are kept apart.
    pub(super) fn join(&mut self, one: u32, other: u32) -> bool {
        let (one, other) = (self.root_shortening(one), self.root_shortening(other));
        if one == other {
            return true;
        }
        if self.are_apart(one, other) {
            return false;
        }
        let (large, small) =
            if self.size[one as usize] < self.size[other as usize] { (other, one) } else { (one, other) };
        self.parent[small as usize] = large;
        self.size[large as usize] += self.size[small as usize];
        if let Some(list) = self.apart.remove(&small) {
            self.apart.entry(large).or_default().extend(list);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_kept_apart_never_meet_not_even_through_a_third() {
        let mut clusters = Clusters::new(4);
        clusters.keep_apart(0, 2);
        assert!(clusters.join(0, 1));
        assert!(clusters.join(2, 3));
        assert!(!clusters.join(1, 3));
        assert_ne!(clusters.root(0), clusters.root(3));
    }
}
