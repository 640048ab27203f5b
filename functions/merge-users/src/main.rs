//! Takes Git users, merges people by a schedule and on demand, and keeps what admins decide about people.

use std::time::{Duration, Instant};

use lambda::Invocation;
use merge_users::{handle, scheduled};
use model::time::Millis;
use service::app::App;
use service::maintenance::Summary;
use store::environment::Environment;

/// Time left of what Lambda gives, for the step that is under way when the deadline passes.
const MARGIN: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_logging();
    let app = &App::from_environment(&Environment::process())?;
    lambda::serve_all(|invocation| {
        // Boxed: the compiler cannot lay out the whole of it.
        Box::pin(async move {
            match invocation {
                Invocation::Request(asked) => {
                    Ok(Some(handle(app, asked.request, &asked.base_url, Millis::now()).await))
                }
                Invocation::Schedule { remaining } => {
                    let deadline = Instant::now() + remaining.saturating_sub(MARGIN);
                    let summary = scheduled(app, Millis::now(), deadline).await?;
                    let Summary { done, failed, left } = summary;
                    tracing::info!(done, failed, left, "scheduled work of all organisations");
                    Ok(None)
                }
            }
        })
    })
    .await
}
