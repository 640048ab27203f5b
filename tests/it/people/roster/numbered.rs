//! Pages by number, of everybody and of each group, are those of the list of all, and cost what they show.

use service::people::state::{Group, UserState};
use service::report::users::UserView;
use service::report::users::search::{Found, Order, Search};

use super::*;

/// Everybody whom telemetry knows, and each group.
fn lists() -> impl Iterator<Item = Option<Group>> {
    std::iter::once(None).chain(Group::ALL.map(Some))
}

async fn found(tenant: &Tenant, search: Search) -> Found {
    search.find(&tenant.store, &tenant.organisation().await).await.unwrap()
}

fn told(people: &[UserView]) -> Vec<Value> {
    people.iter().map(|person| serde_json::to_value(person).unwrap()).collect()
}

/// Whether all pages of so many, together, are what one page of all of them has, which is made by looking at everybody.
pub(super) async fn are_those_of_all(tenant: &Tenant, size: usize) {
    for group in lists() {
        let all = found(tenant, Search { group, page: 1, page_size: 1_000, ..Search::default() }).await;
        let mut people = Vec::new();
        for page in 1..=all.people.len().div_ceil(size).max(1) {
            let some = found(tenant, Search { group, page, page_size: size, ..Search::default() }).await;
            assert_eq!((some.page, some.pages), (page, all.people.len().div_ceil(size)), "{group:?}");
            assert_eq!(some.counts, all.counts, "{group:?}");
            people.extend(some.people);
        }
        assert_eq!(told(&people), told(&all.people), "{group:?} by {size}");
    }
}

/// Such people as [`many`] of each group.
async fn of_each_group() -> Tenant {
    let tenant = many().await;
    tenant.seen(SourceKind::Email, "maria@example.com", &[]).await;
    let authors: String = (0..7).map(|n| format!("Ada{n} Zed{n} <ada{n}@example.net>\n")).collect();
    tenant
        .authors(&format!("{authors}P Zero <p0@example.com>\nMaria Doe <md@example.org>\nMaria Roe <mr@example.org>\n"))
        .await;
    tenant.merge().await;
    tenant
}

#[tokio::test]
async fn pages_by_number_are_those_of_everybody() {
    let tenant = of_each_group().await;
    let counts = found(&tenant, Search { page: 1, page_size: 1, ..Search::default() }).await.counts;
    assert!(Group::ALL.iter().all(|group| counts.get(group).is_some_and(|count| *count > 0)), "{counts:?}");
    are_those_of_all(&tenant, 3).await;
    assert!(tenant.keep_roster(START).await && is_current(&tenant).await);
    for size in [1, 2, 3] {
        are_those_of_all(&tenant, size).await;
    }
    let last = found(&tenant, Search { page: 99, page_size: 2, ..Search::default() }).await;
    assert_eq!(last.page, last.pages);
}

#[tokio::test]
async fn people_come_by_name_whatever_its_case_or_by_when_they_were_seen() {
    let tenant = of_each_group().await;
    let titles = async |order: Order| -> Vec<Option<String>> {
        let all = found(&tenant, Search { order, page: 1, page_size: 1_000, ..Search::default() }).await;
        all.people.into_iter().map(|person| person.name.or(person.email)).collect()
    };
    let by_name = titles(Order::Name).await;
    let named: Vec<String> = by_name.iter().flatten().map(|title| title.to_lowercase()).collect();
    assert!(named.is_sorted() && named.len() > 10, "{named:?}");
    assert!(by_name.iter().rev().take(5).all(Option::is_none), "{by_name:?}");
    let later = START.plus(HOUR);
    tenant.send(&prompt(json!({"user.email": "p7@example.com"}), later), later).await;
    tenant.project(later).await;
    assert_eq!(titles(Order::LastSeen).await[0].as_deref(), Some("p7@example.com"));
    assert_eq!(titles(Order::Name).await, by_name);
}

#[tokio::test]
async fn who_may_be_who_moves_the_roster_on() {
    let tenant = Stack::start().tenant("acme").await;
    for n in 0..16 {
        tenant.uses(&format!("p{n}@example.com")).await;
    }
    tenant.uses("maria@example.com").await;
    let suggested = async || {
        let search = Search { page: 1, page_size: 1, ..Search::default() };
        found(&tenant, search).await.counts.get(&Group::User(UserState::Suggested)).copied()
    };
    for (authors, expected) in [("Maria Doe <md@example.org>\nMaria Roe <mr@example.org>\n", Some(1)), ("", None)] {
        tenant.authors(&format!("Ada Zed <ada@example.net>\n{authors}")).await;
        assert!(tenant.keep_roster(START).await && is_current(&tenant).await);
        // Nobody is merged by it.
        tenant.merge().await;
        assert_eq!(current(&tenant).await, []);
        assert_eq!(suggested().await, expected);
        assert!(tenant.keep_roster(START).await);
        assert_eq!(suggested().await, expected);
        are_those_of_all(&tenant, 2).await;
        tenant.merge().await;
        assert!(is_current(&tenant).await, "another run finds the same");
    }
}

#[tokio::test]
async fn a_page_by_number_reads_those_whom_it_shows_however_many_there_are_and_wherever_it_is() {
    let meter = Meter::default();
    let tenant = Stack::start().through(|client| meter.before(client)).tenant("acme").await;
    let mut units = Vec::new();
    for hundreds in [3, 9] {
        for n in 0..hundreds * 100 {
            tenant.uses(&format!("p{n}@example.com")).await;
        }
        assert!(tenant.keep_roster(START).await);
        // The last one begins in one run and ends in the next.
        for page in [1, hundreds * 5, 7] {
            let organisation = tenant.organisation().await;
            let search = Search { page, page_size: 19, ..Search::default() };
            let _ = meter.take();
            let some = search.find(&tenant.store, &organisation).await.unwrap();
            let read = meter.take().read_units;
            let all = found(&tenant, Search { page: 1, page_size: 1_000, ..Search::default() }).await;
            assert_eq!(told(&some.people), told(&all.people[(page - 1) * 19..page * 19]));
            units.push(read);
        }
    }
    assert!(units.iter().all(|units| *units <= 55.0), "{units:?}");
}

#[tokio::test]
async fn a_run_that_is_not_there_is_no_page_without_people() {
    let tenant = of_each_group().await;
    assert!(tenant.keep_roster(START).await);
    let shelf = Shelf::Order(Part::Users);
    for id in ["counts", "users#000000"] {
        tenant.store.delete_entry(&tenant.uid, shelf, id).await.unwrap();
        are_those_of_all(&tenant, 2).await;
    }
}
