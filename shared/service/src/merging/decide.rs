//! What admins say about people. A decision is written down first; the run after it only does what it says, as every later one will.

use std::time::Instant;

use serde::Deserialize;
use utoipa::ToSchema;

use super::error::DecisionError;
use super::rejections::kept_apart;
use super::run::{RunStatus, run};
use super::timed_id;
use crate::people::directory::Directory;
use crate::people::lookup::{GitSide, Lookup};
use crate::people::owners::Owners;
use identity::IdentityRef;
use identity::decision::{Decision, DecisionId, Verdict};
use identity::ids::identity_ref;
use identity::normal::Email;
use model::organisation::Uid;
use model::text::email::is_address;
use model::time::{MILLISECOND, Timestamp};
use store::decision::DecisionRecord;
use store::merge::{MergeRecord, Undone};
use store::person::{LostMatch, PersonRecord};
use store::{Store, StoreError};

/// Most others of one merge by hand.
const MAX_OTHERS: usize = 50;
/// Decisions written at a time: a transaction has at most 100 writes.
const DECISIONS: usize = 80;
/// How far back the history is searched for what a decision has just done.
const LOOK_BACK: usize = 100;

/// The body of a merge by hand.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeRequest {
    /// Whose id the person keeps: an id or an e-mail address.
    pub primary: String,
    /// Who else it is, 1 to 50 ids or e-mail addresses.
    #[schema(min_items = 1, max_items = 50)]
    pub others: Vec<String>,
}

/// The body of an acceptance.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptRequest {
    /// The id of the candidate; the best one unless given.
    pub candidate: Option<String>,
}

/// The body of a link.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// The e-mail address of the person.
    pub email: String,
}

/// Whoever decides, and about what.
#[derive(Debug)]
pub struct AdminDecisions<'a> {
    /// The tables.
    pub store: &'a Store,
    /// The organisation.
    pub uid: &'a Uid,
    /// What is written down of who decides.
    pub by: String,
    /// When.
    pub now: Timestamp,
    /// Until when the run after a decision may take.
    pub deadline: Instant,
}

impl AdminDecisions<'_> {
    /// Puts people together by hand. Answers what the history then says of it; nothing if the run after it is not done, or nothing
    /// had to be.
    ///
    /// # Errors
    /// Somebody is unknown, or the database failed.
    pub async fn merge(&self, request: &MergeRequest) -> Result<Option<MergeRecord>, DecisionError> {
        if request.others.is_empty() || request.others.len() > MAX_OTHERS {
            return Err(DecisionError::Others { most: MAX_OTHERS });
        }
        let (directory, git) = everybody(self.store, self.uid).await?;
        let known = Lookup::new(&directory, &git).await?;
        let primary = find("primary", &request.primary, &known)?;
        let mut others = Vec::new();
        for other in &request.others {
            others.push(identity_ref(&find("others", other, &known)?));
        }
        others.retain(|other| other.id() != primary);
        if others.is_empty() {
            return Err(DecisionError::Itself);
        }
        Ok(self.decided(Verdict::Same { primary: identity_ref(&primary), others }).await?)
    }

    /// Accepts a suggestion. Answers as [`AdminDecisions::merge`] does.
    ///
    /// # Errors
    /// There is no such suggestion or candidate, or the database failed.
    pub async fn accept(&self, id: &str, request: &AcceptRequest) -> Result<Option<MergeRecord>, DecisionError> {
        let suggestion = self.store.suggestion(self.uid, id).await?.ok_or(DecisionError::UnknownSuggestion)?;
        let candidates = &suggestion.candidates;
        let chosen = match &request.candidate {
            None => candidates.first(),
            Some(id) => candidates.iter().find(|candidate| candidate.authors.contains(id)),
        };
        let chosen = chosen.ok_or(DecisionError::UnknownCandidate)?;
        let others = chosen.authors.iter().map(|id| identity_ref(id)).collect();
        Ok(self.decided(Verdict::Same { primary: identity_ref(&suggestion.user), others }).await?)
    }

    /// Rejects a suggestion: none of its candidates is the person.
    ///
    /// # Errors
    /// There is no such suggestion, or the database failed.
    pub async fn reject(&self, id: &str) -> Result<(), DecisionError> {
        let suggestion = self.store.suggestion(self.uid, id).await?.ok_or(DecisionError::UnknownSuggestion)?;
        let others = suggestion.candidates.iter().flat_map(|c| &c.authors).map(|id| identity_ref(id)).collect();
        self.decided(Verdict::Different { one: identity_ref(&suggestion.user), others }).await?;
        Ok(())
    }

    /// Takes back that people are kept apart: a rejection, or what undoing a merge said. Answers whether other decisions still keep
    /// some of them apart; else evidence counts again.
    ///
    /// # Errors
    /// No such decision stands, or the database failed.
    pub async fn take_back(&self, id: &str) -> Result<bool, DecisionError> {
        let standing = kept_apart(self.store, self.uid).await?;
        let found = standing.into_iter().find(|record| record.decision.id.0 == id);
        let Decision { id: decision, verdict, .. } = found.ok_or(DecisionError::UnknownRejection)?.decision;
        self.decided(Verdict::Undo { decision }).await?;
        let left = kept_apart(self.store, self.uid).await?;
        Ok(left.iter().any(|record| record.decision.verdict.shares_a_pair(&verdict)))
    }

    /// Links an identity to an e-mail address. Answers the id of the person that it then belongs to.
    ///
    /// # Errors
    /// There is no such identity, the text is no e-mail address, or the database failed.
    pub async fn link(&self, id: &str, request: &LinkRequest) -> Result<String, DecisionError> {
        let email = request.email.trim();
        if !is_address(email) || Email::parse(email).is_none() {
            return Err(DecisionError::NoAddress);
        }
        let (directory, git) = everybody(self.store, self.uid).await?;
        let found = Lookup::new(&directory, &git).await?.identity(id).ok_or(DecisionError::UnknownPerson)?;
        let IdentityRef::Claude(claude) = identity_ref(&found) else {
            return Err(DecisionError::GitOnly);
        };
        self.decided(Verdict::Email { claude, email: email.into() }).await?;
        let owners = Owners::new(self.store.people(self.uid).await?);
        Ok(owners.owner(&found).to_owned())
    }

    /// Undoes a merge: its people are separate again. Once done, it is done. Answers nothing if the run after
    /// it is not done: it stands, and asking again continues.
    ///
    /// # Errors
    /// There is no such merge, nobody joined in it, or the database failed.
    pub async fn undo(&self, id: &str) -> Result<Option<MergeRecord>, DecisionError> {
        let mut record = self.store.merge(self.uid, id).await?.ok_or(DecisionError::UnknownMerge)?;
        if record.joined.is_empty() {
            return Err(DecisionError::NobodyJoined);
        }
        let mut decisions = Vec::new();
        match &record.decision {
            Some(decision) => decisions.push(Verdict::Undo { decision: DecisionId(decision.clone()) }),
            None => decisions.extend(apart(&record.parts)),
        }
        if record.undone.is_none() {
            record.undone = Some(Undone(self.now, self.by.clone()));
            self.write(decisions, Some(&record)).await?;
        }
        if self.run().await? == RunStatus::Unfinished {
            // Who is whom still stands as it was, which says nothing of evidence.
            return Ok(None);
        }
        // What was joined by hand may be joined by evidence as well, which an undo speaks against just as much.
        let owners = Owners::new(self.store.people(self.uid).await?);
        let owner_of = |part: &Vec<String>| part.first().map(|id| owners.owner(id).to_owned());
        let mut whose: Vec<_> = record.parts.iter().filter_map(owner_of).collect();
        whose.sort_unstable();
        // Nor does anybody keep the name of somebody whom an admin says they are not.
        let are_told_by = |person: &PersonRecord| person.lost.as_ref().is_some_and(|lost| tells(&record, person, lost));
        let is_said_otherwise = whose.windows(2).any(|two| two[0] == two[1]) || owners.people().any(are_told_by);
        if record.decision.is_some() && is_said_otherwise {
            self.write(apart(&record.parts).collect(), None).await?;
            if self.run().await? == RunStatus::Unfinished {
                return Ok(None);
            }
        }
        Ok(Some(record))
    }

    async fn decided(&self, verdict: Verdict) -> Result<Option<MergeRecord>, StoreError> {
        let written = self.write(vec![verdict], None).await?;
        self.run().await?;
        let history = self.store.merges(self.uid, None, LOOK_BACK).await?;
        Ok(history.into_iter().find(|record| record.decision.as_ref() == written.first()))
    }

    /// Writes decisions down, and what the history says beside the last of them. Answers their ids.
    async fn write(&self, verdicts: Vec<Verdict>, beside: Option<&MergeRecord>) -> Result<Vec<String>, StoreError> {
        // What was decided before counts as earlier, even if it was in this very millisecond or by a clock that is ahead.
        let last = self.store.last_decision(self.uid).await?;
        let at = last.map_or(self.now, |last| self.now.max(last.plus(MILLISECOND)));
        let decisions: Vec<DecisionRecord> = verdicts.into_iter().map(|verdict| self.sign(verdict, at)).collect();
        let ids = decisions.iter().map(|record| record.decision.id.0.clone()).collect();
        let mut parts = decisions.chunks(DECISIONS).peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let beside = beside.filter(|_| last).map(|record| record.put(self.uid)).transpose()?;
            self.store.decide(self.uid, part, beside.into_iter().collect()).await?;
        }
        Ok(ids)
    }

    fn sign(&self, verdict: Verdict, at: Timestamp) -> DecisionRecord {
        let id = DecisionId(timed_id(at, &[&self.by, &format!("{verdict:?}")]));
        DecisionRecord { decision: Decision { id, at, verdict }, by: self.by.clone() }
    }

    /// The run after a decision. The decision stands, whatever becomes of it.
    async fn run(&self) -> Result<RunStatus, StoreError> {
        run(self.store, self.uid, self.now, self.deadline).await
    }
}

/// Reads whom the decision is about.
async fn everybody(store: &Store, uid: &Uid) -> Result<(Directory, GitSide), StoreError> {
    tokio::try_join!(Directory::read(store, uid), GitSide::read(store, uid))
}

/// The identity that an id or an e-mail address names.
fn find(field: &'static str, text: &str, known: &Lookup<'_>) -> Result<String, DecisionError> {
    known.identity(text).ok_or(DecisionError::Nobody { field })
}

/// Whether the match that somebody lost is of this merge.
fn tells(record: &MergeRecord, person: &PersonRecord, lost: &LostMatch) -> bool {
    let is_part = |id: &str| record.parts.iter().flatten().any(|part| part == id);
    person.claude.iter().any(|id| is_part(&id.0)) && lost.git.iter().any(|id| is_part(id))
}

/// The decisions that keep these people apart, identity by identity: one that loses others must not be joined by those left.
fn apart(parts: &[Vec<String>]) -> impl Iterator<Item = Verdict> + '_ {
    parts.iter().enumerate().flat_map(move |(at, part)| {
        let others: Vec<IdentityRef> = parts[at + 1..].iter().flatten().map(|id| identity_ref(id)).collect();
        let ones = part.iter().filter(|_| !others.is_empty()).map(|id| identity_ref(id)).collect::<Vec<_>>();
        ones.into_iter().map(move |one| Verdict::Different { one, others: others.clone() })
    })
}
