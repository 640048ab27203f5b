//! What pages are put together from.

pub(crate) mod form;
pub(crate) mod link;
pub(crate) mod number;
pub(crate) mod pager;
pub(crate) mod person;
pub(crate) mod standing;
pub(crate) mod text;
pub(crate) mod time;
