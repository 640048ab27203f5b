//! Shows admins what there is, and lets them change it.

use console::{App, handle};
use model::time::Millis;
use service::auth::root_key::RootKey;
use store::aws::Aws;
use store::environment::{BadVariable, Environment};
use store::secrets::{Manager, Secrets};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_logging();
    let app = &configure(&Environment::process())?;
    // Boxed: the compiler cannot lay out the whole of it.
    lambda::serve(|arrival| {
        Box::pin(async move { handle(app, arrival.request, &arrival.base_url, Millis::now()).await })
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
