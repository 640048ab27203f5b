//! What the tests share: the real captures, the service as a test starts it, and stand-ins for AWS.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what is missing fails the test")]

pub mod activity;
pub mod belief;
pub mod browser;
pub mod captures;
pub mod clock;
pub mod company;
pub mod console;
pub mod deployment;
pub mod emulator;
pub mod endurance;
pub mod exporter;
pub mod faults;
pub mod heat;
pub mod hostile;
pub mod lambda;
pub mod leftovers;
pub mod load;
pub mod message;
pub mod meter;
pub mod multitude;
pub mod oracle;
pub mod packs;
pub mod pause;
pub mod peer;
pub mod poison;
pub mod policy;
pub mod power;
pub mod prices;
pub mod program;
pub mod recorder;
pub mod remote;
pub mod reply;
pub mod secrets_manager;
pub mod smoke;
pub mod stack;
pub mod stale;
pub mod stream;
pub mod tables;
pub mod template;
pub mod tenant;
pub mod tenants;
pub mod tls;
pub mod watch;
pub mod worst;
