//! Claude Code's telemetry as typed records: what each is called, who sent it, and what is kept of it.
//!
//! * [`vocabulary`] lists every attribute that Claude Code documents or was seen to send, and what it holds.
//! * [`attribute`] is a name with a typed value. [`keep`] types values in every form a client has ever used and decides
//!   what is stored, [`shape`] judges texts by their appearance, and [`tool_names`] extracts names from the details of
//!   tools.
//! * [`limits`] recognises impossible numbers, [`failure`] why requests fail, [`automation`] that a machine works.
//! * [`models`] names models, and [`prices`] has their list prices.
//! * [`service`] tells Claude Code from its desktop app, from Cowork and from other agents.
//! * [`source`] finds the installation or person under which the records of an export are filed.
//! * [`record`] is the record itself, [`read`] makes records from a decoded export, and [`rejected`] counts those that
//!   cannot be used, by reason.

pub mod attribute;
pub mod automation;
pub mod claim;
pub mod export;
pub mod failure;
pub mod keep;
pub mod limits;
pub mod models;
pub mod prices;
pub mod read;
pub mod record;
pub mod rejected;
pub mod service;
pub mod shape;
pub mod source;
pub mod tool_names;
pub mod vocabulary;
