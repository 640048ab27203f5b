//! The planner: identities, decisions and rules in, a plan out. Pure, and independent of the order of its input.

use super::claims::{self, Claims};
use super::draft::Draft;
use super::employers::Employers;
use super::{candidates, git_groups, outcome};

pub use super::terms::{Conflict, Merge, MergePlan, PlanInput, Reason, Release, Rule, Rules, SuggestedGit, Suggestion};

/// Plans who is who.
#[must_use]
pub fn plan(input: &PlanInput, rules: &Rules) -> MergePlan {
    let mut draft = Draft::new(input, rules);
    let population = draft.population();
    let chosen = draft.decide(&input.decisions);
    let first = draft.users.len();
    let employers = Employers::of(&draft.users, &draft.authors);
    draft.chances = git_groups::join(&draft.authors, &population, &employers, &mut draft.clusters, first);
    draft.join_users();
    draft.join_same_emails();
    let taken = draft.taken();
    let hits = candidates::hits(&draft.users, &draft.authors, &population, &draft.clusters, &employers, |root| {
        !taken.contains(&root)
    });
    drop(population);
    let Claims { safe, open } = claims::settle(&hits, &draft.clusters, &taken, rules);
    drop(hits);
    draft.join_claims(&safe);
    outcome::build(draft, &chosen, &open, &input.persons, rules)
}

#[cfg(test)]
mod tests;
