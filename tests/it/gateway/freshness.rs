//! How long it takes until what was acknowledged shows.

use std::time::{Duration, Instant};

use super::*;

/// Two seconds are promised; a machine that does much else takes longer, and after this something is wrong for certain.
const PATIENCE: Duration = Duration::from_secs(120);

/// Asks until the answer to `path` is as wanted, and gives for how long that took.
async fn until(
    ask: impl AsyncFn(&str) -> serde_json::Value,
    path: &str,
    is_there: impl Fn(&serde_json::Value) -> bool,
) -> Duration {
    let asking = Instant::now();
    loop {
        let answer = ask(path).await;
        if is_there(&answer) {
            return asking.elapsed();
        }
        assert!(asking.elapsed() < PATIENCE, "{path} does not show it: {answer}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_shows_in_status_users_and_activity() {
    let folder = tempfile::tempdir().unwrap();
    let key = "an-admin-key-that-was-given-0123456789";
    let mut given = arguments(folder.path()).to_vec();
    given.extend(["--admin-key", key]);
    let program = Program::start(BINARY, &given);
    let token = token_of(folder.path());
    let client = reqwest::Client::new();
    let ask = async |path: &str| -> serde_json::Value {
        let request = client.get(format!("{}/api/orgs/default/{path}", program.base_url)).bearer_auth(key);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    };
    let mut delays = Vec::new();
    for number in 1..=10_u64 {
        let person = format!("new{number}@example.com");
        let now = Timestamp::now().0;
        let attributes = json!({"user.email": person, "session.id": person, "model": "m", "input_tokens": 5});
        let sent = tools::activity::exports::logs(
            json!({}),
            &[tools::activity::exports::event("api_request", now, attributes)],
        );
        let request = client.post(format!("{}/v1/logs", program.base_url)).bearer_auth(&token);
        let request = request.header("content-type", "application/json").body(sent.body);
        assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
        let began = Instant::now();
        until(&ask, "status", |status| status["users"]["total"] == number).await;
        until(&ask, "users", |users| users["items"].as_array().unwrap().iter().any(|user| user["email"] == *person))
            .await;
        until(&ask, "activity", |activity| activity["total"]["api_requests"] == number).await;
        delays.push(began.elapsed());
    }
    delays.sort();
    let (median, longest) = (delays[delays.len() / 2], delays[delays.len() - 1]);
    println!(
        "shown in status, users and activity after {median:?} (median), {longest:?} (longest of {})",
        delays.len()
    );
}
