use crate::git_users::tests::{parsed, rejection, user};
use crate::git_users::*;

#[test]
fn columns_stand_in_any_order_and_further_ones_are_ignored() {
    let (users, _) = parsed(
        Format::Csv,
        "Emails, EMAIL ,commits,last_commit_at,login,name\n\
         a@example.org; b@example.org;,jane@example.com,7,2026-01-31T12:00:00+01:00,jdoe,\"Doe, \"\"J\"\" Jane\"\n",
    )
    .unwrap();
    let expected = GitUser {
        login: Some("jdoe".to_owned()),
        last_commit_at: Some(1_769_857_200_000),
        ..user("Doe, \"J\" Jane", "jane@example.com", &["a@example.org", "b@example.org"])
    };
    assert_eq!(users, [expected]);
}

#[test]
fn a_quoted_cell_may_hold_line_breaks() {
    let (users, _) = parsed(Format::Csv, "name,email\n\"Jane\r\nDoe\",jane@example.com\n").unwrap();
    assert_eq!(users, [user("Jane Doe", "jane@example.com", &[])]);
}

#[test]
fn a_row_is_rejected_by_the_line_it_starts_on_whatever_the_line_ends() {
    for end in ["\n", "\r\n"] {
        let rows = [
            "name,email,emails",
            "\"Jane",
            "Doe\",jane@example.com,",
            "Doe, John,john@example.com,",
            "",
            "A,not an e-mail,",
            "A,,",
            "A,a@example.com,b@example.com;c",
            "\"A",
            "",
            "B\",a@example.com",
            "A,b@example.com",
        ];
        let (users, report) = parsed(Format::Csv, rows.join(end)).unwrap();
        assert_eq!(users, [user("Jane Doe", "jane@example.com", &[])]);
        assert_eq!(
            report.rejected,
            [
                rejection(4, Reason::Columns),
                rejection(6, Reason::Email),
                rejection(7, Reason::NoEmail),
                rejection(8, Reason::FurtherEmail),
                rejection(9, Reason::Columns),
                rejection(12, Reason::Columns),
            ],
            "{end:?}"
        );
    }
}

#[test]
fn a_header_without_name_or_email_or_with_one_twice_is_refused() {
    for (header, expected) in [
        ("Jane,jane@example.com\n", "no column name"),
        ("name,mail\n", "no column email"),
        ("name,email,Name\n", "column name twice"),
        ("name;email\n", "no column name"),
    ] {
        let error = parsed(Format::Csv, header).unwrap_err().to_string();
        assert!(error.contains(expected), "{header}: {error}");
        assert!(!error.contains("Jane"), "{error}");
    }
}
