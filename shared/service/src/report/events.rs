//! `GET …/events`: single records, in order of bucket, then person, then time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gathering::{Gathering, Whose};
pub use line::{Format, Line, Room};
use line::{LONGEST, Wanted};

use super::csv;
use super::error::{QuestionError, ReportError};
use super::filters::Filters;
use super::range::Range;
use super::sessions::SessionSum;
use super::window::dating::Dating;
use super::window::{Shards, Shown};
use crate::http::page::PageRequest;
use crate::http::query::Query;
use crate::people::directory::Directory;
use model::bucket::Bucket;
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::{MILLISECOND, Timestamp};
use otlp::Signal;
use store::keys;
use store::keys::SummaryPlace;
use store::places::StandingSummary;
use store::{Store, StoreError};
use telemetry::activity::ledger::{Filter, Grouping};
use telemetry::sighting::Fact;

mod gathering;
mod line;

const COLUMNS: [&str; 12] = [
    "id",
    "time",
    "signal",
    "name",
    "user",
    "session",
    "service",
    "version",
    "value",
    "unit",
    "attributes",
    "resource",
];

/// A page of records.
#[derive(Debug)]
pub struct EventsPage {
    /// The records.
    pub lines: Vec<Line>,
    /// How they are to be [written](write()).
    pub format: Format,
    /// The position of its last record, if there may be more.
    pub next: Option<String>,
}

/// A page being filled.
struct Filling<'a> {
    /// The position behind which it begins.
    after: &'a str,
    room: Room,
    format: Format,
    lines: Vec<(String, Line)>,
    size: usize,
}

impl Filling<'_> {
    /// Takes a line of so many bytes, unless the page is full.
    fn take(&mut self, place: String, line: Line, size: usize) -> bool {
        if self.lines.len() >= self.room.records || (self.size + size > self.room.bytes && !self.lines.is_empty()) {
            return false;
        }
        self.size += size;
        self.lines.push((place, line));
        true
    }
}

/// A page of the records that `query` asks for.
///
/// # Errors
/// A parameter makes no sense, or the database failed.
pub async fn events(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    page: &PageRequest,
    query: &Query<'_>,
    now: Timestamp,
) -> Result<EventsPage, ReportError> {
    let format = match query.get("format") {
        None | Some("ndjson") => Format::Ndjson,
        Some("csv") => Format::Csv,
        Some(_) => return Err(QuestionError::UnknownFormat.into()),
    };
    let signal = match query.get("signal") {
        None => None,
        Some("logs") => Some(Signal::Logs),
        Some("metrics") => Some(Signal::Metrics),
        Some(_) => return Err(QuestionError::UnknownSignal.into()),
    };
    let filters = Filters::read(query, organisation)?;
    filters.check(store, &organisation.uid, directory).await?;
    let wanted = Wanted {
        range: Range::read(query, organisation, now)?,
        filter: filters.filter(directory),
        by_hour: filters.is_by(&Grouping::Hour),
        people: filters.people(directory),
        shards: filters.shards(directory),
        session: query.get("session"),
        name: query.get("name"),
        signal,
    };
    let room = Room { records: page.limit, bytes: LONGEST };
    let after = page.after.as_deref().unwrap_or_default();
    let mut filling = Filling { after, room, format, lines: Vec::new(), size: 0 };
    let is_complete = fill(store, organisation, directory, &wanted, &mut filling, now).await?;
    let next = filling.lines.last().filter(|_| !is_complete).map(|(place, _)| place.clone());
    Ok(EventsPage { lines: filling.lines.into_iter().map(|(_, line)| line).collect(), format, next })
}

/// The events of a session in order of time, as many of the first as there is room for; and whether these are all.
///
/// # Errors
/// The database failed.
pub async fn of_session(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    session: &SessionSum,
    room: Room,
    now: Timestamp,
) -> Result<(Vec<Line>, bool), StoreError> {
    let people = BTreeSet::from([Arc::clone(&session.user)]);
    let wanted = Wanted {
        range: Range { from: session.span.first, to: session.span.last.plus(MILLISECOND) },
        filter: Filter::default(),
        by_hour: false,
        shards: Shards::of(directory.attribution().sources_of(&people)),
        people: Some(people),
        session: Some(&session.id),
        name: None,
        signal: Some(Signal::Logs),
    };
    let mut filling = Filling { after: "", room, format: Format::Ndjson, lines: Vec::new(), size: 0 };
    let is_complete = fill(store, organisation, directory, &wanted, &mut filling, now).await?;
    Ok((filling.lines.into_iter().map(|(_, line)| line).collect(), is_complete))
}

/// Fills a page; says whether that was all.
async fn fill(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    wanted: &Wanted<'_>,
    filling: &mut Filling<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if wanted.people.as_ref().is_some_and(BTreeSet::is_empty) {
        return Ok(true);
    }
    let span = wanted.range.touched();
    let after = filling.after;
    let begun = after.split('#').next().and_then(|bucket| bucket.parse().ok()).map_or(span.from, Bucket);
    let dating = Dating::new(Calendar::of(organisation), wanted.by_hour, Shown::AsItIs);
    let mut from = Bucket(begun.0.clamp(span.from.0, span.to.0));
    while from < span.to {
        let date = keys::utc_date(from);
        let end = Bucket(Calendar::named("UTC").buckets(date).1.0.min(span.to.0 - 1));
        for ((bucket, person), places) in by_person(store, organisation, directory, wanted, (from, end)).await? {
            // Everything of whoever stands before the cursor was shown.
            if *format!("{:08}#{person}#~", bucket.0) < *after {
                continue;
            }
            let mut gathering = Gathering::new(after, filling.room, filling.format, dating.clone());
            for place in places {
                let whose = Whose { organisation, directory, place: &place, person: &person };
                gathering.read(store, &whose, wanted, now).await?;
            }
            for (place, (size, line)) in gathering.lines {
                if !filling.take(place, line, size) {
                    return Ok(false);
                }
            }
        }
        from = Bucket(end.0 + 1);
    }
    Ok(true)
}

type ByPerson = BTreeMap<(Bucket, Arc<str>), Vec<SummaryPlace>>;

/// Where the records of each person in each bucket are.
async fn by_person(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    wanted: &Wanted<'_>,
    run: (Bucket, Bucket),
) -> Result<ByPerson, StoreError> {
    let mut reading = tokio::task::JoinSet::new();
    for shard in (0..keys::SHARDS).filter(|shard| wanted.shards.has(*shard)) {
        let (store, uid) = (store.clone(), organisation.uid.clone());
        reading.spawn(async move { store.summary_places(&uid, keys::utc_date(run.0), shard, run).await });
    }
    let mut found = ByPerson::new();
    while let Some(places) = reading.join_next().await {
        for StandingSummary { place, .. } in places.map_err(|error| StoreError::of_task(&error))?? {
            let mut people: BTreeSet<Arc<str>> = directory.whose(place.source, &None).into_iter().collect();
            let named = directory.sighting(place.source).into_iter().flat_map(|s| s.values(Fact::Identity));
            people.extend(named.filter_map(|(identity, _)| directory.whose(place.source, &Some(identity.into()))));
            for person in people {
                if wanted.people.as_ref().is_none_or(|people| people.contains(&person)) {
                    found.entry((place.shown, person)).or_default().push(place.clone());
                }
            }
        }
    }
    Ok(found)
}

/// Records as they are answered.
///
/// # Errors
/// They cannot be written.
pub fn write(lines: Vec<Line>, format: Format) -> Result<Vec<u8>, ReportError> {
    match format {
        Format::Ndjson => {
            let mut body = Vec::new();
            for line in lines {
                serde_json::to_writer(&mut body, &line)?;
                body.push(b'\n');
            }
            Ok(body)
        }
        Format::Csv => Ok(csv::table(&COLUMNS, lines.into_iter().map(cells))?),
    }
}

fn cells(line: Line) -> Vec<String> {
    let written = serde_json::to_value(&line).unwrap_or_default();
    vec![
        line.id,
        line.time.to_string(),
        line.signal.into(),
        csv::text(&line.name),
        csv::text(line.user.email.as_ref().unwrap_or(&line.user.id)),
        csv::text(line.session.as_deref().unwrap_or_default()),
        csv::text(line.service.as_deref().unwrap_or_default()),
        csv::text(line.version.as_deref().unwrap_or_default()),
        line.value.map(|value| value.to_string()).unwrap_or_default(),
        csv::text(line.unit.as_deref().unwrap_or_default()),
        csv::text(&written["attributes"].to_string()),
        csv::text(&written["resource"].to_string()),
    ]
}
