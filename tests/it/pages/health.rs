//! Findings, and the calm when there are none.

use model::time::HOUR;
use telemetry::claude::source::SourceKind;
use telemetry::sighting::Fact;

use super::{admin_of, look, work};
use tools::stack::{START, Stack};

#[tokio::test]
async fn all_is_well_says_what_was_looked_at() {
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, "jane@example.com", "2.1.330").await;
    tenant.project(START).await;
    let mut admin = admin_of(&tenant).await;
    let shown = look(&mut admin, "health").await.text;
    for part in ["All is well", "<details class=\"card checked\" open>", ">Stored<", ">Never<", "1 person seen"] {
        assert!(shown.to_lowercase().contains(&part.to_lowercase()), "{part}: {shown}");
    }
}

#[tokio::test]
async fn a_finding_names_cause_people_and_remedy() {
    let tenant = Stack::start().tenant("acme").await;
    let opaque = tenant.seen(SourceKind::Client, "c0ffee", &[(Fact::Version, "2.1.113")]).await;
    let mut admin = admin_of(&tenant).await;
    admin.now = START.plus(HOUR);
    let shown = look(&mut admin, "health").await.text;
    assert!(shown.contains("version_loses_telemetry") && shown.contains(&format!("/users/{opaque}\"")), "{shown}");
    assert!(!shown.contains("All is well"));
}
