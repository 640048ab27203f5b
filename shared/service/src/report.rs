//! What readers of the admin API are told.
//!
//! * [`figures`] are the numbers of a line as they are shown, [`csv`] is a table for spreadsheets.
//! * [`range`] is which time is asked for, [`window`] what is stored of it.
//! * [`groupings`] is what lines can be made by, [`filters`] what alone is shown, [`ledger`] where it is added up.
//! * [`labels`] is how what a line is about is shown, and what a cursor names it by.
//! * [`spend`] is what a month costs, [`adoption`] who has begun, stayed and left, and how far settings and versions have got.
//! * [`reliability`] is what fails and what is slow, [`outcome`] what comes of the work, each with several breakdowns of one reading.
//! * [`activity`], [`sessions`], [`session`], [`events`], [`users`], [`status`] and [`usage`] are the answers, and [`error`] is why there is none.

pub mod activity;
pub mod adoption;
pub mod csv;
pub mod error;
pub mod events;
pub mod figures;
pub mod filters;
pub mod groupings;
pub mod labels;
pub mod ledger;
pub mod outcome;
pub mod range;
pub mod reliability;
pub mod session;
pub mod sessions;
pub mod spend;
pub mod status;
pub mod usage;
pub mod users;
pub mod window;
