//! What every call over HTTP is read with and answered with: its query, page and body, and the one table of refusals.

pub mod body;
pub mod page;
pub mod path;
pub mod problem;
pub mod query;
pub mod reply;

pub use problem::Problem;
