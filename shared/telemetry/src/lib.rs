#![doc = include_str!("../README.md")]

pub mod activity;
pub mod canonical;
pub mod claude;
pub mod clock;
mod compression;
pub mod pack;
pub mod sighting;
