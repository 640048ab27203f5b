//! Which sessions there are in a range, and on which days: told by their keys, so that a list of them reads no more than the days
//! that it shows.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ahash::RandomState;

use super::gathering::{Gathering, Own, is_own, own};
use super::sum::SessionSum;
use crate::people::directory::Directory;
use crate::report::filters::Filters;
use crate::report::ledger::{ledger, prices};
use crate::report::range::Range;
use crate::report::window::{self, Adds, Asked, Shards, Sum};
use model::bucket::Bucket;
use model::calendar::Calendar;
use model::order;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::{Store, StoreError};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Grouping, Ledger, Line, Place};
use telemetry::activity::session::SessionKey;
use telemetry::activity::summary::Part;
use telemetry::claude::source::SourceId;

/// Sessions of a range, while its summaries are read part by part.
struct Listing<W> {
    ledger: Ledger<W>,
    /// The first and the last day of each, by the last bucket of the day.
    days: HashMap<SessionKey, (Bucket, Bucket), RandomState>,
    /// What has names at no further cost: open days; or everything, if it is asked for.
    named: Gathering<W>,
    names_all: bool,
    /// The last day of which something is closed.
    closed: Option<Bucket>,
    /// Whose records say when a session was.
    own: Own,
}

/// The sessions of a range that have work in them, and all that was counted there.
#[derive(Debug)]
pub struct Listed {
    /// What was counted, in sessions and outside of them.
    pub total: Line,
    /// By their first days.
    sessions: Vec<Entry>,
    /// What was read with names, in order of start: all that begin after `closed`, and parts of others.
    pub(super) named: Vec<SessionSum>,
    closed: Option<Bucket>,
    /// Where all of it is told; `None` if others may have more to say, so that all shards are read.
    pub(super) shards: Option<Shards>,
}

/// A session, and its first and last day in the range, by their last buckets.
#[derive(Debug)]
struct Entry {
    first: Bucket,
    last: Bucket,
    key: SessionKey,
}

/// The days on which some of the sessions begin.
#[derive(Debug)]
pub(super) struct Days {
    first: Bucket,
    last: Bucket,
    /// How many sessions begin later.
    pub(super) later: usize,
    /// The last day of any of those that begin on them.
    ends: Bucket,
}

impl Days {
    /// What of a range these sessions are in.
    pub(super) fn range(&self, range: Range, calendar: &Calendar) -> Range {
        let (from, to) = (calendar.start(calendar.date(self.first)), calendar.end(calendar.date(self.ends)));
        Range { from: range.from.max(from), to: range.to.min(to) }
    }
}

impl Listed {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// The days of the latest ones, `take` of them from the place `skip` on; `None` if there are none.
    pub(super) fn latest(&self, skip: usize, take: usize) -> Option<Days> {
        let left = self.len().checked_sub(skip)?;
        let (first, last) = (self.sessions.get(left.saturating_sub(take))?, self.sessions.get(left.checked_sub(1)?)?);
        Some(self.days(first.first, last.first))
    }

    /// The days of `take` sessions that begin at `time` or after it, and of all that begin on its day.
    pub(super) fn after(&self, time: Option<Timestamp>, take: usize) -> Option<Days> {
        // A day ends with the last bucket, which may be the one of this time.
        let time = time.map_or(Bucket(i64::MIN), Bucket::of);
        let begin = &self.sessions[self.sessions.partition_point(|session| session.first < time)..];
        let first = begin.first()?.first;
        let same_day = begin.partition_point(|session| session.first == first);
        let last = begin.get((same_day + take).min(begin.len()) - 1)?.first;
        Some(self.days(first, last))
    }

    /// The days of the session with this id.
    pub(super) fn with(&self, id: &str) -> Option<Days> {
        let key = SessionKey::of(id);
        let session = self.sessions.iter().find(|session| session.key == key)?;
        Some(self.days(session.first, session.first))
    }

    /// What sessions come to that begin on these days, among others, if it was read with their names.
    pub(super) fn named(&self, days: &Days) -> Option<&[SessionSum]> {
        self.closed.is_none_or(|closed| closed < days.first).then_some(&self.named)
    }

    /// The sessions that begin on these days.
    pub(super) fn begin_on(&self, days: &Days) -> HashSet<SessionKey, RandomState> {
        self.between(days.first, days.last).iter().map(|session| session.key).collect()
    }

    fn days(&self, first: Bucket, last: Bucket) -> Days {
        let later = self.len() - self.sessions.partition_point(|session| session.first <= last);
        let ends = self.between(first, last).iter().map(|session| session.last).max().unwrap_or(last);
        Days { first, last, later, ends }
    }

    fn between(&self, first: Bucket, last: Bucket) -> &[Entry] {
        let from = self.sessions.partition_point(|session| session.first < first);
        let to = self.sessions.partition_point(|session| session.first <= last);
        &self.sessions[from..to]
    }
}

/// Where the sessions that the filters let through are listed.
fn listing(
    organisation: &Organisation,
    directory: &Directory,
    filters: &Filters,
    names_all: bool,
) -> Listing<impl Fn(SourceId, &Label) -> Option<Arc<str>> + Clone + Send + use<>> {
    let by = |grouping: &[Grouping]| {
        let filter = filters.of_numbers(directory, grouping);
        ledger(directory, grouping, filter).with_prices(prices(organisation))
    };
    let own = own(directory, filters);
    let named = Gathering::into(own.clone(), by);
    Listing { ledger: by(&[]), days: HashMap::default(), named, names_all, closed: None, own }
}

/// The sessions of a range that the filters let through.
pub async fn listed(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    asked: (Range, &Filters),
    now: Timestamp,
) -> Result<Listed, StoreError> {
    let shards = asked.1.shards(directory);
    let found = listed_in(store, organisation, directory, asked, (shards, false), now).await?;
    if shards == Shards::ALL || found.shards.is_some() {
        return Ok(found);
    }
    listed_in(store, organisation, directory, asked, (Shards::ALL, false), now).await
}

/// The same of some shards, with what all of them come to if `names_all`.
pub(super) async fn listed_in(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    (range, filters): (Range, &Filters),
    (shards, names_all): (Shards, bool),
    now: Timestamp,
) -> Result<Listed, StoreError> {
    let asked = Asked { by_hour: filters.is_by(&Grouping::Hour), shards, ..range.buckets().into() };
    let listing = listing(organisation, directory, filters, names_all);
    Ok(window::read(store, organisation, asked, now, listing).await?.close(shards))
}

impl<W> Listing<W> {
    fn see(&mut self, session: SessionKey, (first, last): (Bucket, Bucket)) {
        let known = self.days.entry(session).or_insert((first, last));
        *known = (known.0.min(first), known.1.max(last));
    }
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>>> Listing<W> {
    /// The sessions, as they were read from these shards.
    fn close(self, shards: Shards) -> Listed {
        let (account, days) = (self.ledger.close(), self.days);
        let entry = |key: SessionKey| days.get(&key).map(|&(first, last)| Entry { first, last, key });
        let mut sessions: Vec<Entry> = account.sessions(&account.total).filter_map(entry).collect();
        order::sort_by_key(&mut sessions, |session| session.first);
        let shards = account.stands_alone.then_some(shards);
        Listed { sessions, total: account.total, named: self.named.close(), closed: self.closed, shards }
    }
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>> + Clone + Send + 'static> Adds for Listing<W> {
    fn add(&mut self, place: &Place, part: &Part<'_>) {
        self.ledger.add(place, part);
        // Counters go on from what they were on closed days.
        if self.names_all || place.bucket.is_some() || matches!(part, Part::Series(..)) {
            self.named.add(place, part);
        }
        if place.bucket.is_none() && place.is_shown() {
            self.closed = self.closed.max(Some(place.ends));
        }
        let session = match part {
            Part::Began(session, _) => Some(*session),
            Part::Session(session, _) => Some(SessionKey::of(session)),
            _ => None,
        };
        if let Some(session) = session.filter(|_| place.is_shown() && is_own(&self.own, place)) {
            self.see(session, (place.ends, place.ends));
        }
    }

    fn names_sessions(&self) -> bool {
        self.names_all || self.ledger.names_sessions()
    }
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>> + Clone + Send + 'static> Sum for Listing<W> {
    fn fork(&self) -> Self {
        Self {
            ledger: self.ledger.fork(),
            days: HashMap::default(),
            named: self.named.fork(),
            names_all: self.names_all,
            closed: None,
            own: self.own.clone(),
        }
    }

    fn absorb(&mut self, other: Self) {
        self.ledger.absorb(other.ledger);
        self.named.absorb(other.named);
        self.closed = self.closed.max(other.closed);
        other.days.into_iter().for_each(|(session, days)| self.see(session, days));
    }
}
