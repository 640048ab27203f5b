//! Finishes what requests left unfinished, closes days that are over, and deletes what purged organisations left behind.

use maintain::{handle, scheduled};
use model::time::Millis;
use service::app::App;
use store::environment::Environment;

/// Deletes take one in so many of the writes that the Events table has room for: exports wait for the others.
const SHARE: u32 = 5;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_logging();
    let environment = Environment::process();
    let mut app = App::from_environment(&environment)?;
    let most: u32 = environment.parsed("MAX_EVENT_WRITES", 0)?;
    app.store = app.store.paced(most / SHARE);
    let app = &app;
    lambda::serve_scheduled(
        |asked| async move { handle(app, asked.request, &asked.base_url, Millis::now()).await },
        |deadline| async move { scheduled(app, Millis::now(), deadline).await.map(|summary| summary.log()) },
    )
    .await
}
