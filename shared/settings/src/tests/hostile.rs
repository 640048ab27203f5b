//! No text, from any source, has a meaning in a configuration other than itself.

use percent_encoding::percent_decode_str;
use proptest::prelude::*;

use super::*;

/// Text that tries to escape from its place in one of the formats.
fn attack() -> impl Strategy<Value = String> {
    let known = [
        "'",
        "\"",
        "''",
        "\\",
        "\\\"",
        "`",
        "$(id)",
        "${IFS}",
        "${{ secrets.X }}",
        "<!--",
        "-->",
        "]]>",
        "</string>",
        "&amp;",
        "&#0;",
        "'@",
        "@'",
        "#",
        ";",
        "%PATH%",
        "%41",
        "%",
        "\n",
        "\r\n",
        "\0",
        "\u{2019}",
        "\u{feff}",
        "!",
        "\u{85}",
        "\u{2028}",
        "- x: y",
        "*a",
        "[x]",
        "{y}",
        "|",
        "=",
        ",",
        " ",
    ];
    let piece = prop_oneof![
        3 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        2 => "[ -~]{0,6}",
        1 => any::<String>(),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// A variant other than the one whose test starts a process.
fn quick_variant() -> impl Strategy<Value = Variant> {
    // The other two start a shell.
    let is_quick = |variant: &Variant| ![Variant::Shell, Variant::HeadersHelper].contains(variant);
    let quick = Variant::ALL.into_iter().filter(is_quick);
    proptest::sample::select(quick.collect::<Vec<_>>())
}

/// The path characters with a meaning in some format, which a base URL may well have.
fn hostile_base_url() -> impl Strategy<Value = BaseUrl> {
    "http://h:1/[-a-z%!$&'()*+,;=:@._~]{0,40}".prop_filter_map("a base URL", |url| url.parse().ok())
}

/// What an admin writes to set the value `value`.
fn written(value: &str) -> String {
    value.replace('%', "%25").replace(',', "%2C")
}

/// The variable as the strictest client reads it: a pair without exactly one `=` is dropped, and one character out of
/// range or one text that is too long makes it drop everything.
fn as_client_reads(variable: &str) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    for pair in variable.split(',') {
        if let [key, value] = pair.split('=').collect::<Vec<_>>()[..] {
            for text in [key, value] {
                let printable = text.bytes().all(|b| (0x21..0x7e).contains(&b) && !b"\",;\\".contains(&b));
                assert!(printable && text.len() <= 255, "{text:?} makes the client drop everything");
            }
            let value = percent_decode_str(value).decode_utf8().unwrap();
            attributes.insert(key.to_owned(), value.into_owned());
        }
    }
    attributes
}

/// Writes `env` as `variant`, whatever its values.
fn render(variant: Variant, env: &Env) -> String {
    let guide = Guide::of(variant);
    let policy = Policy { env, pricing: None };
    match variant {
        Variant::Managed | Variant::User | Variant::DropIn | Variant::Bedrock => json::pretty(policy),
        Variant::MacosProfile => macos::profile(policy, &deployment(), &guide),
        Variant::MacosPlist => macos::preferences(policy, &guide),
        Variant::WindowsRegistry => windows::registry_file(policy, &guide),
        Variant::WindowsPowerShell => windows::script(policy, &guide),
        Variant::Shell => shell::exports(env, &guide),
        Variant::GithubActions => github::workflow(env, &guide),
        Variant::HeadersHelper => json::with_helper(policy),
    }
}

fn check(variant: Variant, base_url: &BaseUrl, value: &str) -> Result<(), TestCaseError> {
    let deployment = deployment_at(base_url);
    let attributes = format!("team={}", written(value));
    let Ok(selection) = select(variant, &[("attributes", &attributes)]) else {
        let refusable = value.trim_matches(' ').is_empty() || value.chars().any(char::is_control) || value.len() > 80;
        prop_assert!(refusable, "{:?} could be sent", value);
        return Ok(());
    };
    let env = Env::for_selection(&deployment, &selection);
    let body = generate(&deployment, &selection).body;
    prop_assert!(body.bytes().all(|b| (0x20..0x7f).contains(&b) || b"\t\r\n".contains(&b)));

    let found = parse::variables(variant, &body);
    prop_assert_eq!(&found, &expected(&env));
    prop_assert_eq!(&found["OTEL_EXPORTER_OTLP_ENDPOINT"], base_url.as_str());
    let attributes = as_client_reads(&found["OTEL_RESOURCE_ATTRIBUTES"]);
    prop_assert_eq!(attributes["team"].as_str(), value.trim_matches(' '));
    prop_assert_eq!(attributes["settings_version"].as_str(), "7");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_hostile_address_and_attribute_arrive_as_they_are_or_are_refused(
        variant in quick_variant(),
        base_url in hostile_base_url(),
        value in attack(),
    ) {
        check(variant, &base_url, &value)?;
    }

    #[test]
    fn any_text_at_all_is_taken_or_refused(
        variant in proptest::sample::select(Variant::ALL.to_vec()),
        url in attack(),
        token in attack(),
        org in attack(),
        pairs in proptest::collection::vec(
            (prop_oneof![proptest::sample::select(OptionName::ALL.map(|name| name.as_str().to_owned()).to_vec()), attack()], attack()),
            0..4,
        ),
    ) {
        if let Ok(base_url) = url.parse() {
            let _ = generate(&deployment_at(&base_url), &select(variant, &[]).unwrap());
        }
        let _ = (token.parse::<PlainToken>(), org.parse::<OrgName>());
        if let Ok(selection) = Selection::from_query(variant, pairs) {
            let env = Env::for_selection(&deployment(), &selection);
            prop_assert!(env.0.iter().all(|(_, value)| value.bytes().all(|b| (0x20..0x7f).contains(&b))));
        }
    }

    #[test]
    fn a_writer_escapes_every_printable_character_itself(variant in quick_variant(), value in "[ -~]{0,40}") {
        let env = Env(vec![("A", "1".to_owned()), ("OTEL_X", value), ("Z", "2".to_owned())]);
        prop_assert_eq!(parse::variables(variant, &render(variant, &env)), expected(&env));
    }

    #[test]
    fn a_powershell_script_has_the_same_code_whatever_it_carries(value in "[ -~]{0,40}") {
        let code = |value: &str| {
            parse::powershell(&render(Variant::WindowsPowerShell, &Env(vec![("OTEL_X", value.to_owned())]))).code
        };
        prop_assert_eq!(code(&value), code("harmless"));
    }

    #[test]
    fn a_workflow_has_no_expressions_but_the_secret_the_repository_and_the_run(base_url in hostile_base_url(), value in attack()) {
        let deployment = deployment_at(&base_url);
        let attributes = format!("team={}", written(&value));
        if let Ok(selection) = select(Variant::GithubActions, &[("attributes", &attributes)]) {
            let body = generate(&deployment, &selection).body;
            prop_assert_eq!(body.matches("${{").count(), 3);
            for own in ["${{ secrets.CLAUDE_CODE_OTEL_TOKEN }}", "${{github.repository}}", "${{github.run_id}}"] {
                prop_assert_eq!(body.matches(own).count(), 1);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_real_shell_takes_hostile_values_as_they_are(
        base_url in hostile_base_url(),
        value in attack(),
        raw in "[ -~\n]{0,40}",
    ) {
        check(Variant::Shell, &base_url, &value)?;
        check(Variant::HeadersHelper, &base_url, &value)?;
        let env = Env(vec![("A", "1".to_owned()), ("OTEL_X", raw), ("Z", "2".to_owned())]);
        prop_assert_eq!(parse::variables(Variant::Shell, &render(Variant::Shell, &env)), expected(&env));
    }
}
