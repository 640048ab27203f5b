//! Processor time, which other work on the machine does not lengthen.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What this thread has taken so far.
#[must_use]
pub fn thread() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
