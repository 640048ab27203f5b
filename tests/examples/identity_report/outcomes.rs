//! What came of everything that a plan joined because chance would not explain what two identities have in common.

use std::collections::HashMap;

use identity::IdentityRef;
use identity::plan::{MergePlan, Reason, Rule};
use tools::belief::Seen;

use crate::truth::{Truth, Verdict};

/// How many strangers were expected to share what joined two identities.
fn chance(reason: &Reason) -> f64 {
    1.0 / reason.score - 1.0
}

/// What came of the users whom a rule of `rules` gave a Git identity.
pub(crate) fn of_users(plan: &MergePlan, truth: &Truth, rules: &[Rule]) -> Vec<Seen<Rule>> {
    let merges = plan.merges.iter().filter(|merge| rules.contains(&merge.reason.rule));
    let given: HashMap<&IdentityRef, &Reason> = merges.map(|merge| (&merge.primary, &merge.reason)).collect();
    let seen = plan.persons.iter().filter_map(|person| {
        let (IdentityRef::Claude(user), reason) = (&person.primary, given.get(&person.primary)?) else {
            return None;
        };
        let is_right = match truth.verdict(&user.0, person.git.iter().map(|git| git.0.as_str())) {
            Verdict::Right => true,
            Verdict::False => false,
            Verdict::Unsure | Verdict::Alone => return None,
        };
        Some(Seen { rule: reason.rule, chance: chance(reason), is_right })
    });
    seen.collect()
}

/// What came of the Git identities that a name or a handle, `what`, gave to a person, and how many an address, a login or an account
/// gave to one.
pub(crate) fn of_authors<What: Copy>(plan: &MergePlan, truth: &Truth, what: What) -> (Vec<Seen<What>>, u32) {
    let merges = plan.merges.iter().filter(|merge| merge.reason.rule == Rule::SameAuthor);
    let joined: HashMap<&IdentityRef, &Reason> = merges.map(|merge| (&merge.joined, &merge.reason)).collect();
    let (mut seen, mut certain) = (Vec::new(), 0);
    for person in &plan.persons {
        for one in &person.git {
            let Some(reason) = joined.get(&IdentityRef::Git(one.clone())) else { continue };
            let others = person.git.iter().filter(|other| *other != one);
            let known: Vec<bool> = others.filter_map(|other| truth.are_one(&one.0, &other.0)).collect();
            if known.is_empty() {
                continue;
            }
            if reason.score < 1.0 {
                seen.push(Seen { rule: what, chance: chance(reason), is_right: known.iter().all(|&same| same) });
            } else {
                certain += 1;
            }
        }
    }
    (seen, certain)
}
