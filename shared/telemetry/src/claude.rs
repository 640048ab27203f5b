//! Claude Code's telemetry as typed records: what it is called, whose it is, and what of it is kept.
//!
//! * [`vocabulary`] knows every attribute that Claude Code documents or was seen to send, and what kind of thing it is.
//! * [`attribute`] is a name and a typed value; [`keep`] types values in every form a client has ever used and decides what is
//!   stored, [`shape`] says what a text looks like, [`tool_names`] takes names out of the details of tools.
//! * [`bounds`] knows numbers that cannot be.
//! * [`source`] finds the installation or person that an export's records are filed under.
//! * [`record`] is the record itself; [`read`] makes records from a decoded export; [`rejected`] says which cannot be counted, and why.

pub mod attribute;
pub mod bounds;
pub mod claim;
pub mod keep;
pub mod read;
pub mod record;
pub mod rejected;
pub mod shape;
pub mod source;
pub mod tool_names;
pub mod vocabulary;
