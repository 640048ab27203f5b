//! The way from the people that stand to the people that are planned.
//!
//! A step puts one person and takes what it gains from whoever has it, in one transaction. Before and after every step each identity
//! has exactly one owner, so that a run may end, or die, between any two of them, and the next one continues from there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::history_id;
use identity::plan::{Merge, Rule};
use model::order;
use model::time::Timestamp;
use store::merge::{Joined, MergeRecord};
use store::person::PersonRecord;

/// Most people that one step takes something from: a transaction has at most 100 writes.
const TAKEN_FROM: usize = 40;

/// One transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// People as they are after it, with the revision that they have before it.
    pub puts: Vec<PersonRecord>,
    /// People that are not any more.
    pub deletes: Vec<PersonRecord>,
    /// What the history says of it; nothing if nobody joined or left.
    pub record: Option<MergeRecord>,
}

/// Why, and for whom, identities join: what the history needs.
#[derive(Debug, Default)]
pub struct Reasons<'a> {
    by_identity: HashMap<&'a str, &'a Merge>,
    /// How identities are shown.
    pub shown: HashMap<&'a str, String>,
    /// The decision behind what was joined by hand, and whose it is, by identity: of each the latest.
    pub decided: HashMap<&'a str, (&'a str, &'a str)>,
    /// How far people were when this was planned: it grows with every decision, which keeps what is done and undone in one
    /// millisecond apart, and in its order.
    pub revision: i64,
}

impl<'a> Reasons<'a> {
    /// The reasons of what joins by a plan.
    #[must_use]
    pub fn of(merges: &'a [Merge]) -> Self {
        let by_identity = merges.iter().map(|merge| (merge.joined.id(), merge)).collect();
        Self { by_identity, ..Self::default() }
    }

    fn joined(&self, id: &str) -> Joined {
        let reason = self.by_identity.get(id).map(|merge| &merge.reason);
        Joined {
            id: id.into(),
            shown: self.shown.get(id).cloned().unwrap_or_default(),
            rule: reason.map_or(Rule::SameAuthor, |reason| reason.rule),
            reason: reason.map_or_else(|| "it belongs to the same person".into(), |reason| reason.text.clone()),
            score: reason.map_or(1.0, |reason| reason.score),
        }
    }
}

/// The steps from `standing` to `planned`, at `now`. Of a planned person, when, why and revision are filled in here.
#[must_use]
pub fn steps(standing: &[PersonRecord], planned: &[PersonRecord], reasons: &Reasons<'_>, now: Timestamp) -> Vec<Step> {
    let mut transition = Transition {
        people: standing.iter().map(|person| (person.id.clone(), person.clone())).collect(),
        owner: HashMap::new(),
        steps: Vec::new(),
        reasons,
        now,
    };
    for person in standing {
        for identity in person.identities() {
            transition.owner.insert(identity.to_owned(), person.id.clone());
        }
    }
    for person in planned {
        transition.build(person);
    }
    for person in std::mem::take(&mut transition.people).into_values() {
        transition.dissolve(person);
    }
    transition.steps
}

struct Transition<'a> {
    people: BTreeMap<String, PersonRecord>,
    owner: HashMap<String, String>,
    steps: Vec<Step>,
    reasons: &'a Reasons<'a>,
    now: Timestamp,
}

impl Transition<'_> {
    /// Makes `wanted` of whoever has its identities, from so many people at a time as one transaction can change.
    fn build(&mut self, wanted: &PersonRecord) {
        let mut from: Vec<String> = wanted
            .identities()
            .filter_map(|identity| self.owner.get(identity))
            .filter(|owner| **owner != wanted.id)
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        // The owner of the identity that gives the id comes first: without it the person is not itself.
        let first = self.owner.get(&wanted.id).cloned();
        order::sort_by_key(&mut from, |owner| Some(owner) != first.as_ref());
        while from.len() > TAKEN_FROM {
            let later = from.split_off(TAKEN_FROM);
            let mut part = wanted.clone();
            part.claude.retain(|id| !self.is_one_of(&id.0, &later));
            part.git.retain(|git| !self.is_one_of(&git.id, &later));
            self.step(part, &from);
            from = later;
        }
        self.step(wanted.clone(), &from);
        // Nobody takes anything from somebody who is as planned.
        self.people.remove(&wanted.id);
        wanted.identities().for_each(|id| drop(self.owner.remove(id)));
    }

    fn is_one_of(&self, identity: &str, owners: &[String]) -> bool {
        self.owner.get(identity).is_some_and(|owner| owners.contains(owner))
    }

    fn step(&mut self, mut person: PersonRecord, from: &[String]) {
        let before = self.people.get(&person.id).cloned();
        if let Some(before) = &before {
            person.revision = before.revision;
            (person.merged_at, person.reason) = (before.merged_at, before.reason.clone());
            if *before == person {
                return;
            }
        }
        let had: BTreeSet<&str> = before.iter().flat_map(PersonRecord::identities).collect();
        let has: BTreeSet<&str> = person.identities().collect();
        let joined: Vec<Joined> =
            has.iter().filter(|id| !had.contains(*id) && **id != person.id).map(|id| self.reasons.joined(id)).collect();
        let mut released: Vec<String> = had.difference(&has).map(|id| (*id).to_owned()).collect();
        let mut parts: Vec<Vec<String>> = Vec::new();
        let (mut puts, mut deletes) = (Vec::new(), Vec::new());
        for owner in from {
            let Some(mut loser) = self.people.remove(owner) else { continue };
            parts.push(loser.identities().filter(|id| has.contains(id)).map(str::to_owned).collect());
            let old = loser.clone();
            loser.claude.retain(|id| !has.contains(id.0.as_str()));
            loser.git.retain(|git| !has.contains(git.id.as_str()));
            // Without the identity that gives the id, or alone, nobody is left of it that needs an item.
            if has.contains(owner.as_str()) || loser.identities().count() < 2 {
                // Somebody who is left alone, and had the id of another identity, has no other entry that says who left.
                if joined.is_empty() {
                    released.extend(loser.identities().map(str::to_owned));
                }
                old.identities().for_each(|id| drop(self.owner.remove(id)));
                deletes.push(old);
            } else {
                self.people.insert(owner.clone(), PersonRecord { revision: loser.revision + 1, ..loser.clone() });
                puts.push(loser);
            }
        }
        let kept: Vec<String> = had.intersection(&has).map(|id| (*id).to_owned()).collect();
        let apart: BTreeSet<&str> = parts.iter().flatten().map(String::as_str).collect();
        let alone: Vec<Vec<String>> = has
            .iter()
            .filter(|id| !had.contains(*id) && !apart.contains(*id))
            .map(|id| vec![(*id).to_owned()])
            .collect();
        let parts = std::iter::once(kept).chain(parts.clone()).chain(alone).filter(|part| !part.is_empty()).collect();
        for id in &released {
            self.owner.remove(id);
        }
        for id in &has {
            self.owner.insert((*id).to_owned(), person.id.clone());
        }
        let record = self.record(&person, joined, released, parts);
        if let Some(first) = record.as_ref().and_then(MergeRecord::strongest) {
            (person.merged_at, person.reason) = (self.now, first.reason.clone());
        } else if before.is_none() {
            person.merged_at = self.now;
        }
        self.people.insert(person.id.clone(), PersonRecord { revision: person.revision + 1, ..person.clone() });
        puts.push(person);
        self.steps.push(Step { puts, deletes, record });
    }

    fn dissolve(&mut self, person: PersonRecord) {
        let released: Vec<String> = person.identities().filter(|id| *id != person.id).map(str::to_owned).collect();
        let record = self.record(&person, Vec::new(), released, Vec::new());
        self.steps.push(Step { puts: Vec::new(), deletes: vec![person], record });
    }

    fn record(
        &self,
        person: &PersonRecord,
        joined: Vec<Joined>,
        released: Vec<String>,
        parts: Vec<Vec<String>>,
    ) -> Option<MergeRecord> {
        if joined.is_empty() && released.is_empty() {
            return None;
        }
        let by_hand = joined.iter().any(|joined| joined.rule == Rule::Decision);
        let concerned = joined.iter().map(|joined| joined.id.as_str()).chain([person.id.as_str()]);
        let decided = concerned.filter_map(|id| self.reasons.decided.get(id)).max().filter(|_| by_hand);
        let joins = joined.iter().flat_map(|joined| ["joined", joined.id.as_str()]);
        let leaves = released.iter().flat_map(|id| ["released", id.as_str()]);
        let named: Vec<&str> = std::iter::once(person.id.as_str()).chain(joins).chain(leaves).collect();
        let id = history_id(self.now, self.reasons.revision, &named);
        Some(MergeRecord {
            id,
            at: self.now,
            by: decided.map_or("merge", |(_, by)| by).to_owned(),
            person: person.id.clone(),
            email: person.email.clone(),
            name: person.name.clone(),
            decision: decided.map(|(decision, _)| (*decision).to_owned()),
            joined,
            released,
            parts,
            undone: None,
        })
    }
}

#[cfg(test)]
mod tests;
