//! Rotations under load, and what they leave on disk and in logs.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::RwLock;
use tools::program::{Program, token_of};

use super::{BINARY, arguments, export};

/// A token, and the time in which it was surely good.
#[derive(Clone)]
struct Known {
    token: String,
    /// The answer that brought it had arrived.
    from: Instant,
    /// The request that ended it was about to be sent.
    until: Option<Instant>,
    /// The answer to that request had arrived.
    gone: Option<Instant>,
}

async fn rotate(client: &reqwest::Client, base_url: &str, admin_key: &str) -> String {
    let request = client.post(format!("{base_url}/api/orgs/default/token/rotate")).bearer_auth(admin_key).body("{}");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let answer: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    answer["ingest_token"].as_str().unwrap().to_owned()
}

async fn status(client: &reqwest::Client, base_url: &str, token: &str, number: u64) -> u16 {
    let request =
        client.post(format!("{base_url}/v1/logs")).bearer_auth(token).header("content-type", "application/json");
    request.body(export(number)).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_exporters_meet_ten_rotations_and_every_decision_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(BINARY, &arguments(folder.path()));
    let admin_key = std::fs::read_to_string(folder.path().join("secrets/admin-key")).unwrap().trim().to_owned();
    let first = Known { token: token_of(folder.path()), from: Instant::now(), until: None, gone: None };
    let (tokens, done) = (Arc::new(RwLock::new(vec![first])), Arc::new(AtomicBool::new(false)));
    let accepted = Arc::new(AtomicU64::new(0));
    let exporters: Vec<_> = (0..200_u64)
        .map(|exporter| {
            let (tokens, done, base_url) = (tokens.clone(), done.clone(), program.base_url.clone());
            let accepted = accepted.clone();
            tokio::spawn(async move {
                let (client, mut seen) = (reqwest::Client::new(), Vec::new());
                for turn in 0.. {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    // The newest token and, every other time, the one before.
                    let (index, token) = {
                        let tokens = tokens.read().await;
                        let index = tokens.len().saturating_sub(1 + turn as usize % 2);
                        (index, tokens[index].token.clone())
                    };
                    let began = Instant::now();
                    let status = status(&client, &base_url, &token, exporter * 1_000_000 + turn).await;
                    accepted.fetch_add(u64::from(status == 200), Ordering::Relaxed);
                    seen.push((index, began, Instant::now(), status));
                }
                seen
            })
        })
        .collect();
    let client = reqwest::Client::new();
    for _ in 0..10 {
        // Every token is in use by most exporters before it is replaced.
        let enough = accepted.load(Ordering::Relaxed) + 150;
        while accepted.load(Ordering::Relaxed) < enough {
            tokio::task::yield_now().await;
        }
        let asked = Instant::now();
        let token = rotate(&client, &program.base_url, &admin_key).await;
        let mut tokens = tokens.write().await;
        let now = Instant::now();
        let before = tokens.last_mut().unwrap();
        (before.until, before.gone) = (Some(asked), Some(now));
        tokens.push(Known { token, from: now, until: None, gone: None });
    }
    done.store(true, Ordering::Relaxed);
    let tokens_seen = {
        let mut all = Vec::new();
        for exporter in exporters {
            all.extend(exporter.await.unwrap());
        }
        all
    };
    let tokens = tokens.read().await;
    let (mut good, mut refused) = (0, 0);
    for (index, began, ended, status) in tokens_seen {
        let known = &tokens[index];
        if began >= known.from && known.until.is_none_or(|until| ended < until) {
            assert_eq!(status, 200, "a token is refused before it is replaced");
            good += 1;
        } else if known.gone.is_some_and(|gone| began >= gone) {
            assert_eq!(status, 401, "a replaced token is let in");
            refused += 1;
        }
    }
    assert!(good > 200 && refused > 50, "{good} good and {refused} refused decisions were judged");
}

/// Every file below `folder` whose content has `needle`, but for the folder of secrets.
fn files_with(folder: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("secrets") {
                found.extend(files_with(&path, needle));
            }
        } else if std::fs::read(&path).unwrap().windows(needle.len()).any(|w| w == needle.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test]
async fn no_token_is_in_a_log_an_error_or_a_file_of_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let log = folder.path().join("log");
    let program = Program::start_logging(BINARY, &arguments(&data), &log);
    let (client, admin_key) =
        (reqwest::Client::new(), std::fs::read_to_string(data.join("secrets/admin-key")).unwrap());
    let admin_key = admin_key.trim().to_owned();
    let mut secrets = vec![admin_key.clone(), token_of(&data)];
    let mut errors = String::new();
    for number in 0..3 {
        let request = client.post(format!("{}/api/orgs/default/admin-keys", program.base_url)).bearer_auth(&admin_key);
        let made = request.body(r#"{"name":"somebody"}"#).send().await.unwrap();
        let made: serde_json::Value = serde_json::from_slice(&made.bytes().await.unwrap()).unwrap();
        secrets.push(made["admin_key"].as_str().unwrap().to_owned());
        secrets.push(rotate(&client, &program.base_url, &admin_key).await);
        for token in &secrets {
            let request = client.post(format!("{}/v1/logs", program.base_url)).bearer_auth(token);
            let answer = request.header("content-type", "application/json").body(export(number)).send().await.unwrap();
            errors.push_str(&answer.text().await.unwrap());
        }
    }
    drop(program);
    assert!(std::fs::metadata(&log).unwrap().len() > 0, "there is a log to look through");
    for secret in &secrets {
        assert_eq!(files_with(folder.path(), secret), Vec::<String>::new());
        assert!(!errors.contains(secret.as_str()));
    }
    assert_eq!(secrets.len(), 8);
}
