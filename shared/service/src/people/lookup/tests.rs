use identity::ClaudeId;
use identity::decision::{DecisionId, Verdict};
use store::person::{KnownAuthor, PersonRecord};
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::sighting::{Fact, Seen, Sighting};

use super::*;
use crate::people::owners::Owners;
use crate::people::wanted::person_id;
use model::time::Timestamp;

fn source(kind: SourceKind, name: &str) -> (SourceId, Sighting) {
    let mut sighting = Sighting { kind: Some(kind.name().into()), ..Sighting::default() };
    sighting.facts.note(Fact::Name, name, Seen { first: Timestamp(1), last: Timestamp(1) });
    (SourceId::new(kind, name), sighting)
}

fn author(name: &str, email: &str, further: &[&str]) -> GitUser {
    GitUser {
        name: name.to_owned(),
        email: email.to_owned(),
        login: None,
        emails: further.iter().map(|&email| email.to_owned()).collect(),
        last_commit_at: None,
    }
}

/// Two sources of Jane and one of her names in Git are one person, who also goes by an address that only an admin gave.
fn jane() -> PersonRecord {
    let id = git_id("Jane Doe", "jane@git.example.com").0;
    PersonRecord {
        id: person_id("jane.doe@gmail.com").to_string(),
        claude: ["jane.doe@gmail.com", "jd@example.org"].map(|email| ClaudeId(person_id(email).to_string())).into(),
        git: vec![KnownAuthor { id, name: "Jane Doe".into(), email: "jane@git.example.com".into(), login: None }],
        email: Some("given@example.com".into()),
        name: Some("Jane Doe".into()),
        lost: None,
        merged_at: Timestamp(1),
        reason: String::new(),
        revision: 1,
    }
}

struct World {
    directory: Directory,
    git: GitSide,
}

fn world() -> World {
    let emails = ["jane.doe@gmail.com", "jd@example.org", "zed@example.com"];
    let sightings = emails.iter().map(|email| source(SourceKind::Email, email)).collect();
    let git = vec![
        author("Jane Doe", "jane@git.example.com", &["further@example.com"]),
        author("Kim Lorem", "kim@example.com", &["shared@example.com", "zed@example.com"]),
        author("Kim L.", "Kim@example.com", &[]),
        author("Ola Ipsum", "ola@example.com", &["shared@example.com", "kim@example.com"]),
        author("dependabot[bot]", "bot@example.com", &[]),
        author("Builder", "root@build.example.com", &[]),
        author("Other Builder", "root@build.example.com", &[]),
    ];
    World {
        directory: Directory::new(sightings, Owners::new(vec![jane()])),
        git: GitSide { users: git, decisions: Vec::new() },
    }
}

impl World {
    /// The id of whoever has this id or address, and the identity that shows it.
    fn named(&self, text: &str) -> Option<(String, String)> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let lookup = runtime.block_on(Lookup::new(&self.directory, &self.git)).unwrap();
        let id = match lookup.find(text)? {
            Found::User(person) => person.id.to_string(),
            Found::Author { id, .. } => id,
        };
        Some((id, lookup.identity(text).unwrap()))
    }

    fn assert_named(&self, text: &str, id: &str, identity: &str) {
        assert_eq!(self.named(text), Some((id.to_owned(), identity.to_owned())), "{text}");
    }
}

#[test]
fn a_person_is_found_by_every_id_and_address_and_each_names_the_identity_that_shows_it() {
    let (world, jane, other) = (world(), person_id("jane.doe@gmail.com"), person_id("jd@example.org"));
    let in_git = git_id("Jane Doe", "jane@git.example.com").0;
    for (text, identity) in [
        (&*jane, &*jane),
        (&other, &other),
        (&in_git, &in_git),
        (" Jane.Doe@gmail.com ", &jane),
        ("JD@example.org", &other),
        ("JANE@git.example.com", &in_git),
        ("further@example.com", &in_git),
        ("given@example.com", &jane),
    ] {
        world.assert_named(text, &jane, identity);
    }
}

#[test]
fn an_address_that_is_only_the_same_mailbox_names_nobody() {
    for text in ["janedoe@gmail.com", "jane.doe+x@gmail.com", "jane.doe@googlemail.com", "<zed@example.com>", ""] {
        assert_eq!(world().named(text), None, "{text}");
    }
}

#[test]
fn whom_telemetry_knows_goes_before_whom_git_knows() {
    let zed = person_id("zed@example.com");
    world().assert_named("zed@example.com", &zed, &zed);
}

#[test]
fn who_is_known_from_git_only_is_found_by_each_name_and_a_program_by_its_own() {
    let (kim, also_kim) = (git_id("Kim Lorem", "kim@example.com").0, git_id("Kim L.", "Kim@example.com").0);
    let listed = kim.clone().min(also_kim.clone());
    world().assert_named(&kim, &listed, &kim);
    world().assert_named(&also_kim, &listed, &also_kim);
    // An address of somebody's own goes before one that the host says of somebody else.
    world().assert_named("KIM@example.com", &listed, &kim);
    let program = git_id("dependabot[bot]", "bot@example.com").0;
    world().assert_named(&program, &program, &program);
}

#[test]
fn an_address_of_several_people_in_git_names_none_of_them() {
    assert_eq!(world().named("root@build.example.com"), None);
}

#[test]
fn those_whom_the_host_gives_each_others_addresses_are_one_person() {
    let (kim, also_kim) = (git_id("Kim Lorem", "kim@example.com").0, git_id("Kim L.", "Kim@example.com").0);
    let ola = git_id("Ola Ipsum", "ola@example.com").0;
    let listed = [kim, also_kim, ola.clone()].into_iter().min().unwrap();
    world().assert_named(&ola, &listed, &ola);
}

#[test]
fn authors_are_one_person_or_several_as_admins_decided() {
    let (kim, ola) = (git_id("Kim Lorem", "kim@example.com"), git_id("Ola Ipsum", "ola@example.com"));
    let builder = git_id("Builder", "root@build.example.com");
    let mut world = world();
    let verdicts = [
        Verdict::Different { one: IdentityRef::Git(ola.clone()), others: vec![IdentityRef::Git(kim.clone())] },
        Verdict::Same { primary: IdentityRef::Git(kim.clone()), others: vec![IdentityRef::Git(builder.clone())] },
    ];
    let decided =
        |(at, verdict): (i64, Verdict)| Decision { id: DecisionId(at.to_string()), at: Timestamp(at), verdict };
    world.git.decisions = (1..).zip(verdicts).map(decided).collect();
    world.assert_named(&ola.0, &ola.0, &ola.0);
    let of_kim = world.named(&kim.0).unwrap().0;
    world.assert_named(&builder.0, &of_kim, &builder.0);
    assert_ne!(of_kim, ola.0);
}

#[test]
fn an_id_that_nobody_has_names_nobody() {
    for text in ["git.nobody", "nobody", &git_id("Nobody", "zed@example.com").0] {
        assert_eq!(world().named(text), None, "{text}");
    }
}
