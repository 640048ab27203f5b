//! The admin API: JSON over HTTP.
//!
//! A request is matched against [`endpoint`], the one list of all calls with the function that serves each; the [`crate::auth::admin`]
//! gate lets it in; [`body`], [`page`] and [`query`] read what it says; and whatever refuses it is a [`problem`]. [`openapi`] is
//! written from the same list.

pub mod body;
pub mod endpoint;
pub mod openapi;
pub mod page;
pub mod path;
pub mod problem;
pub mod query;
pub mod reply;

pub use problem::Problem;
