//! What operators try on a deployment holds of the gateway.

use tools::program::Program;
use tools::smoke::Smoke;
use tools::stack::ROOT_KEY;

use super::BINARY;

#[tokio::test]
async fn everything_that_is_tried_on_a_deployment_is_well() {
    let program = Program::start(BINARY, &["--ephemeral", "--admin-key", ROOT_KEY]);
    let findings = Smoke::of(&program.base_url, ROOT_KEY).run(50).await;
    let bad: Vec<_> = findings.iter().filter(|finding| !finding.well).collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert!(findings.len() > 12, "{findings:?}");
    // Nothing is there to be found out without a key.
    let refused = Smoke::of(&program.base_url, "no key").run(1).await;
    assert_eq!(refused.iter().map(|finding| finding.well).collect::<Vec<_>>(), [true, false], "{refused:?}");
}
