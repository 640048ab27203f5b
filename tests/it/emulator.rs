//! The whole stack as AWS would run it: the template is deployed into an emulator of AWS, which runs the real binaries as their roles
//! let them, behind its own API Gateway and its own stream.

use tools::emulator::Emulated;
use tools::smoke::Smoke;

mod browser;
mod calls;
mod figures;
mod people;
mod roles;
mod steps;

/// What operators try on a deployment that the emulator does otherwise than AWS documents.
const OTHERWISE: [&str; 1] = ["JSON with gzip"];

#[tokio::test]
#[ignore = "needs ministack, sam and cargo-lambda"]
async fn the_template_runs_in_an_emulator_of_aws() {
    let service = Emulated::start().await;
    calls::all_lead_to_the_function_that_serves_them(&service).await;
    let both = figures::are_those_of_the_gateway(&service).await;
    people::are_merged_as_by_the_gateway(&both).await;
    everything_that_operators_try_is_well(&service).await;
    roles::have_no_statement_that_nothing_needs(&service).await;
}

async fn everything_that_operators_try_is_well(service: &Emulated) {
    let findings = Smoke::of(&service.base_url, &service.root_key).run(20).await;
    let bad: Vec<_> = findings.iter().filter(|finding| !finding.well).collect();
    assert_eq!(bad.iter().map(|finding| finding.what).collect::<Vec<_>>(), OTHERWISE, "{bad:?} {}", service.log());
    assert!(findings.len() > 12, "{findings:?}");
}
