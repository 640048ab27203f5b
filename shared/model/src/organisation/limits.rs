//! How much one organisation may send, so that whoever got hold of its token can neither invent a company in it nor use up what is
//! there for all.

use serde::Serialize;
use utoipa::ToSchema;

/// The limits of an organisation. What is over one is refused until the hour is over, of this organisation alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Limits)]
pub struct Limits {
    /// People who may be seen for the first time within an hour, with one token.
    pub new_people_per_hour: u32,
    /// Records that are taken within an hour, with one token.
    pub records_per_hour: u64,
    /// How old a record may be when it arrives, in days; an older one is shown at its arrival.
    pub accept_late_days: u32,
}

impl Default for Limits {
    /// Ten thousand developers begin on one day, not in one hour; a busy one sends two thousand records an hour.
    fn default() -> Self {
        Self { new_people_per_hour: 5_000, records_per_hour: 20_000_000, accept_late_days: 7 }
    }
}
