//! The tables of a test: of its own, in memory, or in any DynamoDB.
//!
//! `DYNAMODB_ENDPOINT` names one, such as `http://127.0.0.1:8000` or `https://dynamodb.eu-west-1.amazonaws.com`, for a second opinion
//! on what the embedded database does; region and credentials are then read from `AWS_REGION`, `AWS_ACCESS_KEY_ID`,
//! `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. Every test makes two tables named `test-<random>-…` there and leaves them.

use local::embedded::Embedded;
use model::random::Random;
use store::Store;
use store::aws::Aws;
use store::environment::Environment;

/// New tables.
///
/// # Panics
/// They cannot be made.
pub async fn fresh() -> Store {
    let store = match std::env::var("DYNAMODB_ENDPOINT") {
        Ok(endpoint) => at(&endpoint),
        Err(_) => Embedded::in_memory().unwrap().store(),
    };
    store.create_tables().await.unwrap();
    store
}

fn at(endpoint: &str) -> Store {
    let test = Random::draw().unwrap().uid();
    let environment = Environment::from_lookup(|name| {
        Some(match name {
            "AWS_ENDPOINT_URL_DYNAMODB" => endpoint.to_owned(),
            "EVENTS_TABLE" => format!("test-{test}-events"),
            "ACTIVITY_TABLE" => format!("test-{test}-activity"),
            "TRUST_ROOTS" => "system".into(),
            "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => {
                std::env::var(name).unwrap_or_else(|_| "local".into())
            }
            _ => return std::env::var(name).ok(),
        })
    });
    Aws::from_environment(&environment).unwrap().store(&environment).unwrap()
}
