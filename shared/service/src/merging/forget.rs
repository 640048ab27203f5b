//! Forgetting somebody who is forgotten: what the merge made of them, and what admins decided and the history says about them.
//!
//! What Git knows stays: it is uploaded, not collected, and replaced by the next upload. The set before, which could be brought back,
//! goes, and so does what is kept of uploads that are not complete or not confirmed: they may name whom the current one does not.

use std::collections::BTreeSet;

use identity::decision::{Decision, DecisionId, Verdict};
use identity::{ClaudeId, IdentityRef};
use model::organisation::Uid;
use store::decision::DecisionRecord;
use store::person::PersonRecord;
use store::transaction::Write;
use store::{Store, StoreError};

/// How often people are read anew because they changed meanwhile.
const ATTEMPTS: usize = 12;
/// Writes of one transaction, which has at most 100.
const WRITES: usize = 80;

/// Forgets these identities of telemetry. People move on by it, so that a run which read them before begins anew.
///
/// # Errors
/// The database failed; asking again continues.
pub async fn forget(store: &Store, uid: &Uid, identities: &BTreeSet<String>) -> Result<(), StoreError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match attempt(store, uid, identities).await {
            Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
            outcome => {
                outcome?;
                store.delete_imports(uid).await?;
                return store.drop_git_set_before(uid).await;
            }
        }
    }
}

async fn attempt(store: &Store, uid: &Uid, identities: &BTreeSet<String>) -> Result<(), StoreError> {
    let (people, decisions, merges) =
        tokio::try_join!(store.people(uid), store.decisions(uid), store.merges(uid, None, usize::MAX))?;
    let mut writes: Vec<Write> = Vec::new();
    // A match that was lost may have left its name with several.
    let are_forgotten = |person: &&PersonRecord| person.claude.iter().any(|id| identities.contains(&id.0));
    let lost = people.iter().filter(are_forgotten).filter_map(|person| person.lost.as_ref());
    let names: BTreeSet<&String> = lost.flat_map(|lost| &lost.git).collect();
    for person in &people {
        writes.extend(of_person(person, uid, identities, &names)?);
    }
    writes.extend(of_decisions(&decisions, uid, identities)?);
    writes.extend(merges.iter().filter(|record| record.tells_of(identities)).map(|record| record.delete(uid)));
    for identity in identities {
        if let Some(suggestion) = store.suggestion(uid, identity).await? {
            writes.push(suggestion.delete(uid));
        }
    }
    // Even if nothing was known of them: a run that is about to make something of them must not.
    let mut parts: Vec<&[Write]> = writes.chunks(WRITES).collect();
    if parts.is_empty() {
        parts.push(&[]);
    }
    for part in parts {
        store.decide(uid, &[], part.to_vec()).await?;
    }
    Ok(())
}

/// Without them hardly anything is left of a person; what is left of one that others make up as well stays.
fn of_person(
    person: &PersonRecord,
    uid: &Uid,
    identities: &BTreeSet<String>,
    names: &BTreeSet<&String>,
) -> Result<Option<Write>, StoreError> {
    let is_gone = |id: &ClaudeId| identities.contains(&id.0);
    let has_name = person.lost.as_ref().is_some_and(|lost| lost.git.iter().any(|git| names.contains(git)));
    if !has_name && !person.claude.iter().any(is_gone) {
        return Ok(None);
    }
    let mut left = person.clone();
    left.claude.retain(|id| !is_gone(id));
    if left.lost.take().is_some() {
        // Nobody knows any more which of them had this name.
        left.name = None;
    }
    let is_left = !left.claude.is_empty() && left.identities().count() > 1 && !identities.contains(&left.id);
    Ok(Some(if is_left { left.put(uid)? } else { person.delete(uid) }))
}

fn of_decisions(
    decisions: &[DecisionRecord],
    uid: &Uid,
    identities: &BTreeSet<String>,
) -> Result<Vec<Write>, StoreError> {
    let mut writes = Vec::new();
    let mut gone: BTreeSet<&DecisionId> = BTreeSet::new();
    for record in decisions {
        match without(&record.decision, identities, &gone) {
            Some(left) if left == record.decision => {}
            Some(left) => writes.push(DecisionRecord { decision: left, by: record.by.clone() }.put(uid)?),
            None => {
                gone.insert(&record.decision.id);
                writes.push(record.delete(uid));
            }
        }
    }
    Ok(writes)
}

/// What a decision says of everybody else; none if that is nothing. They are in order of time, so that what is taken back is known
/// to be gone before what takes it back is looked at.
fn without(decision: &Decision, identities: &BTreeSet<String>, gone: &BTreeSet<&DecisionId>) -> Option<Decision> {
    let is_gone = |identity: &IdentityRef| identities.contains(identity.id());
    let mut left = decision.clone();
    match &mut left.verdict {
        Verdict::Same { primary: one, others } | Verdict::Different { one, others } => {
            others.retain(|other| !is_gone(other));
            (!is_gone(one) && !others.is_empty()).then_some(left)
        }
        Verdict::Email { claude, .. } => (!identities.contains(&claude.0)).then_some(left),
        Verdict::Undo { decision } => (!gone.contains(decision)).then_some(left),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Timestamp;
    use store::person::LostMatch;

    #[test]
    fn the_name_of_a_lost_match_goes_with_any_of_those_whom_it_was_left_with() {
        let uid = Uid::parse("AbCdEfGhIjKl").unwrap();
        let lost = |id: &str, git: &str| PersonRecord {
            id: id.into(),
            claude: vec![ClaudeId(id.into()), ClaudeId(format!("{id}-2"))],
            git: Vec::new(),
            email: None,
            name: Some("Jane Doe".into()),
            lost: Some(LostMatch { since: Timestamp(0), git: vec![git.into()] }),
            merged_at: Timestamp(0),
            reason: String::new(),
            revision: 1,
        };
        let forgotten = BTreeSet::from(["a".to_owned()]);
        let git = "one".to_owned();
        let names = BTreeSet::from([&git]);
        let write = of_person(&lost("b", "one"), &uid, &forgotten, &names).unwrap();
        assert!(write.is_some_and(|write| !format!("{write:?}").contains("Jane")));
        assert!(of_person(&lost("c", "another"), &uid, &forgotten, &names).unwrap().is_none());
    }
}
