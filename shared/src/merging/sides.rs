//! What the planner is told: the identities of telemetry and of Git.

use std::collections::BTreeMap;

use super::git_id;
use crate::claude::source::{SourceId, SourceKind, normalised};
use crate::git_users::GitUser;
use crate::identity::{ClaudeId, ClaudeIdentity, GitIdentity};
use crate::people::sighting::{Fact, Sighting};

/// The Claude side: every source that was seen, and everybody whom an organisation's own attribute names. Ids are those of sources,
/// a person's own e-mail address included, so that what is stored under a source needs no translation.
#[must_use]
pub fn claude_side(sightings: &[(SourceId, Sighting)]) -> Vec<ClaudeIdentity> {
    let mut found: BTreeMap<String, ClaudeIdentity> = BTreeMap::new();
    for (source, sighting) in sightings {
        let identity = found.entry(source.encoded()).or_insert_with(|| unknown(source.encoded()));
        describe(identity, sighting);
    }
    for (_, sighting) in sightings.iter().filter(|(_, s)| kind(s) != Some(SourceKind::Email)) {
        for (value, seen) in sighting.values(Fact::Identity).filter(|(value, _)| value.contains('@')) {
            let email = normalised(SourceKind::Email, value);
            let id = SourceId::new(SourceKind::Email, &email).encoded();
            let identity = found.entry(id.clone()).or_insert_with(|| unknown(id));
            if !identity.emails.contains(&email) {
                identity.emails.push(email);
            }
            identity.first_seen = identity.first_seen.min(seen.first);
        }
    }
    found.into_values().collect()
}

fn kind(sighting: &Sighting) -> Option<SourceKind> {
    sighting.kind.as_deref().and_then(SourceKind::parse)
}

fn unknown(id: String) -> ClaudeIdentity {
    ClaudeIdentity {
        id: ClaudeId(id),
        emails: Vec::new(),
        accounts: Vec::new(),
        clients: Vec::new(),
        first_seen: i64::MAX,
    }
}

fn describe(identity: &mut ClaudeIdentity, sighting: &Sighting) {
    let values = |fact| sighting.values(fact).map(|(value, _)| value.to_owned()).collect();
    identity.accounts = values(Fact::Account);
    identity.clients = values(Fact::Client);
    if let Some(seen) = sighting.seen {
        identity.first_seen = identity.first_seen.min(seen.first);
    }
    let own = sighting.own_name().map(str::to_owned);
    match kind(sighting) {
        Some(SourceKind::Email) => identity.emails = own.into_iter().collect(),
        Some(SourceKind::Account) => identity.accounts.extend(own),
        Some(SourceKind::Client) => identity.clients.extend(own),
        _ => {}
    }
    for list in [&mut identity.accounts, &mut identity.clients] {
        list.sort();
        list.dedup();
    }
}

/// The Git side.
#[must_use]
pub fn git_side(users: &[GitUser]) -> Vec<GitIdentity> {
    let identity = |user: &GitUser| GitIdentity {
        id: git_id(&user.name, &user.email),
        name: user.name.clone(),
        email: user.email.clone(),
        login: user.login.clone(),
        emails: user.emails.clone(),
    };
    users.iter().map(identity).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::sighting::Seen;

    fn source(kind: SourceKind, name: &str, facts: &[(Fact, &str)]) -> (SourceId, Sighting) {
        let mut sighting =
            Sighting { kind: Some(kind.name().into()), seen: Some(Seen { first: 5, last: 9 }), ..Sighting::default() };
        for (fact, value) in std::iter::once(&(Fact::Name, name)).chain(facts) {
            sighting.facts.entry(*fact).or_default().insert((*value).into(), Seen { first: 5, last: 9 });
        }
        (SourceId::new(kind, name), sighting)
    }

    #[test]
    fn a_source_is_an_identity_with_what_was_seen_of_it() {
        let dana = source(SourceKind::Email, "dana@example.com", &[(Fact::Account, "user_1"), (Fact::Client, "c")]);
        let anonymous = source(SourceKind::Client, "c", &[(Fact::Client, "c")]);
        let found = claude_side(&[dana.clone(), anonymous.clone()]);
        let of = |id: SourceId| found.iter().find(|i| i.id.0 == id.encoded()).unwrap();
        assert_eq!(of(dana.0).emails, ["dana@example.com"]);
        assert_eq!((of(dana.0).accounts.as_slice(), of(dana.0).first_seen), (["user_1".to_owned()].as_slice(), 5));
        assert_eq!(
            (of(anonymous.0).emails.len(), of(anonymous.0).clients.as_slice()),
            (0, ["c".to_owned()].as_slice())
        );
    }

    #[test]
    fn somebody_named_by_an_organisations_own_attribute_has_the_id_of_the_address() {
        let machine = source(SourceKind::Client, "ci", &[(Fact::Identity, "Dana@Example.com")]);
        let found = claude_side(&[machine]);
        let id = SourceId::new(SourceKind::Email, "dana@example.com").encoded();
        assert_eq!(found.iter().find(|i| i.id.0 == id).unwrap().emails, ["dana@example.com"]);
        assert_eq!(found.len(), 2);
    }
}
