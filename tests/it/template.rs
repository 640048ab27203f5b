//! The template and the code say the same.

use std::collections::{BTreeMap, BTreeSet};

use api::call::Function;
use api::endpoint;
use serde_json::{Value, json};
use tools::captures::data;
use tools::lambda::{binary, ends};
use tools::template::{Template, variables_in};

mod alarms;
mod defaults;
mod roles;

/// The sources in which a function looks for its environment, beside its own.
fn sources(name: &str) -> Vec<&'static str> {
    let mut sources = vec!["shared/store/src/aws.rs", "shared/store/src/aws/trust.rs"];
    match name {
        "ingest" => sources.push("shared/service/src/ingest.rs"),
        "project-activity" => {}
        _ => sources.extend(["shared/lambda/src/lib.rs", "shared/service/src/app.rs"]),
    }
    sources
}

/// What Lambda or a developer sets, and no template.
const NOT_OF_THE_TEMPLATE: [&str; 10] = [
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_LAMBDA_FUNCTION_NAME",
    "RUST_LOG",
    "CARGO_MANIFEST_DIR",
];

/// The functions that have a binary here.
fn binaries() -> BTreeMap<String, String> {
    let has_main = |name: &String| data("../../functions").join(name).join("src/main.rs").exists();
    Template::read().functions().into_iter().filter(|(name, _)| has_main(name)).collect()
}

#[test]
fn every_binary_is_a_function_of_the_template() {
    let functions = Template::read().functions();
    for folder in std::fs::read_dir(data("../../functions")).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if folder.join("src/main.rs").exists() && name != "local" {
            assert!(functions.contains_key(&name), "{name}");
        }
    }
    assert_eq!(functions.len(), 8);
}

#[test]
fn every_call_of_the_api_reaches_the_function_that_serves_it() {
    let template = Template::read();
    for endpoint in endpoint::all() {
        let expected = match endpoint.operation.function() {
            Function::Ingest => "ingest",
            Function::RotateToken => "rotate-token",
            Function::GenerateSettings => "generate-settings",
            Function::MergeUsers => "merge-users",
            Function::Maintain => "maintain",
            Function::Report => "report",
        };
        let path: Vec<&str> = endpoint.path.split('/').map(|s| if s.starts_with('{') { "x" } else { s }).collect();
        assert_eq!(template.route(endpoint.method.as_str(), &path.join("/")), expected, "{}", endpoint.path);
    }
    for signal in ["logs", "metrics", "traces", "nothing", "logs/nothing"] {
        assert_eq!(template.route("POST", &format!("/v1/{signal}")), "ingest");
    }
    assert_eq!(template.route("GET", "/v1/organizations/nothing"), "report");
    for path in ["/", "/sign-in", "/sign-out", "/orgs", "/orgs/acme/users", "/assets/style.css"] {
        assert_eq!(template.route("GET", path), "console", "{path}");
    }
    assert_eq!(template.route("GET", "/nothing"), "generate-settings");
    assert_eq!(template.route("GET", service::http::reply::ALIVE), "generate-settings");
}

/// The route and the path of every example of a request, and the function that its name begins with.
#[test]
fn examples_of_requests_come_by_routes_of_the_template() {
    let template = Template::read();
    let (routes, functions) = (template.routes(), template.functions());
    let mut requests = 0;
    for file in std::fs::read_dir(data("../../events")).unwrap() {
        let path = file.unwrap().path();
        let event: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let Some(key) = event["routeKey"].as_str() else { continue };
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let (method, route) = key.split_once(' ').unwrap();
        let function = &routes[&(route.to_owned(), method.to_owned())];
        assert!(name.starts_with(&format!("{function}-")), "{name} comes by {key}");
        let http = &event["requestContext"]["http"];
        assert_eq!(event["rawPath"], http["path"], "{name}");
        let served = template.route(http["method"].as_str().unwrap(), event["rawPath"].as_str().unwrap());
        assert_eq!((&served, &event["requestContext"]["routeKey"]), (function, &json!(key)), "{name}");
        requests += 1;
    }
    assert!(requests > 5 && functions.len() > 5);
}

#[test]
fn every_route_leads_to_something() {
    for ((route, _), binary) in Template::read().routes() {
        let greedy = route.contains('+') || route == "$default" || route.starts_with("/opentelemetry.");
        let known = endpoint::all().any(|endpoint| {
            let (a, b) = (endpoint.path.split('/'), route.split('/'));
            a.clone().count() == b.clone().count() && a.zip(b).all(|(a, b)| a == b || (b.starts_with('{')))
        });
        assert!(greedy || known || binary == "console" || route == service::http::reply::ALIVE, "{route}");
    }
}

#[test]
fn a_function_is_given_the_variables_that_it_reads_and_no_other() {
    let template = Template::read();
    for (name, logical) in binaries() {
        let own = format!("functions/{name}/src/main.rs");
        let mut read = variables_in(&[&own]);
        read.extend(variables_in(&sources(&name)));
        read.retain(|variable| !NOT_OF_THE_TEMPLATE.contains(&variable.as_str()));
        let given: BTreeSet<String> = template.environment(&logical).into_keys().filter(|v| v != "RUST_LOG").collect();
        assert_eq!(given, read, "{name}");
    }
}

#[test]
fn the_readme_explains_every_variable_and_every_parameter() {
    let (template, readme) = (Template::read(), std::fs::read_to_string(data("../../functions/README.md")).unwrap());
    let mut names: BTreeSet<String> = template.section("Parameters").as_object().unwrap().keys().cloned().collect();
    for logical in template.functions().into_values() {
        names.extend(template.environment(&logical).into_keys());
    }
    for name in names {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
    for (alarm, _) in template.resources("AWS::CloudWatch::Alarm") {
        assert!(readme.contains(&format!("`{alarm}`")), "{alarm}");
    }
}

#[test]
fn no_role_has_a_bare_star_or_a_managed_policy() {
    let template = Template::read();
    for logical in template.functions().into_values() {
        let role = template.properties(&format!("{logical}Role"));
        assert_eq!(role["ManagedPolicyArns"], Value::Null);
        assert!(template.properties(&logical)["Policies"].is_null(), "{logical}");
        assert_eq!(template.properties(&logical)["Role"], format!("{logical}Role.Arn"));
        for statement in template.statements(&logical) {
            assert_ne!(statement.resource, "*", "{logical}");
            assert!(statement.actions.iter().all(|action| !action.contains('*')), "{logical}");
        }
    }
}

#[test]
fn the_tables_and_the_stream_are_as_the_code_expects_them() {
    let template = Template::read();
    for table in ["EventsTable", "ActivityTable"] {
        let table = template.properties(table);
        assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
        assert_eq!(table["TimeToLiveSpecification"]["AttributeName"], store::keys::TTL);
        assert_eq!(table["KeySchema"][0]["AttributeName"], store::keys::PK);
        assert_eq!(table["KeySchema"][1]["AttributeName"], store::keys::SK);
        assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
        for cap in ["MaxWriteRequestUnits", "MaxReadRequestUnits"] {
            assert!(table["OnDemandThroughput"][cap].is_string(), "the cost cap");
        }
    }
    let stream: Vec<&Value> = template.events("ProjectActivity", "DynamoDB").collect();
    assert_eq!(stream[0]["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    assert_eq!(stream[0]["BisectBatchOnFunctionError"], true);
    assert_eq!(stream[0]["DestinationConfig"]["OnFailure"]["Destination"], "Unprojected.Arn");
    for function in ["Maintain", "MergeUsers"] {
        let schedules: Vec<&Value> = template.events(function, "Schedule").collect();
        assert_eq!((schedules.len(), &schedules[0]["DeadLetterConfig"]["Arn"]), (1, &json!("FailedSchedules.Arn")));
    }
    let key = &template.properties("AdminKey")["GenerateSecretString"];
    assert_eq!((&key["PasswordLength"], &key["ExcludePunctuation"]), (&json!(48), &json!(true)));
}

#[test]
#[ignore = "needs cargo-lambda"]
fn a_variable_that_is_missing_or_wrong_ends_the_start_with_a_sentence_that_names_it() {
    let template = Template::read();
    for (name, logical) in binaries() {
        let good: Vec<(String, String)> = template
            .environment(&logical)
            .into_keys()
            .map(|variable| {
                let value = match variable.as_str() {
                    "TRUST_ROOTS" => "amazon",
                    "PUBLIC_URL" => "",
                    "RUST_LOG" => "info",
                    _ => "100",
                };
                (variable, value.to_owned())
            })
            .collect();
        let with = |changed: &str, value: &str| -> Vec<(&str, String)> {
            good.iter().map(|(n, v)| (n.as_str(), if n == changed { value.into() } else { v.clone() })).collect()
        };
        for (variable, _) in &good {
            let value = match variable.as_str() {
                "RUST_LOG" | "METRICS_NAMESPACE" => continue,
                "TRUST_ROOTS" => "/no/such/file",
                "PUBLIC_URL" => "nowhere",
                number if number.starts_with("INGEST_") || number.starts_with("MAX_") => "many",
                _ => "",
            };
            let (well, written) = ends(&binary(&name), &with(variable, value));
            assert!(!well, "{name} starts with {variable}={value:?}");
            let sentences: Vec<&str> = written.lines().filter(|line| line.contains(variable.as_str())).collect();
            assert_eq!((sentences.len(), written.lines().count()), (1, 1), "{name} {variable}: {written}");
        }
    }
}
