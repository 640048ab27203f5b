//! Another's generator of requests reads the description of the API and asks the gateway whatever that allows and forbids.

use std::process::Command;

use tools::captures;
use tools::program::Program;
use tools::stack::ROOT_KEY;

/// What every answer is held against: that it is no failure of the service, and that the description has its status, its type, its headers
/// and its form; that what needs a key is not done without one; and that a path takes the methods of the description and names them.
///
/// Left out are the checks of what is refused and what is taken (`negative_data_rejection`, `positive_data_acceptance`):
/// the description gives parameters as texts and says what they may be in words. Those that follow one thing
/// through several calls (`use_after_free`, `ensure_resource_availability`, `object_level_authorization`) find no links in it.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,unsupported_method,\
                      allow_header_conformance,ignored_auth,missing_required_header";

#[tokio::test]
#[ignore = "needs schemathesis"]
async fn no_request_made_from_the_description_gets_an_answer_that_it_does_not_have() {
    let gateway = Program::start(env!("CARGO_BIN_EXE_gateway"), &["--ephemeral", "--admin-key", ROOT_KEY]);
    let (client, base_url) = (reqwest::Client::new(), &gateway.base_url);
    let token = ask(&client, client.put(format!("{base_url}/api/orgs/acme"))).await["ingest_token"]
        .as_str()
        .unwrap()
        .to_owned();
    for capture in captures::all().into_iter().filter(|capture| capture.name.starts_with("pb-")) {
        let mut export = client.post(format!("{base_url}{}", capture.path)).bearer_auth(&token);
        export = export.header("content-type", &capture.content_type);
        if let Some(coding) = &capture.content_encoding {
            export = export.header("content-encoding", coding);
        }
        assert!(export.body(capture.body.clone()).send().await.unwrap().status().is_success(), "{}", capture.name);
    }
    let own = ask(&client, client.post(format!("{base_url}/api/orgs/acme/admin-keys"))).await["admin_key"]
        .as_str()
        .unwrap()
        .to_owned();
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new("schemathesis")
        .args(["run", &format!("{base_url}/openapi.json"), "--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
        .args(["--header", &format!("Authorization: Bearer {ROOT_KEY}"), "--header", &format!("x-api-key: {own}")])
        .args(["--max-examples", "10", "--seed", "1", "--max-time", "120", "--no-shrink", "--continue-on-failure"])
        // A rebuild, or a merge, may take twenty seconds before it answers.
        .args(["--request-timeout", "60"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{told}{}", String::from_utf8_lossy(&run.stderr));
    // A run over nothing would be green as well. It counts all calls, or all but the one that gives the description.
    let counts = [0, 1].map(|without| format!("Tested: {}", api::endpoint::all().count() - without));
    assert!(counts.iter().any(|count| told.contains(count)), "{told}");
}

async fn ask(client: &reqwest::Client, request: reqwest::RequestBuilder) -> serde_json::Value {
    let answer = client.execute(request.bearer_auth(ROOT_KEY).build().unwrap()).await.unwrap();
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}
