//! `cargo run --release`: the whole service on one machine.

use std::process::ExitCode;

use clap::Parser;
use local::options::Options;

fn main() -> ExitCode {
    local::run::start_logging();
    let options = Options::parse();
    match local::stop::lead(|stop| local::run::run(options, stop)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
