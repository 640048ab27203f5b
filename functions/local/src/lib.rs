//! The service on one machine: the handlers that run on Lambda, over an embedded DynamoDB and secret store.
//!
//! The gateway stands in for what AWS puts around them: API Gateway ([`gateway`]), DynamoDB ([`embedded`]), and the disk
//! ([`data_folder`]). [`demo`] fills an organisation with invented people.
//!
//! # The staircase
//!
//! The crates of the workspace, floor by floor, from the ground up:
//!
//! 1. [`model`]: names, ids, tokens, times and days: the vocabulary of all others
//! 2. [`otlp`] (OTLP over HTTP: requests, bodies and answers), `identity` (who is who: the identities of one person),
//!    [`settings`] (the configuration that Claude Code is given)
//! 3. `telemetry`: what Claude Code sends, and the numbers derived from it
//! 4. [`store`] (the tables and the secret store), [`demo-data`](demo_data) (a month of invented people)
//! 5. [`service`]: what is decided
//! 6. [`api`] (the calls of the admin API), `lambda` (Lambda's invocations as plain HTTP types)
//! 7. the functions, which translate requests into calls: `console`, `generate-settings`, `ingest`, `maintain`, `merge-users`,
//!    `project-activity`, `report`, `rotate-token`
//! 8. `local`: the functions in one process, on one machine
//!
//! Each crate stands only on those on the floors below it. `.ci/floor_plan.py` prints the floors, with the files of every crate, and
//! checks that no files import each other in a circle. Between crates Cargo sees to it.

mod blocking;
pub mod callers;
mod conversation;
pub mod data_folder;
pub mod demo;
pub mod embedded;
mod files;
pub mod gateway;
mod guidance;
pub mod handlers;
pub mod journal;
pub mod memory_budget;
pub mod options;
mod packs;
pub mod patience;
mod pool;
pub mod projector;
mod pulse;
pub mod run;
pub mod settings_file;
pub mod start;
pub mod stop;
mod wire;

/// The allocator of the gateway, for its binaries to name. What a report of many people took is given back to the system soon after;
/// glibc's keeps it in an arena of each thread, and a gateway grows to twice what it uses.
pub use mimalloc::MiMalloc as Allocator;
