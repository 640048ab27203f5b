//! Reads pages by number from the roster: in order of name, of everybody or of a group.

use std::collections::BTreeMap;

use super::order::list;
use super::page::{Few, Source};
use crate::people::state::Group;
use model::organisation::Uid;
use store::queries::Queries;
use store::roster::order::{COUNTS, Counts, Listed, RUN, run_id};
use store::roster::{Part, Shelf, Stored};
use store::{Store, StoreError};

/// Entries read at a time.
const PARALLEL: usize = 32;
/// What somebody on such a page is read with: the entry, and a sighting.
const EACH: usize = 2;

/// A page by number.
#[derive(Debug, Default)]
pub struct Numbered {
    /// Those who stand on it.
    pub few: Few,
    /// Their ids and groups, in their order.
    pub order: Vec<(Group, String)>,
    /// Which page it is, from 1: the last one if there are fewer than was asked for.
    pub page: usize,
    /// How many pages there are.
    pub pages: usize,
    /// How many there are in each group.
    pub counts: BTreeMap<Group, usize>,
}

/// The page with this number, from 1, of a group, or of everybody whom telemetry knows, of so many each; none if everybody has to be
/// read: the roster is not current, or that is cheaper.
pub async fn numbered(
    store: &Store,
    uid: &Uid,
    group: Option<Group>,
    (page, size): (usize, usize),
) -> Result<Option<Numbered>, StoreError> {
    let source = Source::current(store, uid, true).await?;
    let is_cheaper = |source: &Source| source.is_cheaper(size.saturating_mul(EACH));
    let Some(source) = source.filter(is_cheaper) else { return Ok(None) };
    let (users, authors) = tokio::try_join!(counts(store, uid, Part::Users), counts(store, uid, Part::Authors))?;
    let Some((users, authors)) = users.zip(authors) else { return Ok(None) };
    let counts: Counts = users.into_iter().chain(authors).collect();
    let of = counts.get(list(group)).copied().unwrap_or_default();
    let pages = of.div_ceil(size.max(1));
    let page = page.clamp(1, pages.max(1));
    let first = (page - 1) * size;
    let part = if group == Some(Group::GitOnly) { Part::Authors } else { Part::Users };
    let Some(listed) = listed(store, uid, (part, list(group)), (first, size.min(of - first.min(of)))).await? else {
        return Ok(None);
    };
    let Some(entries) = entries(store, uid, part, &listed).await? else { return Ok(None) };
    let shown =
        if part == Part::Users { (entries.as_slice(), [].as_slice()) } else { ([].as_slice(), entries.as_slice()) };
    let Some(few) = source.few(store, uid, shown).await? else { return Ok(None) };
    let order = listed.into_iter().filter_map(|listed| Some((Group::named(&listed.group)?, listed.id)));
    Ok(Some(Numbered {
        few,
        order: order.collect(),
        page,
        pages,
        counts: Group::ALL.into_iter().filter_map(|group| Some((group, *counts.get(group.name())?))).collect(),
    }))
}

async fn counts(store: &Store, uid: &Uid, part: Part) -> Result<Option<Counts>, StoreError> {
    Ok(store.roster_entry(uid, Shelf::Order(part), COUNTS).await?.and_then(|stored| stored.counts()))
}

/// Those of a list from the one in the place `first` on, so many; none if a run is not there.
async fn listed(
    store: &Store,
    uid: &Uid,
    (part, list): (Part, &str),
    (first, many): (usize, usize),
) -> Result<Option<Vec<Listed>>, StoreError> {
    let mut found = Vec::new();
    let mut at = first;
    while at < first + many {
        let run = store.roster_entry(uid, Shelf::Order(part), &run_id(list, at / RUN)).await?;
        let Some(run) = run.and_then(|stored| stored.run()) else { return Ok(None) };
        let before = found.len();
        found.extend(run.into_iter().skip(at % RUN).take(first + many - at));
        if found.len() == before {
            return Ok(None);
        }
        at += found.len() - before;
    }
    Ok(Some(found))
}

/// The entries of those who are listed; none if one is not there.
async fn entries(store: &Store, uid: &Uid, part: Part, listed: &[Listed]) -> Result<Option<Vec<Stored>>, StoreError> {
    let reads = listed.iter().map(|Listed { id, .. }| {
        let (store, uid, id) = (store.clone(), uid.clone(), id.clone());
        async move { store.roster_entry(&uid, Shelf::Entries(part), &id).await }
    });
    let mut reads = Queries::new(reads.collect(), PARALLEL);
    let mut entries = Vec::new();
    while let Some(entry) = reads.next().await? {
        let Some(entry) = entry else { return Ok(None) };
        entries.push(entry);
    }
    Ok(Some(entries))
}
