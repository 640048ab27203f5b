//! The domain of the telemetry service. Functions translate between Lambda and plain HTTP types; every decision is made here.
//!
//! * [`otlp`] is OTLP/HTTP: requests, bodies, the table of refusals, replies.
//! * [`ingest`] takes exports: the use case from request to answer.
//! * [`claude`] turns a decoded export into typed records, [`canonical`] says when two of them are the same, [`pack`] is how they are stored.
//! * [`activity`] is what packs say in numbers; [`projection`] keeps that up to date with the events, [`people`] are the people behind it.
//! * [`removal`] takes out what came with a stolen token.
//! * [`report`] is what readers are told, [`health`] what is wrong.
//! * [`organisations`] is what admins do with organisations and their tokens, [`settings`] what they hand out, [`api`] how they ask.
//! * [`git_users`] reads the Git side, [`identity`] plans who is the same person as whom.
//! * [`merging`] keeps people as the planner sees them, and what admins decide about them.
//! * [`upkeep`] is what the clock asks for.
//! * [`secrets`] is where tokens are kept in clear.
//! * [`store`] is the two tables, and [`store::keys`] every key in them; [`organisation`] is what an admin enables.
//! * [`auth`] is the gate, [`environment`] and [`aws`] are what the process is told from outside.
//! * [`token`] is the anatomy of tokens, [`random`] where they come from.
//! * [`time`] is the clock unit, [`calendar`] an organisation's days.

pub mod activity;
pub mod api;
pub mod auth;
pub mod aws;
pub mod bucket;
pub mod calendar;
pub mod canonical;
pub mod claude;
pub mod clock;
pub mod environment;
pub mod erasure;
pub mod git_users;
pub mod health;
pub mod http;
pub mod identity;
pub mod ingest;
pub mod merging;
pub mod organisation;
pub mod organisations;
pub mod otlp;
pub mod pack;
pub mod people;
pub mod projection;
pub mod random;
pub mod removal;
pub mod report;
pub mod secrets;
pub mod settings;
pub mod sighting;
pub mod store;
pub mod time;
pub mod token;
pub mod unseen;
pub mod upkeep;
