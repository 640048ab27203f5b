//! What a run has to do: from what is known, through the plan, to steps and suggestions.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use super::lost::{Lost, LostMatches};
use super::snapshot::Snapshot;
use super::steps::{Reasons, Step, steps};
use identity;
use identity::decision::{Verdict, linked_emails};
use identity::normal::{comparable, presentable};
use identity::plan::{Merge, MergePlan, PlanInput, Rules, Suggestion, plan};
use identity::{ClaudeId, ClaudeIdentity, GitIdentity, IdentityRef};
use model::organisation::Uid;
use model::time::Timestamp;
use store::decision::DecisionRecord;
use store::merge_run::RunOutcome;
use store::people_state::PeopleState;
use store::person::{KnownAuthor, PersonRecord};
use store::suggestion::{CandidateRecord, SuggestionRecord};
use store::transaction::Write;
use store::{Store, StoreError, keys};

/// Most identities of a person: what is more is no person, and would not fit into an item.
const MOST: usize = 200;
/// Most authors of a candidate that are shown.
const SHOWN: usize = 10;
/// Suggestions written at a time.
const SUGGESTIONS: usize = 25;

/// What a run has to do.
#[derive(Debug)]
pub struct RunPlan {
    /// The steps of people, in their order.
    pub steps: Vec<Step>,
    /// Suggestions as they are to be.
    pub suggestions: BTreeMap<String, SuggestionRecord>,
    /// What will have come of it.
    pub outcome: RunOutcome,
}

impl RunPlan {
    /// Plans.
    #[must_use]
    pub fn of(known: &Snapshot, now: Timestamp) -> Self {
        let MergePlan { persons, merges, suggestions, conflicts, .. } = plan(&known.input, &Rules::default());
        let inputs = Inputs::of(&known.input);
        let (people, too_large) = inputs.people(&persons, &LostMatches::of(known, now));
        let suggestions = inputs.suggestions(suggestions, &people);
        let unmatched = inputs.unmatched(&persons, &suggestions);
        // Before the steps, which need as much memory again.
        drop(persons);
        let mut reasons = Reasons::of(&merges);
        reasons.shown = inputs.shown(&merges);
        reasons.decided = decided(&known.decisions);
        reasons.revision = known.state.revision;
        let outcome = RunOutcome {
            merged: people.iter().filter(|person| person.identities().count() > 1).count(),
            suggested: suggestions.len(),
            unmatched,
            conflicts: conflicts.len() + too_large,
            duration_ms: 0,
        };
        Self { steps: steps(&known.standing, &people, &reasons, now), suggestions, outcome }
    }

    /// Takes the steps; false if the deadline passed before the last.
    ///
    /// # Errors
    /// People moved on since `state` was read (see [`StoreError::is_conflict`]), or the database failed.
    pub async fn apply(
        &self,
        store: &Store,
        uid: &Uid,
        state: &PeopleState,
        deadline: Instant,
    ) -> Result<bool, StoreError> {
        for step in &self.steps {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            let mut writes = vec![state.unchanged(uid)];
            for person in &step.puts {
                writes.push(person.put(uid)?);
            }
            writes.extend(step.deletes.iter().map(|person| person.delete(uid)));
            if let Some(record) = &step.record {
                writes.push(record.put(uid)?);
            }
            writes.push(store.roster_moves_on(keys::roster_count_of_people(uid))?);
            store.transact(writes).await?;
        }
        let found = store.suggestions(uid, None, usize::MAX).await?;
        let gone = found.iter().filter(|old| !self.suggestions.contains_key(&old.user)).map(|old| old.delete(uid));
        let mut writes: Vec<Write> = gone.collect();
        let known: HashMap<&str, &SuggestionRecord> = found.iter().map(|old| (old.user.as_str(), old)).collect();
        for new in self.suggestions.values().filter(|new| known.get(new.user.as_str()) != Some(new)) {
            writes.push(new.put(uid)?);
        }
        for some in writes.chunks(SUGGESTIONS) {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            // The roster lists whoever has a suggestion.
            let moved = store.roster_moves_on(keys::roster_count_of_people(uid))?;
            store.transact([&[state.unchanged(uid), moved], some].concat()).await?;
        }
        Ok(true)
    }
}

/// The latest decision that names each identity, and whose it is.
fn decided(decisions: &[DecisionRecord]) -> HashMap<&str, (&str, &str)> {
    let mut decided = HashMap::new();
    for DecisionRecord { decision, by } in decisions {
        let named: Vec<&str> = match &decision.verdict {
            Verdict::Same { primary, others } => std::iter::once(primary).chain(others).map(IdentityRef::id).collect(),
            Verdict::Email { claude, .. } => vec![claude.0.as_str()],
            Verdict::Different { .. } | Verdict::Undo { .. } => continue,
        };
        for id in named {
            decided.insert(id, (decision.id.0.as_str(), by.as_str()));
        }
    }
    decided
}

/// Both inputs by id.
struct Inputs<'a> {
    claude: HashMap<&'a ClaudeId, &'a ClaudeIdentity>,
    git: HashMap<&'a identity::GitId, &'a GitIdentity>,
    linked: HashMap<&'a ClaudeId, &'a str>,
}

impl<'a> Inputs<'a> {
    fn of(input: &'a PlanInput) -> Self {
        Self {
            claude: input.claude.iter().map(|claude| (&claude.id, claude)).collect(),
            git: input.git.iter().map(|git| (&git.id, git)).collect(),
            linked: linked_emails(&input.decisions),
        }
    }

    /// The people who have an item, and how many were too large for one.
    fn people(&self, persons: &[identity::Person], lost: &LostMatches<'_>) -> (Vec<PersonRecord>, usize) {
        let using = persons.iter().filter(|person| !person.claude.is_empty());
        let several = using.filter(|person| {
            person.claude.len() + person.git.len() > 1
                || person.claude.iter().any(|id| self.linked.contains_key(id))
                || lost.by(person).is_some()
        });
        let (fitting, too_large): (Vec<_>, Vec<_>) =
            several.partition(|person| person.claude.len() + person.git.len() <= MOST);
        (fitting.into_iter().map(|person| self.person(person, lost.by(person))).collect(), too_large.len())
    }

    fn person(&self, person: &identity::Person, lost: Option<&Lost<'_>>) -> PersonRecord {
        let git: Vec<KnownAuthor> = person.git.iter().map(|id| self.author(id)).collect();
        let name = git.iter().map(|git| &git.name).max_by_key(|name| name.contains(' '));
        let name = name.or(lost.and_then(|lost| lost.name));
        PersonRecord {
            id: person.primary.id().into(),
            claude: person.claude.clone(),
            email: self.email(person).or_else(|| git.first().map(|git| git.email.clone())),
            name: name.filter(|name| !name.is_empty()).cloned(),
            lost: lost.map(|lost| lost.lost.clone()),
            git,
            merged_at: Timestamp(0),
            reason: String::new(),
            revision: 0,
        }
    }

    /// The address that an admin gave, else the primary identity's, else anybody's.
    fn email(&self, person: &identity::Person) -> Option<String> {
        let by_hand = person.claude.iter().find_map(|id| self.linked.get(id).map(|email| comparable(email)));
        let primary = match &person.primary {
            IdentityRef::Claude(id) => Some(id),
            IdentityRef::Git(_) => None,
        };
        let mut own = primary.into_iter().chain(&person.claude).filter_map(|id| self.claude.get(id)?.emails.first());
        by_hand.or_else(|| own.next().map(|email| comparable(email)))
    }

    fn author(&self, id: &identity::GitId) -> KnownAuthor {
        let found = self.git.get(id);
        KnownAuthor {
            id: id.0.clone(),
            name: found.map(|git| presentable(&git.name)).unwrap_or_default(),
            email: found.map(|git| comparable(&git.email)).unwrap_or_default(),
            login: found.and_then(|git| git.login.as_deref()).map(comparable),
        }
    }

    /// How those who join are shown.
    fn shown<'m>(&self, merges: &'m [Merge]) -> HashMap<&'m str, String> {
        let shown = |identity: &IdentityRef| match identity {
            IdentityRef::Claude(id) => {
                self.claude.get(id).and_then(|c| c.emails.first()).map(|email| comparable(email))
            }
            IdentityRef::Git(id) => {
                let KnownAuthor { name, email, .. } = self.author(id);
                Some(if name.is_empty() { email } else { format!("{name} <{email}>") })
            }
        };
        merges.iter().map(|merge| (merge.joined.id(), shown(&merge.joined).unwrap_or_default())).collect()
    }

    fn suggestions(&self, planned: Vec<Suggestion>, people: &[PersonRecord]) -> BTreeMap<String, SuggestionRecord> {
        let known: HashMap<&str, &PersonRecord> = people.iter().map(|person| (person.id.as_str(), person)).collect();
        let mut found = BTreeMap::new();
        for suggestion in planned {
            let user = suggestion.user.id().to_owned();
            let own = match &suggestion.user {
                IdentityRef::Claude(id) => self.claude.get(id).and_then(|claude| claude.emails.first()),
                IdentityRef::Git(_) => None,
            };
            let email =
                known.get(user.as_str()).and_then(|person| person.email.clone()).or(own.map(|email| comparable(email)));
            let candidates = suggestion.candidates.into_iter().map(|candidate| CandidateRecord {
                shown: candidate.git.iter().take(SHOWN).map(|id| self.author(id)).collect(),
                authors: candidate.git.into_iter().take(MOST).map(|id| id.0).collect(),
                score: candidate.reason.score,
                reason: candidate.reason.text,
            });
            found.insert(user.clone(), SuggestionRecord { user, email, candidates: candidates.collect() });
        }
        found
    }

    fn unmatched(&self, persons: &[identity::Person], suggestions: &BTreeMap<String, SuggestionRecord>) -> usize {
        let alone = persons.iter().filter(|person| person.claude.len() == 1 && person.git.is_empty());
        let named = alone.filter(|person| {
            person.claude.iter().any(|id| self.claude.get(id).is_some_and(|claude| !claude.emails.is_empty()))
        });
        named.filter(|person| !suggestions.contains_key(person.primary.id())).count()
    }
}
