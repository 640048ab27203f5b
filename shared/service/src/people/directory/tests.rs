use telemetry::claude::source::SourceKind;

use super::*;

fn source(kind: SourceKind, name: &str, facts: &[(Fact, &str)]) -> (SourceId, Sighting) {
    let mut sighting = Sighting { kind: Some(kind.name().into()), ..Sighting::default() };
    for (fact, value) in std::iter::once(&(Fact::Name, name)).chain(facts) {
        sighting.facts.note(*fact, value, Seen { first: Timestamp(1), last: Timestamp(1) });
    }
    (SourceId::new(kind, name), sighting)
}

fn owner(sightings: &[(SourceId, Sighting)], source: SourceId) -> Option<String> {
    let directory = Directory::new(sightings.to_vec(), Owners::default());
    let id = directory.whose(source, &None).unwrap();
    directory.find(&id).unwrap().email.clone()
}

#[test]
fn past_activity_of_a_client_counts_for_the_only_address_ever_seen_with_it() {
    let anonymous = source(SourceKind::Client, "c", &[(Fact::Client, "c")]);
    let dana = source(SourceKind::Email, "dana@example.com", &[(Fact::Client, "c")]);
    assert_eq!(owner(&[anonymous.clone(), dana.clone()], anonymous.0).as_deref(), Some("dana@example.com"));
    assert_eq!(owner(std::slice::from_ref(&anonymous), anonymous.0), None);
    let eve = source(SourceKind::Email, "eve@example.com", &[(Fact::Client, "c")]);
    assert_eq!(owner(&[anonymous.clone(), dana.clone(), eve.clone()], anonymous.0), None, "two addresses");
    let directory = Directory::new(vec![anonymous, dana, eve], Owners::default());
    assert_eq!(directory.people().count(), 3);
    assert_eq!(directory.shared_clients().count(), 1);
}

#[test]
fn an_account_goes_by_its_own_address_whatever_machine_it_was_on() {
    let account = source(SourceKind::Account, "a", &[(Fact::Account, "a"), (Fact::Client, "shared")]);
    let dana = source(SourceKind::Email, "dana@example.com", &[(Fact::Account, "a"), (Fact::Client, "shared")]);
    let eve = source(SourceKind::Email, "eve@example.com", &[(Fact::Client, "shared")]);
    assert_eq!(owner(&[account.clone(), dana, eve], account.0).as_deref(), Some("dana@example.com"));
}

#[test]
fn an_organisations_own_attribute_names_the_person_of_each_row() {
    let machine =
        source(SourceKind::Client, "ci", &[(Fact::Identity, "Dana@Example.com"), (Fact::Identity, "eve@example.com")]);
    let directory = Directory::new(vec![machine.clone()], Owners::default());
    let dana = directory.whose(machine.0, &Some("Dana@example.com".into())).unwrap();
    assert_eq!(directory.find(&dana).unwrap().email.as_deref(), Some("dana@example.com"));
    assert_eq!(directory.find("EVE@example.com").unwrap().email.as_deref(), Some("eve@example.com"));
}
