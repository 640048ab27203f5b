use std::collections::BTreeMap;
use std::process::Command;
use std::sync::LazyLock;

use model::base_url::BaseUrl;
use model::organisation::OrgName;
use model::token::{PlainToken, TokenKind};
use serde_json::Value;

use super::*;

mod hostile;
mod parse;
mod powershell;

static BASE_URL: LazyLock<BaseUrl> = LazyLock::new(|| "https://telemetry.example.com/prod".parse().unwrap());
static TOKEN: LazyLock<PlainToken> = LazyLock::new(|| PlainToken::from_random(TokenKind::Ingest, [7; 32]));
static ORG: LazyLock<OrgName> = LazyLock::new(|| "acme".parse().unwrap());

fn deployment() -> Deployment<'static> {
    deployment_at(&BASE_URL)
}

fn deployment_at(base_url: &BaseUrl) -> Deployment<'_> {
    Deployment::new(base_url, Some(&TOKEN), 7, &ORG)
}

/// A selection of `variant` with `pairs`, and with the e-mail address that Bedrock requires.
fn select(variant: Variant, pairs: &[(&str, &str)]) -> Result<Selection, OptionError> {
    let email = [("user_email", "jane@example.com")];
    let email = email.into_iter().filter(|_| variant == Variant::Bedrock);
    Selection::from_query(variant, pairs.iter().copied().chain(email))
}

fn document(variant: Variant, pairs: &[(&str, &str)]) -> Document {
    generate(&deployment(), &select(variant, pairs).unwrap())
}

fn expected(env: &Env) -> BTreeMap<String, String> {
    env.0.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

#[test]
fn every_form_carries_the_same_variables() {
    let pairs = [("attributes", "team=R&D,motto=it's 100% <b>\"fun\"</b>;$(id)`id`")];
    for variant in Variant::ALL {
        let selection = select(variant, &pairs).unwrap();
        let env = Env::for_selection(&deployment(), &selection);
        let document = generate(&deployment(), &selection);
        assert_eq!(parse::variables(variant, &document.body), expected(&env), "{variant}");
    }
}

#[test]
fn a_new_organisation_is_given_the_managed_document() {
    let value = managed_settings(&deployment(), &Options::default());
    let served: Value = serde_json::from_str(&document(Variant::Managed, &[]).body).unwrap();
    assert_eq!(value, served);
    assert_eq!(value["env"]["OTEL_EXPORTER_OTLP_HEADERS"], format!("Authorization=Bearer {}", TOKEN.expose()));
}

#[test]
fn settings_documents_obey_the_public_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/claude-code-settings.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let all = [
        ("logs_interval", "1000"),
        ("log_prompts", "true"),
        ("log_tool_details", "true"),
        ("repository", "true"),
        ("attributes", "team=core"),
        ("gzip", "true"),
    ];
    for variant in [Variant::Managed, Variant::User, Variant::DropIn, Variant::Bedrock, Variant::HeadersHelper] {
        let pricing = [("model_pricing", r#"{"multiplier":0.85}"#)];
        let pricing = if variant.is_managed() { &pricing[..] } else { &[] };
        for pairs in [&all[..0], &all[..], &[("protocol", "http/json")], pricing] {
            let value: Value = serde_json::from_str(&document(variant, pairs).body).unwrap();
            assert_eq!(validator.validate(&value).map_err(|error| error.to_string()), Ok(()));
        }
    }
    let mut wrong = managed_settings(&deployment(), &Options::default());
    wrong["env"]["OTEL_METRIC_EXPORT_INTERVAL"] = 60_000.into();
    assert!(!validator.is_valid(&wrong), "the schema refuses numbers, as Claude Code does");
}

#[test]
fn prices_are_in_every_managed_form_and_in_no_other() {
    let prices = r#"{"multiplier":0.85,"overrides":{"claude-opus-5":{"cacheRead":0.42,"cacheWrite":5.25,"input":4,"output":21}}}"#;
    let expected: Value = serde_json::from_str(prices).unwrap();
    for variant in Variant::ALL {
        let selected = select(variant, &[("model_pricing", prices)]);
        if !variant.is_managed() {
            assert_eq!(selected, Err(OptionError::PricingElsewhere), "{variant}");
            continue;
        }
        let body = generate(&deployment(), &selected.unwrap()).body;
        assert_eq!(parse::document(variant, &body)["modelPricing"], expected, "{variant}");
        assert!(parse::document(variant, &document(variant, &[]).body).get("modelPricing").is_none());
    }
}

#[test]
fn the_token_is_in_every_form_once_but_never_in_one_for_ci() {
    for variant in Variant::ALL {
        let times = document(variant, &[]).body.matches(TOKEN.expose()).count();
        assert_eq!(times, usize::from(!variant.is_of_ci()), "{variant}");
    }
}

#[test]
fn printing_a_document_does_not_show_the_token() {
    for variant in Variant::ALL {
        let document = document(variant, &[]);
        assert!(!format!("{document:?} {document:#?}").contains(TOKEN.expose()));
    }
}

#[test]
fn forms_with_comments_say_where_they_go_and_what_to_do_next() {
    for variant in Variant::ALL {
        let Document { body, target_path, next_steps, .. } = document(variant, &[]);
        let has_comments = body.contains(target_path) && next_steps.iter().all(|step| body.contains(step));
        assert_eq!(has_comments, !variant.name().ends_with(".json"), "{variant}");
    }
}

#[test]
fn windows_forms_have_windows_line_ends() {
    for variant in [Variant::WindowsRegistry, Variant::WindowsPowerShell] {
        let body = document(variant, &[]).body;
        assert_eq!(body.matches('\n').count(), body.matches("\r\n").count());
    }
}

#[test]
fn a_profile_is_nested_as_macos_wants_it() {
    let body = document(Variant::MacosProfile, &[]).body;
    let profile = parse::property_list(&body);
    assert_eq!(profile["PayloadType"], "Configuration");
    assert_eq!(profile["PayloadVersion"], 1);
    assert_eq!(profile["PayloadScope"], "System");
    assert_eq!(profile["PayloadIdentifier"], "claude-code-telemetry.acme");
    let payload = &profile["PayloadContent"][0];
    assert_eq!(payload["PayloadType"], "com.apple.ManagedClient.preferences");
    assert_eq!(payload["PayloadIdentifier"], "claude-code-telemetry.acme.settings");
    let forced = &payload["PayloadContent"]["com.anthropic.claudecode"]["Forced"];
    assert!(forced[0]["mcx_preference_settings"]["env"].is_object());
    assert_ne!(profile["PayloadUUID"], payload["PayloadUUID"]);
}

#[test]
fn a_profile_is_the_same_until_the_token_is_rotated() {
    let selection = select(Variant::MacosProfile, &[]).unwrap();
    let of = |generation, org: &str| {
        let org = org.parse().unwrap();
        let deployment = Deployment::new(&BASE_URL, Some(&TOKEN), generation, &org);
        let profile = parse::property_list(&generate(&deployment, &selection).body);
        ["PayloadIdentifier", "PayloadUUID"].map(|key| profile[key].as_str().unwrap().to_owned())
    };
    let [identifier, uuid] = of(1, "acme");
    assert_eq!(of(1, "acme"), [identifier.clone(), uuid.clone()]);
    let [same_identifier, other_uuid] = of(2, "acme");
    assert_eq!(same_identifier, identifier, "the new profile replaces the old one");
    assert_ne!(other_uuid, uuid);
    let [other_identifier, another_uuid] = of(1, "other");
    assert_ne!((other_identifier, another_uuid), (identifier, uuid));
}

#[test]
#[ignore = "needs python3"]
fn apples_format_is_read_by_another_implementation() {
    for variant in [Variant::MacosProfile, Variant::MacosPlist] {
        let body = document(variant, &[("attributes", "motto=a<b&c>]]>'\"")]).body;
        let program = "import json,plistlib,sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))";
        let output = parse::run(Command::new("python3").args(["-c", program]), &body);
        assert_eq!(serde_json::from_str::<Value>(&output).unwrap(), parse::property_list(&body));
    }
}

#[test]
fn printing_a_deployment_does_not_show_its_token() {
    assert!(!format!("{:?} {:#?}", deployment(), deployment()).contains(&TOKEN.expose()[8..40]));
}

#[test]
fn every_token_and_every_name_of_an_organisation_is_plain_enough_for_every_form() {
    let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    assert!(is_plain(TOKEN.expose()) && is_plain(HIDDEN));
    for org in ["", "-a", "Acme", "a_b", "a b", "a/../b", "<x>", &"a".repeat(64)] {
        assert!(org.parse::<OrgName>().is_err(), "{org}");
    }
}
