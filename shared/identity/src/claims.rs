//! Which claims of Claude people to Git people are done, and which are only proposed.

use std::collections::{HashMap, HashSet};

use super::candidates::Hit;
use super::clusters::Clusters;
use super::score::{self, Candidate};
use super::terms::Rules;

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
pub(super) fn settle(hits: &[Hit], clusters: &Clusters, taken: &HashSet<u32>, rules: &Rules) -> Claims {
    let claims: Vec<(u32, Vec<Candidate>)> =
        hits.chunk_by(|a, b| a.claimant == b.claimant).map(|h| (h[0].claimant, score::ranked(h))).collect();
    let is_safe = |claimant: u32, candidates: &[Candidate]| {
        rules.merge_by_pattern
            && score::is_safe(candidates)
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
