//! What is erased is in no file of the data folder any more.

use std::time::{Duration, Instant};

use tools::activity::exports::{event, logs};
use tools::leftovers::Said;

use super::*;

const KEY: &str = "an-admin-key-that-was-given-0123456789";
/// How long something that is promised within a minute may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(300);

/// Whatever names a person: address, client, session, account, and the name that Git knows.
fn names(person: &str) -> [String; 5] {
    [
        format!("{person}@example.com"),
        format!("client-of-{person}-0123456789abcdef"),
        format!("session-of-{person}-0123456789"),
        format!("account-of-{person}-0123456789"),
        format!("{person} Committer"),
    ]
}

/// How often each of them is found.
fn found(said: &Said, person: &str) -> [usize; 5] {
    names(person).map(|name| said.times(&name))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_erased_person_or_a_purged_organisation_is_left_in_any_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut given = arguments(folder.path()).to_vec();
    given.extend(["--admin-key", KEY]);
    let mut program = Program::start(BINARY, &given);
    let client = reqwest::Client::new();
    let ask = async |method: &str, path: &str, media_type: &str, body: String| {
        let url = format!("{}/api/orgs/default{path}", program.base_url);
        let request = client.request(method.parse().unwrap(), url).bearer_auth(KEY).header("content-type", media_type);
        let answer = request.body(body).send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(json!(null)))
    };
    let export = async |token: &str, person: &str, bucket: i64| {
        let [email, id, session, account, _] = names(person);
        let attributes = json!({"user.email": email, "user.id": id, "session.id": session,
            "user.account_uuid": account, "model": "m", "input_tokens": 1, "event.sequence": bucket});
        let sent = logs(json!({}), &[event("api_request", Timestamp::now().0 - bucket * 900_000, attributes)]);
        let request = client.post(format!("{}/v1/logs", program.base_url)).bearer_auth(token);
        let request = request.header("content-type", "application/json").body(sent.body);
        request.send().await.unwrap().status().as_u16()
    };

    let old = token_of(folder.path());
    let (status, rotated) = ask("POST", "/token/rotate", "application/json", "{}".into()).await;
    assert_eq!(status, 200);
    let token = rotated["ingest_token"].as_str().unwrap();
    for bucket in 0..30 {
        for person in ["jane", "zed"] {
            assert_eq!(export(token, person, bucket).await, 200);
        }
    }
    for person in ["jane", "zed"] {
        assert_eq!(export(&old, person, 0).await, 401, "a refused export claims the address, too");
    }
    let authors = |people: &[&str]| people.iter().map(|p| format!("{p} Committer <{p}@example.com>\n")).collect();
    let both: String = authors(&["jane", "zed"]);
    assert_eq!(ask("PUT", "/git-users", "text/plain", both).await.0, 200);
    let asking = Instant::now();
    while ask("GET", "/users", "application/json", String::new()).await.1["items"].as_array().unwrap().len() < 2 {
        assert!(asking.elapsed() < PATIENCE);
    }
    let (status, merged) = ask("POST", "/merge/run", "application/json", String::new()).await;
    assert_eq!((status, &merged["merged"]), (200, &json!(2)));
    let before = Said::by(folder.path());
    for person in ["jane", "zed"] {
        assert!(found(&before, person).iter().all(|times| *times > 0), "{person}: {:?}", found(&before, person));
    }

    // What Git knows was uploaded, and stays until the next upload.
    assert_eq!(ask("PUT", "/git-users", "text/plain", authors(&["zed"])).await.0, 200);
    assert_eq!(ask("DELETE", "/users/jane@example.com", "application/json", String::new()).await.0, 204);
    let erased = Said::by(folder.path());
    assert_eq!(found(&erased, "jane"), [0; 5]);
    assert!(found(&erased, "zed").iter().all(|times| *times > 0), "{:?}", found(&erased, "zed"));
    for entry in std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap).filter(|e| e.path().is_file()) {
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
    }

    assert_eq!(ask("DELETE", "?purge=true", "application/json", String::new()).await.0, 204);
    let asking = Instant::now();
    while found(&Said::by(folder.path()), "zed") != [0; 5] {
        assert!(asking.elapsed() < PATIENCE, "{:?}", found(&Said::by(folder.path()), "zed"));
    }
    program.kill();
    let purged = Said::by(folder.path());
    assert_eq!((found(&purged, "jane"), found(&purged, "zed")), ([0; 5], [0; 5]), "after a kill, too");
}
