//! What every call over HTTP is read with and answered with: its query, page and body, and the one table of refusals.

pub mod anthropic;
pub mod body;
pub mod page;
pub mod problem;
pub mod query;
mod refusals;
pub mod reply;
pub mod routes;

pub use problem::Problem;
