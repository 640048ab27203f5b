//! Tells admins what was stored, in numbers and one by one.

use model::time::Millis;
use report::{App, handle};
use service::auth::root_key::RootKey;
use store::aws::Aws;
use store::environment::{BadVariable, Environment};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_logging();
    let app = &configure(&Environment::process())?;
    lambda::serve(|arrival| async move { handle(app, arrival.request, &arrival.base_url, Millis::now()).await }).await
}

fn configure(environment: &Environment<'_>) -> Result<App, BadVariable> {
    let aws = Aws::from_environment(environment)?;
    Ok(App {
        store: aws.store(environment)?,
        root_key: RootKey::secret(aws.secrets_manager(), environment.required("ADMIN_KEY_SECRET")?),
    })
}
