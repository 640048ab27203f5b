//! The file of managed settings in the data folder is what there is to deploy, at any time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::FutureExt;
use http::Request;
use local::data_folder::DataFolder;
use local::settings_file::SettingsFile;
use tools::program::{Program, settings_of, token_of};
use tools::stack::Stack;

use super::{BINARY, arguments};

/// After this, something is wrong for certain.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_settings_in_the_data_folder_follow_every_rotation_and_every_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let program = Program::start(BINARY, &arguments(data));
    let admin_key = std::fs::read_to_string(data.join("secrets/admin-key")).unwrap().trim().to_owned();
    let client = reqwest::Client::new();
    let ask = async |base_url: &str, call: &str| {
        let request = client.post(format!("{base_url}/api/orgs/default/{call}")).bearer_auth(&admin_key).body("{}");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{call}");
        let answer: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        answer["ingest_token"].as_str().unwrap_or_default().to_owned()
    };
    let first = token_of(data);
    for call in ["token/rotate", "token/rotate"] {
        let new = ask(&program.base_url, call).await;
        assert_ne!(new, first);
        assert_eq!(token_of(data), new, "as soon as the rotation is answered");
    }
    ask(&program.base_url, "token/revoke").await;
    assert!(!settings_of(data).exists(), "nothing is left that could be deployed and would be refused");
    let newest = ask(&program.base_url, "token/rotate").await;
    let (old_address, program) = (program.base_url.clone(), {
        drop(program);
        Program::start(BINARY, &arguments(data))
    });
    assert_ne!(program.base_url, old_address);
    let settings = std::fs::read_to_string(settings_of(data)).unwrap();
    assert!(settings.contains(&program.base_url) && !settings.contains(&old_address), "{settings}");
    assert_eq!(token_of(data), newest);
    assert!(settings.contains("settings_version=4"), "{settings}");
    assert!(program.guidance.join("\n").contains(settings_of(data).to_str().unwrap()), "{:?}", program.guidance);
}

#[tokio::test]
async fn the_settings_follow_a_rotation_whose_client_went_away_in_the_middle_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut tenant = Stack::start().tenant("acme").await;
    let data = Arc::new(DataFolder::open(folder.path()).unwrap());
    let file = SettingsFile::new(data, "acme".parse().unwrap());
    file.refresh(&tenant.handlers.app, &tenant.handlers.base_url).await.unwrap();
    tenant.stack.handlers.settings_file = Some(Arc::new(file));
    let old = token_of(folder.path());
    let request = Request::post("/api/orgs/acme/token/rotate")
        .header("authorization", format!("Bearer {}", tenant.root_key))
        .body(Bytes::from_static(b"{}"))
        .unwrap();
    let now = tenant.now();
    // The connection ends where the request waits for the database for the first time.
    assert!(tenant.handlers.answer_at(request, now).now_or_never().is_none());
    let began = Instant::now();
    while token_of(folder.path()) == old {
        assert!(began.elapsed() < PATIENCE, "the file has the token that is refused");
        tokio::task::yield_now().await;
    }
    assert!(tenant.authenticate(&token_of(folder.path()), now).await.is_ok());
    assert_eq!(tenant.organisation().await.generation, 2);
}
