//! Keeps summaries up to date with the Events table, from its stream.

use lambda_runtime::{LambdaEvent, service_fn};
use model::time::Timestamp;
use project_activity::{App, handle};
use serde_json::Value;
use service::projection::bounds::Bounds;
use store::aws::Aws;
use store::environment::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_logging();
    let environment = Environment::process();
    let app = App::new(Aws::from_environment(&environment)?.store(&environment)?).within(Bounds::thrifty());
    let app = &app;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        handle(app, event.payload, Timestamp::now()).await.map_err(lambda_runtime::Error::from)
    }))
    .await
}
