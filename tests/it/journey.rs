//! The whole service as it is deployed: its real binaries, from the first organisation to the last trace of it.
//!
//! Every request of theirs to AWS is recorded, and compared with what the template's roles allow: nothing more, nothing less.

use serde_json::{Value, json};
use shared::store::{Item, keys};
use shared::time::Millis;
use tests::captures;
use tests::deployment::{Answer, DOMAIN, Deployment, STACK};
use tests::lambda::event;
use tests::projection::stream_event;
use tests::recorder::Call;

/// What the platform does with a role, and no request of a function shows.
const OF_THE_PLATFORM: [&str; 7] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:DescribeStream",
    "dynamodb:ListStreams",
];

#[tokio::test]
#[ignore = "needs cargo-lambda and moto_server"]
async fn the_deployed_service_lives_from_the_first_organisation_to_the_last_trace_of_it() {
    let service = Deployment::start(&std::env::var("MOTO_ENDPOINT").unwrap()).await;
    paths_of_nobody(&service).await;
    let token = enabled(&service).await;
    telemetry(&service, &token).await;
    numbers(&service).await;
    people(&service).await;
    let token = tokens(&service, &token).await;
    erased_person(&service, &token).await;
    poisoned_records(&service).await;
    purged(&service).await;
    no_secret_in_the_logs(&service, &token);
    roles(&service);
}

/// What no function serves is answered in the form of those who ask.
async fn paths_of_nobody(service: &Deployment) {
    let post = async |path: &str, media_type: &str| {
        let answer = service.send("POST", path, &[("content-type", media_type)], b"{}").await;
        (answer.status, answer.headers["content-type"].as_str().unwrap().to_owned())
    };
    let (problem, json) = ("application/problem+json".to_owned(), "application/json".to_owned());
    assert_eq!(post("/nothing", "application/json").await, (404, problem.clone()));
    assert_eq!(post("/openapi.json", "application/json").await, (405, problem.clone()));
    assert_eq!(post("/api/orgs/acme/status", "application/json").await, (405, problem));
    assert_eq!(post("/v1/nothing", "application/json").await, (404, json.clone()));
    let grpc = post("/opentelemetry.proto.collector.logs.v1.LogsService/Export", "application/grpc").await;
    assert!([404, 415].contains(&grpc.0), "{grpc:?}");
    let get = service.send("GET", "/v1/logs", &[("content-type", "application/json")], b"").await;
    assert_eq!((get.status, &get.headers["allow"], &get.headers["content-type"]), (405, &json!("POST"), &json!(json)));
    for function in ["ingest", "rotate-token"] {
        for strange in
            [json!({}), json!([]), json!({"version": "1.0"}), json!({"version": "2.0", "requestContext": {"http": 7}})]
        {
            let answer = Answer::read(&service.invoke(function, &strange).await.answer());
            assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("unknown_event")), "{strange}");
        }
    }
}

async fn enabled(service: &Deployment) -> String {
    let unknown = service.send("PUT", "/api/orgs/acme", &[("authorization", "Bearer nobody")], b"").await;
    assert_eq!(unknown.status, 401);
    let enabled = service.ask("PUT /api/orgs/acme", r#"{"name": "Acme Inc."}"#).await;
    assert_eq!(enabled.status, 201, "{enabled:?}");
    let settings = &enabled.json()["managed_settings"]["env"];
    assert_eq!(settings["OTEL_EXPORTER_OTLP_ENDPOINT"], format!("https://{DOMAIN}"));
    assert_eq!(service.ask("PUT /api/orgs/acme", r#"{"timezone": "Europe/Berlin"}"#).await.status, 200);
    for variant in ["managed.json", "shell.sh", "macos.mobileconfig"] {
        let answer = service.ask(&format!("GET /api/orgs/acme/settings/{variant}"), "").await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(answer.status == 200 && text.contains(&enabled.text("ingest_token")), "{variant}");
    }
    assert_eq!(service.ask("GET /openapi.json", "").await.json()["openapi"], "3.1.0");
    assert_eq!(service.ask("GET /api/orgs", "").await.json()["items"][0]["org"], "acme");
    enabled.text("ingest_token")
}

/// Every recorded export, as it was sent, twice.
async fn telemetry(service: &Deployment, token: &str) {
    for capture in captures::all() {
        for _repeated in 0..2 {
            let answer = service.export(token, &capture).await;
            assert_eq!(answer.status, 200, "{}", capture.name);
            let protobuf = if capture.is_json() { "application/json" } else { "application/x-protobuf" };
            assert_eq!(answer.headers["content-type"], protobuf);
        }
    }
    project(service).await;
}

async fn project(service: &Deployment) {
    let keys = pack_keys(service).await;
    let answer = service.invoke("project-activity", &stream_event(&keys)).await.answer();
    assert_eq!(answer, json!({"batchItemFailures": []}));
}

async fn pack_keys(service: &Deployment) -> Vec<keys::Key> {
    let organisation = service.store.organisation(&"acme".parse().unwrap()).await.unwrap().unwrap();
    let found = service.store.pack_keys(&organisation.uid, Millis(0)).await.unwrap();
    found.into_iter().map(|(key, _)| key).collect()
}

async fn numbers(service: &Deployment) {
    let status = service.ask("GET /api/orgs/acme/status", "").await.json();
    assert!(
        status["last_activity"].is_string() && status["signals"]["logs"]["accepted"].as_u64() > Some(0),
        "{status}"
    );
    let total = service.ask("GET /api/orgs/acme/activity", "").await.json()["total"].clone();
    assert!(total["api_requests"].as_u64() > Some(0), "{total}");
    let events = service.ask("GET /api/orgs/acme/events?limit=5", "").await;
    assert_eq!(events.body.iter().filter(|byte| **byte == b'\n').count(), 5);
    assert!(events.headers["link"].as_str().unwrap().starts_with(&format!("<https://{DOMAIN}/api/orgs/acme/events?")));
    assert_eq!(service.ask("GET /api/orgs/acme/sessions", "").await.status, 200);
    let key = service.ask("POST /api/orgs/acme/admin-keys", r#"{"name": "dashboard"}"#).await;
    let (id, key) = (key.text("id"), key.text("admin_key"));
    let usage = "/v1/organizations/usage_report/claude_code?starting_at=2026-11-22";
    let report = service.send("GET", usage, &[("x-api-key", &key)], b"").await;
    assert!(
        report.status == 200 && report.json()["data"].as_array().is_some_and(|data| !data.is_empty()),
        "{report:?}"
    );
    let lost = service.send("GET", "/v1/organizations/nothing", &[("x-api-key", &key)], b"").await;
    assert_eq!(lost.status, 404, "{lost:?}");
    assert_eq!(service.ask("GET /api/orgs/acme/admin-keys", "").await.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(service.ask(&format!("DELETE /api/orgs/acme/admin-keys/{id}"), "").await.status, 204);
}

async fn users(service: &Deployment) -> Vec<Value> {
    service.ask("GET /api/orgs/acme/users?limit=1000", "").await.json()["items"].as_array().unwrap().clone()
}

async fn people(service: &Deployment) {
    let known = users(service).await;
    let email = known.iter().find_map(|user| user["email"].as_str()).unwrap().to_owned();
    let git = json!([{"name": "Dana Doe", "email": email}, {"name": "Robin Roe", "email": "robin@example.com"}]);
    let stored = service.ask("PUT /api/orgs/acme/git-users", &git.to_string()).await;
    assert_eq!(stored.json()["stored"], 2, "{stored:?}");
    // Parts are pieces of one document.
    let document = git.to_string();
    let (first, second) = document.split_at(document.len() / 2);
    for (part, piece) in [(1, first), (2, second)] {
        let call = format!("PUT /api/orgs/acme/git-users?import=one&part={part}&of=2");
        let answer = service.ask(&call, piece).await;
        assert!([200, 202].contains(&answer.status), "{answer:?}");
    }
    let merged = service.ask("POST /api/orgs/acme/merge/run", "").await;
    assert_eq!((merged.status, merged.json()["conflicts"].is_u64()), (200, true), "{merged:?}");
    for list in ["merges", "suggestions"] {
        assert_eq!(service.ask(&format!("GET /api/orgs/acme/{list}"), "").await.status, 200, "{list}");
    }
    assert_eq!(service.ask("GET /api/orgs/acme/merge/runs/none", "").await.status, 404);
    let [first, second] = [&known[0]["id"], &known[1]["id"]];
    let by_hand =
        service.ask("POST /api/orgs/acme/merges", &json!({"primary": first, "others": [second]}).to_string()).await;
    assert!([201, 202].contains(&by_hand.status), "{by_hand:?}");
    let merge =
        service.ask("GET /api/orgs/acme/merges", "").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let undone = service.ask(&format!("POST /api/orgs/acme/merges/{merge}/undo"), "").await;
    assert!([200, 409].contains(&undone.status), "{undone:?}");
    let nobody = known.iter().find(|user| user["email"].is_null()).unwrap()["id"].as_str().unwrap();
    let linked =
        service.ask(&format!("POST /api/orgs/acme/users/{nobody}/link"), r#"{"email": "robin@example.com"}"#).await;
    assert_eq!(linked.status, 200, "{linked:?}");
    for answer in ["accept", "reject"] {
        let call = format!("POST /api/orgs/acme/suggestions/none/{answer}");
        assert!([400, 404].contains(&service.ask(&call, "").await.status), "{call}");
    }
    assert!(service.invoke("merge-users", &event("merge-users-schedule")).await.answer().is_null());
}

async fn tokens(service: &Deployment, first: &str) -> String {
    let capture = captures::named("pb-tools/001");
    let rotated = service.ask("POST /api/orgs/acme/token/rotate", r#"{"overlap_seconds": 600}"#).await;
    let second = rotated.text("ingest_token");
    for token in [first, &second] {
        assert_eq!(service.export(token, &capture).await.status, 200, "{rotated:?}");
    }
    assert_eq!(service.ask("POST /api/orgs/acme/token/revoke-previous", "").await.status, 200);
    let refused = service.export(first, &capture).await;
    assert_eq!((refused.status, &refused.headers["www-authenticate"]), (401, &json!("Bearer realm=\"ingest\"")));
    let bearer = ("idempotency-key", "one");
    let root = format!("Bearer {}", service.root_key);
    let mut answers = Vec::new();
    for _repeated in 0..2 {
        let headers = [("authorization", &*root), bearer];
        answers.push(service.send("POST", "/api/orgs/acme/token/rotate", &headers, b"").await.text("ingest_token"));
    }
    assert!(answers[0] == answers[1] && answers[0] != second);
    assert_eq!(service.export(&second, &capture).await.status, 401);
    let token = service.ask("GET /api/orgs/acme/token", "").await.json();
    assert_eq!(token["previous"][1]["refused"], 1, "{token}");
    assert_eq!(token["previous"][1]["still_used_by"].as_array().unwrap().len(), 1, "{token}");
    assert_eq!(service.ask("POST /api/orgs/acme/token/revoke", "").await.status, 200);
    assert_eq!(service.export(&answers[0], &capture).await.status, 401);
    let last = service.ask("POST /api/orgs/acme/token/rotate", "").await.text("ingest_token");
    assert_eq!(service.export(&last, &capture).await.status, 200);
    let findings = service.ask("GET /api/orgs/acme/status", "").await.json()["findings"].clone();
    assert!(findings.to_string().contains("retired_token_refused"), "{findings}");
    last
}

/// Who is erased stays erased, also if a pack of before turns up again.
async fn erased_person(service: &Deployment, token: &str) {
    let (events, mut packs) = (service.store.events(), Vec::new());
    for key in pack_keys(service).await {
        let get = service.store.client().get_item().table_name(events).set_key(Some(Item::at(key).into()));
        packs.push(get.send().await.unwrap().item.unwrap());
    }
    let user = users(service).await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(service.ask(&format!("DELETE /api/orgs/acme/users/{user}"), "").await.status, 204);
    let left = pack_keys(service).await.len();
    assert!(left < packs.len());
    for pack in packs {
        service.store.client().put_item().table_name(events).set_item(Some(pack)).send().await.unwrap();
    }
    project(service).await;
    assert_eq!(pack_keys(service).await.len(), left);
    assert_eq!(service.export(token, &captures::named("pb-tools/001")).await.status, 200);
}

/// A record that no repetition projects does not keep its neighbours back, comes again until the stream gives up on it, and is
/// named in health meanwhile.
async fn poisoned_records(service: &Deployment) {
    let organisation = service.store.organisation(&"acme".parse().unwrap()).await.unwrap().unwrap();
    let mut keys = pack_keys(service).await;
    let poison = keys::Key { pk: format!("{}#poison", organisation.uid), sk: "l#1#x".into() };
    keys.insert(0, poison);
    let mut stream = tests::stream::Stream::new(stream_event(&keys));
    let dead = stream.run(3, async |event| service.invoke("project-activity", &event).await).await;
    assert_eq!(dead, ["1000"], "the poisoned record alone");
    let findings = service.ask("GET /api/orgs/acme/status", "").await.json()["findings"].clone();
    assert!(findings.to_string().contains("damaged_packs"), "{findings}");
}

async fn purged(service: &Deployment) {
    assert_eq!(service.ask("DELETE /api/orgs/acme", "").await.status, 204);
    let again = service.ask("PUT /api/orgs/acme", "").await;
    assert_eq!((again.status, again.json()["generation"].as_u64() > Some(1)), (201, true));
    let uid = service.store.organisation(&"acme".parse().unwrap()).await.unwrap().unwrap().uid;
    assert_eq!(service.ask("POST /api/orgs/acme/admin-keys", "").await.status, 201);
    assert_eq!(service.ask("DELETE /api/orgs/acme?purge=true", "").await.status, 204);
    assert_eq!(service.ask("GET /api/orgs/acme", "").await.status, 404);
    assert!(service.invoke("rotate-token", &event("merge-users-schedule")).await.answer().is_null());
    for table in [service.store.events(), service.store.activity()] {
        let scan = service.store.client().scan().table_name(table).send().await.unwrap();
        let left: Vec<_> = scan.items().iter().map(|item| item["pk"].as_s().unwrap()).collect();
        assert!(left.iter().all(|pk| *pk == "PURGES"), "{left:?}");
    }
    let secret = service.secrets.get_secret_value().secret_id(format!("{STACK}/{uid}")).send().await;
    assert!(secret.is_err());
}

/// Refusals are there one by one, and no token, address or content of anybody.
fn no_secret_in_the_logs(service: &Deployment, token: &str) {
    let logs = service.logs();
    for kind in ["retired", "revoked"] {
        assert!(logs.iter().any(|line| line.contains(&format!("\"refused_token\":\"{kind}\""))), "{kind}: {logs:?}");
    }
    assert!(logs.iter().any(|line| line.contains("an event of an unknown shape")));
    for secret in [token, &service.root_key, "cct_", "@example.com", "Bearer"] {
        let told: Vec<_> = logs.iter().filter(|line| line.contains(secret)).collect();
        assert!(told.is_empty(), "{told:?}");
    }
}

/// Every action that was asked for is allowed, and every one that is allowed was asked for.
fn roles(service: &Deployment) {
    let calls = service.recorder.calls();
    let resource = |call: &Call| match call.resource.as_str() {
        "events" => "EventsTable.Arn",
        "activity" => "ActivityTable.Arn",
        secret if secret == service.root_secret => "AdminKey",
        secret if secret.starts_with(&format!("{STACK}/")) => ORGANISATIONS_SECRETS,
        other => panic!("{other} is nothing of the service"),
    };
    let mut wrong = Vec::new();
    for (binary, function) in service.template.functions() {
        let statements = service.template.statements(&function);
        let own: Vec<&Call> = calls.iter().filter(|call| call.function == binary).collect();
        for call in &own {
            let fits = |s: &&tests::template::Statement| {
                s.resource == resource(call) && s.allows(&call.action, call.leading_key.as_deref())
            };
            if !statements.iter().any(|s| fits(&s)) {
                wrong.push(format!("{binary} needs {} on {} {:?}", call.action, resource(call), call.leading_key));
            }
        }
        if own.is_empty() {
            continue;
        }
        for statement in &statements {
            for action in statement.actions.iter().filter(|action| !OF_THE_PLATFORM.contains(&&***action)) {
                let seen = |call: &&&Call| call.action == *action && resource(call) == statement.resource;
                if !own.iter().any(|call| seen(&call)) {
                    wrong.push(format!("{binary} never needs {action} on {}", statement.resource));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const ORGANISATIONS_SECRETS: &str =
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/*";
