//! What holds for every population and every history of decisions.

use std::collections::BTreeMap;

use identity::decision::{Decision, DecisionId, Verdict};
use identity::plan::{MergePlan, PlanInput, Rules, plan};
use identity::{ClaudeId, ClaudeIdentity, GitId, GitIdentity, IdentityRef};
use model::text::invisible::is_taken_out;
use model::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const GIVEN: &[&str] = &["jane", "kim", "ola", "jörg", "bob", "robert", "wei"];
const SURNAME: &[&str] = &["doe", "lorem", "ipsum", "müller", "li"];
const DOMAIN: &[&str] = &["example.com", "example.org", "gmail.com", "localhost", "lorem.net"];

fn local() -> impl Strategy<Value = String> {
    let word = (select(GIVEN), select(SURNAME), 0..9_u8);
    word.prop_map(|(given, surname, style)| match style {
        0 => format!("{given}.{surname}"),
        1 => format!("{given}{surname}"),
        2 => format!("{}{surname}", &given[..1]),
        3 => format!("{given}.{surname}+tag"),
        4 => given.to_owned(),
        5 => format!("{surname}_{given}2"),
        6 => "root".to_owned(),
        7 => "qwertlord77".to_owned(),
        _ => "me".to_owned(),
    })
}

fn email() -> impl Strategy<Value = String> {
    (local(), select(DOMAIN)).prop_map(|(local, domain)| format!("{local}@{domain}"))
}

fn name() -> impl Strategy<Value = String> {
    (select(GIVEN), select(SURNAME), 0..7_u8).prop_map(|(given, surname, style)| match style {
        0..=2 => format!("{given} {surname}"),
        3 => format!("{surname}, {given}"),
        4 => given.to_owned(),
        5 => "Acme Bot".to_owned(),
        _ => "qwertlord77".to_owned(),
    })
}

fn few(text: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    vec(select(text).prop_map(str::to_owned), 0..2)
}

fn claude() -> impl Strategy<Value = ClaudeIdentity> {
    let emails = vec(email(), 0..3);
    let accounts = few(&["user_01a", "user_02b", "0a1b-uuid"]);
    let clients = few(&["m1", "m2", "m3"]);
    (0..12_u8, emails, accounts, clients, 0..4_i64).prop_map(|(id, emails, accounts, clients, first_seen)| {
        ClaudeIdentity { id: ClaudeId(format!("c{id}")), emails, accounts, clients, first_seen: Timestamp(first_seen) }
    })
}

fn git() -> impl Strategy<Value = GitIdentity> {
    let login = proptest::option::of(local());
    (0..12_u8, name(), email(), login, vec(email(), 0..2)).prop_map(|(id, name, email, login, emails)| GitIdentity {
        id: GitId(format!("g{id}")),
        name,
        email,
        login,
        emails,
    })
}

fn identity() -> impl Strategy<Value = IdentityRef> {
    (any::<bool>(), 0..14_u8).prop_map(|(claude, id)| {
        if claude { IdentityRef::Claude(ClaudeId(format!("c{id}"))) } else { IdentityRef::Git(GitId(format!("g{id}"))) }
    })
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        (identity(), vec(identity(), 1..3)).prop_map(|(primary, others)| Verdict::Same { primary, others }),
        (identity(), vec(identity(), 1..3)).prop_map(|(one, others)| Verdict::Different { one, others }),
        (0..12_u8, email()).prop_map(|(id, email)| Verdict::Email { claude: ClaudeId(format!("c{id}")), email }),
        (0..6_usize).prop_map(|d| Verdict::Undo { decision: DecisionId(format!("d{d}")) }),
    ]
}

fn decisions() -> impl Strategy<Value = Vec<Decision>> {
    vec((verdict(), 0..5_i64), 0..6).prop_map(|all| {
        let numbered = all.into_iter().enumerate();
        numbered
            .map(|(n, (verdict, at))| Decision { id: DecisionId(format!("d{n}")), at: Timestamp(at), verdict })
            .collect()
    })
}

fn input() -> impl Strategy<Value = PlanInput> {
    (vec(claude(), 0..10), vec(git(), 0..12), decisions()).prop_map(|(claude, git, decisions)| PlanInput {
        claude,
        git,
        decisions,
        persons: Vec::new(),
    })
}

fn planned(input: &PlanInput) -> MergePlan {
    plan(input, &Rules::default())
}

fn owners(plan: &MergePlan) -> BTreeMap<IdentityRef, Vec<IdentityRef>> {
    let mut owners: BTreeMap<IdentityRef, Vec<IdentityRef>> = BTreeMap::new();
    for person in &plan.persons {
        let claude = person.claude.iter().cloned().map(IdentityRef::Claude);
        for member in claude.chain(person.git.iter().cloned().map(IdentityRef::Git)) {
            owners.entry(member).or_default().push(person.primary.clone());
        }
    }
    owners
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_order_of_the_input_never_matters(
        (input, shuffled) in input().prop_flat_map(|input| {
            let lists = (
                Just(input.claude.clone()).prop_shuffle(),
                Just(input.git.clone()).prop_shuffle(),
                Just(input.decisions.clone()).prop_shuffle(),
            );
            (Just(input), lists.prop_map(|(claude, git, decisions)| PlanInput { claude, git, decisions, persons: Vec::new() }))
        })
    ) {
        prop_assert_eq!(planned(&input), planned(&shuffled));
    }

    #[test]
    fn planning_again_after_applying_changes_nothing(input in input()) {
        let first = planned(&input);
        let again = planned(&PlanInput { persons: first.persons.clone(), ..input });
        prop_assert!(again.is_empty(), "{:?} {:?}", again.merges, again.releases);
        prop_assert_eq!(again.persons, first.persons);
        prop_assert_eq!(again.suggestions, first.suggestions);
    }

    #[test]
    fn whatever_stood_before_one_application_is_enough(before in input(), after in input()) {
        let standing = planned(&before).persons;
        let changed = planned(&PlanInput { persons: standing, ..after.clone() });
        prop_assert_eq!(&changed.persons, &planned(&after).persons);
        let again = planned(&PlanInput { persons: changed.persons, ..after });
        prop_assert!(again.is_empty());
    }

    #[test]
    fn every_identity_has_exactly_one_owner(input in input()) {
        let owners = owners(&planned(&input));
        let claude = input.claude.iter().map(|c| IdentityRef::Claude(c.id.clone()));
        let mut known: Vec<IdentityRef> = claude.chain(input.git.iter().map(|g| IdentityRef::Git(g.id.clone()))).collect();
        known.sort();
        known.dedup();
        prop_assert_eq!(owners.keys().cloned().collect::<Vec<_>>(), known);
        prop_assert!(owners.values().all(|o| o.len() == 1));
    }

    #[test]
    fn undoing_a_decision_restores_the_plan_exactly(input in input(), verdict in verdict()) {
        let before = planned(&input);
        let (id, undo) = (DecisionId("x1".to_owned()), DecisionId("x2".to_owned()));
        let mut undone = input;
        undone.decisions.push(Decision { id: id.clone(), at: Timestamp(100), verdict });
        undone.decisions.push(Decision { id: undo, at: Timestamp(101), verdict: Verdict::Undo { decision: id } });
        prop_assert_eq!(planned(&undone), before);
    }

    #[test]
    fn what_was_last_declared_different_is_never_one_person(input in input(), one in identity(), other in identity()) {
        prop_assume!(one != other);
        let mut forbidden = input;
        let verdict = Verdict::Different { one: one.clone(), others: vec![other.clone()] };
        forbidden.decisions.push(Decision { id: DecisionId("x".to_owned()), at: Timestamp(100), verdict });
        let owners = owners(&planned(&forbidden));
        if let (Some(a), Some(b)) = (owners.get(&one), owners.get(&other)) {
            prop_assert_ne!(a, b);
        }
    }

    #[test]
    fn what_was_last_joined_by_hand_is_one_person_with_that_primary(input in input(), primary in identity(), other in identity()) {
        let mut joined = input;
        let verdict = Verdict::Same { primary: primary.clone(), others: vec![other.clone()] };
        joined.decisions.push(Decision { id: DecisionId("x".to_owned()), at: Timestamp(100), verdict });
        let owners = owners(&planned(&joined));
        if let (Some(a), Some(b)) = (owners.get(&primary), owners.get(&other)) {
            prop_assert_eq!(a, b);
            prop_assert!(primary == other || a == &vec![primary]);
        }
    }

    #[test]
    fn without_a_decision_nobody_has_two_accounts(mut input in input()) {
        input.decisions.clear();
        let plan = planned(&input);
        let mut of: BTreeMap<&ClaudeId, &ClaudeIdentity> = BTreeMap::new();
        let mut sorted: Vec<&ClaudeIdentity> = input.claude.iter().collect();
        sorted.sort();
        for claude in sorted {
            of.entry(&claude.id).or_insert(claude);
        }
        for person in &plan.persons {
            let all = person.claude.iter().flat_map(|id| &of[id].accounts);
            let mut accounts: Vec<&String> = all.filter(|a| a.starts_with("user_")).collect();
            accounts.sort();
            accounts.dedup();
            prop_assert!(accounts.len() <= 1, "{:?}", person);
        }
    }

    #[test]
    fn at_most_three_candidates_are_proposed_best_first(input in input()) {
        for suggestion in planned(&input).suggestions {
            let scores: Vec<f64> = suggestion.candidates.iter().map(|c| c.reason.score).collect();
            prop_assert!((1..=3).contains(&scores.len()));
            prop_assert!(scores.is_sorted_by(|a, b| a >= b) && scores.iter().all(|s| (0.0..=1.0).contains(s)));
        }
    }

    #[test]
    fn a_user_without_email_account_or_client_stays_alone(mut input in input()) {
        input.decisions.clear();
        let id = ClaudeId("opaque".to_owned());
        input.claude.push(ClaudeIdentity { id: id.clone(), emails: vec![], accounts: vec![], clients: vec![], first_seen: Timestamp(0) });
        let plan = planned(&input);
        let person = plan.persons.iter().find(|p| p.claude.contains(&id));
        prop_assert_eq!(person.map(|p| p.claude.len() + p.git.len()), Some(1));
    }

    #[test]
    fn no_text_however_hostile_breaks_the_plan_or_reaches_a_reason(
        texts in vec(("\\PC*|[\\x00-\\x20\u{200b}-\u{202e}@.+a-c]{0,20}", "[a-c.@+\u{202e}\\x00 ]{0,12}"), 1..12)
    ) {
        let git: Vec<GitIdentity> = texts.iter().enumerate().map(|(n, (name, email))| GitIdentity {
            id: GitId(n.to_string()),
            name: name.clone(),
            email: email.clone(),
            login: Some(email.clone()),
            emails: vec![name.clone()],
        }).collect();
        let claude = texts.iter().enumerate().map(|(n, (name, email))| ClaudeIdentity {
            id: ClaudeId(n.to_string()),
            emails: vec![email.clone(), name.clone()],
            accounts: vec![name.clone()],
            clients: vec![email.clone()],
            first_seen: Timestamp(0),
        }).collect();
        let plan = planned(&PlanInput { claude, git, ..PlanInput::default() });
        let reasons = plan.merges.iter().map(|m| &m.reason.text);
        let proposed = plan.suggestions.iter().flat_map(|s| &s.candidates).map(|c| &c.reason.text);
        for text in reasons.chain(proposed).chain(plan.conflicts.iter().map(|c| &c.text)) {
            prop_assert!(!text.chars().any(is_taken_out), "{:?}", text);
        }
    }
}
