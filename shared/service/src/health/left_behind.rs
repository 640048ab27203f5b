//! Whose exports are refused because of a token that was good once. They are lost, and Claude Code tells nobody.

use std::collections::{BTreeSet, HashSet};

use super::RECENT;
use super::rollout::newest_token;
use crate::people::directory::{Directory, Person};
use crate::people::named::{Named, named};
use crate::people::view::PersonView;
use model::organisation::Organisation;
use model::time::{DAY, Timestamp};
use store::token_use::{Claim, TokenUse};

/// Whoever was refused of late with a token that was good once, and has not changed over since.
#[derive(Debug, Default)]
pub struct LeftBehind {
    /// How many exports that were.
    pub times: u64,
    /// When the last one was refused.
    pub last: Option<Timestamp>,
    /// Who sent them, as they claim.
    pub users: BTreeSet<PersonView>,
    ids: HashSet<String>,
}

impl LeftBehind {
    /// Who that is at `now`, by these uses of replaced tokens.
    #[must_use]
    pub fn of(organisation: &Organisation, directory: &Directory, uses: &[TokenUse], now: Timestamp) -> Self {
        let mut found = Self::default();
        for token_use in uses.iter().filter(|token_use| token_use.refused > 0) {
            let Some(at) = token_use.refused_at.filter(|at| *at >= now.minus(RECENT)) else { continue };
            let claim = token_use.user.as_ref();
            let is_quiet = now.since(at) > DAY;
            if is_quiet && claim.is_some_and(|claim| has_changed_over(organisation, directory, claim, at)) {
                continue;
            }
            found.times += token_use.refused;
            found.last = found.last.max(Some(at));
            if let Some(person) = claim.map(|claim| whose(directory, claim)) {
                found.ids.insert(person.id.clone());
                found.users.insert(person);
            }
        }
        found
    }

    /// Whether a person is one of them.
    #[must_use]
    pub fn has(&self, person: &Person) -> bool {
        self.ids.contains(&*person.id)
    }
}

/// Whether somebody has sent with the current token since they were refused. Only after a day without a refusal: until then another
/// machine of theirs may be the one that was.
fn has_changed_over(organisation: &Organisation, directory: &Directory, claim: &Claim, refused_at: Timestamp) -> bool {
    let id = directory.whose(claim.source(), &None);
    let person = id.and_then(|id| directory.find(&id));
    let newest = person.and_then(|person| newest_token(directory, person));
    newest.is_some_and(|(used, seen)| used >= organisation.generation && seen.last > refused_at)
}

/// Whoever a refused export names: somebody known, or the address alone.
fn whose(directory: &Directory, claim: &Claim) -> PersonView {
    let known = directory.whose(claim.source(), &None);
    let id = known.map_or_else(|| claim.source().encoded(), |id| id.to_string());
    let mut person = PersonView::of(directory, &id);
    if let (None, Some(Named::Address(email))) = (&person.email, named(&claim.value)) {
        person.email = Some(email);
    }
    person
}
