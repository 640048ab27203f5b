//! What readers of the admin API are told.
//!
//! * [`figures`] are the numbers of a line as they are shown.

pub mod figures;
