//! Two processes over one database and one Secrets Manager, at the same time: neither undoes what the other did.

use std::collections::BTreeSet;

use local::embedded::Embedded;
use model::time::MILLISECOND;
use serde_json::json;
use tools::activity::relived::Life;
use tools::activity::{Sent, captures, requests, truth};
use tools::captures::named;
use tools::secrets_manager::FakeSecretsManager;
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

/// The functions of two processes, which share nothing but what AWS keeps.
struct Two {
    first: Stack,
    second: Stack,
    secrets: FakeSecretsManager,
}

async fn two() -> Two {
    let database = Embedded::in_memory().unwrap();
    let secrets = FakeSecretsManager::default();
    let process = async || Stack::start().over(database.store()).secrets_manager(&secrets).await;
    let (first, second) = (process().await, process().await);
    Two { first, second, secrets }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_refused_by_every_process_from_the_answer_to_its_rotation_on() {
    let Two { first, second, .. } = two().await;
    let mut token = first.enable("acme").await;
    let export = named("pb-text/001");
    for round in 0..12 {
        // Exports are under way in the other process while this one rotates.
        let (stack, old, sent) = (second.clone(), token.clone(), export.clone());
        let exporting = tokio::spawn(async move {
            let mut statuses = BTreeSet::new();
            for _ in 0..10 {
                statuses.insert(stack.export_as(&old, &sent, START).await.status);
            }
            statuses
        });
        let new = first.rotate("acme", 0, START).await;
        assert_eq!(second.export_as(&token, &export, START).await.status, 401, "round {round}");
        assert_eq!(second.export_as(&new, &export, START).await.status, 200, "round {round}");
        assert!(exporting.await.unwrap().is_subset(&BTreeSet::from([200, 401])));
        token = new;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rotations_of_two_processes_follow_each_other_and_leave_one_token() {
    let Two { first, second, secrets } = two().await;
    let mut tokens = vec![first.enable("acme").await];
    let rotating = |stack: Stack| {
        tokio::spawn(async move {
            let mut made = Vec::new();
            for _ in 0..8 {
                made.push(stack.rotate("acme", 0, START).await);
            }
            made
        })
    };
    let (one, other) = (rotating(first.clone()), rotating(second.clone()));
    tokens.extend(one.await.unwrap());
    tokens.extend(other.await.unwrap());
    assert_eq!(tokens.iter().collect::<BTreeSet<_>>().len(), 17);
    let mut live = Vec::new();
    for token in &tokens {
        if second.authenticate(token, START).await.is_ok() {
            live.push(token.clone());
        }
    }
    let organisation = first.store.organisation(&"acme".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((organisation.generation, live.len()), (17, 1));
    let settings = second.ask("GET /api/orgs/acme/settings/shell.sh", "").await;
    assert!(String::from_utf8_lossy(&settings.body).contains(&live[0]));
    let version = organisation.token_version.unwrap().as_str().to_owned();
    assert_eq!(secrets.current(&format!("stack/{}", organisation.uid)), [version]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn projections_of_two_processes_end_where_one_does_while_exports_arrive() {
    let Two { first, second, .. } = two().await;
    let tenant = first.tenant("acme").await;
    let ingest = second.handlers.ingest.clone();
    let sent: Vec<Sent> = (0..3)
        .flat_map(|person| {
            let life = Life { person, session: person, earlier: 0 };
            captures().iter().flat_map(|run| requests(run)).map(move |sent| life.relive(&sent)).collect::<Vec<_>>()
        })
        .collect();
    let (token, exports) = (tenant.token.clone(), sent.clone());
    let exporting = tokio::spawn(async move {
        for export in &exports {
            let fate =
                tools::exporter::export(export, &token, async |request| Some(ingest.answer(request, START).await));
            assert_eq!(fate.await, tools::exporter::Fate::Acknowledged);
        }
    });
    let projecting = |tenant: Tenant| {
        tokio::spawn(async move {
            for _ in 0..6 {
                let answer = tenant.stream(&tenant.pack_keys().await, START).await;
                // A loser of a dozen races in a row may ask for its records to come again, and they will.
                assert!(answer["batchItemFailures"].is_array());
            }
        })
    };
    let one = projecting(tenant.clone());
    let other = projecting(Tenant { stack: second, ..tenant.clone() });
    exporting.await.unwrap();
    one.await.unwrap();
    other.await.unwrap();
    let keys = tenant.pack_keys().await;
    let (a, b) = tokio::join!(tenant.stream(&keys, START), tenant.stream(&keys, START));
    assert_eq!((a, b), (json!({"batchItemFailures": []}), json!({"batchItemFailures": []})));
    let records: Vec<_> = sent.iter().flat_map(truth::flat).collect();
    let (expected, total) = (truth::row(&records), tenant.total().await);
    for name in ["cost_usd", "api_requests", "prompts", "tool_calls", "lines_added", "commits"] {
        assert_eq!(total[name].as_f64(), expected[name].as_f64(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undo_in_one_process_outlives_the_merges_of_another() {
    for _ in 0..4 {
        let Two { first, second, .. } = two().await;
        let tenant = first.tenant("acme").await;
        tenant.uses("jane@example.com").await;
        let zed = tenant.uses("zed@example.com").await;
        tenant.authors("Jane Doe <jane@example.com>\nZed Zedder <zed@example.com>\n").await;
        tenant.merge().await;
        let body = json!({"primary": "jane@example.com", "others": ["zed@example.com"]}).to_string();
        let merged = tenant.ask_at("POST merges", &body, START.plus(MILLISECOND)).await;
        assert_eq!(merged.status, 201, "{merged:?}");
        let undo = format!("POST merges/{}/undo", merged.text("id"));
        let other = Tenant { stack: second, ..tenant.clone() };
        let merging = tokio::spawn(async move {
            for moment in 0..6 {
                let reply = other.ask_at("POST merge/run", "", START.plus((10 + moment) * MILLISECOND)).await;
                assert!([200, 202, 503].contains(&reply.status), "{reply:?}");
            }
        });
        let mut undone = tenant.ask_at(&undo, "", START.plus(20 * MILLISECOND)).await.status;
        while undone == 503 {
            undone = tenant.ask_at(&undo, "", START.plus(20 * MILLISECOND)).await.status;
        }
        assert_eq!(undone, 200);
        merging.await.unwrap();
        tenant.ask_at("POST merge/run", "", START.plus(100 * MILLISECOND)).await;
        let owners = tenant.owners().await;
        assert_eq!(owners.owner(&zed), zed, "the merge came back");
    }
}
