//! Who a commit is by, asked of git itself.

use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::super::{AnyCase, Commits, Entry, Mailmap, entry};

const NAMES: [&str; 6] = ["Jane Doe", "jane doe", "JD", "jd", "root", "Zoë"];
const EMAILS: [&str; 6] =
    ["jane@example.com", "Jane@Example.com", "jd@laptop", "root@host", "ROOT@host", "zoe@example.org"];

type Author = (String, String);

/// Every name with every e-mail.
fn authors() -> Vec<Author> {
    let with = |name: &'static str| EMAILS.map(|email| (name.to_owned(), email.to_owned()));
    NAMES.into_iter().flat_map(with).collect()
}

fn by_us(mailmap: &str, (name, email): Author) -> Author {
    let mut read = Mailmap::default();
    for line in mailmap.lines().filter(|line| !entry::is_comment(line)) {
        if let Ok(entry) = Entry::parse(line) {
            read.add(0, entry);
        }
    }
    let commits = |name: Option<&str>| Commits {
        email: AnyCase(email.as_str().into()),
        name: name.map(|name| AnyCase(name.into())),
    };
    let named = read.mapped.get(&commits(Some(&name)));
    let Some(target) = named.or_else(|| read.mapped.get(&commits(None))) else {
        return (name, email);
    };
    let or = |proper: &Option<Box<str>>, own| proper.as_deref().map_or(own, str::to_owned);
    (or(&target.name, name), or(&target.email, email.clone()))
}

fn by_git(directory: &std::path::Path, mailmap: &str) -> Vec<Author> {
    std::fs::write(directory.join(".mailmap"), mailmap).unwrap();
    let mut git = Command::new("git")
        .args(["check-mailmap", "--stdin"])
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let asked: String = authors().iter().map(|(name, email)| format!("{name} <{email}>\n")).collect();
    git.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let answered = git.wait_with_output().unwrap();
    assert!(answered.status.success());
    let author = |line: &str| {
        let (name, email) = line.split_once(" <").unwrap();
        (name.to_owned(), email.trim_end_matches('>').to_owned())
    };
    String::from_utf8(answered.stdout).unwrap().lines().map(author).collect()
}

/// Lines of all forms with spaces, comments and what git ignores.
fn mailmap() -> impl Strategy<Value = String> {
    let name = || prop_oneof![1 => Just(String::new()), 2 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned)];
    let email = || prop::sample::select(&EMAILS[..]);
    let gap = || prop::sample::select(vec!["", " ", "\t  "]);
    let line = prop_oneof![
        6 => (gap(), name(), gap(), email(), gap(), name(), gap(), email(), gap())
            .prop_map(|(a, proper, b, new, c, commit, d, old, e)| format!("{a}{proper}{b}<{new}>{c}{commit}{d}<{old}>{e}")),
        3 => (gap(), name(), gap(), email(), prop::sample::select(vec!["", " # late", " nobody", " <", "\t"]))
            .prop_map(|(a, proper, b, new, rest)| format!("{a}{proper}{b}<{new}>{rest}")),
        1 => prop::sample::select(vec!["# Jane <jane@example.com> <jd@laptop>", "", "  # note", "Jane", "Jane <", "Jane >x<"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(line, 1..12).prop_map(|lines| lines.join("\n") + "\n")
}

#[test]
#[ignore = "needs git"]
fn git_maps_every_author_to_the_same_e_mail_and_name() {
    let repository = tempfile::tempdir().unwrap();
    let created = Command::new("git").args(["init", "-q"]).current_dir(&repository).status();
    assert!(created.unwrap().success());
    let mut runner = TestRunner::new(ProptestConfig::with_cases(300));
    runner
        .run(&mailmap(), |mailmap| {
            let ours: Vec<_> = authors().into_iter().map(|author| by_us(&mailmap, author)).collect();
            prop_assert_eq!(ours, by_git(repository.path(), &mailmap));
            Ok(())
        })
        .unwrap();
}
