//! The gate. Nothing is written or read for anybody who has not passed it, since what it gives cannot be made elsewhere.
//!
//! * [`writer`] lets exports in, by their ingest token.

pub mod writer;
