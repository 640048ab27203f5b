#![doc = include_str!("../README.md")]

mod base62;

pub mod attributes;
pub mod base_url;
pub mod bucket;
pub mod calendar;
pub mod currency;
pub mod order;
pub mod organisation;
pub mod random;
pub mod text;
pub mod time;
pub mod token;

/// The version of the service: that of all its crates.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The header in which every answer carries [`VERSION`].
pub const VERSION_HEADER: &str = "x-telemetry-version";
