//! Leaving nothing of what was deleted in a database's files, where they are this program's own.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::{Store, StoreError};

type Scrub = dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync;

/// What scrubs the files of a database. DynamoDB has none, and sees to it itself.
#[derive(Clone, Default)]
pub(super) struct Scrubbing(Option<Arc<Scrub>>);

impl fmt::Debug for Scrubbing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scrubbing").field(&self.0.is_some()).finish()
    }
}

impl Store {
    /// This store, of a database whose files `scrub` leaves nothing in of what was deleted.
    #[must_use]
    pub fn scrubbed_by<F>(self, scrub: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { scrubbing: Scrubbing(Some(Arc::new(move || Box::pin(scrub())))), ..self }
    }

    /// Leaves nothing of what was deleted in files of this machine. What is erased is erased when this has returned.
    ///
    /// # Errors
    /// The files cannot be written: something may be left.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        match &self.scrubbing.0 {
            Some(scrub) => scrub().await.map_err(StoreError::unscrubbed),
            None => Ok(()),
        }
    }
}
