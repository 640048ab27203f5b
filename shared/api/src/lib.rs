#![doc = include_str!("../README.md")]

pub mod call;
pub mod door;
pub mod endpoint;
pub mod openapi;
pub mod schema;
