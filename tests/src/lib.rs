//! What the tests share: the real captures, and the service on a free port over an embedded database.

#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]

pub mod activity;
pub mod captures;
pub mod company;
pub mod deployment;
pub mod faults;
pub mod hostile;
pub mod lambda;
pub mod meter;
pub mod oracle;
pub mod orgs;
pub mod people;
pub mod program;
pub mod projection;
pub mod recorder;
pub mod service;
pub mod stale;
pub mod stream;
pub mod tables;
pub mod template;
pub mod tls;
