//! Behaviour of the whole service.

mod activity;
