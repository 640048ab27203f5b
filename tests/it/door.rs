//! The list of calls is the only place that says what a call takes, and reading changes nothing.

use api::call::Scope;
use api::endpoint;
use tools::hostile::Numbers;
use tools::tenants::calls::make;
use tools::tenants::{NAMES, Tenants};

/// A call with one more parameter.
fn with(call: &str, parameter: &str) -> String {
    format!("{call}{}{parameter}", if call.contains('?') { '&' } else { '?' })
}

#[tokio::test]
async fn every_call_refuses_a_parameter_that_it_does_not_know_and_one_that_is_given_twice() {
    let tenants = Tenants::open().await;
    let (mut numbers, before) = (Numbers(7), tenants.items_of(0).await);
    for (number, endpoint) in endpoint::all().enumerate() {
        let made = make(number, 0, &tenants.own, &mut numbers);
        let plain = made.call.split('?').next().unwrap();
        let twice = endpoint.query().map(|name| format!("{name}=1&{name}=1"));
        for (parameter, named) in [("foo=1".to_owned(), "foo")].into_iter().chain(twice.map(|both| (both, ""))) {
            let call = with(plain, &parameter);
            let reply = tenants.ask(&tenants.own[0].admin_key, &call, made.body.to_string()).await;
            assert_eq!(reply.status, 400, "{call}: {reply:?}");
            assert!(String::from_utf8_lossy(&reply.body).contains(named), "{call}: {reply:?}");
        }
    }
    assert_eq!(tenants.items_of(0).await, before, "what is refused changes nothing");
}

#[tokio::test]
async fn no_call_that_reads_changes_anything() {
    let tenants = Tenants::open().await;
    // Something to go on with, if reading did.
    let root = &tenants.own[0].admin_key;
    assert_eq!(tenants.ask(root, &format!("POST /api/orgs/{}/rebuild", NAMES[0]), String::new()).await.status, 202);
    let (mut numbers, before) = (Numbers(11), tenants.items_of(0).await);
    let reads = || endpoint::all().enumerate().filter(|(_, endpoint)| endpoint.method == http::Method::GET);
    assert!(reads().count() > 15);
    for (number, endpoint) in reads() {
        for _ in 0..5 {
            let made = make(number, 0, &tenants.own, &mut numbers);
            let reply = tenants.ask(root, &made.call, String::new()).await;
            let needs_a_key = ![Scope::Open, Scope::IngestToken].contains(&endpoint.scope);
            assert!(reply.status < 500 && (!needs_a_key || reply.status != 401), "{made:?} {reply:?}");
            assert_eq!(tenants.items_of(0).await, before, "{}", made.call);
        }
    }
}
