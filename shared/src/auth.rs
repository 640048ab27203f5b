//! The gate. Nothing is written or read for anybody who has not passed it, since what it gives cannot be made elsewhere.
//!
//! * [`writer`] lets exports in, by their ingest token.
//! * [`admin`] lets admins in, by the root key or a key of one organisation; [`root_key`] knows the root key.

pub mod admin;
pub mod root_key;
pub mod writer;
