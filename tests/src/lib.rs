//! What the tests share.

pub mod activity;
