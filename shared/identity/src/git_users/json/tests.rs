use crate::git_users::tests::{parsed, rejection, user};
use crate::git_users::*;

#[test]
fn an_element_that_is_no_user_is_rejected_by_its_position_and_its_neighbours_are_kept() {
    let (users, report) = parsed(
        Format::Json,
        r#"[{"name":"Jane","email":"jane@example.com"}, 17, "x", null, ["John","john@example.com",null,null,null],
            {"email":"a@example.com"}, {"name":null,"email":"a@example.com"}, {"name":"A"}, {"name":"A","email":["a@example.com"]},
            {"name":"A","email":"a@example.com","emails":"b@example.com"}, {"name":"A","email":"a@example.com","emails":[1]},
            {"name":"A","email":"a@example.com","last_commit_at":1769857200}, {"name":"A","email":"a@example.com","login":{}},
            {"name":"A","name":"B","email":"a@example.com"}, {"name":"\ud800","email":"a@example.com"},
            {"name":"John","email":"john@example.com"}]"#,
    )
    .unwrap();
    let expected = [("Jane", "jane@example.com"), ("A", "a@example.com"), ("John", "john@example.com")];
    assert_eq!(users, expected.map(|(name, email)| user(name, email, &[])));
    let ignored = [Field::Emails, Field::Emails, Field::LastCommitAt, Field::Login].into_iter().zip(10..);
    let ignored = ignored.map(|(field, line)| rejection(line, Reason::FieldType(field)));
    assert_eq!(report.ignored, ignored.collect::<Vec<_>>());
    assert_eq!(
        report.rejected,
        [
            rejection(2, Reason::NotAnObject),
            rejection(3, Reason::NotAnObject),
            rejection(4, Reason::NotAnObject),
            rejection(5, Reason::NotAnObject),
            rejection(6, Reason::Missing(Field::Name)),
            rejection(7, Reason::Missing(Field::Name)),
            rejection(8, Reason::Missing(Field::Email)),
            rejection(9, Reason::FieldType(Field::Email)),
            rejection(14, Reason::NotAnObject),
            rejection(15, Reason::FieldType(Field::Name)),
        ]
    );
}

#[test]
fn optional_fields_may_be_null_or_empty_and_unknown_ones_are_ignored() {
    let (users, _) = parsed(
        Format::Json,
        r#"[{"name":"Jane","email":"jane@example.com","login":null,"emails":null,"last_commit_at":null,"commits":7},
            {"name":"","email":"john@example.com","login":"","emails":[""],"last_commit_at":"","more":{"a":[1]}}]"#,
    )
    .unwrap();
    assert_eq!(users, [user("Jane", "jane@example.com", &[]), user("", "john@example.com", &[])]);
}

#[test]
fn a_document_that_is_no_array_is_refused() {
    for input in [r#"{"items":[]}"#, "17", r#""name""#, "null"] {
        let error = parsed(Format::Json, input).unwrap_err();
        assert!(matches!(error, ParseError::NotAnArray), "{input}: {error:?}");
    }
}

#[test]
fn a_document_that_is_not_well_formed_is_refused_at_its_element() {
    let jane = r#"{"name":"Jane","email":"jane@example.com"}"#;
    for (input, at) in [
        (format!("[{jane}"), 2),
        (format!("[{jane} {jane}]"), 2),
        (format!("[{jane},]"), 2),
        (format!("[{jane}]{jane}"), 2),
        (format!("[{jane},{{\"name\":}}]"), 2),
        ("[".to_owned(), 1),
        ("name,email".to_owned(), 1),
    ] {
        let error = parsed(Format::Json, &input).unwrap_err();
        assert!(matches!(error, ParseError::Json { element } if element == at), "{input}: {error:?}");
    }
    let error = parsed(Format::Json, b"[{\"name\":\"Jos\xE9\",\"email\":\"jose@example.com\"}]").unwrap_err();
    assert!(matches!(error, ParseError::Json { element: 1 }), "{error:?}");
}
