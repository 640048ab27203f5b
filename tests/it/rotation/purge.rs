//! Erasing an organisation.

use std::time::{Duration, Instant};

use model::organisation::Uid;
use model::time::{DAY, SECOND};
use service::organisations::purge;
use store::purge::Pass;
use store::range::Reading;
use store::sweep::Table;
use store::{Store, keys};
use tools::captures;
use tools::faults::{Fault, Faults};
use tools::meter::Meter;
use tools::packs::pack_keys;
use tools::pause::Pause;
use tools::stack::{START, Stack};

use super::organisation;

#[tokio::test]
async fn a_purged_organisation_is_gone_at_once_and_its_name_is_free() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    let overlapping = stack.rotate("acme", 600, START).await;
    let key = stack.ask("POST /api/orgs/acme/admin-keys", "").await.text("admin_key");
    let before = organisation(&stack).await;
    assert_eq!(stack.ask("DELETE /api/orgs/acme?purge=true", "").await.status, 204);
    for token in [&old, &overlapping] {
        assert!(stack.authenticate(token, START).await.is_err());
    }
    for call in ["GET /api/orgs/acme", "DELETE /api/orgs/acme", "GET /api/orgs/acme/token"] {
        assert_eq!(stack.ask(call, "").await.status, 404, "{call}");
    }
    assert_eq!(stack.ask_as(&key, "GET /api/orgs", "", START).await.status, 401);

    let again = stack.ask("PUT /api/orgs/acme", "").await;
    assert_eq!((again.status, again.json()["generation"].as_u64()), (201, Some(1)));
    assert_ne!(organisation(&stack).await.uid, before.uid);
    assert_eq!(stack.ask_as(&key, "GET /api/orgs/acme", "", START).await.status, 401, "the key was the old one's");
}

#[tokio::test]
async fn what_a_purged_organisation_leaves_behind_is_erased_and_nothing_else() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    let kept = stack.enable("other").await;
    stack.ask("POST /api/orgs/acme/admin-keys", "").await;
    let new = stack.rotate("acme", 0, START).await;
    let uid = organisation(&stack).await.uid;
    let version = organisation(&stack).await.token_version.unwrap();
    let capture = captures::named("pb-tools/001");
    assert_eq!(stack.export_as(&new, &capture, START).await.status, 200);
    assert_eq!(stack.export_as(&kept, &capture, START).await.status, 200);
    assert_eq!(stack.export_as(&old, &capture, START).await.status, 401);
    assert!(!pack_keys(&stack.store, &uid, START).await.is_empty());
    assert!(!stack.items_with(&keys::use_partition(&uid)).await.is_empty());

    stack.ask("DELETE /api/orgs/acme?purge=true", "").await;
    let pass = |at| purge::carry_on(&stack.store, &stack.secrets, at, soon());
    assert_eq!(pass(START.plus(SECOND)).await.unwrap(), 1, "an export may still be on its way");
    assert!(stack.items_with(uid.as_str()).await.is_empty());
    assert!(stack.items_with(&old_digest(&old)).await.is_empty());
    assert!(stack.items_with(&keys::use_partition(&uid)).await.is_empty());
    assert!(stack.secrets.read(&uid, &version).await.is_err());
    assert_eq!(pass(START.plus(DAY)).await.unwrap(), 0);
    assert!(stack.store.purges().await.unwrap().is_empty());

    assert!(stack.authenticate(&kept, START).await.is_ok());
    let other = stack.store.organisation(&"other".parse().unwrap()).await.unwrap().unwrap();
    assert!(!pack_keys(&stack.store, &other.uid, START).await.is_empty());
}

#[tokio::test]
async fn an_erasing_that_fails_at_any_request_is_finished_by_the_next_pass() {
    for after in 0.. {
        let faults = Faults::default();
        let stack = Stack::start().through(|client| faults.before(client)).await;
        let token = stack.enable("acme").await;
        stack.ask("POST /api/orgs/acme/admin-keys", "").await;
        let uid = organisation(&stack).await.uid;
        stack.export_as(&token, &captures::named("pb-tools/001"), START).await;
        stack.ask("DELETE /api/orgs/acme?purge=true", "").await;
        faults.arm(after, Fault::AnswerLost);
        let first = purge::carry_on(&stack.store, &stack.secrets, START.plus(DAY), soon()).await;
        let happened = !faults.disarm();
        assert_eq!(first.is_err(), happened, "{after}");
        assert_eq!(purge::carry_on(&stack.store, &stack.secrets, START.plus(DAY), soon()).await.unwrap(), 0, "{after}");
        for prefix in [uid.as_str(), "TOKEN#", "ADMIN#", "ORG", "PURGES"] {
            assert_eq!(stack.items_with(prefix).await, Vec::<String>::new(), "{after} {prefix}");
        }
        if !happened {
            assert!(after > 5, "only {after} requests were tried");
            break;
        }
    }
}

/// Stores packs of 20 kB each.
async fn put_packs(store: &Store, owner: &Uid, packs: usize) {
    for number in 0..packs {
        let pk = format!("{owner}#ip9BQre17h18nEqSOtppWQ#{number:08}");
        let key = keys::Key { pk, sk: "l#01795328009164#BwcHBwcHBwcHBwcHBwcHBw".into() };
        store.put_pack(&key, vec![0; 20_000], START.plus(DAY)).await.unwrap();
    }
}

/// Removes what a page of a pass holds.
async fn page(store: &Store, uid: &Uid, pass: &mut Pass) {
    let table = pass.table.unwrap();
    let page = store.purge_page(uid, pass, (table, Reading::Recent), soon()).await.unwrap().unwrap();
    store.purge_keys(pass, table, &page.keys).await.unwrap();
    pass.turn_to(page.next);
}

/// A deadline that nothing here reaches.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

#[tokio::test]
async fn a_purge_that_is_broken_off_goes_on_where_it_was_and_ends_with_nothing_left() {
    let stack = Stack::start().await;
    let (token, kept) = (stack.enable("acme").await, stack.enable("other").await);
    let uid = organisation(&stack).await.uid;
    let capture = captures::named("pb-tools/001");
    for token in [&token, &kept] {
        stack.export_as(token, &capture, START).await;
    }
    stack.ask("DELETE /api/orgs/acme?purge=true", "").await;
    let pass = async |deadline| purge::carry_on(&stack.store, &stack.secrets, START.plus(DAY), deadline).await.unwrap();
    assert_eq!(pass(Instant::now()).await, 1, "there was no time");
    let noted = stack.store.purge_pass(&uid).await.unwrap().unwrap();
    let mut half = noted.clone();
    page(&stack.store, &uid, &mut half).await;
    assert_eq!((half.found, half.table), (1, Some(Table::Activity)), "events first: what finds them is still there");
    stack.store.put_purge_pass(&uid, &half).await.unwrap();
    assert_eq!(stack.store.purge_pass(&uid).await.unwrap(), Some(half));
    assert_eq!(pass(soon()).await, 0);
    assert!(stack.items_with(uid.as_str()).await.is_empty());
    assert_eq!(stack.store.purges().await.unwrap(), []);
    let other = stack.store.organisation(&"other".parse().unwrap()).await.unwrap().unwrap();
    assert!(!pack_keys(&stack.store, &other.uid, START).await.is_empty());
}

fn old_digest(token: &str) -> String {
    format!("TOKEN#{}", model::token::TokenHash::of(token).encoded())
}

#[tokio::test]
async fn a_purge_goes_through_the_tables_a_page_at_a_time_and_leaves_what_is_of_others() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    stack.enable("other").await;
    let uid = organisation(&stack).await.uid;
    let other = stack.store.organisation(&"other".parse().unwrap()).await.unwrap().unwrap().uid;
    // A page of a table is 1 MB of what is stored, whosever it is.
    for owner in [&uid, &other] {
        put_packs(&stack.store, owner, 150).await;
    }
    let (mut pass, mut pages) = (Pass::begin(START), 0);
    while pass.table == Some(Table::Events) {
        let before = pass.found;
        page(&stack.store, &uid, &mut pass).await;
        pages += 1;
        assert!(pass.found - before <= 52, "a page has no more");
    }
    assert!(pages > 4, "{pages}");
    assert_eq!(pass.found, 150);
    assert!(pack_keys(&stack.store, &uid, START).await.is_empty());
    assert_eq!(pack_keys(&stack.store, &other, START).await.len(), 150);
}

#[tokio::test]
async fn a_page_is_left_in_the_middle_when_the_time_is_over_and_taken_up_again_there() {
    let pause = Pause::default();
    let stack = Stack::start().through(|client| pause.before(client)).await;
    stack.enable("acme").await;
    let uid = organisation(&stack).await.uid;
    put_packs(&stack.store, &uid, 40).await;
    stack.ask("DELETE /api/orgs/acme?purge=true", "").await;
    let pass = async |deadline| purge::carry_on(&stack.store, &stack.secrets, START.plus(DAY), deadline).await.unwrap();
    assert_eq!(pass(Instant::now()).await, 1, "it is noted that it has begun");
    let deadline = Instant::now() + Duration::from_secs(2);
    // The purges, how far this one is and the page are read; then the first items are deleted.
    let (left, happened) = pause.with(3, pass(deadline), tokio::time::sleep_until(deadline.into())).await;
    assert_eq!((left, happened), (1, true));
    let noted = stack.store.purge_pass(&uid).await.unwrap().unwrap();
    assert_eq!((noted.found, noted.table), (16, Some(Table::Events)));
    let first = pack_keys(&stack.store, &uid, START).await;
    assert_eq!(first.len(), 24, "no more are deleted than are under way");
    assert_eq!(pass(soon()).await, 0);
    assert!(stack.items_with(uid.as_str()).await.is_empty());
}

#[tokio::test]
async fn only_the_pass_that_ends_a_purge_takes_the_units_of_consistent_reads() {
    let meter = Meter::default();
    let stack = Stack::start().through(|client| meter.before(client)).await;
    stack.enable("acme").await;
    stack.enable("other").await;
    let other = stack.store.organisation(&"other".parse().unwrap()).await.unwrap().unwrap().uid;
    put_packs(&stack.store, &other, 100).await;
    stack.ask("DELETE /api/orgs/acme?purge=true", "").await;
    let mut units = Vec::new();
    for (now, left) in [(START.plus(SECOND), 1), (START.plus(DAY), 0)] {
        let _ = meter.take();
        assert_eq!(purge::carry_on(&stack.store, &stack.secrets, now, soon()).await.unwrap(), left);
        units.push(meter.take().read_units);
    }
    // 2 MB in all.
    assert!((240.0..280.0).contains(&units[0]) && (480.0..560.0).contains(&units[1]), "{units:?}");
}
