//! Whatever one organisation does, nothing of another changes, and nothing of another shows.

use api::call::{MaintenanceCall, Operation, PeopleCall, Scope};
use api::endpoint;
use proptest::prelude::*;
use tools::hostile::Numbers;
use tools::reply::Reply;
use tools::tenants::calls::make;
use tools::tenants::{NAMES, Own, Tenants};

fn assert_nothing_shows(reply: &Reply, other: usize, own: &Own, call: &str) {
    let text = format!("{} {:?}", String::from_utf8_lossy(&reply.body).to_lowercase(), reply.headers);
    assert!(!text.contains(NAMES[other]), "{call}: {text}");
    let whole = String::from_utf8_lossy(&reply.body).into_owned();
    for secret in own.secrets().filter(|secret| !call.contains(*secret)) {
        assert!(!whole.contains(secret), "{call} shows {secret}: {whole}");
    }
}

/// What was asked about stands in refusals and in the links to a next page.
fn without_echo(mut reply: Reply, call: &str) -> Reply {
    reply.headers.remove("link");
    if !call.contains(NAMES[0]) || !call.contains(NAMES[1]) || reply.status < 400 {
        return reply;
    }
    let text = String::from_utf8_lossy(&reply.body).replace(NAMES[0], "").replace(NAMES[1], "");
    reply.body = text.into();
    reply
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_call_changes_or_shows_anything_of_another_organisation(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let tenants = Tenants::open().await;
            let mut numbers = Numbers(seed);
            let mut order: Vec<usize> = (0..2 * endpoint::all().count()).collect();
            for last in (1..order.len()).rev() {
                order.swap(last, numbers.below(last + 1));
            }
            for number in order {
                let (at, other) = if numbers.below(2) == 0 { (0, 1) } else { (1, 0) };
                let made = make(number, at, &tenants.own, &mut numbers);
                let before = tenants.items_of(other).await;
                // The organisation's own key, while it has one.
                let own_key = &tenants.own[at].admin_key;
                let reply = tenants.ask(own_key, &made.call, made.body.to_string()).await;
                let reply = without_echo(reply, &made.call);
                assert_nothing_shows(&reply, other, &tenants.own[other], &format!("{} {}", made.call, made.body));
                if number % 8 == 0 {
                    tenants.export(&tenants.own[at].token, NAMES[at]).await;
                    tenants.project(NAMES[at]).await;
                }
                tenants.tick().await;
                assert_eq!(tenants.items_of(other).await, before, "{} of {} changed {}", made.call, NAMES[at], NAMES[other]);
            }
        });
    }

    #[test]
    fn another_organisation_is_as_if_it_did_not_exist(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let tenants = Tenants::open().await;
            let mut numbers = Numbers(seed);
            let (mine, theirs) = (0, 1);
            for number in 0..endpoint::all().count() {
                let made = make(number, theirs, &tenants.own, &mut numbers);
                if !made.call.contains(&format!("/api/orgs/{}", NAMES[theirs])) {
                    continue;
                }
                let before = tenants.items_of(theirs).await;
                let key = &tenants.own[mine].admin_key;
                let refused = tenants.ask(key, &made.call, made.body.to_string()).await;
                let nobody = made.call.replace(&format!("/api/orgs/{}", NAMES[theirs]), "/api/orgs/never-was");
                let unknown = tenants.ask(key, &nobody, made.body.to_string()).await;
                assert_eq!((refused.status, &refused.body), (unknown.status, &unknown.body), "{}", made.call);
                assert_eq!(refused.status, 404, "{}", made.call);
                assert_eq!(tenants.items_of(theirs).await, before, "{}", made.call);
            }
        });
    }
}

#[tokio::test]
async fn an_ingest_token_opens_no_call_of_the_api() {
    let tenants = Tenants::open().await;
    let (mut numbers, before) = (Numbers(1), tenants.items_of(0).await);
    let needs_a_key = |scope| ![Scope::Open, Scope::IngestToken].contains(&scope);
    for (number, endpoint) in endpoint::all().enumerate().filter(|(_, endpoint)| needs_a_key(endpoint.scope)) {
        let made = make(number, 0, &tenants.own, &mut numbers);
        let reply = tenants.ask(&tenants.own[0].token, &made.call, made.body.to_string()).await;
        assert_eq!(reply.status, 401, "{endpoint:?}: {}", made.call);
        assert_nothing_shows(&reply, 1, &tenants.own[0], &made.call);
    }
    assert_eq!(tenants.items_of(0).await, before);
}

/// The property is about calls that would do something: with an organisation's own ids, nearly every one is done.
#[tokio::test]
async fn every_call_there_is_can_be_made_and_does_something() {
    let mut numbers = Numbers(3);
    for (number, endpoint) in endpoint::all().enumerate() {
        let tenants = Tenants::open().await;
        let mut statuses = Vec::new();
        while statuses.len() < 20 && statuses.iter().all(|status| *status >= 300) {
            let made = make(number, 0, &tenants.own, &mut numbers);
            let Own { token, admin_key, .. } = &tenants.own[0];
            let key = if endpoint.scope == Scope::IngestToken { token } else { admin_key };
            let reply = tenants.ask(key, &made.call, made.body.to_string()).await;
            assert!(reply.status < 500, "{made:?} {reply:?}");
            statuses.push(reply.status);
        }
        // A run or a removal that is asked for is one that took longer than a request may.
        let done = statuses.iter().any(|status| *status < 300);
        let is_late = [Operation::People(PeopleCall::GetMergeRun), Operation::Maintenance(MaintenanceCall::GetRemoval)]
            .contains(&endpoint.operation);
        assert!(done || is_late, "{:?} {statuses:?}", endpoint.operation);
    }
}
