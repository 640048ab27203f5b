//! Tells admins what was stored, in numbers and one by one.

use report::{App, handle};
use shared::auth::root_key::RootKey;
use shared::aws::Aws;
use shared::environment::{BadVariable, Environment};
use shared::time::Millis;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    api_gateway::start_logging();
    let app = &configure(&Environment::process())?;
    api_gateway::serve(|arrival| async move { handle(app, arrival.request, &arrival.base_url, Millis::now()).await })
        .await
}

fn configure(environment: &Environment<'_>) -> Result<App, BadVariable> {
    let aws = Aws::from_environment(environment)?;
    Ok(App {
        store: aws.store(environment)?,
        root_key: RootKey::secret(aws.secrets_manager(), environment.required("ADMIN_KEY_SECRET")?),
    })
}
