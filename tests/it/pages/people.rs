//! Finding people, and looking at one.

use telemetry::claude::source::SourceKind;

use super::{admin_of, look, press};
use tools::stack::Stack;

/// The rows of a page.
fn rows(text: &str) -> usize {
    text.matches("name=\"pick\"").count()
}

#[tokio::test]
async fn people_are_found_by_word_and_state_a_page_at_a_time() {
    let tenant = Stack::start().tenant("acme").await;
    for number in 0..34 {
        tenant.uses(&format!("colleague{number}@example.com")).await;
    }
    tenant.seen(SourceKind::Client, "c0ffee", &[]).await;
    tenant.authors("Dana Vogel <colleague7@example.com>\nGit Only <only@example.org>\n").await;
    tenant.merge().await;
    let mut admin = admin_of(&tenant).await;
    let all = look(&mut admin, "users").await.text;
    assert!(rows(&all) == 30 && all.contains("Page 1 of 2"), "{all}");
    assert_eq!(rows(&look(&mut admin, "users?page=2").await.text), 5);
    assert_eq!(rows(&look(&mut admin, "users?page=99").await.text), 5, "the last page is as far as it goes");
    for (filter, count, who) in [
        ("state=merged", 1, "Dana Vogel"),
        ("state=unattributed", 1, "c0ffee"),
        ("state=git", 1, "Git Only"),
        ("state=nonsense&q=VOGEL", 1, "Dana Vogel"),
        ("q=colleague7%40", 1, "Dana Vogel"),
        ("q=c0ff&state=unattributed", 1, "c0ffee"),
        ("q=colleague1", 11, "colleague10@example.com"),
    ] {
        let found = look(&mut admin, &format!("users?{filter}")).await.text;
        assert!(rows(&found) == count && found.contains(who), "{filter}: {found}");
    }
    let nobody = look(&mut admin, "users?q=nobody").await.text;
    assert!(nobody.contains("Nobody like that"), "{nobody}");
}

#[tokio::test]
async fn an_empty_list_says_what_to_do_next() {
    let tenant = Stack::start().tenant("acme").await;
    let mut admin = admin_of(&tenant).await;
    for (page, next) in [
        ("users", "settings/claude-code"),
        ("users/suggestions", "users/git"),
        ("users/merges", "users/git"),
        ("users/git", "No Git users yet"),
        ("analytics", "settings/claude-code"),
        ("health", "Nothing has arrived yet"),
    ] {
        let shown = look(&mut admin, page).await;
        assert!(shown.status == 200 && shown.text.contains(next), "{page}: {}", shown.text);
    }
}

#[tokio::test]
async fn a_person_is_shown_with_both_sides_and_nobody_is_not_found() {
    let tenant = Stack::start().tenant("acme").await;
    let jane = tenant.uses("jane@example.com").await;
    tenant.authors("Jane Doe <jane@example.com>\n").await;
    tenant.merge().await;
    let mut admin = admin_of(&tenant).await;
    let shown = look(&mut admin, &format!("users/{jane}")).await.text;
    for part in ["Jane Doe", "In Claude Code", "In Git", "Same e-mail as Jane Doe", "Undo the merge of Jane Doe"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    for nobody in ["nobody", "none@example.com", "%3Cscript%3E", "..%2F..", "%00"] {
        let answer = look(&mut admin, &format!("users/{nobody}")).await;
        assert!(answer.status == 404 && !answer.text.contains("<script>"), "{nobody}: {answer:?}");
    }
}

#[tokio::test]
async fn an_unattributed_person_is_given_an_address_and_a_wrong_one_is_named() {
    let tenant = Stack::start().tenant("acme").await;
    let opaque = tenant.seen(SourceKind::Client, "c0ffee", &[]).await;
    let mut admin = admin_of(&tenant).await;
    assert!(look(&mut admin, &format!("users/{opaque}")).await.text.contains("Whose is this?"));
    let path = format!("users/{opaque}/link");
    let wrong = press(&mut admin, &path, &[("email", "no address")]).await;
    assert!(wrong.text.contains("it is not an e-mail address"), "{}", wrong.text);
    let shown = press(&mut admin, &path, &[("email", "dana@example.com")]).await;
    assert!(shown.text.contains("Attributed to dana@example.com"), "{}", shown.text);
    assert!(!shown.text.contains("Whose is this?"));
    let owners = tenant.owners().await;
    assert_eq!(owners.person(&opaque).unwrap().email.as_deref(), Some("dana@example.com"));
}

#[tokio::test]
async fn a_person_is_erased_only_if_that_was_confirmed() {
    let tenant = Stack::start().tenant("acme").await;
    let jane = tenant.uses("jane@example.com").await;
    let mut admin = admin_of(&tenant).await;
    let path = format!("users/{jane}/erase");
    let kept = press(&mut admin, &path, &[]).await;
    assert!(kept.text.contains("Nothing was erased") && kept.text.contains("jane@example.com"), "{}", kept.text);
    let gone = press(&mut admin, &path, &[("sure", "yes")]).await;
    assert!(gone.text.contains("The person is erased") && gone.text.contains("Nobody yet"), "{}", gone.text);
    assert_eq!(look(&mut admin, &format!("users/{jane}")).await.status, 404);
}
