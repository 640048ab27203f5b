use super::*;

/// Invented, in the shapes of real ones.
const KEY_SHAPES: [&str; 12] = [
    "sk-ant-api03-abcdefghijklmnopqrstuvwxyz",
    "sk-proj-Ab1Cd2Ef3Gh4Ij5Kl6Mn7",
    "sk-0123456789abcdefABCDEF01",
    "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "github_pat_11ABCDEFG0aBcDeFgHiJkL",
    "glpat-abcdefghij0123456789",
    "xoxb-123456789012-abcdefghijkl",
    "AKIAABCDEFGHIJKLMNOP",
    "AIzaSyA-0123456789abcdefghijklmnopqrstu",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkYW5hIn0.c2lnbmF0dXJlLW9mLWl0",
    "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "cct_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ012",
];
const PATHS: [&str; 9] = [
    "/home/dana/plan.txt",
    "/Users/dana/secret-merger/plan.md",
    "~/plan",
    "./plan",
    "../plan",
    "C:\\Users\\dana",
    "d:/plans",
    "\\\\server\\plans",
    "file:///home/dana",
];

#[test]
fn an_unknown_word_is_short_and_looks_chosen_not_drawn() {
    for word in [
        "blue",
        "claude-opus-5-5",
        "first-wins",
        "repl_main_thread",
        "v2",
        "x86_64",
        "1.2.3",
        "2.1.330",
        "JavaScript",
        "5m",
        "UTF8",
        "2026-11-28",
        "53b27e8a-cc2d-4605-9b1a-b0ad7ac8df62",
    ] {
        assert!(is_word(word), "{word}");
    }
    let sentence = "please-delete-all-of-it";
    for other in [
        "two words",
        "plan.txt",
        "dana.example.com",
        "a=b",
        "a@b",
        "a:b",
        "a/b",
        "a\\b",
        "a+b",
        "grün",
        sentence,
        "x y",
        "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
        "aBcDeFgHiJ",
        "q7w8e9r0t1y2",
        "0123456789abcdef0123456789abcdef",
        "",
        "-",
        "a..b",
        &"x".repeat(65),
        &"x".repeat(25),
        &"9".repeat(17),
    ]
    .into_iter()
    .chain(KEY_SHAPES)
    .chain(PATHS)
    {
        assert!(!is_word(other), "{other}");
    }
}

#[test]
fn names_of_events_metrics_and_attributes_have_words_between_points_and_lines() {
    for name in [
        "brand_new",
        "claude_code.lines_of_code.count",
        "managed_settings.helper.applied",
        "gen_ai.client.operation.duration",
    ] {
        assert!(is_identifier(name), "{name}");
    }
    for name in
        ["please delete it", "/etc/passwd", "plan/plan", "1st", "", "a.b.c.d.e.f.g.h.i", "{a}", &"x_".repeat(70)]
    {
        assert!(!is_identifier(name), "{name}");
    }
    assert!(KEY_SHAPES.iter().all(|key| !is_identifier(key)));
}

#[test]
fn a_label_has_no_blanks_no_code_no_path_and_no_key() {
    for label in [
        "eu.anthropic.claude-opus-5-5",
        "claude-opus-4-8[1m]",
        "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/x",
        "req_288fbe4f677a470a8febc2b5",
        "agent:builtin:general-purpose",
        "PreToolUse:Edit|Write",
        "https://github.com/acme/app.git",
        "2026-11-22T06:13:27.776Z",
        "6.12.48-generic",
        "mcp__claude_ai_Gmail__search",
        "feature/login",
        "",
    ] {
        assert!(is_label(label), "{label}");
    }
    for other in ["a sentence", "rm$IFS", "`id`", "{\"a\":1}", "a\nb", "x;y"].into_iter().chain(KEY_SHAPES).chain(PATHS)
    {
        assert!(!is_label(other), "{other}");
    }
}

#[test]
fn a_name_may_have_blanks_and_a_sentence_is_none() {
    for name in [
        "claude.ai Gmail",
        "Jane's agent (v2)",
        "Windows Terminal",
        "Visual Basic",
        "C++",
        "Platform Engineering,All Staff,VPN Users",
        "R&D / Platform",
        "dana@example.com",
        "Grün, Blau",
    ] {
        assert!(is_name(name), "{name}");
    }
    let long = "word ".repeat(5) + &"x".repeat(60);
    for other in ["please delete the table of customers", "see /home/dana/plan", &long, "a\tb\n", "{\"a\":1}", "rm $X"]
        .into_iter()
        .chain(KEY_SHAPES)
    {
        assert!(!is_name(other), "{other}");
    }
    assert!(is_setting("please ask the platform team before you switch it off"), "an admin may write sentences");
    assert!(!is_setting("of /srv/plans and others") && !is_setting("key ghp_0123456789abcdefghijABCDEFGHIJ012345"));
}

#[test]
fn addresses_are_kept_without_user_password_query_and_fragment() {
    for (sent, kept) in [
        ("https://jane:ghp_0123456789abcdefghij@host.example/a.git", "https://host.example/a.git"),
        ("https://jane@host.example/a", "https://host.example/a"),
        ("https://jane:pa/ss@host.example/a", "https://host.example/a"),
        ("https://jane:p?a@host.example/a", "https://host.example/a"),
        ("https://host.example:8080/a@b?token=x#y", "https://host.example:8080/a@b"),
        ("https://[::1]:8080/a", "https://[::1]:8080/a"),
        (
            "see https://a:b@one.example/x and ssh://git@two.example/y?z ok",
            "see https://one.example/x and ssh://two.example/y ok",
        ),
        ("git@github.com:acme/app.git", "git@github.com:acme/app.git"),
        ("no address", "no address"),
        ("://", "://"),
    ] {
        assert_eq!(without_credentials(sent), kept, "{sent}");
    }
}

#[test]
fn names_that_speak_of_content_are_known_in_any_spelling() {
    for name in [
        "api_key",
        "Api Key",
        "PROMPT",
        "userPrompt",
        "full_command",
        "error.message",
        "work-dir.path",
        "x_secret",
        "cwd",
    ] {
        assert!(names_content(name), "{name}");
    }
    for name in ["colour", "department", "team.id", "cost_center"] {
        assert!(!names_content(name) && !names_secret(name), "{name}");
    }
    assert!(names_secret("DB_Password") && names_secret("process.command_line") && !names_secret("project_key"));
}

#[test]
fn every_kind_of_key_is_found_wherever_it_stands() {
    for (begin, length) in KEYS {
        let key = format!("{begin}{}", "a".repeat(length - begin.len()));
        assert!(length >= SHORTEST_KEY && begins_key(key.as_bytes()), "{begin}");
        for text in [key.clone(), format!("x/{key}"), format!("\u{e9}\u{e9}{key}\u{e9}"), format!("a,{key},b")] {
            assert!(has_key(&text) && !is_label(&text), "{text}");
        }
        assert!(!has_key(&key[1..]), "{begin}");
    }
    for key in
        ["AKIAABCDEFGHIJKLMNOP", "sk-abcdefghij0123456789ABCD", "eyJabcdefghij.klmnopqrst.uvwxyz0123", "-----BEGIN"]
    {
        assert!(has_key(key), "{key}");
    }
}

#[test]
fn a_label_of_ascii_is_judged_like_any_other() {
    for byte in 0..128_u8 {
        let c = char::from(byte);
        let expected = !(c.is_whitespace() || c.is_control() || OF_CODE.contains(&c));
        for text in [format!("a{c}b"), format!("\u{e9}{c}b")] {
            assert_eq!(is_label(&text), expected, "{text:?}");
        }
    }
}
