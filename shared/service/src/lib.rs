#![doc = include_str!("../README.md")]

pub mod app;
pub mod auth;
pub mod erasure;
pub mod health;
pub mod http;
pub mod ingest;
pub mod maintenance;
pub mod merging;
pub mod organisations;
pub mod people;
pub mod projection;
pub mod removal;
pub mod report;
mod share;
