use crate::git_users::tests::{parsed, rejection, user};
use crate::git_users::*;
use model::time::Timestamp;

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
        last_commit_at: Some(Timestamp(1_769_857_200_000)),
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
            "Doe, John,john@example.com,x",
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
        let expected = ["Jane Doe <jane@example.com>", "A <a@example.com>", "A B <a@example.com>", "A <b@example.com>"];
        assert_eq!(users.iter().map(|user| format!("{} <{}>", user.name, user.email)).collect::<Vec<_>>(), expected);
        assert_eq!(
            report.rejected,
            [rejection(4, Reason::Columns), rejection(6, Reason::Email), rejection(7, Reason::NoEmail)],
            "{end:?}"
        );
        assert_eq!(report.ignored, [rejection(8, Reason::FurtherEmail)]);
    }
}

#[test]
fn what_spreadsheets_write_is_read() {
    for (written, file) in [
        ("semicolons", "name;email;login\nJane;jane@example.com;\n".as_bytes()),
        ("tabs", b"name\temail\nJane\tjane@example.com\n"),
        ("bars", b"name|email\nJane|jane@example.com\n"),
        ("what Excel says of it", b"sep=;\nname;email\nJane;jane@example.com\n"),
        ("the same with a tab", b"sep=\t\r\nname\temail\r\nJane\tjane@example.com\r\n"),
        (
            "what PowerShell says of it",
            b"#TYPE System.Object\r\n\"name\",\"email\"\r\n\"Jane\",\"jane@example.com\"\r\n",
        ),
        ("other names of the columns", b"Name,E-Mail,Last Commit At\nJane,jane@example.com,\n"),
        ("a byte order mark", b"\xEF\xBB\xBF\"name\";\"email\"\nJane;jane@example.com\n"),
        ("missing cells at the end", b"name,email,login,emails\nJane,jane@example.com\n"),
        ("empty cells at the end", b"name,email\nJane,jane@example.com,,\n"),
        ("an old Windows", b"name,email,team\nJane,jane@example.com,F\xFChrung\n"),
    ] {
        let (users, report) = parsed(Format::Csv, file).unwrap();
        assert_eq!(
            (users.as_slice(), report.rejected.len()),
            ([user("Jane", "jane@example.com", &[])].as_slice(), 0),
            "{written}"
        );
    }
    let joerg = [user("J\u{F6}rg", "jo@example.com", &[])];
    let file = b"name,email\nJ\xF6rg,jo@example.com\n";
    assert_eq!(parsed(Format::Csv, file).unwrap().0, joerg);
    let rejected = |charset| {
        let report = parse(Format::Csv, charset, file.as_slice(), &Limits::default(), |_| {}).unwrap();
        report.rejected.len()
    };
    assert_eq!((rejected(None), rejected(Some(Charset::Windows1252)), rejected(Some(Charset::Utf8))), (0, 0, 1));
}

#[test]
fn lines_before_the_header_count() {
    let (_, report) = parsed(Format::Csv, "sep=,\n\nname,email\nJane,none\n").unwrap();
    assert_eq!(report.rejected, [rejection(4, Reason::Email)]);
}

#[test]
fn a_quotation_mark_that_is_left_open_refuses_the_file() {
    let rows: String = (0..50).map(|n| format!("P{n},p{n}@example.com\n")).collect();
    for (file, at) in [
        (format!("name,email\nA,a@example.com\n\"Jane,jane@example.com\n{rows}"), 3),
        (format!("name,email\nA,a@example.com\nJane,\"jane@example.com\n{rows}"), 3),
        (format!("name,email\n\"Jane,jane@example.com\n{rows}\"Jo\",jo@example.com\nZ,z@example.com\n"), 2),
        (format!("sep=,\nname,email\n\"Jane,jane@example.com\n{rows}"), 3),
        ("name,email\nA,\"a@example.com".to_owned(), 2),
    ] {
        let error = parsed(Format::Csv, &file).unwrap_err();
        assert!(matches!(error, ParseError::OpenQuote { line } if line == at), "{file}: {error:?}");
    }
    for closed in [
        "name,email\nA,\"a@example.com\"",
        "name,email\nA \"B\" C,a@example.com\n",
        "name,email\n\"A \"\"B\"\"\",a@example.com",
    ] {
        assert_eq!(parsed(Format::Csv, closed).unwrap().1.stored, 1, "{closed}");
    }
}

#[test]
fn rows_that_a_quotation_mark_swallowed_refuse_the_file_whatever_the_column() {
    for (header, cells) in [
        ("name,email,emails", ["x", "", "c@e.com"]),
        ("name,email,login", ["x", "bob", "carol"]),
        ("name,email,last_commit_at", ["2026-01-31", "", "2026-01-31"]),
        ("name,email,remark", ["on leave", "", "back"]),
    ] {
        let [jane, bob, carol] = cells;
        let file = format!(
            "{header}\nJane,jane@example.com,\"{jane}\nBob,bob@example.com,{bob}\nCarol,carol@example.com,\"{carol}\"\n"
        );
        let error = parsed(Format::Csv, &file).unwrap_err();
        assert!(matches!(error, ParseError::OpenQuote { line: 2 }), "{file}: {error:?}");
    }
    let file = "name,email,login\nJane,\"jane@example.com\nBob,bob@example.com\nCarol,\"carol@example.com\"\n";
    assert!(matches!(parsed(Format::Csv, file), Err(ParseError::OpenQuote { line: 2 })));
    let of_two_lines = "name,email,remark,login\nJane,jane@example.com,\"on\nleave\",\"\n\"\n";
    assert_eq!(parsed(Format::Csv, of_two_lines).unwrap().1.stored, 1);
}

#[test]
fn a_header_without_name_or_email_or_with_one_twice_is_refused() {
    for (header, expected) in [
        ("Jane,jane@example.com\n", "no column name"),
        ("name,mail\n", "no column email"),
        ("name,email,Name\n", "column name twice"),
    ] {
        let error = parsed(Format::Csv, header).unwrap_err().to_string();
        assert!(error.contains(expected), "{header}: {error}");
        assert!(!error.contains("Jane"), "{error}");
    }
}
