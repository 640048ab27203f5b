//! Reads pages of people from the roster.

use crate::people::directory::Directory;
use identity::git_users::GitUser;
use model::order;
use model::organisation::Uid;
use store::queries::Queries;
use store::roster::{Entry, Kept, Part, RosterState, Shelf, Stored};
use store::{Store, StoreError};
use telemetry::claude::source::SourceId;
use telemetry::sighting::{Sighting, Words};

/// Sightings read at a time.
const PARALLEL: usize = 32;
/// A sighting that is read alone costs about as much as so many that are read one after another.
const ALONE: usize = 4;
/// So many authors are read at the cost of one sighting.
const TOGETHER: usize = 8;

/// Those who follow each other in the list of all.
#[derive(Debug, Default)]
pub struct Few {
    /// Those of them whom telemetry knows.
    pub directory: Directory,
    /// Those of them who are known from Git only, by id.
    pub authors: Vec<(String, Vec<GitUser>)>,
}

/// What a page may be read from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    state: RosterState,
    users: Kept,
    authors: usize,
}

impl Source {
    /// The roster, if those of it are current whom a page is about.
    pub(super) async fn current(store: &Store, uid: &Uid, with_authors: bool) -> Result<Option<Self>, StoreError> {
        let state = store.roster_state(uid).await?;
        let authors = state.current(Part::Authors).map(|kept| kept.of);
        let authors = if with_authors { authors } else { Some(0) };
        Ok(state.current(Part::Users).zip(authors).map(|(users, authors)| Self { state, users, authors }))
    }

    /// Whether so many items read one by one cost less than everybody.
    pub(super) fn is_cheaper(&self, read: usize) -> bool {
        read.saturating_mul(ALONE) <= self.users.of + self.authors / TOGETHER
    }

    /// Those of these entries; none if it is cheaper to read everybody, or the roster has changed since.
    pub(super) async fn few(
        &self,
        store: &Store,
        uid: &Uid,
        (users, authors): (&[Stored], &[Stored]),
    ) -> Result<Option<Few>, StoreError> {
        let entries = users.iter().map(Stored::user).collect::<Result<Vec<Entry>, _>>()?;
        let mut sources: Vec<&String> = entries.iter().flat_map(|entry| &entry.sources).collect();
        order::sort_by(&mut sources, Ord::cmp);
        sources.dedup();
        if !self.is_cheaper(sources.len()) {
            return Ok(None);
        }
        let sources = sources.into_iter().map(|source| SourceId::parse(source).ok_or(StoreError::unreadable("roster")));
        let Some(sightings) = sightings(store, uid, sources.collect::<Result<_, _>>()?).await? else { return Ok(None) };
        if store.roster_state(uid).await? != self.state {
            return Ok(None);
        }
        let authors = authors.iter().map(|entry| Ok((entry.id.clone(), entry.authors()?)));
        Ok(Some(Few {
            authors: authors.collect::<Result<_, StoreError>>()?,
            directory: Directory::of_entries(entries, sightings)?,
        }))
    }
}

/// The people after the id `after`, at most `limit`; none if everybody has to be read: the roster is not current, or that is cheaper.
pub async fn page(
    store: &Store,
    uid: &Uid,
    with_authors: bool,
    after: Option<&str>,
    limit: usize,
) -> Result<Option<Few>, StoreError> {
    let source = Source::current(store, uid, with_authors).await?;
    let Some(source) = source.filter(|source| source.is_cheaper(limit)) else { return Ok(None) };
    let mut users = store.roster(uid, Shelf::Entries(Part::Users), after, limit).await?;
    let mut authors = match with_authors {
        true => store.roster(uid, Shelf::Entries(Part::Authors), after, limit).await?,
        false => Vec::new(),
    };
    // Of both together no more than are shown.
    let mut ids: Vec<&str> = users.iter().chain(&authors).map(|entry| entry.id.as_str()).collect();
    order::sort_by(&mut ids, Ord::cmp);
    if let Some(end) = ids.get(limit).map(|id| (*id).to_owned()) {
        let is_shown = |entry: &Stored| entry.id < end;
        users.retain(is_shown);
        authors.retain(is_shown);
    }
    source.few(store, uid, (&users, &authors)).await
}

/// The sightings of these sources; none if one of them was erased since its entry was read.
async fn sightings(
    store: &Store,
    uid: &Uid,
    sources: Vec<SourceId>,
) -> Result<Option<Vec<(SourceId, Sighting)>>, StoreError> {
    let reads = sources.into_iter().map(|source| {
        let (store, uid) = (store.clone(), uid.clone());
        async move { Ok((source, store.sighting(&uid, source).await?.sighting)) }
    });
    let mut reads = Queries::new(reads.collect(), PARALLEL);
    let (mut words, mut sightings) = (Words::default(), Vec::new());
    while let Some((source, mut sighting)) = reads.next().await? {
        if sighting.seen.is_none() {
            return Ok(None);
        }
        sighting.share(&mut words);
        sightings.push((source, sighting));
    }
    Ok(Some(sightings))
}
