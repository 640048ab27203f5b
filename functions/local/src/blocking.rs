//! Work that waits for the disk, on threads that may wait.

use dynoxide::DynoxideError;

/// Does `work` on a thread where others do not wait for it.
///
/// # Errors
/// `work` failed, or panicked.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DynoxideError> + Send + 'static,
) -> Result<T, DynoxideError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // The process ends, and with it whoever asks: nothing is wrong with the database.
        Err(ended) if ended.is_cancelled() => std::future::pending().await,
        Err(panicked) => Err(DynoxideError::InternalServerError(panicked.to_string())),
    }
}
