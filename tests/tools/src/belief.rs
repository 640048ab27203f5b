//! How far the odds that rules tell are believed, by what came of them, and how far the rules may decide then.
//!
//! A rule says how many strangers it expects to share by chance what two identities have in common: by so many to one the match is
//! wrong, if the rule knows. By what factor it does not, people show of whom the truth is known. Any factor between a tenth and ten is
//! thought as likely at first, and each match makes those likelier that explain it (Bayes). So nothing has to be seen a certain number
//! of times: a rule that was seen seldom is believed less, and decides less.

use std::collections::BTreeMap;

/// So many times too few strangers a rule may expect, or too many.
const SPAN: f64 = 10.0;
/// So many factors are tried, in equal ratios.
const FACTORS: usize = 41;
/// The widest limit: with more strangers than this a match is more likely wrong than right.
pub const WIDEST: f64 = 2.0;
/// Limits are found to a millionth of the widest.
const HALVINGS: u32 = 20;

/// A match of which it is known whether it is right.
#[derive(Clone, Copy, Debug)]
pub struct Seen<Rule> {
    /// What found it.
    pub rule: Rule,
    /// How many strangers that expected.
    pub chance: f64,
    /// Whether it is right.
    pub is_right: bool,
}

/// How much is decided without any rule that could be wrong by chance.
#[derive(Clone, Copy, Debug, Default)]
pub struct Certain {
    /// So many of it are right.
    pub right: u32,
    /// So many of it are wrong all the same.
    pub wrong: u32,
}

/// How far one rule is believed: how likely each factor is by which it expects too few strangers.
#[derive(Clone, Debug)]
struct Belief([f64; FACTORS]);

/// The factors: a tenth, …, ten.
fn factor(at: usize) -> f64 {
    SPAN.powf(2.0 * at as f64 / (FACTORS - 1) as f64 - 1.0)
}

/// How likely a match is wrong that so many strangers share.
fn risk(strangers: f64) -> f64 {
    strangers / (1.0 + strangers)
}

impl Belief {
    /// By the chance of each match and whether it is right.
    fn of(seen: impl Iterator<Item = (f64, bool)>) -> Self {
        let mut logarithms = [0.0; FACTORS];
        for (chance, is_right) in seen {
            for (at, logarithm) in logarithms.iter_mut().enumerate() {
                let risk = risk(chance * factor(at));
                *logarithm += if is_right { 1.0 - risk } else { risk }.ln();
            }
        }
        let most = logarithms.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let weights = logarithms.map(|logarithm: f64| (logarithm - most).exp());
        let all: f64 = weights.iter().sum();
        Self(weights.map(|weight| weight / all))
    }

    /// How likely a match with this chance is wrong.
    fn risk(&self, chance: f64) -> f64 {
        self.0.iter().enumerate().map(|(at, likely)| likely * risk(chance * factor(at))).sum()
    }

    /// The widest chance with which a match is wrong no more likely than this, rounded up so that what is seen there is within.
    fn limit(&self, most: f64) -> f64 {
        let (mut within, mut beyond) = (0.0, WIDEST);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(within, beyond);
            *if self.risk(middle) <= most { &mut within } else { &mut beyond } = middle;
        }
        beyond
    }
}

/// How far chance may explain what each of `rules` finds, so that they decide most and yet no greater share than `wrong` of everything
/// decided is expected to be wrong. All take the same risk with a match, the greatest at which that holds of what was seen.
#[must_use]
pub fn limits<Rule: Copy + Ord>(
    rules: &[Rule],
    seen: &[Seen<Rule>],
    certain: Certain,
    wrong: f64,
) -> BTreeMap<Rule, f64> {
    let belief = |rule| Belief::of(seen.iter().filter(|s| s.rule == rule).map(|s| (s.chance, s.is_right)));
    let beliefs: BTreeMap<Rule, Belief> = rules.iter().map(|&rule| (rule, belief(rule))).collect();
    let mut risks: Vec<f64> = seen.iter().filter_map(|s| Some(beliefs.get(&s.rule)?.risk(s.chance))).collect();
    risks.sort_unstable_by(f64::total_cmp);
    let mut expected = f64::from(certain.wrong);
    let mut decided = expected + f64::from(certain.right);
    let mut most = 0.0;
    for risk in risks {
        expected += risk;
        decided += 1.0;
        if expected > wrong * decided {
            break;
        }
        most = risk;
    }
    beliefs.into_iter().map(|(rule, belief)| (rule, belief.limit(most))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many right and wrong matches of one rule with one chance.
    fn seen(rule: char, chance: f64, right: usize, wrong: usize) -> Vec<Seen<char>> {
        let of = |is_right, n| std::iter::repeat_n(Seen { rule, chance, is_right }, n);
        of(true, right).chain(of(false, wrong)).collect()
    }

    /// What is risked with a chance of a hundredth, after so many right and wrong matches with it.
    fn risk_after(right: usize, wrong: usize) -> f64 {
        Belief::of(seen('a', 0.01, right, wrong).iter().map(|s| (s.chance, s.is_right))).risk(0.01)
    }

    #[test]
    fn a_rule_that_was_right_more_often_is_believed_more() {
        let risks = [risk_after(0, 0), risk_after(30, 0), risk_after(300, 0), risk_after(3_000, 0)];
        assert!(risks.is_sorted_by(|a, b| *a > 1.2 * b), "{risks:?}");
        assert!(risks[0] > 0.02 && risks[3] < 0.002, "{risks:?}");
    }

    #[test]
    fn what_was_seen_often_is_as_wrong_as_it_was() {
        for (right, wrong) in [(2_970, 30), (2_910, 90), (2_990, 10)] {
            let share = wrong as f64 / 3_000.0;
            let risk = risk_after(right, wrong);
            assert!((0.9..1.2).contains(&(risk / share)), "{wrong} wrong: {risk}");
        }
    }

    #[test]
    fn every_rule_decides_up_to_the_same_risk() {
        let seen = [seen('a', 0.001, 2_000, 0), seen('a', 0.05, 20, 0), seen('b', 0.01, 50, 1)];
        let rules = ['a', 'b', 'c'];
        let limits = limits(&rules, &seen.concat(), Certain::default(), 0.002);
        let belief = |rule| {
            let own = seen.iter().flatten().filter(|s| s.rule == rule);
            Belief::of(own.map(|s| (s.chance, s.is_right)))
        };
        let risks = rules.map(|rule| belief(rule).risk(limits[&rule]));
        assert!(limits[&'a'] >= 0.05 && limits[&'b'] < limits[&'a'] && limits[&'c'] < limits[&'a'], "{limits:?}");
        assert!(risks.iter().all(|risk| (risk / risks[0] - 1.0).abs() < 0.01), "{risks:?}");
    }

    #[test]
    fn what_is_decided_anyway_leaves_room_and_what_is_wrong_of_it_takes_room() {
        let seen = [seen('a', 0.001, 100, 0), seen('a', 0.5, 3, 0)].concat();
        let limit = |right, wrong| limits(&['a'], &seen, Certain { right, wrong }, 0.002)[&'a'];
        assert!(limit(0, 0) < 0.5 && limit(1_000, 0) >= 0.5, "{} {}", limit(0, 0), limit(1_000, 0));
        assert!(limit(1_000, 3) < 0.001);
    }

    #[test]
    fn as_much_is_decided_as_is_expected_to_hold_and_no_more() {
        let seen: Vec<_> =
            (1..=500).map(|n| Seen { rule: 'a', chance: f64::from(n) / 2_000.0, is_right: true }).collect();
        let limit = limits(&['a'], &seen, Certain::default(), 0.01)[&'a'];
        let belief = Belief::of(seen.iter().map(|s| (s.chance, s.is_right)));
        let expected = |until: f64| {
            let risks: Vec<f64> = seen.iter().filter(|s| s.chance <= until).map(|s| belief.risk(s.chance)).collect();
            risks.iter().sum::<f64>() / risks.len() as f64
        };
        assert!(expected(limit) <= 0.01 && expected(limit + 0.0005) > 0.01, "{limit}");
    }

    #[test]
    fn no_limit_is_wider_than_the_widest() {
        let seen = [seen('a', 0.001, 1_000, 0), seen('a', 3.0, 10, 0)].concat();
        assert_eq!(limits(&['a'], &seen, Certain::default(), 1.0)[&'a'], WIDEST);
    }
}
