//! `ADMIN_KEY=… cargo run -p tests --example smoke -- https://telemetry.example.com [3000]`: whether a deployed service does what it has
//! to, also what the AWS account in front of it decides: protobuf, JSON and gzip of both, 5 MB of each, `%23` in a path, too many
//! requests at once (3000 are more than the default `IngestBurst`), rotating, erasing. It makes an organisation `smoke-…` and purges it.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a command for operators")]

use std::process::ExitCode;

use tools::smoke::Smoke;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Ok(key)) = (arguments.next(), std::env::var("ADMIN_KEY")) else {
        println!("ADMIN_KEY=… cargo run -p tests --example smoke -- URL [REQUESTS AT ONCE]");
        return ExitCode::FAILURE;
    };
    let at_once = arguments.next().map_or(50, |text| text.parse().unwrap());
    let findings = Smoke::of(&url, &key).run(at_once).await;
    for finding in &findings {
        println!("{}  {}: {}", if finding.well { "ok " } else { "BAD" }, finding.what, finding.seen);
    }
    if findings.iter().all(|finding| finding.well) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
