//! The queries that a range takes, of which many are under way at a time.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::runs::{Runs, by_utc_date};
use super::stretches::{Found, read_run};
use model::bucket::Bucket;
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::day::StoredDays;
use store::queries::Queries;
use store::range::Reading;
use store::{Store, StoreError};

/// Queries under way at a time.
const PARALLEL: usize = 32;

pub(super) type Days = (u8, StoredDays);

/// The closed days of these shards and dates, by shards and months, with the summaries of blocks if sessions are named.
pub(super) fn read_days(
    store: &Store,
    organisation: &Organisation,
    shards: &[u8],
    dates: &[Date],
    names_sessions: bool,
) -> Queries<impl Future<Output = Result<Days, StoreError>> + Send + use<>> {
    let mut months: BTreeMap<Date, (Date, Date)> = BTreeMap::new();
    for date in dates {
        months.entry(date.first_of_month()).and_modify(|ends| ends.1 = *date).or_insert((*date, *date));
    }
    let mut queries = Vec::new();
    for ends in months.into_values() {
        for shard in shards.iter().copied() {
            let (store, uid) = (store.clone(), organisation.uid.clone());
            queries.push(async move {
                let days = match names_sessions {
                    true => store.whole_days(&uid, shard, ends, Reading::Recent).await?,
                    false => store.days(&uid, shard, ends, Reading::Recent).await?,
                };
                Ok((shard, days))
            });
        }
    }
    Queries::new(queries, PARALLEL)
}

/// The buckets that are read: those of whole days, and one before each, which most points at its beginning reach back to.
pub(super) fn runs_of<'a>(calendar: &Calendar, days: impl Iterator<Item = &'a (u8, Date)>) -> Runs {
    let mut runs = Runs::new();
    for (shard, date) in days {
        let (first, last) = calendar.buckets(*date);
        for (utc, (from, to)) in by_utc_date(Bucket(first.0 - 1), last) {
            let run = runs.entry((*shard, utc)).or_insert((from, to));
            *run = (run.0.min(from), run.1.max(to));
        }
    }
    runs
}

/// The summaries of runs, encoded.
pub(super) fn read_runs(
    store: &Store,
    organisation: &Organisation,
    runs: &Runs,
    now: Timestamp,
) -> Queries<impl Future<Output = Result<Found, StoreError>> + Send + use<>> {
    let queries = runs.iter().map(|((shard, utc), run)| {
        let (store, uid, shard, utc, run) = (store.clone(), organisation.uid.clone(), *shard, *utc, *run);
        async move { read_run(&store, &uid, (utc, shard), run, now).await }
    });
    Queries::new(queries.collect(), PARALLEL)
}
