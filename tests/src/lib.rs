//! What the tests share: the real captures, and the service on a free port over an embedded database.

pub mod activity;
pub mod captures;
pub mod lambda;
pub mod oracle;
pub mod orgs;
pub mod projection;
pub mod service;
