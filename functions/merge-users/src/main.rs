//! Takes Git users, merges people by a schedule and on demand, and keeps what admins decide about people.

use merge_users::{handle, scheduled};
use model::time::Timestamp;
use service::app::App;
use store::environment::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_logging();
    let app = &App::from_environment(&Environment::process())?;
    lambda::serve_scheduled(
        |asked| async move { handle(app, asked.request, &asked.base_url, Timestamp::now()).await },
        |deadline| async move { scheduled(app, Timestamp::now(), deadline).await.map(|summary| summary.log()) },
    )
    .await
}
