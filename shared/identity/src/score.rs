//! Candidates ranked, and whether the best is safe.

use super::hit::Hit;
use super::limits::Limits;
use super::rule::Rule;

/// The next best must be this many times as likely a coincidence.
const CLEARLY_BETTER: f64 = 10.0;
/// A name and a handle that agree independently of each other.
const NAME_AND_HANDLE: f64 = 0.3;

/// One Git person as a candidate for one Claude person.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    /// The Git person, as the representative of its set.
    pub(super) group: u32,
    /// The author that shows it best.
    pub(super) author: u32,
    /// The strongest rule.
    pub(super) rule: Rule,
    /// How many strangers would match as well.
    pub(super) chance: f64,
}

impl Candidate {
    /// From 0 to 1: the odds of this one against the strangers that would match as well.
    pub(super) fn score(&self) -> f64 {
        odds(self.chance)
    }
}

/// From 0 to 0.999: how likely a match is right that so many strangers would share by chance. No pattern is certain.
pub(super) fn odds(chance: f64) -> f64 {
    (1_000.0 / (1.0 + chance)).round().min(999.0) / 1_000.0
}

/// The candidates of one claimant, best first; equal ones by the place of their author.
pub(super) fn ranked(hits: &[Hit], limits: &Limits) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> =
        hits.chunk_by(|a, b| a.group == b.group).map(|hits| together(hits, limits)).collect();
    candidates.sort_unstable_by(|a, b| a.chance.total_cmp(&b.chance).then(a.author.cmp(&b.author)));
    candidates
}

/// All that speaks for one candidate.
fn together(hits: &[Hit], limits: &Limits) -> Candidate {
    let best = |names: bool| {
        hits.iter()
            .filter(|h| is_of_name(h.rule) == names)
            .min_by(|a, b| a.chance.total_cmp(&b.chance).then(a.rule.cmp(&b.rule)))
    };
    let first = &hits[0];
    let both = best(true).is_some() && best(false).is_some();
    let lead = hits
        .iter()
        .filter(|h| limits.of(h.rule).is_some())
        .min_by(|a, b| a.chance.total_cmp(&b.chance).then(a.rule.cmp(&b.rule)))
        .unwrap_or(first);
    Candidate {
        group: lead.group,
        author: lead.author,
        rule: lead.rule,
        chance: if both { lead.chance * NAME_AND_HANDLE } else { lead.chance },
    }
}

/// True for what is read from a name; the rest is read from handles.
fn is_of_name(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::FullName
            | Rule::PersonalDomain
            | Rule::FormOfGivenName
            | Rule::InitialAndSurname
            | Rule::CutOff
            | Rule::GivenNameAndInitial
            | Rule::TwoWords
            | Rule::OneWord
    )
}

/// True if the first candidate is safe and clearly better than the next.
pub(super) fn is_safe(candidates: &[Candidate], limits: &Limits) -> bool {
    match candidates {
        [] => false,
        [best, rest @ ..] => {
            limits.of(best.rule).is_some_and(|limit| best.chance <= limit)
                && rest.first().is_none_or(|next| next.chance >= best.chance * CLEARLY_BETTER)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(group: u32, rule: Rule, chance: f64) -> Candidate {
        Candidate { group, author: group, rule, chance }
    }

    fn is_safe(candidates: &[Candidate]) -> bool {
        super::is_safe(candidates, &Limits::default())
    }

    fn is_safe_beside(chance: f64, next: f64) -> bool {
        is_safe(&[candidate(0, Rule::FullName, chance), candidate(1, Rule::FullName, next)])
    }

    #[test]
    fn a_candidate_is_safe_only_if_it_is_clearly_better_than_the_next() {
        assert!(is_safe(&[candidate(0, Rule::FullName, 0.01)]));
        assert!(is_safe_beside(0.01, 0.1));
        for next in [0.01, 0.02, 0.099] {
            assert!(!is_safe_beside(0.01, next), "{next}");
        }
    }

    #[test]
    fn what_a_next_one_shares_counts_even_if_it_could_not_decide_itself() {
        assert!(!is_safe(&[candidate(0, Rule::FullName, 0.01), candidate(1, Rule::OneWord, 0.05)]));
    }

    #[test]
    fn a_match_that_a_stranger_may_share_or_of_a_single_word_is_not_safe() {
        assert!(!is_safe(&[]));
        assert!(!is_safe(&[candidate(0, Rule::FullName, 0.041)]));
        assert!(!is_safe(&[candidate(0, Rule::InitialAndSurname, 0.02)]));
        assert!(is_safe(&[candidate(0, Rule::Login, 0.1)]) && !is_safe(&[candidate(0, Rule::Login, 0.11)]));
        assert!(!is_safe(&[candidate(0, Rule::OneWord, 0.0)]));
        assert!(!is_safe(&[candidate(0, Rule::SimilarHandle, 0.0)]));
    }
}
