//! What holds for every format.

mod hostile;

use std::io::{self, Read};

use super::*;
use model::time::Timestamp;

/// Parses `input` and returns the users with the report.
pub(super) fn parsed(format: Format, input: impl AsRef<[u8]>) -> Result<(Vec<GitUser>, Report), ParseError> {
    parsed_within(format, input, &Limits::default())
}

pub(super) fn parsed_within(
    format: Format,
    input: impl AsRef<[u8]>,
    limits: &Limits,
) -> Result<(Vec<GitUser>, Report), ParseError> {
    let mut users = Vec::new();
    let report = parse(format, None, input.as_ref(), limits, |user| users.push(user))?;
    Ok((users, report))
}

/// A user as most tests expect one: without login and time.
pub(super) fn user(name: &str, email: &str, emails: &[&str]) -> GitUser {
    GitUser {
        name: name.to_owned(),
        email: email.to_owned(),
        login: None,
        emails: emails.iter().map(|email| (*email).to_owned()).collect(),
        last_commit_at: None,
    }
}

pub(super) fn rejection(line: u64, reason: Reason) -> Rejection {
    Rejection { line, reason }
}

#[test]
fn a_content_type_names_its_format_whatever_its_case_and_parameters() {
    for (value, format) in [
        ("application/json", Format::Json),
        ("Text/CSV; header=present; charset=utf-8", Format::Csv),
        (" text/plain;charset=UTF-8", Format::Plain),
        ("text/x-mailmap", Format::Mailmap),
    ] {
        assert_eq!(Format::from_content_type(value), Ok(format), "{value}");
    }
}

#[test]
fn an_unknown_content_type_is_told_the_supported_ones() {
    for value in ["", "text/html", "application/json-seq", "json", ";text/csv"] {
        let error = Format::from_content_type(value).unwrap_err().to_string();
        for supported in ["application/json", "text/csv", "text/plain", "text/x-mailmap"] {
            assert!(error.contains(supported), "{value}: {error}");
        }
    }
}

#[test]
fn the_same_person_is_read_from_json_csv_and_plain_text() {
    let json = r#"[{"name":"Jane Doe","email":"jane@example.com","last_commit_at":"2026-01-31T12:00:00+01:00"}]"#;
    let csv = "last_commit_at,email,name\n2026-01-31T12:00:00+01:00,jane@example.com,Jane Doe\n";
    let log = "Jane Doe <jane@example.com> 2026-01-31T12:00:00+01:00\n";
    let expected =
        GitUser { last_commit_at: Some(Timestamp(1_769_857_200_000)), ..user("Jane Doe", "jane@example.com", &[]) };
    for (format, input) in [(Format::Json, json), (Format::Csv, csv), (Format::Plain, log)] {
        let (users, report) = parsed(format, input).unwrap();
        assert_eq!(users, std::slice::from_ref(&expected), "{format:?}");
        assert_eq!((report.received, report.stored), (1, 1), "{format:?}");
    }
}

#[test]
fn rows_of_one_name_and_e_mail_become_one_user_with_the_latest_time_and_all_e_mails() {
    let (users, report) = parsed(
        Format::Json,
        r#"[{"name":"Jane  Doe","email":"Jane@Example.com","emails":["a@example.org"],"last_commit_at":"2026-01-31T00:00:00Z"},
            {"name":"jane doe","email":"jane@example.com","login":"jdoe","emails":["A@example.org","b@example.org","JANE@example.com"]},
            {"name":"Jane Doe","email":"jane@example.com","last_commit_at":"2025-01-31T00:00:00Z"}]"#,
    )
    .unwrap();
    let expected = GitUser {
        login: Some("jdoe".to_owned()),
        last_commit_at: Some(Timestamp(1_769_817_600_000)),
        ..user("Jane Doe", "Jane@Example.com", &["a@example.org", "b@example.org"])
    };
    assert_eq!(users, [expected]);
    assert_eq!((report.received, report.stored, report.folded), (3, 1, 2));
}

#[test]
fn another_name_with_the_same_e_mail_is_another_user() {
    let (users, _) = parsed(Format::Plain, "Jane <team@example.com>\nJohn <team@example.com>\n").unwrap();
    assert_eq!(users, [user("Jane", "team@example.com", &[]), user("John", "team@example.com", &[])]);
}

#[test]
fn a_byte_order_mark_is_not_part_of_the_first_row() {
    for (format, input) in [
        (Format::Json, "\u{FEFF}[{\"name\":\"Jane\",\"email\":\"jane@example.com\"}]"),
        (Format::Csv, "\u{FEFF}name,email\r\nJane,jane@example.com\r\n"),
        (Format::Plain, "\u{FEFF}    12\tJane <jane@example.com>\r\n"),
        (Format::Mailmap, "\u{FEFF}Jane <jane@example.com>\r\n"),
    ] {
        let (users, _) = parsed(format, input).unwrap();
        assert_eq!(users, [user("Jane", "jane@example.com", &[])], "{format:?}");
    }
}

#[test]
fn a_utf_16_file_is_read_by_its_byte_order_mark() {
    let utf_16: Vec<u8> = "\u{FEFF}J\u{F6}rg <jo@example.com>\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(parsed(Format::Plain, utf_16).unwrap().0, [user("J\u{F6}rg", "jo@example.com", &[])]);
}

#[test]
fn an_optional_field_that_cannot_be_read_costs_nobody_the_person() {
    let jane = || user("Jane", "jane@example.com", &[]);
    for (format, input, line, reason) in [
        (Format::Csv, "name,email,last_commit_at\nJane,jane@example.com,31.10.2026\n", 2, Reason::Time),
        (Format::Csv, "name,email,emails\nJane,jane@example.com,broken\n", 2, Reason::FurtherEmail),
        (Format::Json, r#"[{"name":"Jane","email":"jane@example.com","login":"Jane Doe"}]"#, 1, Reason::Login),
        (Format::Json, r#"[{"name":"Jane","email":"jane@example.com","login":7}]"#, 1, Reason::FieldType(Field::Login)),
        (Format::Plain, "Jane <jane@example.com> 2011-10-04T12:00:00+518:00\n", 1, Reason::Time),
    ] {
        let (users, report) = parsed(format, input).unwrap();
        assert_eq!((users.as_slice(), report.rejected.len()), ([jane()].as_slice(), 0), "{input}");
        assert_eq!(report.ignored, [rejection(line, reason)], "{input}");
    }
    let (users, report) = parsed(Format::Csv, "name,email\nJane,mailto:jane@example.com\n").unwrap();
    assert_eq!((users.as_slice(), report.ignored.len()), ([jane()].as_slice(), 0));
}

#[test]
fn a_file_without_a_row_is_an_error_but_an_empty_json_array_says_nobody() {
    for (format, input) in [
        (Format::Json, ""),
        (Format::Json, " \n"),
        (Format::Csv, ""),
        (Format::Csv, "\u{FEFF}"),
        (Format::Csv, "name,email\n"),
        (Format::Plain, "\r\n  \n"),
        (Format::Mailmap, "# nobody yet\n"),
    ] {
        let error = parsed(format, input).unwrap_err();
        assert!(matches!(error, ParseError::Empty), "{format:?} {input:?}: {error:?}");
        assert!(error.to_string().contains("empty"));
    }
    assert_eq!(parsed(Format::Json, " [ ] ").unwrap().1, Report::default());
}

#[test]
fn the_list_of_rejections_is_capped_and_their_count_is_not() {
    let limits = Limits { rejections_listed: 2, ..Limits::default() };
    let (users, report) = parsed_within(Format::Plain, "a\nb\nc\nJane <jane@example.com>\nd\n", &limits).unwrap();
    assert_eq!(users.len(), 1);
    assert_eq!(report.rejected, [rejection(1, Reason::NoEmail), rejection(2, Reason::NoEmail)]);
    assert_eq!((report.received, report.rejected_total), (5, 4));
}

#[test]
fn the_report_is_answered_as_the_interface_says() {
    let (_, report) = parsed(Format::Plain, "Jane <jane@example.com>\nJane <jane@example.com>\n<secret>\n").unwrap();
    assert_eq!(
        serde_json::to_value(&report).unwrap(),
        serde_json::json!({
            "received": 3,
            "stored": 1,
            "rejected": [{"line": 3, "reason": "the e-mail is not of the form a@b"}]
        })
    );
}

#[test]
fn an_upload_that_breaks_off_hands_nobody_over() {
    struct BreaksOff;
    impl Read for BreaksOff {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    for (format, start) in [
        (Format::Json, r#"[{"name":"Jane","email":"jane@example.com"},"#),
        (Format::Csv, "name,email\nJane,jane@example.com\n"),
        (Format::Plain, "Jane <jane@example.com>\n"),
        (Format::Mailmap, "Jane <jane@example.com>\n"),
    ] {
        let input = start.as_bytes().chain(BreaksOff);
        let error = parse(format, None, input, &Limits::default(), |user| panic!("{user:?}")).unwrap_err();
        assert!(matches!(error, ParseError::Read(_)), "{format:?}: {error:?}");
    }
}

#[test]
fn rows_of_any_form_are_read_by_the_hundred_thousand_and_each_junk_row_is_named_by_its_number() {
    type Form = (Format, u64, &'static str, fn(u64) -> String, &'static str, &'static str);
    let forms: [Form; 4] = [
        (Format::Plain, 200_000, "", |n| format!("P {n} <p{n}@example.com>\n"), "junk\n", ""),
        (Format::Csv, 20_000, "email,name\n", |n| format!("p{n}@example.com,P {n}\n"), "junk\n", ""),
        (Format::Mailmap, 20_000, "", |n| format!("P {n} <p{n}@example.com> <o{n}@example.com>\n"), "junk\n", ""),
        (Format::Json, 20_000, "[", |n| format!(r#"{{"name":"P {n}","email":"p{n}@example.com"}},"#), "{},", "{}]"),
    ];
    for (format, rows, head, row, junk, tail) in forms {
        let bad = [1, rows / 3, rows];
        let written = (1..=rows).map(|n| if bad.contains(&n) { junk.to_owned() } else { row(n) });
        let document: String = std::iter::once(head.to_owned()).chain(written).chain([tail.to_owned()]).collect();
        let mut users = 0;
        let report = parse(format, None, document.as_bytes(), &Limits::default(), |_| users += 1).unwrap();
        // The header of a table is a line of its own; what closes the array is its last element.
        let before = u64::from(format == Format::Csv);
        let after = (format == Format::Json).then_some(rows + 1);
        let named: Vec<u64> = report.rejected.iter().map(|rejection| rejection.line).collect();
        let expected: Vec<u64> = bad.iter().map(|n| n + before).chain(after).collect();
        assert_eq!((users, named), (rows - 3, expected), "{format:?}");
    }
}
