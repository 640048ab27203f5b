//! Pages of people cost what they show, and are those of the list of all, whatever happened since the roster was put together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use model::time::{DAY, HOUR, MINUTE, SignedDuration, Timestamp};
use serde_json::{Value, json};
use service::people::directory::Directory;
use service::people::lookup::{GitSide, Lookup};
use service::people::roster;
use store::roster::{Part, Stored};
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::sighting::Fact;
use tools::activity::exports::{event, logs};
use tools::meter::Meter;
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

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
        assert_eq!(store.roster(uid, *part, None, usize::MAX).await.unwrap(), right);
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

/// One of the things that change who is who.
async fn happen(tenant: &Tenant, random: &mut fastrand::Rng, now: Timestamp) -> String {
    let any = |random: &mut fastrand::Rng, of: &[&str]| of[random.usize(..of.len())].to_owned();
    let emails = ["a@example.com", "b@example.com", "c@example.org"];
    let clients = ["c1", "c2", "c3"];
    let email = any(random, &emails);
    let merges = async || tenant.ask("GET merges", "").await.json()["items"].as_array().unwrap().clone();
    match random.u8(..12) {
        0..3 => {
            let client = any(random, &clients);
            tenant.seen(SourceKind::Email, &email, &[(Fact::Client, &client)]).await;
            format!("{email} is seen with {client}")
        }
        3 => {
            let client = any(random, &clients);
            tenant.seen(SourceKind::Client, &client, &[]).await;
            format!("{client} is seen")
        }
        4 => {
            tenant.seen(SourceKind::Client, "ci", &[(Fact::Identity, &email)]).await;
            format!("automation names {email}")
        }
        5 => {
            let authors =
                ["Ann A <a@example.com>\n", "Bo B <b@example.com>\nBo <c@example.org>\n", "A <aa@example.net>\n", ""];
            let authors = any(random, &authors);
            tenant.authors(&format!("Zoe Z <z@example.net>\n{authors}")).await;
            format!("Git has {authors:?}")
        }
        10 => {
            tenant.merge().await;
            "people are merged".to_owned()
        }
        6 => {
            let body = json!({"primary": email, "others": [any(random, &emails)]}).to_string();
            format!("{body}: {}", tenant.ask_at("POST /api/orgs/acme/merges", &body, now).await.status)
        }
        7 => match merges().await.first() {
            Some(merge) => {
                let undo = format!("POST /api/orgs/acme/merges/{}/undo", merge["id"].as_str().unwrap());
                format!("{undo}: {}", tenant.ask_at(&undo, "", now).await.status)
            }
            None => String::new(),
        },
        8 => {
            let suggestions = tenant.ask("GET suggestions", "").await.json();
            let Some(of) = suggestions["items"].as_array().unwrap().first() else { return String::new() };
            let reject = format!("POST /api/orgs/acme/suggestions/{}/reject", of["id"].as_str().unwrap());
            format!("{reject}: {}", tenant.ask_at(&reject, "{}", now).await.status)
        }
        9 => {
            let people = listed(tenant, 1_000).await;
            let Some(person) = people.iter().find(|person| person["email"].is_null()) else { return String::new() };
            let link = format!("POST /api/orgs/acme/users/{}/link", person["id"].as_str().unwrap());
            let body = json!({"email": email}).to_string();
            format!("{link} {body}: {}", tenant.ask_at(&link, &body, now).await.status)
        }
        _ => {
            let erase = format!("DELETE /api/orgs/acme/users/{email}");
            format!("{erase}: {}", tenant.ask_at(&erase, "", now).await.status)
        }
    }
}

#[tokio::test]
async fn a_roster_that_says_it_is_current_is_whatever_happened() {
    let (mut times_current, mut times_changed) = (0, 0);
    for seed in 0..6 {
        let tenant = Stack::start().tenant("acme").await;
        let mut random = fastrand::Rng::with_seed(seed);
        let mut told = Vec::new();
        for step in 0..40 {
            let now = START.plus(SignedDuration::from_secs(step));
            let before = listed_with_git(&tenant, 1_000).await;
            told.push(happen(&tenant, &mut random, now).await);
            let has_changed = listed_with_git(&tenant, 1_000).await != before;
            let is_current = is_current(&tenant).await;
            assert!(!(has_changed && is_current), "seed {seed}: {told:#?}");
            times_changed += u32::from(has_changed);
            times_current += u32::from(is_current);
            match random.u8(..4) {
                0 => {
                    assert!(tenant.keep_roster(now).await && self::is_current(&tenant).await, "seed {seed}: {told:#?}");
                    let pages = listed_with_git(&tenant, 1).await;
                    assert_eq!(pages, listed_with_git(&tenant, 1_000).await, "seed {seed}: {told:#?}");
                }
                1 => {
                    assert!(roster::keep_users(&tenant.store, &tenant.uid, now, soon()).await.unwrap());
                    assert!(current(&tenant).await.contains(&Part::Users), "seed {seed}: {told:#?}");
                }
                _ => {}
            }
        }
    }
    assert!(times_changed > 60 && times_current > 10, "{times_changed} and {times_current}");
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

#[tokio::test]
async fn an_erased_person_is_in_no_entry_and_whoever_holds_the_roster_is_waited_for() {
    let tenant = many().await;
    tenant.merge().await;
    tenant.authors("P Zero <p0@example.com>\nP Five <p5@example.com>\nGone Gone <gone@example.net>\n").await;
    assert!(tenant.keep_roster(START).await);
    tenant.authors("P Zero <p0@example.com>\nP Five <p5@example.com>\n").await;
    let erase = async |user: &str, at: Timestamp| {
        tenant.ask_at(&format!("DELETE /api/orgs/acme/users/{user}"), "", at).await.status
    };
    let tells = async |user: &str| -> Vec<String> {
        let users = tenant.store.roster(&tenant.uid, Part::Users, None, usize::MAX).await.unwrap();
        let authors = tenant.store.roster(&tenant.uid, Part::Authors, None, usize::MAX).await.unwrap();
        let users = users.iter().map(|entry| format!("{:?}", entry.user().unwrap()));
        let all = users.chain(authors.iter().map(|entry| format!("{:?}", entry.authors().unwrap())));
        all.filter(|entry| entry.contains(user)).collect()
    };
    assert!(!tells("p5@example.com").await.is_empty() && !tells("p6@example.com").await.is_empty());
    assert!(!tells("gone@example.net").await.is_empty());
    assert_eq!(erase("p5@example.com", START).await, 204);
    assert_eq!(
        tells("gone@example.net").await,
        Vec::<String>::new(),
        "they are erased who were taken out of Git first"
    );
    assert_eq!(tells("p5@example.com").await, Vec::<String>::new());
    // Somebody who has read before the erasure may still write.
    let hold = tenant.store.hold_roster(&tenant.uid, Timestamp::now()).await.unwrap().unwrap();
    assert_eq!(erase("p6@example.com", START).await, 202);
    assert!(!listed(&tenant, 3).await.iter().any(|person| person["email"] == "p6@example.com"));
    let later = START.plus(2 * MINUTE);
    tenant.store.let_go_of_roster(&tenant.uid, hold).await.unwrap();
    maintain::scheduled(&tenant.stack.handlers.app, later, soon()).await.unwrap();
    assert_eq!(tells("p6@example.com").await, Vec::<String>::new());
    assert_eq!(erase("p6@example.com", later).await, 404, "nothing is left to be done");
}

#[tokio::test]
async fn a_roster_is_put_together_by_one_at_a_time_and_not_read_before_it_is_whole() {
    let tenant = many().await;
    let all = listed(&tenant, 1_000).await;
    let hold = async |at: Timestamp| tenant.store.hold_roster(&tenant.uid, at).await.unwrap();
    let now = Timestamp::now();
    let held = hold(now).await.unwrap();
    assert!(hold(now.plus(MINUTE)).await.is_none());
    // The work may be of an hour ago: it is held by the clock.
    for of in [START.minus(HOUR), START, now, now.plus(HOUR)] {
        assert!(!tenant.keep_roster(of).await, "another one is at it");
    }
    assert_eq!(tenant.store.roster(&tenant.uid, Part::Users, None, 10).await.unwrap(), []);
    tenant.store.let_go_of_roster(&tenant.uid, held).await.unwrap();
    // Whoever was at it has died.
    let hold = hold(now.minus(2 * MINUTE)).await.unwrap();
    let later = START.plus(2 * MINUTE);
    assert!(tenant.keep_roster(later).await && is_current(&tenant).await);
    assert_eq!(listed(&tenant, 3).await, all);
    let kept = tenant.store.roster_state(&tenant.uid).await.unwrap().users.unwrap();
    assert!(tenant.store.keep_roster(&tenant.uid, hold, Part::Users, kept).await.unwrap_err().is_conflict());

    tenant.uses("new@example.com").await;
    let (store, uid) = (&tenant.store, &tenant.uid);
    assert!(!roster::keep(store, uid, later, Instant::now()).await.unwrap(), "there was no time for it");
    assert!(!is_current(&tenant).await);
    assert_eq!(listed(&tenant, 3).await.len(), all.len() + 1);
    assert!(tenant.keep_roster(later).await, "it was let go of");
}

#[tokio::test]
async fn what_an_earlier_release_changes_is_on_the_roster_a_day_later() {
    let tenant = many().await;
    // What is put together is looked at once more.
    assert!(tenant.keep_roster(START).await && tenant.keep_roster(START).await);
    // It counts nothing.
    let source = SourceId::new(SourceKind::Email, "p7@example.com");
    let key = store::keys::sighting(&tenant.uid, source);
    tenant.store.delete(key).await.unwrap();
    assert!(tenant.keep_roster(START.plus(DAY).minus(MINUTE)).await);
    let entries = async || tenant.store.roster(&tenant.uid, Part::Users, None, usize::MAX).await.unwrap();
    assert!(entries().await.iter().any(|entry| entry.id == source.encoded()));
    let shown = listed(&tenant, 3).await;
    assert!(
        !shown.iter().any(|person| person["id"] == json!(source.encoded())),
        "of whom nothing is known is not shown"
    );
    assert!(tenant.keep_roster(START.plus(DAY)).await && is_current(&tenant).await);
    assert!(!entries().await.iter().any(|entry| entry.id == source.encoded()));
}

#[tokio::test]
async fn of_a_part_with_somebody_who_fits_no_item_everybody_is_read() {
    let tenant = many().await;
    // One person in Git of more addresses than DynamoDB has room for.
    let addresses = |author: usize| -> Vec<String> {
        (0..100).map(|n| format!("{}.{author}.{n}@example.net", "ada.lovelace".repeat(4))).collect()
    };
    let authors: Vec<Value> = (0..64)
        .map(|author| {
            json!({"name": "Ada Lovelace", "login": "adalovelace", "email": format!("ada{author}@example.net"),
            "emails": addresses(author)})
        })
        .collect();
    let json = [("content-type", "application/json")];
    let reply = tenant.upload("?dry_run=true", &json, json!(authors).to_string()).await;
    let confirmed = format!("?confirm={}", reply.text("id"));
    assert_eq!(tenant.upload(&confirmed, &json, json!(authors).to_string()).await.status, 200);
    let all = listed_with_git(&tenant, 1_000).await;
    let ada = all.iter().find(|person| person["name"] == "Ada Lovelace").unwrap();
    assert!(ada["emails"].as_array().unwrap().len() > 6_000, "{}", ada["emails"].as_array().unwrap().len());
    assert!(tenant.keep_roster(START).await);
    assert_eq!(current(&tenant).await, [Part::Users]);
    let kept = tenant.store.roster_state(&tenant.uid).await.unwrap().authors.unwrap();
    assert!(!kept.is_whole);
    assert!(tenant.store.roster(&tenant.uid, Part::Authors, None, 10).await.unwrap().is_empty());
    assert_eq!(listed_with_git(&tenant, 5).await, all);
}

#[tokio::test]
async fn the_schedule_puts_the_roster_of_every_organisation_together() {
    let stack = Stack::start().await;
    let tenants = [stack.tenant("acme").await, stack.tenant("globex").await];
    for tenant in &tenants {
        tenant.uses("jane@example.com").await;
    }
    maintain::scheduled(&stack.handlers.app, START, soon()).await.unwrap();
    for tenant in &tenants {
        assert!(is_current(tenant).await);
    }
    tenants[0].uses("zed@example.com").await;
    assert!(!is_current(&tenants[0]).await && is_current(&tenants[1]).await);
    merge_users::scheduled(&stack.handlers.app, START.plus(HOUR), soon()).await.unwrap();
    assert!(is_current(&tenants[0]).await);
    let ids: BTreeMap<_, _> = tenants.iter().map(|tenant| (tenant.org.clone(), tenant.uid.to_string())).collect();
    assert_eq!(ids.values().collect::<BTreeSet<_>>().len(), 2);
}
