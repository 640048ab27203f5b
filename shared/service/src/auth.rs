//! Authentication. Every read or write takes a principal, which only this module can construct.
//!
//! * [`ingest_token`] lets exports in, by their ingest token.
//! * [`admin`] lets admins in, by the root key or a key of one organisation; [`root_key`] knows the root key.
//! * [`session`] is how the console remembers whom it let in, [`one_time`] how somebody at a terminal gets in.
//! * [`error`] is why somebody is not let in.
//! * [`peer`] is whom a request came from, as far as an address tells; [`attempts`] counts wrong keys of each, and refuses who guesses.

pub mod admin;
pub mod attempts;
mod bearer;
pub mod error;
pub mod ingest_token;
pub mod one_time;
pub mod peer;
pub mod root_key;
pub mod session;
mod session_key;
