mod oracle;

use crate::git_users::tests::{parsed, rejection, user};
use crate::git_users::*;

fn users_of(mailmap: &str) -> Vec<GitUser> {
    let (users, report) = parsed(Format::Mailmap, mailmap).unwrap();
    assert_eq!(report.rejected, [], "{mailmap}");
    users
}

#[test]
fn each_of_the_four_forms_gives_its_identity() {
    for (mailmap, expected) in [
        ("Jane Doe <jane@example.com>", user("Jane Doe", "jane@example.com", &[])),
        ("<jane@example.com> <jd@laptop>", user("", "jane@example.com", &["jd@laptop"])),
        ("Jane Doe <jane@example.com> <jd@laptop>", user("Jane Doe", "jane@example.com", &["jd@laptop"])),
        ("Jane Doe <jane@example.com> jd <jd@laptop>", user("Jane Doe", "jane@example.com", &["jd@laptop"])),
        ("<jane@example.com> jd <jd@laptop>", user("jd", "jane@example.com", &["jd@laptop"])),
    ] {
        assert_eq!(users_of(mailmap), [expected], "{mailmap}");
    }
}

#[test]
fn all_e_mails_of_one_proper_identity_are_further_e_mails_of_it() {
    let (users, report) = parsed(
        Format::Mailmap,
        "# The people\n\n  # indented\nJane Doe <jane@example.com>\n<jane@example.com> <c@laptop>\n\
         Jane Doe <JANE@example.com> jd <b@laptop> # her old one\nJane Doe <jane@example.com> <jane@example.com>\n",
    )
    .unwrap();
    assert_eq!(users.len(), 1);
    assert!(users[0].email.eq_ignore_ascii_case("jane@example.com"));
    assert_eq!(
        (users[0].name.as_str(), &users[0].emails),
        ("Jane Doe", &vec!["b@laptop".to_owned(), "c@laptop".to_owned()])
    );
    assert_eq!((report.received, report.stored, report.folded), (4, 1, 3));
}

#[test]
fn a_later_entry_wins_for_what_it_gives() {
    assert_eq!(
        users_of("A <a@example.com> <c@example.com>\nB <b@example.com> <C@example.com>"),
        [user("B", "b@example.com", &["c@example.com"])]
    );
    assert_eq!(
        users_of("A <a@example.com> <c@example.com>\n<b@example.com> <c@example.com>"),
        [user("A", "b@example.com", &["c@example.com"])]
    );
}

#[test]
fn an_e_mail_that_several_people_commit_with_is_nobodys() {
    assert_eq!(
        users_of("Joe <joe@example.com> joe <bugs@example.com>\nJane <jane@example.com> jane <bugs@example.com>"),
        [user("Jane", "jane@example.com", &[]), user("Joe", "joe@example.com", &[])]
    );
    assert_eq!(
        users_of("Desk <bugs@example.com>\nJane <jane@example.com> jane <bugs@example.com>"),
        [user("Desk", "bugs@example.com", &[]), user("Jane", "jane@example.com", &[])]
    );
}

#[test]
fn a_name_is_not_guessed_where_a_proper_e_mail_has_two() {
    let users = users_of(
        "Jane <team@example.com> <a@laptop>\nJohn <team@example.com> <b@laptop>\n<team@example.com> <c@laptop>",
    );
    assert_eq!(
        users,
        [
            user("Jane", "team@example.com", &["a@laptop"]),
            user("John", "team@example.com", &["b@laptop"]),
            user("", "team@example.com", &["c@laptop"]),
        ]
    );
}

#[test]
fn the_name_given_to_a_proper_e_mail_itself_goes_before_others() {
    let users = users_of("Zoe <jane@example.com> <a@laptop>\n<jane@example.com> <b@laptop>\nJane <jane@example.com>");
    let names = users.iter().map(|user| user.name.as_str());
    assert!(names.eq(["Zoe", "Jane"]), "{users:?}");
    assert_eq!(users[1].emails, ["b@laptop"]);
}

#[test]
fn a_line_that_maps_nothing_is_rejected_by_its_number() {
    let (users, report) = parsed(
        Format::Mailmap,
        "Jane\n<jane@example.com>\nJane <>\n\nJane <jane> <jd@laptop>\nJane <jane@example.com> <>\n\
         Jane < jane@example.com >\nJane <jane@example.com\nJohn <john@example.com>\n",
    )
    .unwrap();
    assert_eq!(users, [user("John", "john@example.com", &[])]);
    assert_eq!(
        report.rejected,
        [
            rejection(1, Reason::NoEmail),
            rejection(2, Reason::MapsNothing),
            rejection(3, Reason::NoEmail),
            rejection(5, Reason::Email),
            rejection(6, Reason::NoEmail),
            rejection(7, Reason::Email),
            rejection(8, Reason::NoEmail),
        ]
    );
}
