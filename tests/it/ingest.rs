//! Exports in, packs stored: what is taken, what is refused, and that everything counts once.

mod bounds;
mod check;
mod hostile;
mod limits;
mod linear;
mod memory;
mod once;
mod refuses;
mod takes;
