//! From the start of the process to its end: a signal ends it in time, whatever it is at.

use std::process;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot::{Receiver, channel};

use crate::start::StartError;

/// How long the process may take to end once it is told to, with time to spare before whoever told it loses patience: ten seconds
/// are usual.
const GRACE: Duration = Duration::from_secs(9);

/// Resolves when the process is told to end, by SIGTERM or SIGINT.
#[derive(Debug)]
pub struct Stop(Receiver<()>);

impl Stop {
    /// Waits for the signal.
    pub async fn told(self) {
        // Who would tell lives as long as the process.
        let _ = self.0.await;
    }
}

/// Runs `work` to its end. Once a signal came it has nine seconds; then the process ends, even while work is under way that nothing
/// can interrupt. That is as safe as a power cut is: what was acknowledged is stored.
///
/// # Errors
/// That of the work; or the system gives no threads or signals.
pub fn lead<F>(work: impl FnOnce(Stop) -> F) -> Result<(), StartError>
where
    F: Future<Output = Result<(), StartError>>,
{
    // Signals have a thread of their own: those that work may all be busy.
    let signals = Builder::new_current_thread().enable_all().build().map_err(StartError::Runtime)?;
    let (mut terminate, mut interrupt) = {
        let _inside = signals.enter();
        let listen = |kind| signal(kind).map_err(StartError::Runtime);
        (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?)
    };
    let (tell, told) = channel();
    let watch = move || {
        signals.block_on(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            // The work may have ended by itself.
            let _ = tell.send(());
            tokio::time::sleep(GRACE).await;
            tracing::warn!("stopped while work was under way; it goes on at the next start");
            process::exit(0);
        });
    };
    std::thread::Builder::new().name("signals".into()).spawn(watch).map_err(StartError::Runtime)?;
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(StartError::Runtime)?;
    let ended = runtime.block_on(work(Stop(told)));
    // Waits for what blocks, so that the database is closed in peace.
    drop(runtime);
    ended
}
