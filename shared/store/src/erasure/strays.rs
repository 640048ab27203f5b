//! How far the pass through the Events table is that looks for stray packs of erased people: those that no summary leads to, because
//! they were never projected, or outlived their summaries.
//!
//! One pass is for everybody who waits for it when it begins; whoever comes later waits for the next one. So the table is read once,
//! however many people are erased.

use super::PendingErasure;
use crate::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::Timestamp;

/// A pass, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrayPass {
    /// The people whom it is for, and what of each is erased: what arrived before this.
    pub people: Vec<(String, Timestamp)>,
    /// The key after which it goes on; `None` at the beginning.
    pub after: Option<keys::Key>,
}

impl StrayPass {
    /// A pass for these people, at its beginning.
    #[must_use]
    pub fn of(erasures: &[PendingErasure]) -> Self {
        let people = erasures.iter().map(|erasure| (erasure.person.clone(), erasure.before));
        Self { people: people.collect(), after: None }
    }

    /// Whether it is for a person since its beginning. Whoever was requested again since then is not.
    #[must_use]
    pub fn is_for(&self, erasure: &PendingErasure) -> bool {
        self.people.iter().any(|(person, before)| *person == erasure.person && *before == erasure.before)
    }

    fn read(item: &Item) -> Self {
        let read = |text: &String| {
            let (before, person) = text.split_once('#')?;
            Some((person.to_owned(), Timestamp(before.parse().ok()?)))
        };
        let people = item.find_texts("people").iter().filter_map(read).collect();
        Self { people, after: item.find_place() }
    }
}

impl Store {
    /// The pass that is on its way; `None` if none is.
    pub async fn stray_pass(&self, uid: &Uid) -> Result<Option<StrayPass>, StoreError> {
        Ok(self.get(&keys::stray_pass(uid)).await?.map(|item| StrayPass::read(&item)))
    }

    /// Notes how far a pass is.
    pub async fn put_stray_pass(&self, uid: &Uid, pass: &StrayPass) -> Result<(), StoreError> {
        let people: Vec<String> = pass.people.iter().map(|(person, before)| format!("{}#{person}", before.0)).collect();
        self.put(Item::at(keys::stray_pass(uid)).texts("people", &people).place(pass.after.as_ref())).await
    }

    /// Forgets how far a pass was.
    pub async fn end_stray_pass(&self, uid: &Uid) -> Result<(), StoreError> {
        self.delete(keys::stray_pass(uid)).await
    }
}
