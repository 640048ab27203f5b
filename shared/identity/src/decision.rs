//! What admins decided. Decisions are inputs of every plan: they force or forbid, whatever the evidence says.

use std::collections::{HashMap, HashSet};

use model::order;
use model::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::normal::Email;
use super::{ClaudeId, IdentityRef};

/// The id of a decision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DecisionId(pub String);

/// One decision. Of two about the same pair the later one counts, whatever it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// When it was taken; of equal times the greater id is the later.
    #[serde(with = "model::time::stored")]
    pub at: Timestamp,
    /// What it says.
    pub verdict: Verdict,
}

/// What a decision says. Identities that no longer exist are passed over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They are one person, and `primary` gives the id: a merge by hand, or an accepted suggestion.
    Same {
        /// Whose id the person keeps.
        primary: IdentityRef,
        /// Who else it is.
        others: Vec<IdentityRef>,
    },
    /// `one` is not one of `others`: a rejected suggestion, or an automatic merge undone.
    Different {
        /// The one.
        one: IdentityRef,
        /// Who it is not.
        others: Vec<IdentityRef>,
    },
    /// A Claude identity is the person with this e-mail.
    Email {
        /// Whose e-mail it is.
        claude: ClaudeId,
        /// The e-mail.
        email: String,
    },
    /// The decision with this id, taken before, no longer counts.
    Undo {
        /// The decision.
        decision: DecisionId,
    },
}

impl Verdict {
    /// The pairs of identities that it speaks of, by id, the smaller first.
    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let (one, others) = match self {
            Self::Same { primary: one, others } | Self::Different { one, others } => (Some(one), others.as_slice()),
            Self::Email { .. } | Self::Undo { .. } => (None, &[][..]),
        };
        let ids = others.iter().filter_map(move |other| Some((one?.id(), other.id())));
        ids.filter(|(one, other)| one != other).map(|(one, other)| (one.min(other), one.max(other)))
    }

    /// Whether both speak of a pair.
    #[must_use]
    pub fn shares_a_pair(&self, other: &Self) -> bool {
        let pairs: HashSet<(&str, &str)> = self.pairs().collect();
        other.pairs().any(|pair| pairs.contains(&pair))
    }

    /// The ids of the identities that it names.
    #[must_use]
    pub fn named(&self) -> Vec<&str> {
        match self {
            Self::Same { primary: one, others } | Self::Different { one, others } => {
                std::iter::once(one).chain(others).map(IdentityRef::id).collect()
            }
            Self::Email { claude, .. } => vec![&claude.0],
            Self::Undo { .. } => Vec::new(),
        }
    }
}

/// The decisions that no longer count, because a later one that does says so.
fn undone<'d>(latest_first: &[&'d Decision]) -> HashSet<&'d DecisionId> {
    let mut undone = HashSet::new();
    for decision in latest_first {
        if let Verdict::Undo { decision: of } = &decision.verdict
            && !undone.contains(&decision.id)
        {
            undone.insert(of);
        }
    }
    undone
}

/// Decisions, the latest first.
fn latest_first(decisions: &[Decision]) -> Vec<&Decision> {
    let mut latest_first: Vec<&Decision> = decisions.iter().collect();
    order::sort_by(&mut latest_first, |a, b| (b.at, &b.id, &b.verdict).cmp(&(a.at, &a.id, &a.verdict)));
    latest_first
}

/// The decisions that keep people apart and stand, the latest first: those that are not undone, and that are the last word of all about
/// one of their pairs at least.
#[must_use]
pub fn separations(decisions: &[Decision]) -> Vec<&Decision> {
    let latest_first = latest_first(decisions);
    let undone = undone(&latest_first);
    let mut decided: HashSet<(&str, &str)> = HashSet::new();
    let mut standing = Vec::new();
    for decision in latest_first.into_iter().filter(|decision| !undone.contains(&decision.id)) {
        let is_last_word = decision.verdict.pairs().filter(|pair| decided.insert(*pair)).count() > 0;
        if is_last_word && matches!(decision.verdict, Verdict::Different { .. }) {
            standing.push(decision);
        }
    }
    standing
}

/// What is in force, over the places that `place` gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct InForce {
    /// Pairs that are one person, latest first: the primary, then the other.
    pub(super) together: Vec<(u32, u32)>,
    /// Pairs that are not.
    pub(super) apart: Vec<(u32, u32)>,
    /// Claude identities and the e-mail they are linked to, latest first.
    pub(super) emails: Vec<(u32, Email)>,
}

/// Sorts out which decisions count.
pub(super) fn in_force(decisions: &[Decision], place: impl Fn(&IdentityRef) -> Option<u32>) -> InForce {
    let latest_first = latest_first(decisions);
    let undone = undone(&latest_first);
    let mut decided: HashMap<(u32, u32), ()> = HashMap::new();
    let mut linked: HashSet<u32> = HashSet::new();
    let mut out = InForce::default();
    for decision in latest_first {
        if undone.contains(&decision.id) {
            continue;
        }
        let mut pairs = |one: &IdentityRef, others: &[IdentityRef], list: &mut Vec<(u32, u32)>| {
            for other in others {
                if let (Some(a), Some(b)) = (place(one), place(other))
                    && a != b
                    && decided.insert((a.min(b), a.max(b)), ()).is_none()
                {
                    list.push((a, b));
                }
            }
        };
        match &decision.verdict {
            Verdict::Same { primary, others } => pairs(primary, others, &mut out.together),
            Verdict::Different { one, others } => pairs(one, others, &mut out.apart),
            Verdict::Undo { .. } => {}
            Verdict::Email { claude, email } => {
                if let (Some(at), Some(email)) = (place(&IdentityRef::Claude(claude.clone())), Email::parse(email))
                    && linked.insert(at)
                {
                    out.emails.push((at, email));
                }
            }
        }
    }
    out
}

/// The e-mail addresses that decisions in force give to identities, as they were written.
#[must_use]
pub fn linked_emails(decisions: &[Decision]) -> HashMap<&ClaudeId, &str> {
    let mut ids: HashMap<&ClaudeId, u32> = HashMap::new();
    let mut written: HashMap<(u32, String), &str> = HashMap::new();
    for decision in decisions {
        if let Verdict::Email { claude, email } = &decision.verdict {
            let next = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            let at = *ids.entry(claude).or_insert(next);
            if let Some(parsed) = Email::parse(email) {
                written.insert((at, parsed.key), email);
            }
        }
    }
    let in_force = in_force(decisions, |identity| match identity {
        IdentityRef::Claude(id) => ids.get(id).copied(),
        IdentityRef::Git(_) => None,
    });
    let of: HashMap<u32, &ClaudeId> = ids.iter().map(|(id, at)| (*at, *id)).collect();
    let emails = in_force.emails.into_iter();
    emails.filter_map(|(at, email)| Some((*of.get(&at)?, *written.get(&(at, email.key))?))).collect()
}

/// The pairs of identities that decisions in force keep apart, by id, the smaller first.
#[must_use]
pub fn kept_apart(decisions: &[Decision]) -> HashSet<(String, String)> {
    let mut places: HashMap<&IdentityRef, u32> = HashMap::new();
    for decision in decisions {
        let (one, others) = match &decision.verdict {
            Verdict::Same { primary: one, others } | Verdict::Different { one, others } => (one, others),
            Verdict::Email { .. } | Verdict::Undo { .. } => continue,
        };
        for identity in std::iter::once(one).chain(others) {
            let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
            places.entry(identity).or_insert(next);
        }
    }
    let in_force = in_force(decisions, |identity| places.get(identity).copied());
    let ids: HashMap<u32, &str> = places.iter().map(|(identity, at)| (*at, identity.id())).collect();
    let pairs = in_force.apart.iter().filter_map(|(a, b)| Some((*ids.get(a)?, *ids.get(b)?)));
    pairs.map(|(a, b)| (a.min(b).to_owned(), a.max(b).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(id: &str) -> IdentityRef {
        IdentityRef::Claude(ClaudeId(id.to_owned()))
    }

    fn place(identity: &IdentityRef) -> Option<u32> {
        match identity {
            IdentityRef::Claude(id) => id.0.parse().ok(),
            IdentityRef::Git(_) => None,
        }
    }

    fn decision(id: &str, at: i64, verdict: Verdict) -> Decision {
        Decision { id: DecisionId(id.to_owned()), at: Timestamp(at), verdict }
    }

    fn same() -> Verdict {
        Verdict::Same { primary: identity("1"), others: vec![identity("2"), identity("gone")] }
    }

    fn different() -> Verdict {
        Verdict::Different { one: identity("2"), others: vec![identity("1")] }
    }

    #[test]
    fn the_later_of_two_decisions_counts() {
        let rejected = in_force(&[decision("a", 1, same()), decision("b", 2, different())], place);
        assert_eq!((rejected.together.len(), rejected.apart.as_slice()), (0, [(2, 1)].as_slice()));
        let accepted = in_force(&[decision("a", 3, same()), decision("b", 2, different())], place);
        assert_eq!((accepted.together.as_slice(), accepted.apart.len()), ([(1, 2)].as_slice(), 0));
    }

    #[test]
    fn a_separation_stands_until_it_is_undone_or_contradicted() {
        let undo = |id: &str, at, of: &str| decision(id, at, Verdict::Undo { decision: DecisionId(of.to_owned()) });
        let ids = |decisions: &[Decision]| separations(decisions).iter().map(|d| d.id.0.clone()).collect::<Vec<_>>();
        let mut decisions = vec![decision("a", 1, different()), decision("b", 2, different())];
        assert_eq!(ids(&decisions), ["b"], "the last word");
        decisions.push(undo("c", 3, "b"));
        assert_eq!(ids(&decisions), ["a"], "it was said before, too");
        decisions.push(undo("d", 4, "c"));
        assert_eq!(ids(&decisions), ["b"]);
        decisions.push(decision("e", 5, same()));
        assert_eq!(ids(&decisions), Vec::<String>::new());
    }

    #[test]
    fn an_undo_can_be_undone() {
        let undo = |id: &str, at, of: &str| decision(id, at, Verdict::Undo { decision: DecisionId(of.to_owned()) });
        let mut decisions = vec![decision("a", 1, same()), undo("b", 2, "a")];
        assert_eq!(in_force(&decisions, place), InForce::default());
        decisions.push(undo("c", 3, "b"));
        assert_eq!(in_force(&decisions, place).together, [(1, 2)]);
    }
}
