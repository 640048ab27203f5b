use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use identity::ClaudeId;
use store::person::KnownAuthor;

fn person(id: &str, members: &[String]) -> PersonRecord {
    let git = |id: &String| KnownAuthor { id: id.clone(), name: String::new(), email: String::new(), login: None };
    PersonRecord {
        id: id.into(),
        claude: members.iter().filter(|id| !id.starts_with("git.")).map(|id| ClaudeId(id.clone())).collect(),
        git: members.iter().filter(|id| id.starts_with("git.")).map(git).collect(),
        email: None,
        name: None,
        lost: None,
        merged_at: Timestamp(0),
        reason: String::new(),
        revision: 0,
    }
}

/// People of identities of which each has drawn a group; the first of a group gives the id. Alone only some have an item: those who lost a
/// match, or have an address by hand.
fn people(drawn: &[(usize, u8)]) -> Vec<PersonRecord> {
    let mut groups: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    for (identity, group) in drawn {
        let id = if identity % 3 == 0 { format!("git.{identity:04}") } else { format!("c{identity:04}") };
        groups.entry(*group).or_default().push(id);
    }
    let has_item =
        |members: &Vec<String>| members.len() > 1 || members[0].starts_with("c") && members[0].ends_with(['1', '4']);
    let several = groups.into_values().filter(has_item);
    several
        .map(|mut members| {
            let id = members[0].clone();
            members.sort();
            person(&id, &members)
        })
        .collect()
}

fn drawn(identities: usize, groups: u8) -> impl Strategy<Value = Vec<(usize, u8)>> {
    vec(0..groups, identities)
        .prop_flat_map(|groups| Just(groups.into_iter().enumerate().collect::<Vec<_>>()).prop_shuffle())
}

type Stored = BTreeMap<String, PersonRecord>;

/// What a database would be after the step; each condition is checked.
fn take(stored: &mut Stored, step: &Step) {
    for person in &step.deletes {
        let old = stored.remove(&person.id);
        assert_eq!(old.map(|old| old.revision), Some(person.revision), "{}", person.id);
    }
    for person in &step.puts {
        let revision = stored.get(&person.id).map_or(0, |old| old.revision);
        assert_eq!(revision, person.revision, "{}", person.id);
        stored.insert(person.id.clone(), PersonRecord { revision: revision + 1, ..person.clone() });
    }
}

fn members(stored: &Stored) -> Vec<(String, Vec<String>)> {
    stored.values().map(|person| (person.id.clone(), person.identities().map(str::to_owned).collect())).collect()
}

fn assert_one_owner_each(stored: &Stored) {
    let mut all: Vec<&str> = stored.values().flat_map(PersonRecord::identities).collect();
    let with_twins = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), with_twins, "{stored:?}");
    assert!(stored.values().all(|person| person.identities().any(|id| id == person.id)), "{stored:?}");
}

fn at_revision(people: &[PersonRecord], revision: i64) -> Stored {
    people.iter().map(|person| (person.id.clone(), PersonRecord { revision, ..person.clone() })).collect()
}

proptest! {
    #[test]
    fn steps_lead_to_the_plan_and_at_every_moment_each_identity_has_one_owner(
        (before, after, stop) in (drawn(24, 9), drawn(24, 9), 0..12_usize)
    ) {
        let planned = people(&after);
        let mut stored = at_revision(&people(&before), 7);
        let standing: Vec<_> = stored.values().cloned().collect();
        for step in steps(&standing, &planned, &Reasons::default(), Timestamp(1)).iter().take(stop) {
            take(&mut stored, step);
            assert_one_owner_each(&stored);
        }
        // Whatever the first run got done, the second one finishes.
        let standing: Vec<_> = stored.values().cloned().collect();
        for step in steps(&standing, &planned, &Reasons::default(), Timestamp(2)) {
            take(&mut stored, &step);
            assert_one_owner_each(&stored);
        }
        prop_assert_eq!(members(&stored), members(&at_revision(&planned, 0)));
        let standing: Vec<_> = stored.values().cloned().collect();
        prop_assert_eq!(steps(&standing, &planned, &Reasons::default(), Timestamp(3)), vec![]);
    }

    #[test]
    fn the_parts_of_a_merge_are_the_people_that_were(
        (before, after) in (drawn(12, 5), drawn(12, 5))
    ) {
        let mut stored = at_revision(&people(&before), 1);
        let standing: Vec<_> = stored.values().cloned().collect();
        for step in steps(&standing, &people(&after), &Reasons::default(), Timestamp(1)) {
            let owner = |id: &str| {
                stored.values().find(|p| p.identities().any(|own| own == id)).map_or(id, |p| p.id.as_str()).to_owned()
            };
            for record in step.record.iter().filter(|record| !record.joined.is_empty()) {
                let owners: Vec<BTreeSet<String>> =
                    record.parts.iter().map(|part| part.iter().map(|id| owner(id)).collect()).collect();
                prop_assert!(owners.iter().all(|owners| owners.len() == 1), "{:?}", record.parts);
                prop_assert_eq!(owners.iter().collect::<BTreeSet<_>>().len(), owners.len());
            }
            take(&mut stored, &step);
        }
    }
}

#[test]
fn a_person_made_of_more_people_than_a_transaction_holds_grows_in_several_steps() {
    let ids: Vec<String> = (0..180).map(|n| format!("c{n:04}")).collect();
    let pairs: Vec<PersonRecord> = ids.chunks(2).map(|pair| person(&pair[0], pair)).collect();
    let mut stored = at_revision(&pairs, 1);
    let standing: Vec<_> = stored.values().cloned().collect();
    let all = steps(&standing, &[person(&ids[51], &ids)], &Reasons::default(), Timestamp(1));
    assert_eq!(all.len(), 3);
    for step in &all {
        // Besides: that nobody decided anything meanwhile, what the history says, and that the roster moves on.
        assert!(step.puts.len() + step.deletes.len() + 3 <= 100);
        take(&mut stored, step);
        assert_one_owner_each(&stored);
    }
    assert_eq!(members(&stored), [(ids[51].clone(), ids)]);
}
