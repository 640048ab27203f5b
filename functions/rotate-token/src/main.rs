//! Enables organisations, rotates their tokens and keeps their admin keys; by the clock, erases what purged ones left behind.

use lambda::Happening;
use model::time::Millis;
use rotate_token::{App, handle};
use service::auth::root_key::RootKey;
use service::organisations::purge;
use store::aws::Aws;
use store::environment::{BadVariable, Environment};
use store::secrets::{Manager, Secrets};

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
                Happening::Schedule { .. } => {
                    let unfinished = purge::carry_on(&app.store, &app.secrets, Millis::now()).await;
                    let unfinished = unfinished.map_err(|_| "purged organisations could not be erased")?;
                    tracing::info!(unfinished, "purged organisations");
                    Ok(None)
                }
            }
        })
    })
    .await
}

fn configure(environment: &Environment<'_>) -> Result<App, BadVariable> {
    let aws = Aws::from_environment(environment)?;
    let client = aws.secrets_manager();
    Ok(App {
        store: aws.store(environment)?,
        secrets: Secrets::Manager(Manager::new(client.clone(), environment.required("SECRETS_PREFIX")?)),
        root_key: RootKey::secret(client, environment.required("ADMIN_KEY_SECRET")?),
    })
}
