//! `GET …/sessions`: sessions with work in them.

use super::error::ReportError;
use super::filters::Filters;
use super::range::Range;
use super::window::Shards;
use crate::http::page::{Page, PageRequest};
use crate::http::query::Query;
use crate::people::directory::Directory;
use listed::{Days, listed_in};
pub use listed::{Listed, listed};
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::{Store, StoreError};
pub use sum::{SessionSum, SessionView};
use telemetry::activity::session::SessionKey;

mod gathering;
mod listed;
mod sum;

/// A page of the sessions that `query` asks for, in order of start.
///
/// # Errors
/// A parameter makes no sense, or the database failed.
pub async fn sessions(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    page: &PageRequest,
    query: &Query<'_>,
    now: Timestamp,
) -> Result<Page<SessionView>, ReportError> {
    let range = Range::read(query, organisation, now)?;
    let filters = Filters::read(query, organisation)?;
    filters.check(store, &organisation.uid, directory).await?;
    let (asked, wanted) = ((range, &filters), query.get("session"));
    let listed = listed(store, organisation, directory, asked, now).await?;
    let place = match (wanted, &page.after) {
        (Some(id), _) => listed.with(id),
        (None, after) => listed.after(after.as_deref().and_then(time_of), page.look_for()),
    };
    let found = match place {
        Some(place) => of_days(store, organisation, directory, asked, (&listed, &place), now).await?,
        None => Vec::new(),
    };
    let is_before = |session: &SessionSum| page.after.as_ref().is_some_and(|after| session.mark() <= *after);
    let rest = found[found.partition_point(is_before)..].iter();
    let rest = rest.filter(|session| wanted.is_none_or(|id| *session.id == *id)).take(page.look_for());
    let rest = rest.map(|session| (session.mark(), session)).collect();
    Ok(page.page(rest, |(place, _)| place, |(_, session)| session.view(directory)))
}

/// The time in a place in the order of start; none if it is no such place.
fn time_of(mark: &str) -> Option<Timestamp> {
    Some(Timestamp(mark.split('#').next()?.parse().ok()?))
}

/// The latest sessions of a range that the filters let through, `take` of them from the place `skip` on, the latest first.
pub async fn latest(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    asked: (Range, &Filters),
    (listed, skip, take): (&Listed, usize, usize),
    now: Timestamp,
) -> Result<Vec<SessionSum>, StoreError> {
    let Some(place) = listed.latest(skip, take) else { return Ok(Vec::new()) };
    let mut found = of_days(store, organisation, directory, asked, (listed, &place), now).await?;
    found.reverse();
    Ok(found.into_iter().skip(skip - place.later).take(take).collect())
}

/// The sessions that begin on some of the days, in order of start: read from the days that they are of.
async fn of_days(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    (range, filters): (Range, &Filters),
    (listed, place): (&Listed, &Days),
    now: Timestamp,
) -> Result<Vec<SessionSum>, StoreError> {
    let (wanted, shards) = (listed.begin_on(place), listed.shards.unwrap_or(Shards::ALL));
    let is_wanted = |session: &&SessionSum| wanted.contains(&SessionKey::of(&session.id));
    // Open days came with the names of sessions.
    let mut found: Vec<SessionSum> = match listed.named(place) {
        Some(named) => named.iter().filter(is_wanted).cloned().collect(),
        None => {
            let days = place.range(range, &Calendar::of(organisation));
            of_shards(store, organisation, directory, (days, filters), shards, now).await?
        }
    };
    found.retain(|session| is_wanted(&session));
    // Whether a session counts that was only looked at may be decided by other days.
    if found.len() != wanted.len() {
        found = of_shards(store, organisation, directory, (range, filters), shards, now).await?;
        found.retain(|session| is_wanted(&session));
    }
    Ok(found)
}

/// The sessions of a range that the filters let through, in order of start.
pub async fn of_range(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    asked: (Range, &Filters),
    now: Timestamp,
) -> Result<Vec<SessionSum>, StoreError> {
    of_shards(store, organisation, directory, asked, Shards::ALL, now).await
}

/// The same, and which ones they are.
pub async fn all(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    asked: (Range, &Filters),
    now: Timestamp,
) -> Result<(Listed, Vec<SessionSum>), StoreError> {
    let mut listed = listed_in(store, organisation, directory, asked, (Shards::ALL, true), now).await?;
    let named = std::mem::take(&mut listed.named);
    Ok((listed, named))
}

async fn of_shards(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    asked: (Range, &Filters),
    shards: Shards,
    now: Timestamp,
) -> Result<Vec<SessionSum>, StoreError> {
    Ok(listed_in(store, organisation, directory, asked, (shards, true), now).await?.named)
}
