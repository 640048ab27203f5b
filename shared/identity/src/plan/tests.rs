use super::*;
use crate::IdentityRef;
use crate::decision::{DecisionId, Verdict};

fn claude(id: &str, email: &str) -> ClaudeIdentity {
    ClaudeIdentity {
        id: ClaudeId(id.to_owned()),
        emails: vec![email.to_owned()],
        accounts: Vec::new(),
        clients: Vec::new(),
        first_seen: Timestamp(0),
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
        ("jane@example.org", "jane@example.co.uk"),
        ("jane@one.xn--55qx5d.cn", "jane@two.xn--55qx5d.cn"),
    ] {
        assert!(!is_merged(one, ("Somebody Else", other)), "{one} {other}");
    }
}

#[test]
fn the_same_local_part_at_two_domains_of_one_owner_is_one_persons() {
    for (one, other) in [
        ("jane@mail.example.me.uk", "jane@example.me.uk"),
        ("jane@example.org", "jane@dev.example.org"),
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

/// The sets of two authors and more that are planned to be one person, among strangers.
fn together(authors: &[(&str, &str, &str)]) -> Vec<Vec<String>> {
    let input = PlanInput {
        git: crowd().chain(authors.iter().map(|(id, name, email)| git(id, name, email))).collect(),
        ..PlanInput::default()
    };
    let people = plan(&input, &Rules::default()).persons.into_iter();
    let ids = people.map(|person| person.git.into_iter().map(|git| git.0).collect::<Vec<_>>());
    ids.filter(|ids| ids.len() > 1).collect()
}

fn one_person(ids: [&str; 2]) -> Vec<Vec<String>> {
    vec![ids.map(str::to_owned).to_vec()]
}

#[test]
fn a_group_does_not_grow_from_one_full_name_to_another_through_a_handle() {
    let (jane, joan) = (("a", "Jane Zyxwater", "qzyxwvu@example.org"), ("c", "Joan Zyxwater", "joan@example.net"));
    assert_eq!(together(&[jane, ("b", "qzyxwvu", "qzyxwvu@gmail.com")]), one_person(["a", "b"]));
    // The name of one word is a handle of both, so it is either's.
    let handle = ("b", "qzyxwvu", "joan.zyxwater@gmail.com");
    assert_eq!(together(&[jane, handle]), one_person(["a", "b"]));
    assert_eq!(together(&[jane, handle, joan]), one_person(["a", "b"]));
}

#[test]
fn a_name_the_other_way_round_is_the_same_only_if_a_word_of_it_is_rare() {
    assert_eq!(
        together(&[("a", "Jane Zyxwater", "one@gmail.com"), ("b", "Zyxwater Jane", "two@gmail.com")]),
        one_person(["a", "b"])
    );
    let others = [("c", "Martin Zyxwater", "three@gmail.com"), ("d", "Jane Thomas", "four@gmail.com")];
    let turned = [("a", "Thomas Martin", "one@gmail.com"), ("b", "Martin Thomas", "two@gmail.com")];
    assert_eq!(together(&[turned[0], turned[1], others[0], others[1]]), Vec::<Vec<String>>::new());
}

#[test]
fn numbers_tell_the_bearers_of_a_name_apart() {
    let jane = ("a", "Jane Zyxwater", "jane.zyxwater@example.com");
    assert_eq!(together(&[jane, ("b", "Jane Zyxwater", "jane.zyxwater2@example.com")]), Vec::<Vec<String>>::new());
    // Where an employer numbers a name, a name alone says nothing elsewhere either.
    let numbered = ("a", "Jane Zyxwater", "jane.zyxwater2@example.com");
    assert_eq!(together(&[numbered, ("b", "Jane Zyxwater", "jz@gmail.com")]), Vec::<Vec<String>>::new());
    assert_eq!(together(&[jane, ("b", "Jane Zyxwater", "jz@gmail.com")]), one_person(["a", "b"]));
    for mail in ["qzyxwater2@example.org", "qzyxwater2@gmail.com"] {
        assert!(!is_merged(mail, ("qzyxwater", "qzyxwater@example.net")), "{mail}");
    }
}

#[test]
fn an_account_at_a_git_host_stays_the_same_under_another_login() {
    let (before, after) = ("7654321+qzyx@users.noreply.github.com", "7654321+wjane@users.noreply.github.com");
    assert_eq!(together(&[("a", "qzyx", before), ("b", "Jane", after)]), one_person(["a", "b"]));
    let stranger = "7654322+wjane@users.noreply.github.com";
    assert_eq!(together(&[("a", "qzyx", before), ("b", "Jane", stranger)]), Vec::<Vec<String>>::new());
}

#[test]
fn an_initial_with_a_surname_is_safe_if_few_bear_the_surname() {
    let jane = ("Jane Zyxwater", "one@gmail.com");
    assert!(is_merged("jzyxwater@example.org", jane));
    assert!(!is_merged("jzyxwater7@example.org", jane));
    assert!(!is_merged("jduis@example.org", ("Jane Duis", "one@gmail.com")), "twenty others are called Duis");
}

#[test]
fn an_initial_with_a_surname_may_be_cut_off_where_old_systems_cut() {
    let jane = ("Jane Zyxwatersmith", "one@gmail.com");
    for (mail, expected) in [
        ("jzyxwate@example.org", true),
        ("jzyxwat@example.org", true),
        ("jzyxwa@example.org", false),
        ("jzyxwaters@example.org", false),
    ] {
        assert_eq!(is_merged(mail, jane), expected, "{mail}");
    }
    let users = [("c", "jzyxwate@example.org")];
    let both = [("g1", "Jane Zyxwatersmith", "one@gmail.com"), ("g2", "Joan Zyxwaterman", "two@gmail.com")];
    assert_eq!(joined(&users, &both)[0].1, Vec::<String>::new());
}

#[test]
fn two_words_that_are_no_full_name_are_only_proposed() {
    let author = ("Jane Quixby Zyxwater", "one@gmail.com");
    assert!(is_merged("jane.zyxwater@example.org", author));
    assert!(!is_merged("jane.quixby@example.org", author), "a given and a middle name");
    assert!(!is_merged("van.zyxwater@example.org", ("Jane van Zyxwater", "one@gmail.com")), "a surname of two words");
}

#[test]
fn the_same_address_is_one_persons_at_a_domain_of_their_own_whatever_it_is_called() {
    let jane = ("Jane Zyxwater", "hello@jane.example.org");
    assert!(is_merged("Hello@jane.example.org", jane));
    assert!(!is_merged("noreply@jane.example.org", ("Jane Zyxwater", "noreply@jane.example.org")), "a program");
    assert!(!is_merged("hello@example.com", ("Jane Zyxwater", "hello@example.com")), "others have addresses there");
    let several = [("g1", "Jane Zyxwater", jane.1), ("g2", "Somebody Else", jane.1)];
    assert_eq!(joined(&[("c", jane.1)], &several)[0].1, Vec::<String>::new());
}

#[test]
fn a_merge_by_a_name_says_how_sure_it_is() {
    let input = PlanInput {
        git: crowd()
            .chain([git("a", "Jane Zyxwater", "one@gmail.com"), git("b", "Jane Zyxwater", "two@gmail.com")])
            .chain([git("d", "Kim Qxyzw", "three@gmail.com"), git("e", "Qxyzw", "three@gmail.com")])
            .collect(),
        ..PlanInput::default()
    };
    let merges = plan(&input, &Rules::default()).merges;
    let by_name = merges.iter().find(|merge| merge.joined.id() == "b").map(|merge| merge.reason.score);
    let by_address = merges.iter().find(|merge| merge.joined.id() == "e").map(|merge| merge.reason.score);
    assert!(by_name.is_some_and(|score| score > 0.9 && score < 1.0), "{by_name:?}");
    assert_eq!(by_address, Some(1.0));
}

/// The people of Git in a plan, which must be those of the Git side alone.
fn git_people_of(input: PlanInput, mail: &str) -> Vec<Vec<GitId>> {
    let planned = plan(&input, &Rules::default()).persons.into_iter().filter(|person| person.claude.is_empty());
    let mut planned: Vec<Vec<GitId>> = planned.map(|person| person.git).collect();
    let mut alone = git_people([mail].into_iter(), input.git, input.decisions);
    planned.sort_unstable();
    alone.sort_unstable();
    assert_eq!(alone, planned);
    alone
}

#[test]
fn the_git_side_alone_is_the_same_people_as_in_a_plan_whatever_admins_decided() {
    let strangers = [
        git("a", "Jane Zyxwater", "one@gmail.com"),
        git("b", "Jane Zyxwater", "two@gmail.com"),
        git("c", "Somebody Else", "else@example.net"),
    ];
    let mail = "somebody@example.org";
    let input =
        PlanInput { claude: vec![claude("c", mail)], git: crowd().chain(strangers).collect(), ..PlanInput::default() };
    let id = |id: &str| GitId(id.to_owned());
    assert!(git_people_of(input.clone(), mail).contains(&vec![id("a"), id("b")]));
    let author = |id: &str| IdentityRef::Git(GitId(id.to_owned()));
    let decision = |id: &str, at, verdict| Decision { id: DecisionId(id.to_owned()), at: Timestamp(at), verdict };
    let decided = PlanInput {
        decisions: vec![
            decision("apart", 1, Verdict::Different { one: author("a"), others: vec![author("b")] }),
            decision("same", 2, Verdict::Same { primary: author("c"), others: vec![author("b")] }),
        ],
        ..input
    };
    let people = git_people_of(decided, mail);
    assert!(people.contains(&vec![id("a")]) && people.contains(&vec![id("b"), id("c")]), "{people:?}");
}

/// 400 people of two employers, each with a mailbox at one of them, and with one at the other or at a provider of free mail; and four
/// strangers called Jane or Doe.
fn employees(of_both: bool) -> Vec<GitIdentity> {
    let word = |n: usize| -> String {
        [8_000, 400, 20, 1].map(|place| b"bcdfghjklmnpqrstvwxz"[n / place % 20] as char).iter().collect()
    };
    let mut employees = Vec::new();
    for n in 0..400 {
        let (name, [one, other]) =
            (format!("{} {}", word(n), word(n + 400)), if n % 2 == 0 { ["com", "net"] } else { ["net", "com"] });
        employees.push(git(&format!("w{n}"), &name, &format!("{}@example.{one}", word(n + 800))));
        let second = if of_both {
            format!("{}@example.{other}", word(n + 1_200))
        } else {
            format!("{}@gmail.com", word(n + 1_600))
        };
        employees.push(git(&format!("s{n}"), &name, &second));
    }
    let strangers = ["Jane Qwxyzt", "Jane Zyxwtv", "Quixby Doe", "Vexily Doe"];
    employees
        .extend(strangers.iter().zip(0..).map(|(name, n)| git(&format!("x{n}"), name, &format!("x{n}@gmail.com"))));
    employees
}

#[test]
fn where_nobody_has_mailboxes_at_two_employers_those_of_one_name_are_two_peoples() {
    for of_both in [true, false] {
        let authors = [git("a", "Jane Doe", "one@example.com"), git("b", "Jane Doe", "two@example.net")];
        let two = plan(
            &PlanInput { git: employees(of_both).into_iter().chain(authors).collect(), ..PlanInput::default() },
            &Rules::default(),
        );
        assert_eq!(two.persons.iter().any(|person| person.git.len() > 1 && person.git[0].0 == "a"), of_both);
        let input = PlanInput {
            claude: vec![claude("c", "jane.doe@example.com")],
            git: employees(of_both).into_iter().chain([git("b", "Jane Doe", "two@example.net")]).collect(),
            ..PlanInput::default()
        };
        let planned = plan(&input, &Rules::default());
        assert_eq!(planned.persons.iter().any(|person| !person.claude.is_empty() && !person.git.is_empty()), of_both);
        assert_eq!(planned.suggestions.first().map(|s| s.candidates[0].git[0].0.as_str()), (!of_both).then_some("b"));
    }
}
