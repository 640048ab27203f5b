//! What the planner is told: the identities of telemetry and of Git.

use std::collections::BTreeMap;

use crate::people::named::{Named, named, own_address};
use identity::{ClaudeId, ClaudeIdentity};
use model::order;
use model::time::Timestamp;
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::sighting::{Fact, Sighting};

/// What one source says: who it is, and whom else an organisation's own attribute names.
#[derive(Debug)]
pub struct SourceEvidence {
    identity: ClaudeIdentity,
    /// Other people, and when each was first seen.
    named: Vec<(Named, Timestamp)>,
}

impl SourceEvidence {
    /// What the sighting of a source says.
    #[must_use]
    pub fn by(source: SourceId, sighting: &Sighting) -> Self {
        let named = if own_address(sighting).is_some() {
            Vec::new()
        } else {
            let values = sighting.values(Fact::Identity);
            values.filter_map(|(value, seen)| Some((named(value)?, seen.first))).collect()
        };
        Self { identity: described(source, sighting), named }
    }
}

/// The Claude side: every source that was seen, and everybody whom an organisation's own attribute names, by id. Ids are those of
/// sources, a person's own e-mail address included, so that what is stored under a source needs no translation.
#[must_use]
pub fn claude_side(told: Vec<SourceEvidence>) -> Vec<ClaudeIdentity> {
    let mut named: BTreeMap<Named, Timestamp> = BTreeMap::new();
    let mut note = |told: SourceEvidence| {
        for (who, first) in told.named {
            let known = named.entry(who).or_insert(first);
            *known = first.min(*known);
        }
        told.identity
    };
    let mut found: Vec<ClaudeIdentity> = told.into_iter().map(&mut note).collect();
    order::sort_by(&mut found, |a, b| a.id.cmp(&b.id));
    let mut further = Vec::new();
    for (who, first) in named {
        let id = ClaudeId(who.id().to_string());
        let email = match who {
            Named::Address(email) => Some(email),
            Named::Name(_) => None,
        };
        match found.binary_search_by(|identity| identity.id.cmp(&id)) {
            Ok(at) => {
                let identity = &mut found[at];
                identity.first_seen = identity.first_seen.min(first);
                identity.emails.extend(email.filter(|email| !identity.emails.contains(email)));
            }
            Err(_) => {
                further.push(ClaudeIdentity { emails: email.into_iter().collect(), first_seen: first, ..unknown(id) });
            }
        }
    }
    found.extend(further);
    order::sort_by(&mut found, |a, b| a.id.cmp(&b.id));
    found
}

fn kind(sighting: &Sighting) -> Option<SourceKind> {
    sighting.kind.as_deref().and_then(SourceKind::parse)
}

fn unknown(id: ClaudeId) -> ClaudeIdentity {
    ClaudeIdentity {
        id,
        emails: Vec::new(),
        accounts: Vec::new(),
        clients: Vec::new(),
        first_seen: Timestamp(i64::MAX),
    }
}

fn described(source: SourceId, sighting: &Sighting) -> ClaudeIdentity {
    let mut identity = unknown(ClaudeId(source.encoded()));
    let values = |fact| sighting.values(fact).map(|(value, _)| value.to_owned()).collect();
    identity.accounts = values(Fact::Account);
    identity.clients = values(Fact::Client);
    if let Some(seen) = sighting.seen {
        identity.first_seen = seen.first;
    }
    let own = sighting.own_name().map(ToString::to_string);
    identity.emails = own_address(sighting).into_iter().collect();
    match kind(sighting) {
        Some(SourceKind::Account) => identity.accounts.extend(own),
        Some(SourceKind::Client) => identity.clients.extend(own),
        _ => {}
    }
    for list in [&mut identity.accounts, &mut identity.clients] {
        list.sort_unstable();
        list.dedup();
    }
    identity
}

#[cfg(test)]
mod tests {
    use super::*;
    use telemetry::sighting::Seen;

    fn source(kind: SourceKind, name: &str, facts: &[(Fact, &str)]) -> (SourceId, Sighting) {
        let mut sighting = Sighting {
            kind: Some(kind.name().into()),
            seen: Some(Seen { first: Timestamp(5), last: Timestamp(9) }),
            ..Sighting::default()
        };
        for (fact, value) in std::iter::once(&(Fact::Name, name)).chain(facts) {
            sighting.facts.note(*fact, value, Seen { first: Timestamp(5), last: Timestamp(9) });
        }
        (SourceId::new(kind, name), sighting)
    }

    fn side(sources: &[(SourceId, Sighting)]) -> Vec<ClaudeIdentity> {
        claude_side(sources.iter().map(|(source, sighting)| SourceEvidence::by(*source, sighting)).collect())
    }

    #[test]
    fn a_source_is_an_identity_with_what_was_seen_of_it() {
        let dana = source(SourceKind::Email, "dana@example.com", &[(Fact::Account, "user_1"), (Fact::Client, "c")]);
        let anonymous = source(SourceKind::Client, "c", &[(Fact::Client, "c")]);
        let found = side(&[dana.clone(), anonymous.clone()]);
        let of = |id: SourceId| found.iter().find(|i| i.id.0 == id.encoded()).unwrap();
        assert_eq!(of(dana.0).emails, ["dana@example.com"]);
        assert_eq!(
            (of(dana.0).accounts.as_slice(), of(dana.0).first_seen),
            (["user_1".to_owned()].as_slice(), Timestamp(5))
        );
        assert_eq!(
            (of(anonymous.0).emails.len(), of(anonymous.0).clients.as_slice()),
            (0, ["c".to_owned()].as_slice())
        );
    }

    #[test]
    fn somebody_named_by_an_organisations_own_attribute_has_the_id_of_the_address() {
        let machine = source(SourceKind::Client, "ci", &[(Fact::Identity, "Dana@Example.com")]);
        let found = side(&[machine]);
        let id = SourceId::new(SourceKind::Email, "dana@example.com").encoded();
        assert_eq!(found.iter().find(|i| i.id.0 == id).unwrap().emails, ["dana@example.com"]);
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn somebody_whom_several_sources_name_was_seen_when_the_first_of_them_saw_him() {
        let machine = source(SourceKind::Client, "ci", &[(Fact::Identity, "dana@example.com")]);
        let mut own = source(SourceKind::Email, "dana@example.com", &[]);
        own.1.seen = Some(Seen { first: Timestamp(7), last: Timestamp(9) });
        let found = side(&[own.clone(), machine]);
        let dana = found.iter().find(|i| i.id.0 == own.0.encoded()).unwrap();
        assert_eq!(
            (dana.first_seen, dana.emails.as_slice()),
            (Timestamp(5), ["dana@example.com".to_owned()].as_slice())
        );
        assert!(found.is_sorted_by(|a, b| a.id < b.id));
    }
}
