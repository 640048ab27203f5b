//! How often a plan is right, counted by a truth table.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::io::Write;
use std::path::Path;

use identity::IdentityRef;
use identity::plan::{MergePlan, PlanInput};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    person: String,
    class: String,
    unsure: String,
}

struct Truth {
    person: HashMap<String, String>,
    class: HashMap<String, String>,
    unsure: HashMap<String, HashSet<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Right,
    False,
    Unsure,
    Alone,
}

impl Truth {
    fn read(path: &Path) -> Result<Self, csv::Error> {
        let mut truth = Self { person: HashMap::new(), class: HashMap::new(), unsure: HashMap::new() };
        for row in csv::Reader::from_path(path)?.deserialize() {
            let row: Row = row?;
            truth.unsure.insert(row.id.clone(), row.unsure.split_whitespace().map(str::to_owned).collect());
            truth.class.insert(row.id.clone(), row.class);
            truth.person.insert(row.id, row.person);
        }
        Ok(truth)
    }

    fn is_same(&self, one: &str, other: &str) -> bool {
        self.person.get(one).is_some_and(|p| !p.is_empty() && self.person.get(other) == Some(p))
    }

    fn may_be_same(&self, one: &str, other: &str) -> bool {
        self.unsure.get(one).is_some_and(|set| set.contains(other))
    }

    fn verdict<'a>(&self, user: &str, git: impl Iterator<Item = &'a str>) -> Verdict {
        let mut verdict = Verdict::Alone;
        for id in git {
            verdict = match (self.is_same(user, id), self.may_be_same(user, id)) {
                (true, _) => Verdict::Right,
                (false, true) if verdict == Verdict::Alone => Verdict::Unsure,
                (false, true) => verdict,
                (false, false) => return Verdict::False,
            };
        }
        verdict
    }
}

/// Writes precision, recall and the share found among three suggestions, then the pairs of Git identities.
pub(crate) fn write(
    input: &PlanInput,
    plan: &MergePlan,
    truth: &Path,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let truth = Truth::read(truth)?;
    let suggested: HashMap<&IdentityRef, bool> = plan
        .suggestions
        .iter()
        .map(|s| {
            (
                &s.user,
                s.candidates
                    .iter()
                    .take(3)
                    .flat_map(|c| &c.git)
                    .any(|g| matches!(&s.user, IdentityRef::Claude(c) if truth.is_same(&c.0, &g.0))),
            )
        })
        .collect();
    let (mut right, mut wrong, mut matchable, mut shown, mut none_wrong) = (0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
    for person in &plan.persons {
        for user in &person.claude {
            let class = truth.class.get(&user.0).map_or("", String::as_str);
            let verdict = truth.verdict(&user.0, person.git.iter().map(|g| g.0.as_str()));
            let is_matchable = matches!(class, "exact" | "hard");
            matchable += u32::from(is_matchable);
            right += u32::from(verdict == Verdict::Right);
            wrong += u32::from(verdict == Verdict::False);
            none_wrong += u32::from(verdict == Verdict::False && !is_matchable);
            let open = matches!(verdict, Verdict::Alone | Verdict::Unsure);
            shown +=
                u32::from(is_matchable && open && suggested.get(&IdentityRef::Claude(user.clone())) == Some(&true));
        }
    }
    let ratio = |a: u32, b: u32| {
        if b == 0 { 0.0 } else { f64::from(a) / f64::from(b) }
    };
    writeln!(
        out,
        "merged right {right}, false {wrong} (of people without Git {none_wrong}), of {matchable} that have Git"
    )?;
    writeln!(
        out,
        "precision {:.4}  recall {:.4}  top3 or merged {:.4}",
        ratio(right, right + wrong),
        ratio(right, matchable),
        ratio(right + shown, matchable)
    )?;
    pairs(input, plan, &truth, out)
}

fn pairs(input: &PlanInput, plan: &MergePlan, truth: &Truth, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let email: HashMap<&str, String> = input.git.iter().map(|g| (g.id.0.as_str(), g.email.to_lowercase())).collect();
    let labelled = |id: &str| truth.person.get(id).is_some_and(|p| !p.is_empty());
    let mut of: HashMap<&str, usize> = HashMap::new();
    for (n, person) in plan.persons.iter().enumerate() {
        of.extend(person.git.iter().filter(|g| labelled(&g.0)).map(|g| (g.0.as_str(), n)));
    }
    let mut ids: Vec<&str> = of.keys().copied().collect();
    ids.sort_unstable();
    let (mut hit, mut said, mut real) = (0_u32, 0_u32, 0_u32);
    for (at, one) in ids.iter().enumerate() {
        for other in ids[at + 1..].iter().filter(|o| email[*o] != email[one]) {
            let (same, together) = (truth.is_same(one, other), of[one] == of[other]);
            hit += u32::from(same && together);
            said += u32::from(together);
            real += u32::from(same);
        }
    }
    let (p, r) = (f64::from(hit) / f64::from(said.max(1)), f64::from(hit) / f64::from(real.max(1)));
    writeln!(
        out,
        "Git pairs across e-mails: {real} real, {said} said, precision {p:.4}, recall {r:.4}, F1 {:.4}",
        2.0 * p * r / (p + r)
    )?;
    Ok(())
}
