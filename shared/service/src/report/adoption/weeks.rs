//! Active people week by week.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::scene::{first_work, is_committer};
use crate::people::directory::Directory;
use crate::report::range::Range;
use crate::report::window::dating::monday;
use model::bucket::Bucket;
use model::calendar::Calendar;
use model::time::{MILLISECOND, Timestamp};
use telemetry::activity::ledger::People;

/// A week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WeekView {
    /// Its Monday, in the organisation's time zone.
    #[schema(value_type = String)]
    #[serde(serialize_with = "as_text")]
    pub week: Date,
    /// People with activity in those of its days that are in the range.
    pub active: usize,
    /// Of them, those whose first work arrived in it.
    pub new: usize,
    /// Of `active`, those whom Git knows.
    pub committers_active: usize,
    /// Whether the range has all of its days, and they are over.
    pub complete: bool,
}

fn as_text<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

/// The weeks of a range; `active` has the people of each, by its Monday.
pub(super) fn of(
    active: impl Iterator<Item = (Arc<str>, People)>,
    range: &Range,
    calendar: &Calendar,
    directory: &Directory,
    now: Timestamp,
) -> Vec<WeekView> {
    if range.from >= range.to {
        return Vec::new();
    }
    let last = calendar.date(Bucket::of(range.to.minus(MILLISECOND)));
    let by_week = |(week, people): (Arc<str>, People)| Some((week.parse().ok()?, people));
    let people: BTreeMap<Date, People> = active.filter_map(by_week).collect();
    let mondays = monday(calendar.date(Bucket::of(range.from))).series(7.days()).take_while(|week| *week <= last);
    let view = |week: Date| {
        let (from, to) = (calendar.start(week), calendar.start(week.saturating_add(7.days())));
        let is_new = |id: &&Arc<str>| {
            let first = directory.find(id).and_then(|person| first_work(directory, person));
            first.is_some_and(|at| at >= from && at < to)
        };
        let commits = |id: &&Arc<str>| directory.find(id).is_some_and(|person| is_committer(directory, person));
        let active = people.get(&week);
        WeekView {
            week,
            active: active.map_or(0, People::len),
            new: active.map_or(0, |people| people.iter().filter(is_new).count()),
            committers_active: active.map_or(0, |people| people.iter().filter(commits).count()),
            complete: from >= range.from && to <= range.to.min(now),
        }
    };
    mondays.map(view).collect()
}
