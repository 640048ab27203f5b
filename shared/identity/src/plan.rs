//! The planner: identities, decisions and rules in, a plan out. Pure, and independent of the order of its input.

use std::collections::BTreeMap;

use super::claims::{self, Claims};
use super::decision::Decision;
use super::draft::Draft;
use super::employers::Employers;
use super::{ClaudeId, ClaudeIdentity, GitId, GitIdentity, candidates, git_groups, outcome};
use model::time::Timestamp;

pub use super::limits::Limits;
pub use super::terms::{Conflict, Merge, MergePlan, PlanInput, Reason, Release, Rule, Rules, SuggestedGit, Suggestion};

/// Plans who is who.
#[must_use]
pub fn plan(input: &PlanInput, rules: &Rules) -> MergePlan {
    plan_within(input, rules, &Limits::default())
}

/// Plans who is who within other limits than those in force, to judge them.
#[must_use]
pub fn plan_within(input: &PlanInput, rules: &Rules, limits: &Limits) -> MergePlan {
    let mut draft = Draft::new(input, rules);
    let population = draft.population();
    let chosen = draft.decide(&input.decisions);
    let first = draft.users.len();
    let employers = Employers::of(&draft.users, &draft.authors, &population);
    draft.chances = git_groups::join(&draft.authors, &population, &employers, limits, &mut draft.clusters, first);
    draft.join_users();
    draft.join_same_emails();
    let taken = draft.taken();
    let hits = candidates::hits(&draft.users, &draft.authors, &population, &draft.clusters, &employers, |root| {
        !taken.contains(&root)
    });
    drop(population);
    let Claims { safe, open } = claims::settle(&hits, &draft.clusters, &taken, rules, limits);
    drop(hits);
    draft.join_claims(&safe);
    outcome::build(draft, &chosen, &open, &input.persons, rules)
}

/// The people of the Git side alone, as [`plan`] sees them before anybody on the Claude side: of each the ids of its identities.
/// `addresses` are those of the Claude side, which tell how common names are; of `decisions` those count that are of Git identities
/// alone.
#[must_use]
pub fn git_people<'a>(
    addresses: impl Iterator<Item = &'a str>,
    git: Vec<GitIdentity>,
    decisions: Vec<Decision>,
) -> Vec<Vec<GitId>> {
    let user = |(number, address): (usize, &str)| ClaudeIdentity {
        id: ClaudeId(number.to_string()),
        emails: vec![address.to_owned()],
        accounts: Vec::new(),
        clients: Vec::new(),
        first_seen: Timestamp::default(),
    };
    let claude = addresses.enumerate().map(user).collect();
    let input = PlanInput { claude, git, decisions, persons: Vec::new() };
    let mut draft = Draft::new(&input, &Rules::default());
    let population = draft.population();
    draft.decide(&input.decisions);
    let employers = Employers::of(&draft.users, &draft.authors, &population);
    let first = draft.users.len();
    git_groups::join(&draft.authors, &population, &employers, &Limits::default(), &mut draft.clusters, first);
    let mut people: BTreeMap<u32, Vec<GitId>> = BTreeMap::new();
    for (at, git) in draft.git.iter().enumerate() {
        people.entry(draft.clusters.root((first + at) as u32)).or_default().push(git.id.clone());
    }
    people.into_values().collect()
}

#[cfg(test)]
mod tests;
