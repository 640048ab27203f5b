//! How often a plan is right, counted by what is true.

use std::collections::HashMap;
use std::fmt;

use identity::IdentityRef;
use identity::plan::{MergePlan, PlanInput};

use crate::truth::{Truth, Verdict};

/// What of a plan is right.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    /// Users with their own Git identities and nobody else's.
    pub(crate) right: u32,
    /// Users with a stranger's.
    pub(crate) wrong: u32,
    /// Those of them who are not in Git at all.
    wrong_without_git: u32,
    /// Users who are in Git.
    in_git: u32,
    /// Those who were not merged, but have the right person among three candidates.
    shown: u32,
    /// Pairs of Git identities of one person with different addresses.
    pub(crate) pairs: Pairs,
}

/// Pairs of Git identities with different addresses.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pairs {
    real: u32,
    /// Those that the plan makes one person's, but for pairs that nobody can judge.
    pub(crate) said: u32,
    /// Those of them that are.
    pub(crate) right: u32,
}

fn ratio(a: u32, b: u32) -> f64 {
    if b == 0 { 0.0 } else { f64::from(a) / f64::from(b) }
}

impl Figures {
    /// Counts.
    pub(crate) fn of(input: &PlanInput, plan: &MergePlan, truth: &Truth) -> Self {
        let mut figures = Self { pairs: Pairs::of(input, plan, truth), ..Self::default() };
        let suggested: HashMap<&str, bool> = plan
            .suggestions
            .iter()
            .filter_map(|s| match &s.user {
                IdentityRef::Claude(user) => Some((user.0.as_str(), s.candidates.iter().take(3).flat_map(|c| &c.git))),
                IdentityRef::Git(_) => None,
            })
            .map(|(user, mut candidates)| (user, candidates.any(|git| truth.is_same(user, &git.0))))
            .collect();
        for person in &plan.persons {
            for user in person.claude.iter().map(|user| user.0.as_str()) {
                let verdict = truth.verdict(user, person.git.iter().map(|g| g.0.as_str()));
                let in_git = truth.is_in_git(user);
                figures.in_git += u32::from(in_git);
                figures.right += u32::from(verdict == Verdict::Right);
                figures.wrong += u32::from(verdict == Verdict::False);
                figures.wrong_without_git += u32::from(verdict == Verdict::False && !in_git);
                let open = matches!(verdict, Verdict::Alone | Verdict::Unsure);
                figures.shown += u32::from(in_git && open && suggested.get(user) == Some(&true));
            }
        }
        figures
    }
}

impl Pairs {
    fn of(input: &PlanInput, plan: &MergePlan, truth: &Truth) -> Self {
        let email: HashMap<&str, String> =
            input.git.iter().map(|g| (g.id.0.as_str(), g.email.to_lowercase())).collect();
        let labelled = |id: &str| truth.person.get(id).is_some_and(|p| !p.is_empty());
        let mut of: HashMap<&str, usize> = HashMap::new();
        for (n, person) in plan.persons.iter().enumerate() {
            of.extend(person.git.iter().filter(|g| labelled(&g.0)).map(|g| (g.0.as_str(), n)));
        }
        let across = |ids: &[&str], counts: &dyn Fn(&str, &str) -> bool| -> u32 {
            let pairs =
                ids.iter().enumerate().flat_map(|(at, one)| ids[at + 1..].iter().map(move |other| (*one, *other)));
            pairs.filter(|(one, other)| email[one] != email[other] && counts(one, other)).count() as u32
        };
        let mut pairs = Self::default();
        let mut together: HashMap<usize, Vec<&str>> = HashMap::new();
        let mut owned: HashMap<&str, Vec<&str>> = HashMap::new();
        for (&id, &n) in &of {
            together.entry(n).or_default().push(id);
            owned.entry(&truth.person[id]).or_default().push(id);
        }
        for ids in owned.values() {
            pairs.real += across(ids, &|_, _| true);
        }
        for ids in together.values() {
            pairs.right += across(ids, &|one, other| truth.is_same(one, other));
            pairs.said += across(ids, &|one, other| truth.is_same(one, other) || !truth.are_twins(one, other));
        }
        pairs
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { right, wrong, wrong_without_git, in_git, shown, pairs: Pairs { real, said, right: hit } } = self;
        writeln!(
            f,
            "merged right {right}, false {wrong} (of people without Git {wrong_without_git}), of {in_git} that have Git"
        )?;
        writeln!(
            f,
            "precision {:.4}  recall {:.4}  top3 or merged {:.4}",
            ratio(*right, right + wrong),
            ratio(*right, *in_git),
            ratio(right + shown, *in_git)
        )?;
        let (p, r) = (ratio(*hit, *said), ratio(*hit, *real));
        writeln!(
            f,
            "Git pairs across e-mails: {real} real, {said} said, precision {p:.4}, recall {r:.4}, F1 {:.4}",
            2.0 * p * r / (p + r)
        )
    }
}
