//! Removes the remains of deleted data from database files that belong to this program.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::{Store, StoreError};

type Scrub = dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync;

/// Scrubs the files of a database. DynamoDB has no such files and does this itself.
#[derive(Clone, Default)]
pub(super) struct Scrubbing(Option<Arc<Scrub>>);

impl fmt::Debug for Scrubbing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scrubbing").field(&self.0.is_some()).finish()
    }
}

impl Store {
    /// Sets `scrub`, which removes the remains of deleted data from the files of the database.
    #[must_use]
    pub fn scrubbed_by<F>(self, scrub: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { scrubbing: Scrubbing(Some(Arc::new(move || Box::pin(scrub())))), ..self }
    }

    /// Removes the remains of deleted data from files on this machine. Once this returns, erased data is gone.
    ///
    /// # Errors
    /// If the files cannot be written, something may remain in them.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        match &self.scrubbing.0 {
            Some(scrub) => scrub().await.map_err(StoreError::unscrubbed),
            None => Ok(()),
        }
    }
}
