//! Pages of people cost what they show, and are those of the list of all, whatever happened since the roster was put together.

use std::time::{Duration, Instant};

use model::time::{DAY, HOUR, MINUTE, SignedDuration, Timestamp};
use serde_json::{Value, json};
use service::people::directory::Directory;
use service::people::lookup::{GitSide, Lookup};
use service::people::roster;
use store::roster::{Part, Shelf, Stored};
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::sighting::Fact;
use tools::activity::exports::{event, logs};
use tools::meter::Meter;
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

mod histories;
mod keeping;
mod numbered;

const PARTS: [Part; 2] = [Part::Users, Part::Authors];

/// Everybody whom telemetry knows, as pages of so many show them.
async fn listed(tenant: &Tenant, limit: usize) -> Vec<Value> {
    asked(tenant, &format!("limit={limit}")).await
}

/// Those who are known from Git only, too.
async fn listed_with_git(tenant: &Tenant, limit: usize) -> Vec<Value> {
    asked(tenant, &format!("limit={limit}&include=git")).await
}

async fn asked(tenant: &Tenant, question: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = tenant.get(&format!("/users?{question}{cursor}"), START).await;
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// Which parts say that they are current. Then they have to be.
async fn current(tenant: &Tenant) -> Vec<Part> {
    let (store, uid) = (&tenant.store, &tenant.uid);
    let state = store.roster_state(uid).await.unwrap();
    let current: Vec<Part> = PARTS.into_iter().filter(|part| state.current(*part).is_some()).collect();
    if current.is_empty() {
        return current;
    }
    let (directory, git) = tokio::try_join!(Directory::read(store, uid), GitSide::read(store, uid)).unwrap();
    let lookup = Lookup::new(&directory, &git).await.unwrap();
    for part in &current {
        let right: Vec<Stored> = match part {
            Part::Users => {
                directory.people().map(|person| Stored::of_user(&directory.entry(person)).unwrap()).collect()
            }
            Part::Authors => lookup.authors().iter().map(|(id, authors)| Stored::of_authors(id, authors)).collect(),
        };
        assert_eq!(store.roster(uid, Shelf::Entries(*part), None, usize::MAX).await.unwrap(), right);
    }
    current
}

/// Whether all of it is current.
async fn is_current(tenant: &Tenant) -> bool {
    current(tenant).await == PARTS
}

/// A deadline that is not met.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

/// People with an address, on two of whose machines somebody else works too, and some without.
async fn many() -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    for n in 0..12 {
        let facts = [(Fact::Client, format!("machine-{}", n / 2)), (Fact::Account, format!("account-{n}"))];
        let facts: Vec<(Fact, &str)> = facts.iter().map(|(fact, value)| (*fact, value.as_str())).collect();
        tenant.seen(SourceKind::Email, &format!("p{n}@example.com"), &facts[..1 + n % 2]).await;
        tenant.seen(SourceKind::Client, &format!("machine-{n}"), &[]).await;
    }
    tenant.seen(SourceKind::Account, "account-3", &[]).await;
    tenant.seen(SourceKind::EndUser, "E12345", &[]).await;
    tenant.seen(SourceKind::Client, "build", &[(Fact::Identity, "E777"), (Fact::Identity, "p1@example.com")]).await;
    tenant.authors("P Zero <p0@example.com>\nP. Zero <zero@example.org>\nP Five <p5@example.com>\n").await;
    tenant
}

#[tokio::test]
async fn pages_from_the_roster_are_those_of_the_list_of_all() {
    let tenant = many().await;
    tenant.merge().await;
    let all = listed(&tenant, 1_000).await;
    assert!(all.len() > 15, "{}", all.len());
    assert!(!is_current(&tenant).await);
    assert_eq!(listed(&tenant, 3).await, all, "everybody is read for each page");
    assert!(tenant.keep_roster(START).await && is_current(&tenant).await);
    for limit in [1, 2, 3, 5] {
        assert_eq!(listed(&tenant, limit).await, all, "{limit} a page");
    }
    assert_eq!(listed(&tenant, 1_000).await, all);
}

#[tokio::test]
async fn who_is_known_from_git_only_stands_between_the_others() {
    let tenant = many().await;
    let authors: String = (0..20).map(|n| format!("Ada{n} Zed{n} <ada{n}@example.net>\n")).collect();
    tenant.authors(&format!("{authors}Ada3 Zed3 <ada3@example.org>\nP One <p1@example.com>\n")).await;
    tenant.merge().await;
    let all = listed_with_git(&tenant, 1_000).await;
    assert_eq!(all.iter().filter(|person| person["claude"] == json!([])).count(), 20);
    assert!(tenant.keep_roster(START).await);
    for limit in [1, 2, 3, 5] {
        assert_eq!(listed_with_git(&tenant, limit).await, all, "{limit} a page");
        assert_eq!(listed(&tenant, limit).await.len(), all.len() - 20);
    }
    let one = json!({"primary": "ada5@example.net", "others": ["ada6@example.net"]}).to_string();
    // Nobody of telemetry is among them, so that nothing is merged that the history could tell.
    assert_eq!(tenant.ask("POST merges", &one).await.status, 202);
    assert_eq!(current(&tenant).await, [], "a decision alone may make one person of two");
    assert!(tenant.keep_roster(START).await);
    let all = listed_with_git(&tenant, 1_000).await;
    assert_eq!(listed_with_git(&tenant, 3).await, all);
    tenant.authors(&authors).await;
    assert_eq!(current(&tenant).await, []);
    assert!(roster::keep_users(&tenant.store, &tenant.uid, START, soon()).await.unwrap());
    assert_eq!(current(&tenant).await, [Part::Users]);
    assert_eq!(listed_with_git(&tenant, 3).await.len(), all.len());
    assert!(!listed_with_git(&tenant, 3).await.iter().any(|person| person.to_string().contains("ada3@example.org")));
}

#[tokio::test]
async fn a_page_reads_those_whom_it_shows_however_many_there_are() {
    let meter = Meter::default();
    let tenant = Stack::start().through(|client| meter.before(client)).tenant("acme").await;
    let mut of_page = Vec::new();
    for hundreds in [2, 8] {
        for n in 0..hundreds * 100 {
            tenant.uses(&format!("p{n}@example.com")).await;
        }
        let everybody = listed(&tenant, 20).await;
        let _ = meter.take();
        let page = tenant.get("/users?limit=20", START).await;
        let by_all = meter.take().read_units;
        assert!(tenant.keep_roster(START).await);
        let _ = meter.take();
        assert_eq!(tenant.get("/users?limit=20", START).await, page);
        of_page.push((meter.take().read_units, by_all));
        assert_eq!(listed(&tenant, 20).await, everybody);
    }
    let [(few, of_few), (many, of_many)] = of_page[..] else { panic!("{of_page:?}") };
    assert!(few <= 35.0 && many <= few + 2.0, "{few} and {many} units");
    assert!(of_many > 2.0 * of_few && of_many > many, "{of_few} and {of_many} units by reading everybody");
}

fn prompt(attributes: Value, at: Timestamp) -> tools::activity::Sent {
    let mut all = json!({"session.id": "s"});
    all.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    logs(json!({}), &[event("user_prompt", at.0, all)])
}

#[tokio::test]
async fn telemetry_moves_the_roster_on_only_when_it_names_somebody_new() {
    let tenant = Stack::start().tenant("acme").await;
    let moves = async || tenant.store.roster_state(&tenant.uid).await.unwrap().moves;
    let jane = |client: &str| json!({"user.email": "jane@example.com", "user.id": client});
    let mut counts = Vec::new();
    for (minutes, user) in [
        (0, jane("laptop")),
        (1, jane("laptop")),
        (40, jane("laptop")),
        (41, jane("desktop")),
        (42, json!({"user.id": "laptop"})),
        (80, jane("desktop")),
    ] {
        let at = START.plus(SignedDuration::from_mins(minutes));
        tenant.send(&prompt(user, at), at).await;
        tenant.project(at).await;
        counts.push(moves().await);
    }
    assert_eq!(counts, [1, 1, 1, 2, 3, 3]);
}

#[tokio::test]
async fn whoever_is_new_is_on_the_roster_with_the_batch_that_names_them_and_many_soon_after() {
    let tenant = Stack::start().tenant("acme").await;
    // The first one is the schedule's.
    assert!(tenant.keep_roster(START.minus(HOUR)).await);
    let new = async |name: &str, seconds: i64| {
        let at = START.plus(SignedDuration::from_secs(seconds));
        tenant.send(&prompt(json!({"user.email": format!("{name}@example.com")}), at), at).await;
        tenant.project(at).await;
        (!current(&tenant).await.is_empty(), listed(&tenant, 1).await.len())
    };
    assert_eq!(new("jane", 0).await, (true, 1));
    assert_eq!(new("zed", 30).await, (false, 2), "everybody is read until then");
    assert_eq!(new("zed", 61).await, (true, 2));
    assert_eq!(new("zed", 62).await, (true, 2));
}
