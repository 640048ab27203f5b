//! The local gateway as a program that tests can start, stop and kill: the one that ships, since a test finds the programs of its own
//! package alone.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: local::Allocator = local::Allocator;

fn main() -> ExitCode {
    local::run::program(local::run::run)
}
