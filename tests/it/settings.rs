//! Generated settings, and the description of the API.

use serde_json::Value;
use settings::{OptionName, Variant};
use tools::stack::{BASE_URL, ROOT_KEY, START, Stack};

mod hostile;
mod openapi;
mod schemathesis;

fn target(variant: Variant, query: &str) -> String {
    let email = if variant == Variant::Bedrock { "user_email=dana%40example.com&" } else { "" };
    format!("GET /api/orgs/acme/settings/{variant}?{email}{query}")
}

#[tokio::test]
async fn every_variant_has_the_token_of_now_and_says_where_it_goes() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    let new = stack.rotate("acme", 600, START).await;
    for variant in Variant::ALL {
        let reply = stack.ask(&target(variant, ""), "").await;
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        assert_eq!((reply.status, &reply.headers["cache-control"]), (200, &"no-store".parse().unwrap()), "{variant}");
        assert_eq!(text.contains(&new), !variant.is_of_ci(), "{variant}");
        assert!(!text.contains(&old) && text.contains(BASE_URL), "{variant}");
        assert!(!text.contains(ROOT_KEY), "{variant} has nothing for an admin");
        assert!(!reply.headers["claude-settings-target"].is_empty(), "{variant}");
        assert!(reply.headers.get_all("claude-settings-next-step").iter().count() > 1, "{variant}");
        assert!(reply.headers["content-disposition"].to_str().unwrap().starts_with("attachment; filename="));
    }
}

#[tokio::test]
async fn options_are_taken_from_the_query() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let query = "protocol=http/json&logs_interval=1000&log_prompts=true&attributes=team=R%26D,cost_center=x";
    let reply = stack.ask(&target(Variant::Bedrock, query), "").await;
    let env: Value = reply.json()["env"].clone();
    assert_eq!(env["OTEL_EXPORTER_OTLP_PROTOCOL"], "http/json");
    assert_eq!(env["OTEL_LOGS_EXPORT_INTERVAL"], "1000");
    assert_eq!(env["OTEL_LOG_USER_PROMPTS"], "1");
    assert_eq!(env["OTEL_EXPORTER_OTLP_COMPRESSION"], "none", "JSON is never compressed");
    let attributes = "settings_version=1,user.email=dana@example.com,team=R%26D,cost_center=x";
    assert_eq!(env["OTEL_RESOURCE_ATTRIBUTES"], attributes);
}

#[tokio::test]
async fn what_cannot_be_written_into_settings_is_refused_by_name() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    for (target, field) in [
        ("nothing.json", "variant"),
        ("managed.json?colour=red", "colour"),
        ("managed.json?logs_interval=999", "logs_interval"),
        ("managed.json?metrics_interval=600001", "metrics_interval"),
        ("managed.json?gzip=perhaps", "gzip"),
        ("managed.json?gzip=true&protocol=http/json", "gzip"),
        ("managed.json?model_pricing=0.85", "model_pricing"),
        ("user.json?model_pricing=%7B%22multiplier%22:0.85%7D", "model_pricing"),
        ("managed.json?attributes=a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1", "attributes"),
        ("managed.json?gzip=1&gzip=1", "gzip"),
        ("managed.json?protocol=grpc", "protocol"),
        ("managed.json?attributes=te%20am=x", "attributes"),
        ("managed.json?attributes=team=%2500", "attributes"),
        ("managed.json?user_email=dana@example.com", "user_email"),
        ("bedrock.json", "user_email"),
        ("bedrock.json?user_email=dana", "user_email"),
    ] {
        let reply = stack.ask(&format!("GET /api/orgs/acme/settings/{target}"), "").await;
        assert_eq!((reply.status, reply.text("field").as_str()), (400, field), "{target} {reply:?}");
        assert!(!reply.text("allowed").is_empty() && !reply.text("detail").is_empty(), "{target}");
    }
    let unknown = stack.ask("GET /api/orgs/acme/settings/nothing.json", "").await;
    assert!(Variant::ALL.iter().all(|variant| unknown.text("allowed").contains(variant.name())));
}

#[test]
fn the_description_names_the_options_there_are() {
    let described = api::endpoint::all().find(|endpoint| endpoint.path.ends_with("/settings/{variant}")).unwrap();
    let names: Vec<_> = described.parameters.iter().map(|parameter| parameter.name).collect();
    assert_eq!(names, OptionName::ALL.map(OptionName::as_str));
}

#[tokio::test]
async fn settings_that_only_this_machine_can_use_say_so_in_every_answer_that_has_them() {
    let mut stack = Stack::start().await;
    let warned = async |stack: &Stack| {
        let put = stack
            .ask(if stack.handlers.base_url.is_https() { "PUT /api/orgs/acme" } else { "PUT /api/orgs/other" }, "");
        let put = put.await.json();
        let rotated = stack.ask("POST /api/orgs/acme/token/rotate", "{}").await.json();
        let got = stack.ask(&target(Variant::Managed, ""), "").await;
        let header = got.header("claude-settings-warning").map(str::to_owned);
        assert_eq!(put["warnings"], rotated["warnings"]);
        assert_eq!(put["warnings"][0].as_str(), header.as_deref());
        header
    };
    assert_eq!(warned(&stack).await, None);
    stack.handlers.base_url = "http://127.0.0.1:4318".parse().unwrap();
    assert!(warned(&stack).await.unwrap().starts_with("Only this machine"));
}
