//! Paths to values of a body, in the form shown to its sender.

use std::fmt::Write as _;

/// One step of a path.
#[derive(Debug)]
pub(super) enum Step {
    Field(String),
    Index(usize),
}

/// Writes a path; its steps are given innermost first.
pub(super) fn path(trail: &[Step]) -> String {
    trail.iter().rev().fold(String::new(), |mut path, step| {
        let written = match step {
            Step::Field(name) if path.is_empty() => write!(path, "{name}"),
            Step::Field(name) => write!(path, ".{name}"),
            Step::Index(index) => write!(path, "[{index}]"),
        };
        debug_assert!(written.is_ok(), "a String takes everything");
        path
    })
}
