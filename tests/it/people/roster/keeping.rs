//! How the roster is put together, by whom, and what is taken out of it.

use store::roster::order::COUNTS;

use super::*;

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
        let users = tenant.store.roster(&tenant.uid, Shelf::Entries(Part::Users), None, usize::MAX).await.unwrap();
        let authors = tenant.store.roster(&tenant.uid, Shelf::Entries(Part::Authors), None, usize::MAX).await.unwrap();
        let users = users.iter().map(|entry| format!("{:?}", entry.user().unwrap()));
        let all = users.chain(authors.iter().map(|entry| format!("{:?}", entry.authors().unwrap())));
        let order = tenant.store.roster(&tenant.uid, Shelf::Order(Part::Users), None, usize::MAX).await.unwrap();
        let all =
            all.chain(order.iter().filter(|stored| stored.id != COUNTS).map(|stored| format!("{:?}", stored.run())));
        let user = &[user.to_owned(), SourceId::new(SourceKind::Email, user).encoded()];
        all.filter(|entry| user.iter().any(|user| entry.contains(user))).collect()
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
    assert_eq!(tenant.store.roster(&tenant.uid, Shelf::Entries(Part::Users), None, 10).await.unwrap(), []);
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
    let entries =
        async || tenant.store.roster(&tenant.uid, Shelf::Entries(Part::Users), None, usize::MAX).await.unwrap();
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
    assert!(tenant.store.roster(&tenant.uid, Shelf::Entries(Part::Authors), None, 10).await.unwrap().is_empty());
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
}
