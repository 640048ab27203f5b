//! The admin API: [`endpoint`] is the one list of all calls, with the function that serves each; [`openapi`] is written from it.

pub mod endpoint;
pub mod openapi;
