//! Limits on what one organisation may send. They keep the holder of a stolen token from inventing people on a large
//! scale and from using up resources that all organisations share.

use serde::Serialize;
use utoipa::ToSchema;

/// The limits of an organisation. Exports beyond a limit are refused until the end of the hour, for this organisation
/// only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Limits)]
pub struct Limits {
    /// People who may be seen for the first time within an hour, per token.
    pub new_people_per_hour: u32,
    /// Records accepted within an hour, per token.
    pub records_per_hour: u64,
    /// The maximum age of a record on arrival, in days. An older one is shown at the time of its arrival.
    pub accept_late_days: u32,
}

impl Default for Limits {
    /// Ten thousand developers may start on one day, but not in one hour; a busy one sends two thousand records an
    /// hour.
    fn default() -> Self {
        Self { new_people_per_hour: 5_000, records_per_hour: 20_000_000, accept_late_days: 7 }
    }
}
