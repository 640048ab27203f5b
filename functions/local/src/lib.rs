//! The service on one machine: the handlers that run on Lambda, over an embedded DynamoDB and secret store.
//!
//! The gateway stands in for what AWS puts around them: API Gateway ([`gateway`]), DynamoDB ([`embedded`]), and the disk
//! ([`data_folder`]). [`demo`] fills an organisation with invented people.

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
