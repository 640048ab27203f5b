use std::process::Command;

use crate::git_users::tests::{parsed, rejection, user};
use crate::git_users::*;
use model::time::Timestamp;

fn at(last_commit_at: i64, user: GitUser) -> GitUser {
    GitUser { last_commit_at: Some(Timestamp(last_commit_at)), ..user }
}

#[test]
fn shortlog_and_log_lines_may_be_mixed() {
    let (users, report) = parsed(
        Format::Plain,
        "    12\tJane Doe <jane@example.com>\n\
         1234567\tJohn <root@host>\n\n\
         Jane Doe <jane@example.com> 2026-01-31T12:00:00+01:00\n\
         Jane Doe <jane@example.com> 2025-01-31T12:00:00Z\n\
         42 <answer@example.com>\n\
         \x20    3\t <nameless@example.com>\n\
         <logged@example.com>\n\
         Zoë\tÅngström <zoe@example.com>\n",
    )
    .unwrap();
    assert_eq!(
        users,
        [
            at(1_769_857_200_000, user("Jane Doe", "jane@example.com", &[])),
            user("John", "root@host", &[]),
            user("42", "answer@example.com", &[]),
            user("", "nameless@example.com", &[]),
            user("", "logged@example.com", &[]),
            user("Zoë Ångström", "zoe@example.com", &[]),
        ]
    );
    assert_eq!((report.received, report.stored, report.folded), (8, 6, 2));
}

#[test]
fn a_line_of_another_form_is_rejected_by_its_number() {
    let (users, report) = parsed(
        Format::Plain,
        "    12\tJane Doe\n\nJane <jane@example.com\nJane <jane>\nJane <>\n\
         Jane <jane@example.com> yesterday\nJane <jane@example.com> <j@example.com>\nJ <j@example.com>\n",
    )
    .unwrap();
    assert_eq!(users, [user("Jane", "jane@example.com", &[]), user("J", "j@example.com", &[])]);
    assert_eq!(report.ignored, [rejection(6, Reason::Time), rejection(7, Reason::Time)]);
    assert_eq!(
        report.rejected,
        [
            rejection(1, Reason::NoEmail),
            rejection(3, Reason::NotAnAuthor),
            rejection(4, Reason::Email),
            rejection(5, Reason::NoEmail),
        ]
    );
}

#[test]
#[ignore = "needs git"]
fn what_git_prints_is_read() {
    let repository = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(repository.path())
            .args(["-c", "user.name=Zoë Ångström", "-c", "user.email=zoe@host"])
            .args(arguments)
            .env("GIT_AUTHOR_DATE", "1769857200 +0530")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    git(&["init", "-q"]);
    git(&["commit", "-q", "--allow-empty", "-m", "first"]);
    git(&["commit", "-q", "--allow-empty", "-m", "second"]);
    let zoe = user("Zoë Ångström", "zoe@host", &[]);

    let (users, report) = parsed(Format::Plain, git(&["shortlog", "-sne", "HEAD"])).unwrap();
    assert_eq!((users, report.rejected), (vec![zoe.clone()], vec![]));
    let (users, report) = parsed(Format::Plain, git(&["log", "--format=%aN <%aE> %aI"])).unwrap();
    assert_eq!((users, report.folded), (vec![at(1_769_857_200_000, zoe)], 1));
}
