//! `cargo run --release`: the whole service on one machine.

use std::process::ExitCode;

fn main() -> ExitCode {
    local::run::program(local::run::run)
}
