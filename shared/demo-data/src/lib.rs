#![doc = include_str!("../README.md")]

mod attribute;
pub mod cast;
pub mod export;
pub mod git;
mod json;
mod meters;
pub mod models;
pub mod month;
pub mod names;
pub mod random;
mod rhythm;
pub mod session;
