//! Who is who: what Git knows, what is merged by itself and by hand, and what an admin says.

use model::time::{SECOND, Timestamp};
use serde_json::json;
use store::merge_run::RunRecord;
use tools::lambda::event;
use tools::stack::Stack;

use super::{organisation, users};

pub(super) async fn are_put_together(service: &Stack) {
    let known = users(service, "acme").await;
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
    assert!(service.deployment().invoke("merge-users", &event("schedule")).await.answer().is_null());
    is_merged_without_being_asked_for(service, &email).await;
}

/// A request may end before its run does: maintenance finishes it.
async fn is_merged_without_being_asked_for(service: &Stack, email: &str) {
    let git = json!([{"name": "Dana Dee", "email": email}, {"name": "Robin Roe", "email": "robin@example.com"}]);
    assert_eq!(service.ask("PUT /api/orgs/acme/git-users", &git.to_string()).await.status, 200);
    let asked_at = Timestamp::now().minus(SECOND);
    let run = RunRecord { id: RunRecord::id_at(asked_at), started_at: asked_at, outcome: None };
    service.store.put_merge_run(&organisation(service, "acme").await.uid, &run).await.unwrap();
    let call = format!("GET /api/orgs/acme/merge/runs/{}", run.id);
    assert_eq!(service.ask(&call, "").await.status, 202);
    assert!(service.deployment().invoke("maintain", &event("schedule")).await.answer().is_null());
    assert_eq!(service.ask(&call, "").await.status, 200);
}
