//! What the tests share: the real captures, and the service on a free port over an embedded database.

#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]

pub mod activity;
pub mod browser;
pub mod captures;
pub mod console;
pub mod faults;
pub mod hostile;
pub mod lambda;
pub mod oracle;
pub mod orgs;
pub mod people;
pub mod program;
pub mod projection;
pub mod service;
