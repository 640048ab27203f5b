//! `cargo run --release`: the whole service on one machine.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: local::Allocator = local::Allocator;

fn main() -> ExitCode {
    local::run::program(local::run::run)
}
