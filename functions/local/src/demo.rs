//! `--demo`: an organisation with believable weeks in it, so that a newcomer sees everything alive.
//!
//! What the people of [`demo_data::cast`] did is made by [`demo_data::month`], one session at a time, in exports shaped as the real client's, and goes
//! through the handlers that take everybody's, at the times at which it claims to have arrived. So does all else: the organisation
//! is enabled, its token rotated, Git users are uploaded and merged through the API. Some telemetry has something wrong with it,
//! for health to find. It is the same for the same day.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::time::{DAY, Timestamp};

use crate::handlers::Handlers;
use crate::journal::Journal;

/// How long closing its days may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// The page of the console that shows the demo first.
pub const PAGE: &str = "/orgs/demo/analytics";

mod fill;
mod live;
mod stage;

use demo_data::{cast, month};
use stage::{Found, Stage, StageError};

/// Fills the demo's organisation with so many days, unless it is filled already, and goes on sending a little now and then.
/// What happens is told on standard error.
pub async fn run(handlers: Handlers, journal: Arc<Journal>, days: u32) {
    if let Err(error) = play(handlers, &journal, days).await {
        tell(&error.to_string());
    }
}

async fn play(handlers: Handlers, journal: &Journal, days: u32) -> Result<(), StageError> {
    let now = Timestamp::now();
    let seed = now.count(DAY).unsigned_abs();
    let app = handlers.app.clone();
    let stage = Stage::new(handlers)?;
    match stage.look(now).await? {
        Found::Foreign => return Err(StageError::Foreign),
        Found::Filled => tell("its days are there already"),
        found => {
            if found == Found::Unfinished {
                stage.clear(now).await?;
            }
            let begun = Instant::now();
            let filled = fill::fill(&stage, journal, month::month(seed, now, days), now, days).await?;
            let seconds = begun.elapsed().as_secs_f64();
            tell(&format!(
                "{days} days are there: {} exports with {} records in {seconds:.1} s, {:.0} exports a second",
                filled.exports,
                filled.records,
                filled.exports as f64 / seconds
            ));
            // What the clock asks for anyway, only sooner: pages read days that are closed in one piece.
            if let Err(error) = maintain::scheduled(&app, Timestamp::now(), Instant::now() + PATIENCE).await {
                tracing::warn!(%error, "the days of the demo stay open for now");
            }
        }
    }
    live::go_on(&stage, &cast::everybody()).await
}

/// Tells the person at the terminal. Standard output ends with the line that scripts wait for.
fn tell(what: &str) {
    // Nobody reads it, perhaps.
    let _ = writeln!(io::stderr(), "demo: {what}");
}
