//! Adds up the summaries of a claimed bucket pack by pack. Each pack is read once and released, so memory holds only
//! the sums and a few bytes per record to recognise it again.
//!
//! A record that occurs in several packs counts as often as in the pack that has it most often (see
//! [`super::bucket`]). While a record is shown at the time it claims, the order of reading does not matter: a pack
//! that has it more often adds the difference. But a record with a wrong clock, or one that is too late, is shown when
//! its first pack arrived, and finding that pack takes a pass of its own: [`Arrivals`].

use std::collections::hash_map::{Entry, RandomState};
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use super::dimensions::Dimensions;
use super::growing::Growing;
use super::summary::Summary;
use super::tally;
use crate::claude::automation::is_automated;
use crate::claude::record::Record;
use crate::clock::{is_old, shown_at};
use crate::pack::Pack;
use model::bucket::Bucket;
use model::organisation::Settings;
use model::time::Timestamp;
use otlp::Signal;

/// Distinguishes the records of one source and claimed bucket: the time, and a hash of name and digest.
type Identity = (Timestamp, u64);

/// Hashes for one computation, keyed at random so that nobody can send distinct records that collide.
#[derive(Debug, Default)]
struct Identities(RandomState);

impl Identities {
    /// The distinct records of a pack, with how often each occurs in it.
    fn of<'a>(&self, pack: &'a Pack) -> impl Iterator<Item = (Identity, u32, &'a Record)> {
        let mut here: HashMap<Identity, (u32, &'a Record)> = HashMap::with_capacity(pack.records.len());
        for record in &pack.records {
            let identity = (record.time, self.0.hash_one((&record.name, record.digest)));
            let (times, _) = here.entry(identity).or_insert((0, record));
            *times = times.saturating_add(record.count);
        }
        here.into_iter().map(|(identity, (times, record))| (identity, times, record))
    }
}

/// In which pack each record arrived first, and how often it counts.
#[derive(Debug, Default)]
pub struct Arrivals {
    identities: Identities,
    known: HashMap<Identity, Arrival>,
    packs: u32,
}

#[derive(Debug, Clone, Copy)]
struct Arrival {
    received_at: Timestamp,
    pack: u32,
    times: u32,
}

impl Arrivals {
    /// Records what the next pack holds.
    pub fn note(&mut self, pack: &Pack) {
        let (number, received_at) = (self.packs, pack.header.received_at);
        self.packs += 1;
        for (identity, times, _) in self.identities.of(pack) {
            let here = Arrival { received_at, pack: number, times };
            match self.known.entry(identity) {
                Entry::Vacant(place) => {
                    place.insert(here);
                }
                Entry::Occupied(mut place) => {
                    let times = times.max(place.get().times);
                    let first = if received_at < place.get().received_at { here } else { *place.get() };
                    place.insert(Arrival { times, ..first });
                }
            }
        }
    }

    /// The number of distinct records.
    #[must_use]
    pub fn records(&self) -> usize {
        self.known.len()
    }

    /// The records that arrived first in the pack with this number (from 0), with how often each counts.
    pub fn first_in<'a>(&self, number: u32, pack: &'a Pack) -> impl Iterator<Item = (u32, &'a Record)> {
        self.identities.of(pack).filter_map(move |(identity, _, record)| {
            let arrival = self.known.get(&identity).filter(|arrival| arrival.pack == number)?;
            Some((arrival.times, record))
        })
    }
}

/// Which records of a pack count.
#[derive(Debug)]
enum Counting {
    /// Those not counted yet.
    New { identities: Identities, known: HashMap<Identity, u32>, is_by_arrival: bool },
    /// Those that arrived in it first.
    First(Arrivals),
}

/// Summaries to which packs are added.
#[derive(Debug)]
pub struct Adding<'a> {
    claimed: Bucket,
    settings: &'a Settings,
    counting: Counting,
    summaries: BTreeMap<Bucket, Growing>,
    packs: u32,
}

impl<'a> Adding<'a> {
    /// Summaries of the bucket that clients claim as `claimed`. `settings` are those of the organisation.
    #[must_use]
    pub fn new(claimed: Bucket, settings: &'a Settings) -> Self {
        let counting = Counting::New { identities: Identities::default(), known: HashMap::new(), is_by_arrival: false };
        Self { claimed, settings, counting, summaries: BTreeMap::new(), packs: 0 }
    }

    /// The same for records that are shown when they arrived. Requires the packs that [`Arrivals`] was built from, in
    /// the same order.
    #[must_use]
    pub fn by_arrival(claimed: Bucket, settings: &'a Settings, arrivals: Arrivals) -> Self {
        Self { counting: Counting::First(arrivals), ..Self::new(claimed, settings) }
    }

    /// Whether some record is shown when it arrived, so that everything has to be added up again
    /// [`by_arrival`](Self::by_arrival).
    #[must_use]
    pub fn is_by_arrival(&self) -> bool {
        matches!(self.counting, Counting::New { is_by_arrival: true, .. })
    }

    /// The number of distinct records.
    #[must_use]
    pub fn records(&self) -> usize {
        match &self.counting {
            Counting::New { known, .. } => known.len(),
            Counting::First(arrivals) => arrivals.records(),
        }
    }

    /// The approximate size of the summaries when stored, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.summaries.values().map(Growing::size).sum()
    }

    /// Adds the next pack.
    pub fn add(&mut self, signal: Signal, pack: &Pack) {
        let (number, received_at) = (self.packs, pack.header.received_at);
        self.packs += 1;
        let time = pack.records.first().map_or(self.claimed.start(), |record| record.time);
        self.growing(shown_at(time, received_at, self.settings)).header(signal, &pack.header);
        // Creates the summary also where the record would be shown under another lateness limit, so that an outdated
        // one stored there is overwritten.
        for record in pack.records.iter().filter(|record| is_old(record.time, received_at)) {
            self.growing(record.time);
            self.growing(received_at);
        }
        match &mut self.counting {
            Counting::New { identities, known, is_by_arrival } => {
                let mut more = Vec::new();
                for (identity, times, record) in identities.of(pack) {
                    *is_by_arrival |= shown_at(record.time, received_at, self.settings) != record.time;
                    let counted = known.entry(identity).or_insert(0);
                    if times > *counted {
                        more.push((times - *counted, record));
                        *counted = times;
                    }
                }
                more.into_iter().for_each(|(times, record)| self.count(pack, record, times));
            }
            Counting::First(arrivals) => {
                let first: Vec<_> = arrivals.first_in(number, pack).collect();
                first.into_iter().for_each(|(times, record)| self.count(pack, record, times));
            }
        }
    }

    /// The summaries, by the bucket they are shown in.
    #[must_use]
    pub fn finish(self) -> BTreeMap<Bucket, Summary> {
        self.summaries.into_iter().map(|(shown, growing)| (shown, growing.finish())).collect()
    }

    fn count(&mut self, pack: &Pack, record: &Record, times: u32) {
        let Some(context) = pack.contexts.get(record.context) else { return };
        let time = shown_at(record.time, pack.header.received_at, self.settings);
        let about = Dimensions::of(record, context, self.settings);
        let is_automated = is_automated(record, context);
        tally::count(self.growing(time), about, record, times, (time, is_automated));
    }

    fn growing(&mut self, time: Timestamp) -> &mut Growing {
        self.summaries.entry(Bucket::of(time)).or_default()
    }
}
