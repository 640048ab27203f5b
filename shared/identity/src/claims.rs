//! Which claims of Claude people to Git people are done, and which are only proposed.

use std::collections::{HashMap, HashSet};

use super::clusters::Clusters;
use super::hit::Hit;
use super::limits::Limits;
use super::rule::Rules;
use super::score::{self, Candidate};

/// Of two safe claims to one person the better wins only if the other is this many times as likely a coincidence.
const UNCONTESTED: f64 = 20.0;

/// One claim that is safe.
#[derive(Debug)]
pub(super) struct Claim {
    /// The Claude person, as the representative of its set.
    pub(super) claimant: u32,
    /// The Git person.
    pub(super) best: Candidate,
}

/// All claims.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// To be done.
    pub(super) safe: Vec<Claim>,
    /// To be proposed: the candidates of each claimant, best first.
    pub(super) open: Vec<(u32, Vec<Candidate>)>,
}

/// Settles who gets whom. `taken` are people of both sides already.
pub(super) fn settle(
    hits: &[Hit],
    clusters: &Clusters,
    taken: &HashSet<u32>,
    rules: &Rules,
    limits: &Limits,
) -> Claims {
    let claims: Vec<(u32, Vec<Candidate>)> =
        hits.chunk_by(|a, b| a.claimant == b.claimant).map(|h| (h[0].claimant, score::ranked(h, limits))).collect();
    let is_safe = |claimant: u32, candidates: &[Candidate]| {
        rules.merge_by_pattern
            && score::is_safe(candidates, limits)
            && !taken.contains(&candidates[0].group)
            && !clusters.are_apart(claimant, candidates[0].group)
    };
    let mut by_group: HashMap<u32, Vec<f64>> = HashMap::new();
    for (_, candidates) in claims.iter().filter(|(c, candidates)| is_safe(*c, candidates)) {
        by_group.entry(candidates[0].group).or_default().push(candidates[0].chance);
    }
    by_group.values_mut().for_each(|chances| chances.sort_unstable_by(f64::total_cmp));
    let mut out = Claims::default();
    for (claimant, mut candidates) in claims {
        let wins = is_safe(claimant, &candidates) && wins(&candidates[0], &by_group);
        if wins {
            out.safe.push(Claim { claimant, best: candidates.swap_remove(0) });
        } else {
            candidates.retain(|c| !clusters.are_apart(claimant, c.group));
            candidates.truncate(rules.candidates);
            candidates.shrink_to_fit();
            if !candidates.is_empty() {
                out.open.push((claimant, candidates));
            }
        }
    }
    out
}

/// True if a safe claim is the only one to its person, or much better than the next. `by_group` has the chances of all safe
/// claims to each person, ascending.
fn wins(best: &Candidate, by_group: &HashMap<u32, Vec<f64>>) -> bool {
    match by_group.get(&best.group).map(Vec::as_slice) {
        Some([first, second, ..]) => best.chance <= *first && *second >= first * UNCONTESTED,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rule::Rule;

    /// The Git person that everybody claims.
    const CLAIMED: u32 = 9;

    /// A full name in common, which so many strangers would share.
    fn hit(claimant: u32, chance: f64) -> Hit {
        Hit { claimant, group: CLAIMED, author: 0, rule: Rule::FullName, chance }
    }

    /// Who gets the Git person, and to whom it is only proposed.
    fn settled(hits: &[Hit], taken: &[u32], rules: &Rules) -> (Vec<u32>, Vec<u32>) {
        let taken = taken.iter().copied().collect();
        let Claims { safe, open } = settle(hits, &Clusters::new(10), &taken, rules, &Limits::default());
        (safe.iter().map(|claim| claim.claimant).collect(), open.iter().map(|(claimant, _)| *claimant).collect())
    }

    #[test]
    fn a_safe_claim_that_nobody_contests_is_done() {
        assert_eq!(settled(&[hit(0, 0.001)], &[], &Rules::default()), (vec![0], vec![]));
    }

    #[test]
    fn of_two_safe_claims_to_one_person_neither_wins_unless_it_is_much_better() {
        for (other, expected) in
            [(0.001, (vec![], vec![0, 1])), (0.019, (vec![], vec![0, 1])), (0.02, (vec![0], vec![1]))]
        {
            assert_eq!(settled(&[hit(0, 0.001), hit(1, other)], &[], &Rules::default()), expected, "{other}");
            let (safe, open) = settled(&[hit(0, other), hit(1, 0.001)], &[], &Rules::default());
            let turned = |who: Vec<u32>| who.into_iter().map(|claimant| 1 - claimant).rev().collect::<Vec<u32>>();
            assert_eq!((turned(safe), turned(open)), expected, "{other}, the other way round");
        }
    }

    #[test]
    fn a_claim_that_is_not_safe_contests_nothing() {
        assert_eq!(settled(&[hit(0, 0.01), hit(1, 0.05)], &[], &Rules::default()), (vec![0], vec![1]));
    }

    #[test]
    fn a_rule_without_a_limit_proposes_and_never_decides() {
        let limits = Limits { patterns: BTreeMap::new(), ..Limits::default() };
        let Claims { safe, open } =
            settle(&[hit(0, 0.001)], &Clusters::new(10), &HashSet::new(), &Rules::default(), &limits);
        assert_eq!((safe.len(), open.len()), (0, 1));
    }

    #[test]
    fn who_has_somebody_already_or_may_not_be_merged_by_a_pattern_is_only_proposed() {
        assert_eq!(settled(&[hit(0, 0.001)], &[CLAIMED], &Rules::default()), (vec![], vec![0]));
        let rules = Rules { merge_by_pattern: false, ..Rules::default() };
        assert_eq!(settled(&[hit(0, 0.001)], &[], &rules), (vec![], vec![0]));
    }
}
