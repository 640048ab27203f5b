//! What the tests share: the real captures, and the service on a free port over an embedded database.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what is missing fails the test")]

pub mod activity;
pub mod browser;
pub mod captures;
pub mod company;
pub mod console;
pub mod deployment;
pub mod endurance;
pub mod exporter;
pub mod faults;
pub mod heat;
pub mod hostile;
pub mod lambda;
pub mod load;
pub mod meter;
pub mod oracle;
pub mod orgs;
pub mod peer;
pub mod people;
pub mod policy;
pub mod program;
pub mod projection;
pub mod recorder;
pub mod secrets_manager;
pub mod service;
pub mod stale;
pub mod stream;
pub mod tables;
pub mod template;
pub mod tenants;
pub mod tls;
pub mod watch;
