//! Whatever changes who is who, in any order: a roster that says it is current is.

use super::*;

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
        // So many that it costs less to read one than all.
        for n in 0..8 {
            tenant.uses(&format!("p{n}@example.com")).await;
        }
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
                    numbered::are_those_of_all(&tenant, 1).await;
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
