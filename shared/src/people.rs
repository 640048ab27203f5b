//! The people behind the sources of telemetry.
//!
//! * [`sighting`] is what is known of a source: when it was seen, and under which names.
//! * [`owners`] is whose identities are by the merge and by what admins decided. Stored activity is never rewritten.
//! * [`directory`] makes people of both: the one place where readers learn who is behind a source.
//!
//! Names in telemetry are claims of whoever has the ingest token. What came without an e-mail address counts for a person only
//! if exactly one address was ever seen with the same client or account.

mod addresses;
pub mod directory;
pub mod owners;
pub mod sighting;
