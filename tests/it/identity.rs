//! The planner, over small invented populations and arbitrary ones.

mod golden;
mod properties;
