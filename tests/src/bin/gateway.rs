//! The local gateway as a program that tests can start, stop and kill.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    local::run::start_logging();
    let options = local::options::Options::parse();
    match local::stop::lead(|stop| local::run::run(options, stop)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{error}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}
