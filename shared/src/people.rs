//! The people behind the sources of telemetry.
//!
//! * [`sighting`] is what is known of a source: when it was seen, and under which names.
//! * [`directory`] makes people of sightings: who has an e-mail address, and whose the rest is.
//!
//! Names in telemetry are claims of whoever has the ingest token. What came without an e-mail address counts for a person only
//! if exactly one address was ever seen with the same client or account.

pub mod directory;
pub mod sighting;
