//! The admin API. [`call`] is what a call is, [`endpoint`] the one list of all calls with the function that serves each; [`openapi`] is
//! written from it.

pub mod call;
pub mod endpoint;
pub mod openapi;
pub mod schema;
