//! The binaries that run on Lambda, run here: events of API Gateway in, answers out, over a stand-in for the Runtime API.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::time::Timestamp;
use model::token::{PlainToken, TokenKind};
use serde_json::{Value, json};
use store::Store;
use store::token::{TokenRecord, TokenState};
use tools::deployment::store;
use tools::lambda::{Function, Outcome, binary, dynamodb, event};
use tools::packs::pack_keys;
use tools::stack::Stack;

async fn with_token(store: &Store) -> PlainToken {
    store.create_tables().await.unwrap();
    let token = PlainToken::generate(TokenKind::Ingest).unwrap();
    let record = TokenRecord {
        kind: TokenKind::Ingest,
        org: "default".parse().unwrap(),
        uid: model::organisation::Uid::parse("AbCdEfGhIjKl").unwrap(),
        generation: 1,
        state: TokenState::Live,
        created_at: Timestamp::now(),
        retention_days: 90,
        store_content: false,
        store_tool_names: false,
        // The captures are from another time.
        accept_late_days: 3_650,
        marks: store::marks::Marks::default(),
    };
    for item in record.items(&token.hash()) {
        store.client().put_item().table_name("activity").set_item(Some(item.into())).send().await.unwrap();
    }
    token
}

/// A function of the admin API that is only asked with keys of an organisation, so that nobody asks for the root key.
async fn without_root_key(name: &str, url: &str) -> Function {
    let environment = [
        ("AWS_ENDPOINT_URL_DYNAMODB", url),
        ("EVENTS_TABLE", "events"),
        ("ACTIVITY_TABLE", "activity"),
        ("ADMIN_KEY_SECRET", "nobody-asks"),
        ("SECRETS_PREFIX", "telemetry"),
    ];
    Function::start(&binary(name), &environment).await
}

fn addressed(name: &str, token: &PlainToken) -> Value {
    let mut event = event(name);
    event["headers"]["authorization"] = json!(format!("Bearer {}", token.expose()));
    event
}

#[tokio::test]
#[ignore = "needs cargo-lambda"]
async fn ingest_takes_events_of_api_gateway_with_base64_and_with_text() {
    let url = dynamodb().await;
    let store = store(&url);
    let token = with_token(&store).await;
    let environment =
        [("AWS_ENDPOINT_URL_DYNAMODB", &*url), ("EVENTS_TABLE", "events"), ("ACTIVITY_TABLE", "activity")];
    let function = Function::start(&binary("ingest"), &environment).await;
    for (name, encoding) in [
        ("ingest-logs-protobuf", "application/x-protobuf"),
        ("ingest-metrics-json", "application/json"),
        ("ingest-logs-json-gzip", "application/json"),
    ] {
        let answer = function.invoke(&addressed(name, &token)).await.answer();
        assert_eq!(answer["statusCode"], 200, "{name}: {answer}");
        assert_eq!(answer["headers"]["content-type"], encoding);
    }
    let uid = model::organisation::Uid::parse("AbCdEfGhIjKl").unwrap();
    assert_eq!(pack_keys(&store, &uid, Timestamp::now()).await.len(), 3);
    let stranger = PlainToken::generate(TokenKind::Ingest).unwrap();
    let refused = function.invoke(&addressed("ingest-logs-protobuf", &stranger)).await.answer();
    assert_eq!(
        (&refused["statusCode"], &refused["headers"]["www-authenticate"]),
        (&json!(401), &json!("Bearer realm=\"ingest\""))
    );
}

#[tokio::test]
#[ignore = "needs cargo-lambda"]
async fn a_panic_in_the_handler_is_a_503_and_the_function_lives_on() {
    let function = Function::start::<&str>(&binary("panicking"), &[]).await;
    let token = PlainToken::generate(TokenKind::Ingest).unwrap();
    for _ in 0..2 {
        let answer = function.invoke(&addressed("ingest-logs-protobuf", &token)).await.answer();
        assert_eq!((&answer["statusCode"], &answer["headers"]["retry-after"]), (&json!(503), &json!("1")));
    }
}

#[tokio::test]
#[ignore = "needs cargo-lambda and moto_server"]
async fn an_organisation_is_enabled_and_its_settings_generated_behind_api_gateway() {
    let (url, moto) = (dynamodb().await, std::env::var("MOTO_ENDPOINT").unwrap());
    store(&url).create_tables().await.unwrap();
    let key = PlainToken::generate(TokenKind::Admin).unwrap();
    let secret = format!("key-{}", key.hash().token_id());
    tools::secrets_manager::client_at(&moto)
        .create_secret()
        .name(&secret)
        .secret_string(key.expose())
        .send()
        .await
        .unwrap();
    let environment = [
        ("AWS_ENDPOINT_URL_DYNAMODB", &*url),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &*moto),
        ("EVENTS_TABLE", "events"),
        ("ACTIVITY_TABLE", "activity"),
        ("SECRETS_PREFIX", "telemetry"),
        ("ADMIN_KEY_SECRET", &*secret),
    ];
    let rotate_token = Function::start(&binary("rotate-token"), &environment).await;
    let enabled = rotate_token.invoke(&addressed("rotate-token-enable", &key)).await.answer();
    assert_eq!(enabled["statusCode"], 201, "{enabled}");
    let generate_settings = Function::start(&binary("generate-settings"), &environment).await;
    let mut alive = event("generate-settings-shell");
    alive["rawPath"] = json!("/healthz");
    assert_eq!(generate_settings.invoke(&alive).await.answer()["statusCode"], 200, "nobody needs a key for it");
    let settings = generate_settings.invoke(&addressed("generate-settings-shell", &key)).await.answer();
    assert_eq!((&settings["statusCode"], &settings["headers"]["cache-control"]), (&json!(200), &json!("no-store")));
    let text = body_of(&settings);
    assert!(text.contains("https://abcdefghij.execute-api.eu-west-1.amazonaws.com"), "{text}");
    assert!(text.contains("settings_version=1,team=core") && text.contains("Bearer cct_"), "{text}");
}

#[tokio::test]
#[ignore = "needs cargo-lambda"]
async fn people_are_merged_by_the_clock_and_behind_api_gateway() {
    let url = dynamodb().await;
    let store = store(&url);
    store.create_tables().await.unwrap();
    let tenant = Stack::start().over(store).tenant("acme").await;
    let jane = tenant.uses("jane@example.com").await;
    tenant.authors("Jane Doe <jane@example.com>\n").await;
    let key: PlainToken = tenant.ask("POST admin-keys", "{}").await.text("admin_key").parse().unwrap();
    let function = without_root_key("merge-users", &url).await;
    assert_eq!(function.invoke(&event("schedule")).await.answer(), Value::Null);
    assert_eq!(tenant.owners().await.person(&jane).unwrap().name.as_deref(), Some("Jane Doe"));
    let answer = function.invoke(&addressed("merge-users-run", &key)).await.answer();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let outcome: Value = serde_json::from_str(&body_of(&answer)).unwrap();
    assert_eq!((&outcome["merged"], &outcome["unmatched"]), (&json!(1), &json!(0)));
    // What another organisation is asked for, it does not know.
    let mut foreign = addressed("merge-users-run", &key);
    foreign["rawPath"] = json!("/api/orgs/globex/merge/run");
    foreign["requestContext"]["http"]["path"] = foreign["rawPath"].clone();
    assert_eq!(function.invoke(&foreign).await.answer()["statusCode"], 404);
}

#[tokio::test]
#[ignore = "needs cargo-lambda"]
async fn a_guest_whose_address_no_path_can_have_as_it_is_is_found_by_a_decoded_path() {
    let url = dynamodb().await;
    let store = store(&url);
    store.create_tables().await.unwrap();
    let tenant = Stack::start().over(store).tenant("acme").await;
    tenant.uses("jane_example.com#EXT#@tenant.example.com").await;
    let key: PlainToken = tenant.ask("POST admin-keys", "{}").await.text("admin_key").parse().unwrap();
    let function = without_root_key("report", &url).await;
    let mut asked = addressed("report-user-guest", &key);
    let answer = function.invoke(&asked).await.answer();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert!(body_of(&answer).contains("jane_example.com#ext#@tenant.example.com"), "{answer}");
    // What is no path at all is nobody's start page.
    asked["rawPath"] = json!("nowhere");
    assert_eq!(function.invoke(&asked).await.answer()["statusCode"], 400);
}

/// The body of an answer, whether API Gateway is told that it is text or not.
fn body_of(answer: &Value) -> String {
    let body = answer["body"].as_str().unwrap();
    match answer["isBase64Encoded"].as_bool() {
        Some(true) => String::from_utf8(STANDARD.decode(body).unwrap()).unwrap(),
        _ => body.to_owned(),
    }
}

#[tokio::test]
#[ignore = "needs cargo-lambda"]
async fn a_stream_says_which_records_have_to_come_again() {
    let url = dynamodb().await;
    store(&url).create_tables().await.unwrap();
    let environment =
        [("AWS_ENDPOINT_URL_DYNAMODB", &*url), ("EVENTS_TABLE", "events"), ("ACTIVITY_TABLE", "activity")];
    let function = Function::start(&binary("project-activity"), &environment).await;
    let answer = function.invoke(&event("project-activity-stream")).await.answer();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "222000000000000000000002"}]}));
    assert!(
        matches!(function.invoke(&json!({"Records": 7})).await, Outcome::Error(_)),
        "what is no stream is an error"
    );
}

/// Every file of `events/` stands for a shape that a function takes; one that no test uses would stand for nothing.
#[test]
fn every_event_is_used_by_a_test() {
    let tests = std::fs::read_to_string(tools::captures::data("../it/lambda.rs")).unwrap();
    for file in std::fs::read_dir(tools::captures::data("../../events")).unwrap() {
        let name = file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(tests.contains(&format!("\"{name}\"")), "{name} is used by no test");
    }
}
