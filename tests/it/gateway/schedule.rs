//! What the clock does on one machine.

use serde_json::Value;
use tools::program::{Program, token_of};

use super::{BINARY, arguments, export};

const KEY: &str = "root-admin-key-of-the-tests-0123456789";

#[tokio::test(flavor = "multi_thread")]
async fn people_are_merged_shortly_after_the_start_without_anybody_asking() {
    let folder = tempfile::tempdir().unwrap();
    let client = reqwest::Client::new();
    let start = || {
        let mut all = arguments(folder.path()).to_vec();
        all.extend(["--admin-key", KEY]);
        Program::start(BINARY, &all)
    };
    let mut program = start();
    let export = export(1).replace("dev1@example.com", "jane@example.com");
    let sent = client.post(format!("{}/v1/logs", program.base_url)).bearer_auth(token_of(folder.path()));
    let sent = sent.header("content-type", "application/json").body(export).send().await.unwrap();
    assert_eq!(sent.status().as_u16(), 200);
    let upload = client.put(format!("{}/api/orgs/default/git-users", program.base_url)).bearer_auth(KEY);
    let upload =
        upload.header("content-type", "text/plain").body("Jane Doe <jane@example.com>\n").send().await.unwrap();
    assert_eq!(upload.status().as_u16(), 200);
    program.terminate();
    // The first run of the clock may have come before the upload; that of the next start cannot.
    let program = start();
    let url = format!("{}/api/orgs/default/users", program.base_url);
    loop {
        let answer = client.get(&url).bearer_auth(KEY).send().await.unwrap().bytes().await.unwrap();
        let users: Value = serde_json::from_slice(&answer).unwrap();
        if users["items"][0]["state"] == "merged" {
            assert_eq!(users["items"][0]["git"][0]["name"], "Jane Doe");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}
