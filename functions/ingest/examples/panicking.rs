//! The ingest function over a database client that panics at every call: what a defect in a handler does to a running function.
//! Built like the function itself, so that it shows whether the release profile of Lambda builds lets a panic be caught.

use std::time::Duration;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, HttpClient, Region, RuntimeComponents};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};
use model::time::Timestamp;
use otlp::Limits;
use service::ingest::Ingest;
use store::Store;

#[derive(Debug)]
struct Panicking;

impl HttpClient for Panicking {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        panic!("a defect in a handler");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_logging();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "example"))
        .http_client(Panicking)
        .build();
    let store = Store::new(aws_sdk_dynamodb::Client::from_conf(config), "events", "activity");
    let ingest = Ingest::new(store, Limits::default(), Duration::from_secs(5));
    lambda::serve(|arrival| ingest.answer(arrival.request, Timestamp::now())).await
}
