//! Keeps summaries up to date with the Events table, from its stream.

use lambda_runtime::{LambdaEvent, service_fn};
use model::time::Timestamp;
use project_activity::{Projection, handle};
use serde_json::Value;
use service::projection::limits::Bounds;
use store::aws::Aws;
use store::environment::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_logging();
    let environment = Environment::process();
    let projection =
        Projection::new(Aws::from_environment(&environment)?.store(&environment)?).within(Bounds::thrifty());
    let projection = &projection;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        handle(projection, event.payload, Timestamp::now()).await.map_err(lambda_runtime::Error::from)
    }))
    .await
}
