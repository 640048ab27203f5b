//! Finishes what requests left unfinished, closes days that are over, and deletes what purged organisations left behind.

use maintain::{handle, scheduled};
use model::time::Millis;
use service::app::App;
use store::environment::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_logging();
    let app = &App::from_environment(&Environment::process())?;
    lambda::serve_scheduled(
        |asked| async move { handle(app, asked.request, &asked.base_url, Millis::now()).await },
        |deadline| async move { scheduled(app, Millis::now(), deadline).await.map(|summary| summary.log()) },
    )
    .await
}
