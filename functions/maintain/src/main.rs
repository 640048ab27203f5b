//! Finishes what requests left unfinished, closes days that are over, and deletes what purged organisations left behind.

use maintain::{handle, scheduled};
use model::time::Timestamp;
use service::app::App;
use store::environment::Environment;
use store::pace::Rates;

/// Background work takes one in so many of the units that the tables have room for: exports wait for the others.
const SHARE: u32 = 5;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_logging();
    let environment = Environment::process();
    let mut app = App::from_environment(&environment)?;
    let share = |name| environment.parsed::<u32>(name, 0).map(|most| most / SHARE);
    app.store = app.store.paced(Rates {
        deletes: share("MAX_EVENT_WRITES")?,
        activity_writes: share("MAX_ACTIVITY_WRITES")?,
        event_reads: share("MAX_EVENT_READS")?,
        activity_reads: share("MAX_ACTIVITY_READS")?,
    });
    let app = &app;
    lambda::serve_scheduled(
        |asked| async move { handle(app, asked.request, &asked.base_url, Timestamp::now()).await },
        |deadline| async move { scheduled(app, Timestamp::now(), deadline).await.map(|summary| summary.log()) },
    )
    .await
}
