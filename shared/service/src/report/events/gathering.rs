//! The first records of a person and bucket after a cursor: of all that is read, no more is held than there is room for. Packs are gone
//! through one by one and twice: only when all are known it is known which of them tells of a record. A few are held in between, many are
//! read again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::line::{Format, Line, Room, Wanted};
use crate::people::directory::Directory;
use crate::people::view::PersonView;
use crate::projection::limits::Bounds;
use crate::report::window::dating::Dating;
use model::bucket::Bucket;
use model::organisation::Organisation;
use model::time::Timestamp;
use otlp::Signal;
use store::keys;
use store::keys::SummaryPlace;
use store::{Store, StoreError};
use telemetry::activity::adding::Arrivals;
use telemetry::activity::dimensions::{Dimension, Dimensions};
use telemetry::activity::ledger::{Place, Role};
use telemetry::claude::attribute::Attribute;
use telemetry::claude::record::Record;
use telemetry::clock::shown_at;
use telemetry::pack;
use telemetry::pack::Pack;

/// The packs of a source and bucket that are held until they are gone through again, in bytes as they are stored.
const HELD: usize = 1 << 20;

/// Lines by their positions.
pub(super) struct Gathering<'a> {
    after: &'a str,
    room: Room,
    format: Format,
    /// With how many bytes each has. One more than a page shows is among them, if there is one.
    pub(super) lines: BTreeMap<String, (usize, Line)>,
    size: usize,
    dating: Dating,
}

/// Whose records are gathered.
pub(super) struct Whose<'a> {
    pub(super) organisation: &'a Organisation,
    pub(super) directory: &'a Directory,
    pub(super) place: &'a SummaryPlace,
    pub(super) person: &'a Arc<str>,
}

impl<'a> Gathering<'a> {
    /// Of what comes after a position, as much of it as there is room for.
    pub(super) fn new(after: &'a str, room: Room, format: Format, dating: Dating) -> Self {
        Self { after, room, format, lines: BTreeMap::new(), size: 0, dating }
    }

    /// Reads what a summary was made from.
    pub(super) async fn read(
        &mut self,
        store: &Store,
        whose: &Whose<'_>,
        wanted: &Wanted<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut arrivals = Arrivals::default();
        let mut held = Some(Vec::new());
        each(store, whose.place, now, |_, signal, pack, bytes| {
            arrivals.note(pack);
            held = held.take().and_then(|held| hold(held, signal, bytes));
            arrivals.records()
        })
        .await?;
        let mut gather = |number: u32, signal, pack: &Pack| {
            for (times, record) in arrivals.first_in(number, pack) {
                self.gather(whose, wanted, (signal, pack, record), times);
            }
        };
        let Some(held) = held else {
            return each(store, whose.place, now, |number, signal, pack, _| {
                gather(number, signal, pack);
                0
            })
            .await;
        };
        for (number, (signal, bytes)) in (0..).zip(held) {
            if let Ok(pack) = pack::decode(&bytes) {
                gather(number, signal, &pack);
            }
        }
        Ok(())
    }

    fn gather(&mut self, whose: &Whose<'_>, wanted: &Wanted<'_>, sent: (Signal, &Pack, &Record), times: u32) {
        let (signal, pack, record) = sent;
        let Whose { organisation, directory, place, person } = whose;
        let time = shown_at(record.time, pack.header.received_at, &organisation.settings);
        let is_wanted = Bucket::of(time) == place.shown
            && (wanted.range.from..wanted.range.to).contains(&time)
            && wanted.name.is_none_or(|name| *record.name == *name)
            && wanted.signal.is_none_or(|wanted| signal == wanted);
        let Some(context) = pack.contexts.get(record.context).filter(|_| is_wanted) else { return };
        let about = Dimensions::of(record, context, &organisation.settings);
        let is_theirs = directory.whose(place.source, &about[Dimension::Identity]).as_ref() == Some(person);
        let is_of_session = |session| about[Dimension::Session].as_deref() == Some(session);
        if !is_theirs || !wanted.session.is_none_or(is_of_session) {
            return;
        }
        let dated = Place {
            source: place.source,
            dates: self.dating.of_bucket(place.shown),
            ends: place.shown,
            bucket: Some(place.shown),
            role: Role::Shown,
        };
        if !wanted.filter.admits(&dated, &about, person) {
            return;
        }
        let digest = u32::from_be_bytes(record.digest);
        for number in 0..times {
            let again = if number == 0 { String::new() } else { format!("-{number}") };
            let id = format!("{}-{:x}-{digest:08x}{again}", place.source.encoded(), record.time.0);
            let position = format!("{:08}#{person}#{:014}#{id}", place.shown.0, time.0);
            if self.wants(&position) {
                let user = PersonView::of(directory, person);
                self.add(position, line(id, (signal, record, &context.resource), time, &about, user));
            }
        }
    }

    fn is_full(&self) -> bool {
        self.lines.len() > self.room.records || self.size > self.room.bytes
    }

    fn wants(&self, position: &str) -> bool {
        let is_late = || self.lines.last_key_value().is_some_and(|(last, _)| position >= last.as_str());
        position > self.after && !(self.is_full() && is_late())
    }

    /// Adds a line, and lets go what no page shows that has those before it.
    fn add(&mut self, position: String, line: Line) {
        let size = size(&line, self.format);
        self.size += size;
        if let Some((replaced, _)) = self.lines.insert(position, (size, line)) {
            self.size -= replaced;
        }
        while let Some(last) = self.lines.last_entry() {
            let size = last.get().0;
            if self.size - size <= self.room.bytes && self.lines.len() <= self.room.records + 1 {
                return;
            }
            self.lines.pop_last();
            self.size -= size;
        }
    }
}

/// How long a line is. A table doubles the quotes of attributes, which are written as JSON.
fn size(line: &Line, format: Format) -> usize {
    let quotes = |bytes: &[u8]| bytes.iter().filter(|byte| format == Format::Csv && **byte == b'"').count();
    serde_json::to_vec(line).map_or(0, |bytes| bytes.len() + quotes(&bytes))
}

/// What is held, with another pack; `None` if that is too much.
fn hold(mut held: Vec<(Signal, Vec<u8>)>, signal: Signal, bytes: Vec<u8>) -> Option<Vec<(Signal, Vec<u8>)>> {
    let size: usize = held.iter().map(|(_, bytes)| bytes.len()).sum();
    held.push((signal, bytes));
    (size <= HELD).then_some(held)
}

/// Hands the packs of a bucket that count to `take`, one by one, with their numbers and as they are stored; what that gives is how many
/// records there are by then. Packs that cannot be read are passed over: health names them.
async fn each(
    store: &Store,
    place: &SummaryPlace,
    now: Timestamp,
    mut take: impl FnMut(u32, Signal, &Pack, Vec<u8>) -> usize,
) -> Result<(), StoreError> {
    let bounds = Bounds::default();
    let (mut packs, mut bytes, mut number, mut records) = (0, 0, 0, 0);
    let mut pages = store.pack_pages(&place.uid, place.source, place.claimed, now);
    while let Some(page) = pages.next().await? {
        for stored in page {
            bytes += stored.bytes.len();
            if !bounds.has_room(packs, bytes) || bounds.is_reached(records, 0) {
                return Ok(());
            }
            packs += 1;
            let Some(read) = keys::read_pack(&place.uid, &stored.key) else { continue };
            let Ok(pack) = pack::decode(&stored.bytes) else { continue };
            records = take(number, read.signal, &pack, stored.bytes);
            number += 1;
        }
    }
    Ok(())
}

fn line(
    id: String,
    (signal, record, resource): (Signal, &Record, &Arc<[Attribute]>),
    time: Timestamp,
    about: &Dimensions,
    user: PersonView,
) -> Line {
    Line {
        id,
        time,
        signal: if signal == Signal::Metrics { "metrics" } else { "logs" },
        name: record.name.to_string(),
        user,
        session: about[Dimension::Session].clone(),
        service: about[Dimension::Service].clone(),
        version: about[Dimension::Version].clone(),
        attributes: record.attributes.clone(),
        resource: Arc::clone(resource),
        value: record.point.as_ref().map(|point| point.value),
        unit: record.point.as_ref().map(|point| point.unit.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::LONGEST;
    use super::*;
    use crate::report::window::Shown;
    use model::calendar::Calendar;
    use telemetry::claude::attribute::Value;

    fn dating() -> Dating {
        Dating::new(Calendar::named("UTC"), false, Shown::AsItIs)
    }

    fn line_of(bytes: usize) -> Line {
        let value = Value::Text("x".repeat(bytes).into());
        Line {
            id: String::new(),
            time: Timestamp(0),
            signal: "logs",
            name: String::new(),
            user: PersonView { id: "a".into(), email: None, name: None },
            session: None,
            service: None,
            version: None,
            attributes: vec![Attribute { key: "text".into(), value }],
            resource: Arc::default(),
            value: None,
            unit: None,
        }
    }

    fn gathered(limit: usize, bytes: usize, order: impl Iterator<Item = usize>) -> Vec<String> {
        let room = Room { records: limit, bytes: LONGEST };
        let mut gathering = Gathering::new("001", room, Format::Ndjson, dating());
        for position in order.map(|number| format!("{number:03}")) {
            if gathering.wants(&position) {
                gathering.add(position, line_of(bytes));
                assert!(gathering.lines.len() <= limit + 1 && gathering.size <= LONGEST + bytes + 1_024);
            }
        }
        gathering.lines.into_keys().collect()
    }

    #[test]
    fn what_comes_first_after_the_cursor_is_held_and_one_more_in_whatever_order_it_is_read() {
        assert_eq!(gathered(3, 10, [5, 1, 9, 3, 7, 2, 0].into_iter()), ["002", "003", "005", "007"]);
    }

    #[test]
    fn no_more_is_held_than_is_longer_than_a_page() {
        let large = 300 * 1024;
        let pages = [gathered(1_000, large, 0..100), gathered(1_000, large, (0..100).rev())];
        assert_eq!(pages[0], pages[1]);
        assert_eq!(pages[0].len(), LONGEST.div_ceil(large), "the last one is what the page has no room for");
        assert_eq!(pages[0][0], "002");
    }
}
