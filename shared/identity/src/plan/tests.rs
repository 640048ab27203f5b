use super::*;
use crate::{ClaudeId, ClaudeIdentity, GitId, GitIdentity};

fn claude(id: &str, email: &str) -> ClaudeIdentity {
    ClaudeIdentity {
        id: ClaudeId(id.to_owned()),
        emails: vec![email.to_owned()],
        accounts: Vec::new(),
        clients: Vec::new(),
        first_seen: 0,
    }
}

fn git(id: &str, name: &str, email: &str) -> GitIdentity {
    GitIdentity {
        id: GitId(id.to_owned()),
        name: name.to_owned(),
        email: email.to_owned(),
        login: None,
        emails: Vec::new(),
    }
}

/// 200 authors with different names of two words each.
fn crowd() -> impl Iterator<Item = GitIdentity> {
    const GIVEN: [&str; 20] = [
        "Lorem", "Ipsum", "Dolor", "Amet", "Elit", "Sed", "Eiusmod", "Tempor", "Labore", "Magna", "Aliqua", "Enim",
        "Minim", "Veniam", "Quis", "Nostrud", "Ullamco", "Nisi", "Aliquip", "Commodo",
    ];
    const SURNAME: [&str; 10] =
        ["Duis", "Aute", "Irure", "Velit", "Esse", "Cillum", "Fugiat", "Nulla", "Pariatur", "Excepteur"];
    let names = GIVEN.iter().flat_map(|given| SURNAME.map(|surname| (given, surname)));
    names.enumerate().map(|(n, (given, surname))| {
        git(&format!("crowd{n}"), &format!("{given} {surname}"), &format!("{given}.{surname}@example.com"))
    })
}

/// True if telemetry's `mail` and Git's `author`, strangers to everybody else, are planned to be one person.
fn is_merged(mail: &str, (name, email): (&str, &str)) -> bool {
    let others = crowd().collect::<Vec<_>>();
    let input = PlanInput {
        claude: vec![claude("claude", mail)],
        git: others.into_iter().chain([git("git", name, email)]).collect(),
        ..PlanInput::default()
    };
    let planned = plan(&input, &Rules::default());
    planned.persons.iter().any(|person| !person.claude.is_empty() && !person.git.is_empty())
}

#[test]
fn the_same_local_part_below_a_public_suffix_is_nobodys_in_particular() {
    for (one, other) in [
        ("jane@one.me.uk", "jane@two.me.uk"),
        ("jane@one.co.uk", "jane@two.co.uk"),
        ("jane@alpha.gv.at", "jane@beta.gv.at"),
        ("jane@one.github.io", "jane@two.github.io"),
        ("jane@one.xn--55qx5d.cn", "jane@two.xn--55qx5d.cn"),
    ] {
        assert!(!is_merged(one, ("Somebody Else", other)), "{one} {other}");
    }
}

#[test]
fn the_same_local_part_at_two_domains_of_one_owner_is_one_persons() {
    for (one, other) in [
        ("jane@mail.example.me.uk", "jane@example.me.uk"),
        ("jane@example.com", "jane@dev.example.co.uk"),
        ("jane@one.github.io", "jane@mail.one.github.io"),
    ] {
        assert!(is_merged(one, ("Somebody Else", other)), "{one} {other}");
    }
}

/// The identities of Git that telemetry's identities are planned to be, each by its id.
fn joined(users: &[(&str, &str)], authors: &[(&str, &str, &str)]) -> Vec<(String, Vec<String>)> {
    let input = PlanInput {
        claude: users.iter().map(|(id, email)| claude(id, email)).collect(),
        git: crowd().chain(authors.iter().map(|(id, name, email)| git(id, name, email))).collect(),
        ..PlanInput::default()
    };
    let planned = plan(&input, &Rules::default());
    let using = planned.persons.into_iter().filter(|person| !person.claude.is_empty());
    using.map(|person| (person.claude[0].0.clone(), person.git.into_iter().map(|git| git.0).collect())).collect()
}

#[test]
fn of_two_authors_who_fit_as_well_neither_is_taken() {
    let (one, other) = (("g1", "Jane Doe", "one@example.org"), ("g2", "Jane Doe", "two@example.net"));
    let user = [("c", "jane.doe@example.com")];
    assert_eq!(joined(&user, &[one]), [("c".to_owned(), vec!["g1".to_owned()])]);
    // Different logins tell the namesakes apart.
    let mut namesakes = [one, other].map(|(id, name, email)| git(id, name, email));
    namesakes.iter_mut().for_each(|author| author.login = Some(format!("login{}", author.id.0)));
    let input = PlanInput {
        claude: vec![claude("c", "jane.doe@example.com")],
        git: crowd().chain(namesakes).collect(),
        ..PlanInput::default()
    };
    let planned = plan(&input, &Rules::default());
    assert!(planned.merges.is_empty(), "{:?}", planned.merges);
    assert_eq!(planned.suggestions[0].candidates.len(), 2);
}

#[test]
fn of_two_users_who_fit_one_author_as_well_neither_gets_it() {
    let author = [("g", "Jane Doe", "jane@example.org")];
    let users = [("c1", "jane.doe@example.com"), ("c2", "jane-doe@example.net")];
    assert_eq!(joined(&users[..1], &author)[0].1, ["g"]);
    assert_eq!(joined(&users, &author), users.map(|(id, _)| (id.to_owned(), Vec::new())));
}
