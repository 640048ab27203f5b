//! Takes Git users, runs the merge by the clock and on demand, and keeps what admins decide about people.

use std::time::{Duration, Instant};

use lambda::Happening;
use merge_users::{App, PATIENCE, handle, scheduled};
use model::time::Millis;
use service::auth::root_key::RootKey;
use store::aws::Aws;
use store::environment::{BadVariable, Environment};

/// Time left of what Lambda gives, for the step that is on its way when the deadline passes.
const MARGIN: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_logging();
    let app = &configure(&Environment::process())?;
    lambda::serve_all(|happening| {
        // Boxed: the compiler cannot lay out the whole of it.
        Box::pin(async move {
            match happening {
                Happening::Request(arrival) => {
                    Ok(Some(handle(app, arrival.request, &arrival.base_url, Millis::now()).await))
                }
                Happening::Schedule { remaining } => {
                    let deadline = Instant::now() + remaining.saturating_sub(MARGIN);
                    let tally = scheduled(app, Millis::now(), deadline).await?;
                    tracing::info!(
                        done = tally.done,
                        failed = tally.failed,
                        left = tally.left,
                        "scheduled work of all organisations"
                    );
                    Ok(None)
                }
            }
        })
    })
    .await
}

fn configure(environment: &Environment<'_>) -> Result<App, BadVariable> {
    let aws = Aws::from_environment(environment)?;
    let root_key = RootKey::secret(aws.secrets_manager(), environment.required("ADMIN_KEY_SECRET")?);
    Ok(App { store: aws.store(environment)?, root_key, patience: PATIENCE })
}
