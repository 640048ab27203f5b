//! Removals from an organisation's activity. A removal and its progress are recorded first, so that an interrupted one
//! is continued. It is also listed next to the epoch of the summaries, which every projection reads, so that late
//! arrivals are skipped.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::query::Range;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::{SignedDuration, Timestamp, from_days};
use telemetry::pack::Header;

/// Name of the attribute that lists, for projections, what is removed.
pub(super) const REMOVED: &str = "removed";
/// How many removals projections know, newest first; nothing that concerns older ones is still in progress.
const MOST: usize = 50;
/// How long a removal is kept after its request.
const KEPT: SignedDuration = from_days(30);
/// The longest id, in bytes.
const LONGEST_ID: usize = 64;
/// How often the list is read again after a concurrent change.
const ATTEMPTS: usize = 12;

/// What came with a token within a period of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Haul {
    /// Generation of the token.
    pub generation: u32,
    /// The start of the period.
    pub from: Timestamp,
    /// The end of the period, exclusive.
    pub to: Timestamp,
}

impl Haul {
    /// Whether a pack belongs to it.
    #[must_use]
    pub fn has(&self, header: &Header) -> bool {
        header.generation == self.generation && (self.from..self.to).contains(&header.received_at)
    }

    fn has_all_of(&self, other: &Self) -> bool {
        self.generation == other.generation && self.from <= other.from && other.to <= self.to
    }

    fn write(&self) -> String {
        format!("{}#{}#{}", self.generation, self.from.0, self.to.0)
    }

    fn read(text: &str) -> Option<Self> {
        let mut fields = text.split('#');
        let generation = fields.next()?.parse().ok()?;
        let mut instant = || Some(Timestamp(fields.next()?.parse().ok()?));
        Some(Self { generation, from: instant()?, to: instant()? })
    }

    /// The list in the item that every projection reads.
    pub(super) fn listed(item: &Item) -> Vec<Self> {
        item.find_texts(REMOVED).iter().filter_map(|text| Self::read(text)).collect()
    }
}

/// A removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovalRecord {
    /// Its id.
    pub id: String,
    /// What is removed.
    pub haul: Haul,
    /// Whether it was requested without an end, in which case it covers what had arrived by then.
    pub is_open: bool,
    /// When it was requested.
    pub asked_at: Timestamp,
    /// The last source examined; empty before the first.
    pub after: String,
    /// How often all sources were examined. The last round catches what was being projected at the time of the request.
    pub rounds: i64,
    /// When it finished, except for the last round.
    pub finished_at: Option<Timestamp>,
    /// Packs removed.
    pub packs: i64,
    /// Sources that were removed completely.
    pub sources: i64,
}

impl Store {
    /// The removals of an organisation, in order of time.
    pub async fn removals(&self, uid: &Uid) -> Result<Vec<RemovalRecord>, StoreError> {
        self.query(Range::all(&keys::removal_partition(uid))).await?.iter().map(read).collect()
    }

    /// A removal.
    pub async fn removal(&self, uid: &Uid, id: &str) -> Result<Option<RemovalRecord>, StoreError> {
        if id.len() > LONGEST_ID {
            return Ok(None);
        }
        self.get(&keys::removal(uid, id)).await?.map(|item| read(&item)).transpose()
    }

    /// Stores a removal and its progress.
    pub async fn put_removal(&self, uid: &Uid, removal: &RemovalRecord) -> Result<(), StoreError> {
        let RemovalRecord { id, haul, is_open, asked_at, after, rounds, finished_at, packs, sources } = removal;
        let item = Item::at(keys::removal(uid, id))
            .text("haul", haul.write())
            .flag("is_open", *is_open)
            .number("asked_at", asked_at.0)
            .text("after", after.as_str())
            .number("rounds", *rounds)
            .number("packs", *packs)
            .number("sources", *sources)
            .time("finished_at", *finished_at)
            .number(keys::TTL, asked_at.plus(KEPT).seconds());
        self.put(item).await
    }

    /// Makes every projection skip what belongs to `haul`, from the moment this returns.
    pub async fn leave_out(&self, uid: &Uid, haul: Haul) -> Result<(), StoreError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let known = self.rebuild_state(uid).await?.removed;
            if known.iter().any(|known| known.has_all_of(&haul)) {
                return Ok(());
            }
            let mut all: Vec<Haul> = known.iter().filter(|known| !haul.has_all_of(known)).copied().collect();
            all.push(haul);
            all.drain(..all.len().saturating_sub(MOST));
            match self.put_removed(uid, &known, &all).await {
                Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
                outcome => return outcome,
            }
        }
    }

    async fn put_removed(&self, uid: &Uid, known: &[Haul], all: &[Haul]) -> Result<(), StoreError> {
        let list = |hauls: &[Haul]| AttributeValue::L(hauls.iter().map(|h| AttributeValue::S(h.write())).collect());
        let mut values = HashMap::from([(":all".to_owned(), list(all))]);
        let condition = if known.is_empty() {
            "attribute_not_exists(#removed)"
        } else {
            values.insert(":known".into(), list(known));
            "#removed = :known"
        };
        let update = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::rebuild(uid)).into()))
            .update_expression("SET #removed = :all")
            .condition_expression(condition)
            .expression_attribute_names("#removed", REMOVED)
            .set_expression_attribute_values(Some(values));
        update.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }
}

fn read(item: &Item) -> Result<RemovalRecord, StoreError> {
    Ok(RemovalRecord {
        id: item.required_text(keys::SK)?.to_owned(),
        haul: Haul::read(item.required_text("haul")?).ok_or(StoreError::unreadable("haul"))?,
        is_open: item.find_flag("is_open"),
        asked_at: Timestamp(item.required_number("asked_at")?),
        after: item.required_text("after")?.to_owned(),
        rounds: item.required_number("rounds")?,
        finished_at: item.find_time("finished_at"),
        packs: item.required_number("packs")?,
        sources: item.required_number("sources")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_haul_is_read_as_it_was_written_and_has_its_first_instant_but_not_its_last() {
        let haul = Haul { generation: 3, from: Timestamp(10), to: Timestamp(20) };
        assert_eq!(Haul::read(&haul.write()), Some(haul));
        assert_eq!(Haul::read("3#10"), None);
        let header = |generation, at| Header {
            received_at: Timestamp(at),
            generation,
            accepted: 1,
            rejected: 0,
            reclocked: 0,
            cut: 0,
            dropped: [0; telemetry::claude::vocabulary::Gate::ALL.len()],
        };
        let has = |generation, at| haul.has(&header(generation, at));
        assert_eq!([has(3, 9), has(3, 10), has(3, 19), has(3, 20), has(2, 15)], [false, true, true, false, false]);
    }
}
