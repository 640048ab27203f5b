//! People as they are stored: put together and taken apart as the planner ([`identity`]) sees them, and as admins decide.
//!
//! * [`inputs`] is what the planner is told of telemetry and of Git.
//! * [`steps`] is the way from the people that stand to the people that are planned, in steps of which each is one transaction.
//! * [`run`] reads, plans and takes the steps; [`work`] is what there is to do, [`lost`] whose match in Git is gone.
//! * [`decide`] is what admins say: by hand, undo, accept, reject, link. A decision is written down first and outlives every run.
//! * [`forget`] takes somebody out of all of it. [`rejections`] is whom they keep apart. [`upload`] replaces the Git side, [`import`] says what that would change. [`view`] is what answers show.

pub mod decide;
pub mod error;
pub mod forget;
pub mod import;
pub mod inputs;
pub mod lost;
mod planning;
pub mod rejections;
pub mod run;
pub mod snapshot;
pub mod steps;
pub mod upload;
pub mod view;
pub mod work;

use identity::ids::digest;
use model::time::Timestamp;

/// An id in order of time: the time, and a digest of what it names.
fn timed_id(at: Timestamp, parts: &[&str]) -> String {
    format!("{:014}-{}", at.0.max(0), &digest(parts)[..12])
}

/// The id of an entry of the history: in order of time, and within a millisecond in order of how far people were.
fn history_id(at: Timestamp, revision: i64, parts: &[&str]) -> String {
    format!("{:014}-{:08}-{}", at.0.max(0), revision, &digest(parts)[..12])
}
