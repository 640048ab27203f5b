//! The file of managed settings in the data folder is what there is to deploy, at any time.

use tools::program::{Program, settings_of, token_of};

use super::{BINARY, arguments};

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
