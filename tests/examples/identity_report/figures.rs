//! How often a plan is right, counted by a truth table.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::io::Write;
use std::path::Path;

use identity::plan::{MergePlan, PlanInput};
use identity::{ClaudeIdentity, GitIdentity, IdentityRef};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    person: String,
    class: String,
    unsure: String,
}

/// Who is who, and what cannot be told.
#[derive(Default)]
pub(crate) struct Truth {
    person: HashMap<String, String>,
    class: HashMap<String, String>,
    unsure: HashMap<String, HashSet<String>>,
    /// Of a person: what may be theirs as well.
    unsure_of: HashMap<String, HashSet<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Right,
    False,
    Unsure,
    Alone,
}

impl Truth {
    /// Reads a table.
    pub(crate) fn read(path: &Path) -> Result<Self, csv::Error> {
        let mut truth = Self::default();
        for row in csv::Reader::from_path(path)?.deserialize() {
            let row: Row = row?;
            truth.add(&row.id, &row.person, &row.class, &row.unsure);
        }
        Ok(truth)
    }

    /// Takes one identity: whose it is, of which class, and the ids that may be the same person.
    pub(crate) fn add(&mut self, id: &str, person: &str, class: &str, unsure: &str) {
        let unsure: HashSet<String> = unsure.split_whitespace().map(str::to_owned).collect();
        if matches!(class, "exact" | "hard") {
            self.unsure_of.entry(person.to_owned()).or_default().extend(unsure.iter().cloned());
        }
        self.unsure.insert(id.to_owned(), unsure);
        self.class.insert(id.to_owned(), class.to_owned());
        self.person.insert(id.to_owned(), person.to_owned());
    }

    fn is_same(&self, one: &str, other: &str) -> bool {
        self.person.get(one).is_some_and(|p| !p.is_empty() && self.person.get(other) == Some(p))
    }

    fn may_be_same(&self, one: &str, other: &str) -> bool {
        self.unsure.get(one).is_some_and(|set| set.contains(other))
    }

    /// True for two Git strings of whom a user may be both, as far as anybody can tell: they count neither for nor against.
    fn are_twins(&self, one: &str, other: &str) -> bool {
        let may_be = |one: &str, other: &str| {
            self.person.get(one).and_then(|p| self.unsure_of.get(p)).is_some_and(|unsure| unsure.contains(other))
        };
        may_be(one, other) || may_be(other, one)
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

/// Writes down what went wrong: each user with a stranger's Git identity, and all that it was put together with.
pub(crate) fn write_wrong(input: &PlanInput, plan: &MergePlan, truth: &Truth, path: &Path) -> Result<(), csv::Error> {
    let authors: HashMap<&str, &GitIdentity> = input.git.iter().map(|g| (g.id.0.as_str(), g)).collect();
    let users: HashMap<&str, &ClaudeIdentity> = input.claude.iter().map(|c| (c.id.0.as_str(), c)).collect();
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(["claude_id", "claude_email", "git_id", "name", "email", "login", "same_person"])?;
    for person in &plan.persons {
        for user in &person.claude {
            if truth.verdict(&user.0, person.git.iter().map(|g| g.0.as_str())) != Verdict::False {
                continue;
            }
            for git in &person.git {
                let author = authors[git.0.as_str()];
                let login = author.login.as_deref().unwrap_or_default();
                let is_same = truth.is_same(&user.0, &git.0).to_string();
                let email = users[user.0.as_str()].emails.first().map_or("", String::as_str);
                out.write_record([&user.0, email, &git.0, &author.name, &author.email, login, &is_same])?;
            }
        }
    }
    out.flush().map_err(Into::into)
}

/// Writes precision, recall and the share found among three suggestions, then the pairs of Git identities.
pub(crate) fn write(
    input: &PlanInput,
    plan: &MergePlan,
    truth: &Truth,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
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
    pairs(input, plan, truth, out)
}

fn pairs(input: &PlanInput, plan: &MergePlan, truth: &Truth, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let email: HashMap<&str, String> = input.git.iter().map(|g| (g.id.0.as_str(), g.email.to_lowercase())).collect();
    let labelled = |id: &str| truth.person.get(id).is_some_and(|p| !p.is_empty());
    let mut of: HashMap<&str, usize> = HashMap::new();
    for (n, person) in plan.persons.iter().enumerate() {
        of.extend(person.git.iter().filter(|g| labelled(&g.0)).map(|g| (g.0.as_str(), n)));
    }
    let across = |ids: &[&str], counts: &dyn Fn(&str, &str) -> bool| -> u32 {
        let pairs = ids.iter().enumerate().flat_map(|(at, one)| ids[at + 1..].iter().map(move |other| (*one, *other)));
        pairs.filter(|(one, other)| email[one] != email[other] && counts(one, other)).count() as u32
    };
    let (mut real, mut said, mut hit) = (0, 0, 0);
    let mut together: HashMap<usize, Vec<&str>> = HashMap::new();
    let mut owned: HashMap<&str, Vec<&str>> = HashMap::new();
    for (&id, &n) in &of {
        together.entry(n).or_default().push(id);
        owned.entry(&truth.person[id]).or_default().push(id);
    }
    for ids in owned.values() {
        real += across(ids, &|_, _| true);
    }
    for ids in together.values() {
        hit += across(ids, &|one, other| truth.is_same(one, other));
        said += across(ids, &|one, other| truth.is_same(one, other) || !truth.are_twins(one, other));
    }
    let (p, r) = (f64::from(hit) / f64::from(said.max(1)), f64::from(hit) / f64::from(real.max(1)));
    writeln!(
        out,
        "Git pairs across e-mails: {real} real, {said} said, precision {p:.4}, recall {r:.4}, F1 {:.4}",
        2.0 * p * r / (p + r)
    )?;
    Ok(())
}
