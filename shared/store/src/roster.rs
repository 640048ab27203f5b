//! The roster: everybody, so that a page of people costs what it shows. Its parts are those whom telemetry knows and those who are known
//! from Git only. Of each there are entries, by id, and the [`order`] in which pages by number list them.
//!
//! Who is one person follows from all sightings, all people, all decisions and all Git users together. The roster is what followed when it
//! was last put together, and how often any of these had changed by then. Whatever changes one of them counts that in the same
//! transaction, so a part of another count is known not to be current, and is not read. Counts only grow: if their sum is the same, each
//! of them is.
//!
//! Whoever puts it together holds it meanwhile: entries of two readings must not mix. The hold ends by itself, later than whoever has it
//! stops writing.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{AttributeValue, Update};

use super::query::Range;
use super::range::Reading;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::{SignedDuration, Timestamp};

mod entry;
pub mod order;

pub use entry::{Entry, Stored};

/// Name of the attribute that holds an entry.
const ENTRY: &str = "e";
/// For how long the roster is held at most.
const HELD: SignedDuration = SignedDuration::from_secs(60);
/// For how long whoever holds it writes: what was begun until then has ended when the hold does.
const WRITING: Duration = Duration::from_secs(40);

/// A part of the roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Those whom telemetry knows.
    Users,
    /// Those who are known from Git only.
    Authors,
}

/// What lies in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// The entries of a part.
    Entries(Part),
    /// The order of a part.
    Order(Part),
}

impl Part {
    /// As it is in keys, and in the names of attributes.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Authors => "authors",
        }
    }
}

/// Whether the roster is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RosterState {
    /// How often anything changed from which the roster follows.
    pub moves: i64,
    /// What those whom telemetry knows were put together from last.
    pub users: Option<Kept>,
    /// The same of those who are known from Git only.
    pub authors: Option<Kept>,
}

/// What a part was put together from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// How often anything had changed.
    pub moves: i64,
    /// When that was.
    pub at: Timestamp,
    /// How many sources there were, or how many authors.
    pub of: usize,
    /// Whether it has everybody; otherwise there are too many, and it has nobody.
    pub is_whole: bool,
    /// Whether it was looked at twice. A transaction becomes visible item by item: who reads at that very moment may see the count and not
    /// yet what is counted.
    pub is_sure: bool,
}

impl RosterState {
    /// What a part was put together from last.
    #[must_use]
    pub fn kept(&self, part: Part) -> Option<Kept> {
        match part {
            Part::Users => self.users,
            Part::Authors => self.authors,
        }
    }

    /// What is kept of a part, if that is everybody and nothing has changed since.
    #[must_use]
    pub fn current(&self, part: Part) -> Option<Kept> {
        self.kept(part).filter(|kept| kept.is_whole && kept.moves == self.moves)
    }
}

/// The right to write the roster.
#[derive(Debug, Clone, Copy)]
pub struct Hold {
    until: i64,
    begun: Instant,
}

impl Hold {
    /// Whether there is still time to write.
    #[must_use]
    pub fn lasts(&self) -> bool {
        self.begun.elapsed() < WRITING
    }
}

impl Store {
    /// Whether the roster is current, read consistently.
    pub async fn roster_state(&self, uid: &Uid) -> Result<RosterState, StoreError> {
        let mut state = RosterState::default();
        for item in self.partition(&keys::roster_state_partition(uid), Reading::Latest).await? {
            if item.required_text(keys::SK)?.starts_with(keys::ROSTER_COUNT) {
                state.moves += item.required_number("moves")?;
            } else {
                (state.users, state.authors) = (kept(&item, Part::Users), kept(&item, Part::Authors));
            }
        }
        Ok(state)
    }

    /// The write that counts that something changed, with one of the keys of counts.
    pub fn roster_moves_on(&self, count: keys::Key) -> Result<Write, StoreError> {
        let update = Update::builder()
            .table_name(&self.activity)
            .set_key(Some(Item::at(count).into()))
            .update_expression("ADD moves :one")
            .expression_attribute_values(":one", AttributeValue::N("1".into()))
            .build();
        Ok(Write::Update(Box::new(update.map_err(|_| StoreError::bug("roster"))?)))
    }

    /// Takes hold of the roster; none if somebody else has it. `now` is the time of this very moment, whatever the time of the work.
    pub async fn hold_roster(&self, uid: &Uid, now: Timestamp) -> Result<Option<Hold>, StoreError> {
        let hold = Hold { until: now.plus(HELD).0, begun: Instant::now() };
        let taken = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::roster_state(uid)).into()))
            .update_expression("SET held_until = :until")
            // One of a clock that was ahead and was put right would last for too long.
            .condition_expression("attribute_not_exists(held_until) OR held_until < :now OR held_until > :until")
            .expression_attribute_values(":until", AttributeValue::N(hold.until.to_string()))
            .expression_attribute_values(":now", AttributeValue::N(now.0.to_string()));
        match taken.send().await.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(Some(hold)),
            Err(error) if error.is_conflict() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether somebody holds the roster, at this very moment.
    pub async fn is_roster_held(&self, uid: &Uid, now: Timestamp) -> Result<bool, StoreError> {
        let state = self.get(&keys::roster_state(uid)).await?;
        let until = state.and_then(|state| state.find_time("held_until"));
        Ok(until.is_some_and(|until| until >= now && until <= now.plus(HELD)))
    }

    /// Says what a part is put together from.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] if the roster was held for too long, and somebody else has it.
    pub async fn keep_roster(&self, uid: &Uid, hold: Hold, part: Part, kept: Kept) -> Result<(), StoreError> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let [moves, at, of, whole, sure, version] = attributes(part);
        let keep = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::roster_state(uid)).into()))
            .update_expression(format!(
                "SET {moves} = :moves, {at} = :at, {of} = :of, {whole} = :whole, {sure} = :sure, {version} = :version"
            ))
            .condition_expression("held_until = :until")
            .expression_attribute_values(":moves", number(kept.moves))
            .expression_attribute_values(":at", number(kept.at.0))
            .expression_attribute_values(":of", number(i64::try_from(kept.of).unwrap_or(i64::MAX)))
            .expression_attribute_values(":whole", AttributeValue::Bool(kept.is_whole))
            .expression_attribute_values(":sure", AttributeValue::Bool(kept.is_sure))
            .expression_attribute_values(":version", AttributeValue::S(model::VERSION.into()))
            .expression_attribute_values(":until", number(hold.until));
        keep.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }

    /// Lets go of the roster.
    pub async fn let_go_of_roster(&self, uid: &Uid, hold: Hold) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::roster_state(uid)).into()))
            .update_expression("REMOVE held_until")
            .condition_expression("held_until = :until")
            .expression_attribute_values(":until", AttributeValue::N(hold.until.to_string()));
        match update.send().await.map_err(StoreError::from_sdk) {
            Err(error) if !error.is_conflict() => Err(error),
            _ => Ok(()),
        }
    }

    /// What lies on a shelf after the id `after`, in order of id, at most `limit`.
    pub async fn roster(
        &self,
        uid: &Uid,
        shelf: Shelf,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let partition = keys::roster_partition(uid, shelf);
        let items = self.query(Range::after(&partition, after).at_most(limit)).await?;
        items.iter().map(read).collect()
    }

    /// What lies on a shelf with this id.
    pub async fn roster_entry(&self, uid: &Uid, shelf: Shelf, id: &str) -> Result<Option<Stored>, StoreError> {
        self.get(&keys::roster_entry(uid, shelf, id)).await?.as_ref().map(read).transpose()
    }

    /// Puts something on a shelf.
    pub async fn put_entry(&self, uid: &Uid, shelf: Shelf, entry: Stored) -> Result<(), StoreError> {
        let item = Item::at(keys::roster_entry(uid, shelf, &entry.id)).bytes(ENTRY, entry.bytes);
        self.write(vec![Write::Put(item, If::Always)]).await
    }

    /// Takes what has this id from a shelf, if it is there.
    pub async fn delete_entry(&self, uid: &Uid, shelf: Shelf, id: &str) -> Result<(), StoreError> {
        self.delete(keys::roster_entry(uid, shelf, id)).await
    }
}

fn read(item: &Item) -> Result<Stored, StoreError> {
    Ok(Stored { id: item.required_text(keys::SK)?.to_owned(), bytes: item.required_bytes(ENTRY)?.to_owned() })
}

/// The attributes of what a part was put together from: how often anything had changed, when that was, of how many, whether it has
/// everybody, whether it was looked at twice, and by which release.
fn attributes(part: Part) -> [String; 6] {
    ["moves", "at", "of", "whole", "sure", "version"].map(|name| format!("{}_{name}", part.name()))
}

/// What a part was put together from. Another release may have other rules for who is who.
fn kept(item: &Item, part: Part) -> Option<Kept> {
    let [moves, at, of, whole, sure, version] = attributes(part);
    item.optional_text(&version).filter(|version| *version == model::VERSION)?;
    Some(Kept {
        moves: item.optional_number(&moves)?,
        at: item.find_time(&at)?,
        of: usize::try_from(item.optional_number(&of)?).ok()?,
        is_whole: item.find_flag(&whole),
        is_sure: item.find_flag(&sure),
    })
}
