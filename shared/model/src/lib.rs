#![doc = include_str!("../README.md")]

pub mod base_url;
pub mod bucket;
pub mod calendar;
pub mod organisation;
pub mod random;
pub mod text;
pub mod time;
pub mod token;
