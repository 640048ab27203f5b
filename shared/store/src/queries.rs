//! Several queries under way at a time.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

use super::StoreError;

/// What a task does: of one type whatever the query, since tokio's part of a task would be in the program once for each.
type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Queries, of which some are under way at a time. One is begun when another's answer is taken, so that answers do not pile up.
#[derive(Debug)]
pub struct Queries<F: Future> {
    waiting: std::vec::IntoIter<F>,
    running: JoinSet<()>,
    /// Each task that ends has left one.
    answers: Arc<Mutex<Vec<F::Output>>>,
    most: usize,
}

impl<T: Send + 'static, F: Future<Output = Result<T, StoreError>> + Send + 'static> Queries<F> {
    /// These, of which at most so many are under way at a time.
    #[must_use]
    pub fn new(queries: Vec<F>, most: usize) -> Self {
        Self { waiting: queries.into_iter(), running: JoinSet::new(), answers: Arc::default(), most }
    }

    /// Begins the first of them, so many at most, before anybody waits for an answer.
    pub fn begin(&mut self, most: usize) {
        for query in self.waiting.by_ref().take(most.min(self.most).saturating_sub(self.running.len())) {
            let answers = Arc::clone(&self.answers);
            let task: Task = Box::pin(async move {
                let answer = query.await;
                answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
            });
            self.running.spawn(task);
        }
    }

    /// The answer of one of them, or that there are no more.
    ///
    /// # Errors
    /// That of the query.
    pub async fn next(&mut self) -> Result<Option<T>, StoreError> {
        self.begin(self.most);
        let Some(done) = self.running.join_next().await else { return Ok(None) };
        done.map_err(|error| StoreError::of_task(&error))?;
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop().transpose()
    }
}
