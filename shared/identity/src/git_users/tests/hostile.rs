//! Input made to exhaust or to break the parsers.

use std::io::{self, Read};

use proptest::prelude::*;

use model::text::invisible::is_taken_out;

use super::{parsed, parsed_within, rejection, user};
use crate::git_users::*;

const FORMATS: [Format; 4] = [Format::Json, Format::Csv, Format::Plain, Format::Mailmap];

/// One byte at a time, as the slowest network would give it.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let one = buffer.len().min(1);
        self.0.read(&mut buffer[..one])
    }
}

/// Input that would not fit in memory if anything held it.
fn endless(byte: u8) -> impl Read {
    io::repeat(byte).take(50 * 1024 * 1024)
}

#[test]
fn a_line_of_50_mb_is_rejected_and_its_neighbours_are_kept() {
    for format in [Format::Plain, Format::Mailmap] {
        let input = b"Jane <jane@example.com>\n".chain(endless(b'x')).chain(&b"\nJohn <john@example.com>\n"[..]);
        let mut users = Vec::new();
        let report = parse(format, None, input, &Limits::default(), |user| users.push(user)).unwrap();
        assert_eq!(users, [user("Jane", "jane@example.com", &[]), user("John", "john@example.com", &[])]);
        assert_eq!(report.rejected, [rejection(2, Reason::LineTooLong)]);
    }
}

#[test]
fn a_csv_record_without_an_end_refuses_the_upload_and_names_its_line() {
    let input = b"name,email\nJane,jane@example.com\n\"John".chain(endless(b'\n')).chain(&b"\""[..]);
    let error = parse(Format::Csv, None, input, &Limits::default(), |_| {}).unwrap_err();
    assert!(matches!(error, ParseError::RecordTooLong { line: 3, .. }), "{error:?}");
}

#[test]
fn a_json_element_without_an_end_refuses_the_upload_and_names_its_position() {
    for filler in [b'x', b' ', b'\\'] {
        let input = b"[{\"name\":\"Jane\",\"email\":\"jane@example.com\"},\n\"".chain(endless(filler));
        let error = parse(Format::Json, None, input, &Limits::default(), |_| {}).unwrap_err();
        assert!(matches!(error, ParseError::RecordTooLong { line: 2, .. }), "{error:?}");
    }
}

#[test]
fn nesting_of_any_depth_neither_overflows_the_stack_nor_touches_its_neighbours() {
    let deep = |open: &str, close: &str| open.repeat(10_000) + &close.repeat(10_000);
    let input = format!(
        r#"[{}, {{"name":{},"email":"a@example.com"}}, {{"name":"Jane","email":"jane@example.com","more":{}1{}}}]"#,
        deep("[", "]"),
        deep("[", "]"),
        "{\"a\":".repeat(5_000),
        "}".repeat(5_000),
    );
    let (users, report) = parsed(Format::Json, input).unwrap();
    assert_eq!(users, [user("Jane", "jane@example.com", &[])]);
    assert_eq!(report.rejected, [rejection(1, Reason::NotAnObject), rejection(2, Reason::FieldType(Field::Name))]);
    let error = parse(Format::Json, None, endless(b'['), &Limits::default(), |_| {}).unwrap_err();
    assert!(matches!(error, ParseError::RecordTooLong { .. }), "{error:?}");
}

#[test]
fn bytes_that_are_not_utf_8_reject_their_row_alone() {
    let latin_1 = b"Jos\xE9 <jose@example.com>\nJane <jane@example.com>\n";
    for format in [Format::Plain, Format::Mailmap] {
        let (users, report) = parsed(format, latin_1).unwrap();
        assert_eq!(users, [user("Jane", "jane@example.com", &[])]);
        assert_eq!(report.rejected, [rejection(1, Reason::NotUtf8)]);
    }
}

#[test]
fn a_nul_is_dropped_from_a_name_and_not_taken_in_an_e_mail() {
    for format in [Format::Plain, Format::Mailmap] {
        let (users, report) = parsed(format, b"Ja\0ne <jane@example.com>\nJohn <john@exam\0ple.com>\n").unwrap();
        assert_eq!(users, [user("Jane", "jane@example.com", &[])]);
        assert_eq!(report.rejected, [rejection(2, Reason::Email)]);
    }
}

#[test]
fn more_distinct_users_than_the_limit_refuse_the_upload_but_more_rows_do_not() {
    let limits = Limits { users: 2, ..Limits::default() };
    let two = "a <a@example.com>\nb <b@example.com>\n";
    for format in [Format::Plain, Format::Mailmap] {
        assert_eq!(parsed_within(format, two.repeat(9), &limits).unwrap().0.len(), 2);
        let error = parsed_within(format, format!("{two}c <c@example.com>\n"), &limits).unwrap_err();
        assert!(matches!(error, ParseError::TooManyUsers { limit: 2 }), "{error:?}");
    }
    let three = r#"{"name":"a","email":"a@b"},{"name":"b","email":"a@b"},{"name":"c","email":"a@b"}"#;
    let error = parsed_within(Format::Json, format!("[{three}]"), &limits).unwrap_err();
    assert!(matches!(error, ParseError::TooManyUsers { limit: 2 }), "{error:?}");
}

#[test]
fn a_user_cannot_gather_e_mails_without_end() {
    let limits = Limits { emails_per_user: 2, ..Limits::default() };
    let csv = "name,email,emails\nJane,j@example.com,a@example.com\nJane,j@example.com,x@example.com;y@example.com\nJane,j@example.com,b@example.com\n";
    let (users, report) = parsed_within(Format::Csv, csv, &limits).unwrap();
    assert_eq!(users, [user("Jane", "j@example.com", &["a@example.com", "b@example.com"])]);
    assert_eq!(report.rejected, [rejection(3, Reason::TooManyEmails)]);

    let mailmap = "Jane <j@example.com> <a@example.com>\n<j@example.com> <b@example.com>\n<j@example.com> <c@example.com>\njunk\n";
    let (users, report) = parsed_within(Format::Mailmap, mailmap, &limits).unwrap();
    assert_eq!(users, [user("Jane", "j@example.com", &["a@example.com", "b@example.com"])]);
    let in_order = [rejection(3, Reason::TooManyEmails), rejection(4, Reason::NoEmail)];
    assert_eq!(report.rejected, in_order);
}

/// Bytes that look like one of the formats more often than chance would have it.
fn document() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        4 => prop::sample::select(vec![
            "name,email,login,emails,last_commit_at\n", "Jane", "a@b", "<a@b>", "<A@b> ", "   12\t", "\n", "\r\n", ",", ";",
            "\"", "[", "]", "{", "}", ":", "\"name\"", "\"email\"", "\"emails\"", "\"a@b\"", "null", "1e999", "\\ud800", "#",
            " 2026-01-31T12:00:00+01:00", "\u{FEFF}", "\u{202E}", "e\u{301}", "\0",
            "{\"name\":\"J\",\"email\":\"a@b\",\"emails\":[\"c@d\"]},", "J,a@b,,c@d;e@f,2026-01-31\n",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

fn headed(format: Format, document: &[u8]) -> Vec<u8> {
    match format {
        Format::Json => [b"[", document, b"{}]"].concat(),
        Format::Csv => [b"name,email,login,emails,last_commit_at\n", document].concat(),
        Format::Plain | Format::Mailmap => document.to_vec(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_bytes_in_any_format_are_fully_accounted_for(document in document(), headed_document in any::<bool>()) {
        let limits = Limits { users: 20, record_bytes: 200, emails_per_user: 2, rejections_listed: 3 };
        for format in FORMATS {
            let document = if headed_document { headed(format, &document) } else { document.clone() };
            let Ok((users, report)) = parsed_within(format, &document, &limits) else { continue };
            prop_assert_eq!(report.received, report.stored + report.folded + report.rejected_total);
            prop_assert_eq!(report.stored, users.len() as u64);
            prop_assert_eq!(report.rejected.len() as u64, report.rejected_total.min(3));
            prop_assert!(report.rejected.is_sorted_by_key(|rejection| rejection.line));
            for user in users {
                prop_assert!(user.email.contains('@') && user.emails.len() <= 2 && !user.emails.contains(&user.email));
                prop_assert!(!user.name.contains(is_taken_out));
            }
        }
    }

    #[test]
    fn how_the_bytes_arrive_does_not_matter(document in document()) {
        for format in FORMATS {
            let document = headed(format, &document);
            let mut trickled = Vec::new();
            let report = parse(format, None, Trickle(&document), &Limits::default(), |user| trickled.push(user));
            match (report, parsed(format, &document)) {
                (Ok(report), Ok(whole)) => prop_assert_eq!((trickled, report), whole),
                (Err(one), Err(other)) => prop_assert_eq!(one.to_string(), other.to_string()),
                (one, other) => prop_assert!(false, "{:?} {:?}", one, other),
            }
        }
    }

    #[test]
    fn what_was_stored_is_stored_the_same_when_sent_again_as_csv(document in document()) {
        let Ok((users, _)) = parsed(Format::Csv, headed(Format::Csv, &document)) else { return Ok(()) };
        if users.is_empty() {
            return Ok(());
        }
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(["email", "name", "emails", "login", "last_commit_at"]).unwrap();
        for user in &users {
            let time = user.last_commit_at.map(|at| at.to_string());
            let login = user.login.as_deref().unwrap_or_default();
            csv.write_record([&user.email, &user.name, &user.emails.join(";"), login, time.as_deref().unwrap_or_default()]).unwrap();
        }
        let (again, report) = parsed(Format::Csv, csv.into_inner().unwrap()).unwrap();
        prop_assert_eq!(again, users);
        prop_assert_eq!(report.rejected, []);
    }
}
