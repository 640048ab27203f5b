//! `cargo run --release`: the whole service on one machine.

use std::process::ExitCode;

use clap::Parser;
use local::options::Options;

#[tokio::main]
async fn main() -> ExitCode {
    local::run::start_logging();
    match local::run::run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
