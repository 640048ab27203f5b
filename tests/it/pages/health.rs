//! Findings, and the calm when there are none.

use model::time::HOUR;
use telemetry::claude::source::SourceKind;
use tests::orgs::START;
use tests::people::Company;
use tests::projection::World;

use super::{admin_of, company_of, look, work};

#[tokio::test]
async fn all_is_well_says_what_was_looked_at() {
    let world = World::open().await;
    work(&world, "jane@example.com", "2.1.330").await;
    world.project(START).await;
    let mut admin = admin_of(&company_of(&world).await).await;
    let shown = look(&mut admin, "health").await.text;
    for part in ["All is well", "<details class=\"card checked\" open>", ">Stored<", ">Never<", "1 person seen"] {
        assert!(shown.to_lowercase().contains(&part.to_lowercase()), "{part}: {shown}");
    }
}

#[tokio::test]
async fn a_finding_names_cause_people_and_remedy() {
    let company = Company::open().await;
    let opaque = company.seen(SourceKind::Client, "c0ffee", &[]).await;
    let mut admin = admin_of(&company).await;
    admin.now = START.plus(HOUR);
    let shown = look(&mut admin, "health").await.text;
    assert!(shown.contains("unattributed_activity") && shown.contains(&format!("/users/{opaque}\"")), "{shown}");
    assert!(!shown.contains("All is well"));
}
