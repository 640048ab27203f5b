//! What admins decide about people through forms.

use model::time::SECOND;

use super::{admin_of, look, press};
use tools::stack::{START, Stack};

#[tokio::test]
async fn a_suggestion_is_accepted_taken_back_and_rejected() {
    let tenant = Stack::start().tenant("acme").await;
    let user = tenant.uses("jane@example.com").await;
    tenant.authors("Jane <jane@one.example.org>\nJane <jane@two.example.org>\n").await;
    tenant.merge().await;
    let mut admin = admin_of(&tenant).await;
    let shown = look(&mut admin, "users/suggestions").await;
    assert_eq!(shown.field("suggestion"), user, "{}", shown.text);
    assert!(
        shown.text.contains("has the same part before the @") && shown.text.contains("jane@one.example.org"),
        "{}",
        shown.text
    );
    let candidate = shown.field("candidate");

    let accept = [("suggestion", user.as_str()), ("candidate", candidate.as_str())];
    let foreign = admin.post("/orgs/acme/users/suggestions/accept", &accept).await;
    assert_eq!(foreign.status, 403, "a form without the mark of its session");
    assert_eq!(tenant.owners().await.people().count(), 0);
    let accepted = press(&mut admin, "users/suggestions/accept", &accept).await;
    assert!(accepted.text.contains("Merged: jane@example.com"), "{}", accepted.text);
    assert_eq!(tenant.owners().await.owner(&candidate), user);
    let again = press(&mut admin, "users/suggestions/accept", &accept).await;
    assert!(again.text.contains("There is no such suggestion"), "{}", again.text);

    admin.now = START.plus(SECOND);
    let history = look(&mut admin, "users/merges").await;
    let undone = press(&mut admin, "users/merges/undo", &[("merge", &history.field("merge"))]).await;
    assert!(undone.text.contains("Undone: ") && undone.text.contains(">Undone<"), "{}", undone.text);
    assert_eq!(tenant.owners().await.people().count(), 0);

    let rejected = press(&mut admin, "users/suggestions/reject", &[("suggestion", &user)]).await;
    assert!(rejected.text.contains("Rejected") && rejected.text.contains("Nothing to decide"), "{}", rejected.text);
    let apart = &rejected.text[rejected.text.find("Kept apart by admins").unwrap()..];
    assert!(apart.contains("<bdi>jane@example.com</bdi> is not"), "{apart}");
    assert!(apart.contains("Jane &lt;jane@one.example.org&gt;"), "{apart}");
    let merged = press(&mut admin, "users/merges/run", &[("to", "/orgs/acme/users/suggestions")]).await;
    assert!(merged.text.contains("Matching finished") && merged.text.contains("Nothing to decide"), "{}", merged.text);

    // The undone merge and the rejection both keep them apart: with the last of them taken back, the suggestion returns.
    let mut page = merged;
    while page.text.contains("name=\"rejection\"") {
        assert!(page.text.contains("Nothing to decide"), "{}", page.text);
        admin.now = admin.now.plus(SECOND);
        let fields = [("rejection", page.field("rejection"))];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        page = press(&mut admin, "users/rejections/undo", &fields).await;
        assert!(page.text.contains("Taken back"), "{}", page.text);
    }
    assert_eq!(page.field("suggestion"), user, "{}", page.text);
}

#[tokio::test]
async fn people_are_merged_by_hand_into_the_one_who_was_chosen() {
    let tenant = Stack::start().tenant("acme").await;
    let (jane, other) = (tenant.uses("jane@example.com").await, tenant.uses("jd@example.org").await);
    tenant.merge().await;
    let mut admin = admin_of(&tenant).await;
    let page = format!("users/merge?pick={jane}&pick=JD@example.org&pick=nobody");
    let shown = look(&mut admin, &page).await.text;
    assert!(shown.contains("Merge these 2") && shown.contains("Nobody here has"), "{shown}");
    let fields = [("pick", jane.as_str()), ("pick", other.as_str()), ("primary", other.as_str())];
    let merged = press(&mut admin, "users/merges", &fields).await;
    assert!(merged.text.contains("Merged into jd@example.org"), "{}", merged.text);
    assert_eq!(tenant.owners().await.owner(&jane), other);
    let alone = press(&mut admin, "users/merges", &[("pick", &jane), ("primary", &jane)]).await;
    assert!(alone.text.contains("Nothing was changed"), "{}", alone.text);
}

#[tokio::test]
async fn a_form_leads_back_to_our_own_pages_alone() {
    let tenant = Stack::start().tenant("acme").await;
    let mut admin = admin_of(&tenant).await;
    for to in ["//evil.example.com", "https://evil.example.com/", "/sign-out", "/orgs/acme/users\r\nx: y"] {
        let answer = admin.submit("/orgs/acme/users/git", "/orgs/acme/users/merges/run", &[("to", to)]).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/orgs/acme/users/merges"), "{to}");
    }
}
