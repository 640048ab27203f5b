use proptest::prelude::*;

use super::*;
use model::time::Timestamp;

#[test]
fn a_name_loses_what_cannot_be_seen_and_keeps_what_its_script_needs() {
    for (raw, cleaned) in [
        ("  Jane\t \u{A0}Doe \n", "Jane Doe"),
        ("Jane\u{202E} eoD\u{2066}\u{200F}", "Jane eoD"),
        ("Ja\u{0}ne\u{1B}[31m\u{FEFF}\u{200B}", "Jane[31m"),
        ("Jose\u{301}", "Jos\u{E9}"),
        ("\u{645}\u{6CC}\u{200C}\u{62E}", "\u{645}\u{6CC}\u{200C}\u{62E}"),
        ("\u{202E}", ""),
    ] {
        assert_eq!(name(raw), cleaned, "{raw:?}");
    }
}

#[test]
fn a_long_name_is_cut_between_characters() {
    let cut = name(&"\u{1F600}".repeat(300));
    assert_eq!(cut, "\u{1F600}".repeat(256));
    assert_eq!(name(&format!("{} b", "a".repeat(255))), "a".repeat(255));
}

#[test]
fn the_strange_e_mails_git_makes_are_accepted() {
    for raw in [
        "root@host",
        "jane@localhost.(none)",
        "1234+jane@users.noreply.github.com",
        "jane@8b7c1d2e-0000-4000-8000-000000000000",
        "a@b@c",
        "josé@exämple.org",
    ] {
        assert_eq!(email(raw).as_deref(), Ok(raw));
    }
    assert_eq!(email(" jane@example.com\n").as_deref(), Ok("jane@example.com"));
}

#[test]
fn what_is_no_e_mail_is_rejected_with_its_reason() {
    for (raw, reason) in [
        ("", Reason::NoEmail),
        (" \t", Reason::NoEmail),
        ("jane", Reason::Email),
        ("@example.com", Reason::Email),
        ("jane@", Reason::Email),
        ("jane doe@example.com", Reason::Email),
        ("<jane@example.com>", Reason::Email),
        ("ja\u{0}ne@example.com", Reason::Email),
        ("jane@example.com\u{202E}", Reason::Email),
        ("ja\u{200B}ne@example.com", Reason::Email),
    ] {
        assert_eq!(email(raw), Err(reason), "{raw:?}");
    }
}

#[test]
fn an_e_mail_has_254_bytes_at_most() {
    let longest = format!("{}@example.com", "a".repeat(254 - "@example.com".len()));
    assert!(email(&longest).is_ok());
    assert_eq!(email(&format!("a{longest}")), Err(Reason::EmailTooLong));
}

#[test]
fn a_login_has_64_characters_at_most_and_no_spaces() {
    assert!(login(&"ä".repeat(64)).is_ok());
    assert_eq!(login(&"a".repeat(65)), Err(Reason::Login));
    assert_eq!(login("jane doe"), Err(Reason::Login));
}

#[test]
fn a_time_needs_an_offset_and_a_date_is_its_midnight_in_utc() {
    for (raw, milliseconds) in [
        ("2026-01-31T12:00:00+01:00", Ok(1_769_857_200_000)),
        ("2026-01-31T11:00:00Z", Ok(1_769_857_200_000)),
        ("2026-01-31T11:00:00.250Z", Ok(1_769_857_200_250)),
        ("2026-01-31 12:00:00 +0100", Ok(1_769_857_200_000)),
        ("2026-01-31", Ok(1_769_817_600_000)),
        ("1969-12-31T23:59:59Z", Ok(-1_000)),
        ("2026-01-31T12:00:00", Err(Reason::Time)),
        ("2011-10-04T12:00:00+518:00", Err(Reason::Time)),
        ("2026-02-30", Err(Reason::Time)),
        ("yesterday", Err(Reason::Time)),
        ("1769857200", Err(Reason::Time)),
    ] {
        assert_eq!(time(raw), milliseconds.map(Timestamp), "{raw}");
    }
}

proptest! {
    #[test]
    fn cleaning_a_clean_name_changes_nothing(raw in "\\PC{0,300}|[ \\t\u{200B}\u{202E}e\u{301}\u{2000}a-z]{0,300}") {
        let cleaned = name(&raw);
        prop_assert_eq!(name(&cleaned), cleaned.clone());
        prop_assert!(cleaned.chars().count() <= NAME_CHARS);
    }
}
