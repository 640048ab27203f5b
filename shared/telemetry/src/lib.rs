#![doc = include_str!("../README.md")]

pub mod activity;
pub mod canonical;
pub mod claude;
pub mod clock;
pub mod pack;
pub mod sighting;
