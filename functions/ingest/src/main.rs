//! Takes exports of Claude Code's telemetry: `POST /v1/logs`, `/v1/metrics`, `/v1/traces`.

use std::time::Duration;

use shared::aws::Aws;
use shared::environment::{BadVariable, Environment};
use shared::ingest::{DEADLINE, Ingest};
use shared::otlp::Limits;
use shared::time::Millis;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    api_gateway::start_logging();
    let (ingest, store) = configure(&Environment::process())?;
    // The first export should not wait for a handshake: its client may have two seconds to live.
    if let Err(error) = store.warm_up().await {
        tracing::warn!(%error, "the connection could not be opened beforehand");
    }
    api_gateway::serve(|arrival| ingest.answer(arrival.request, Millis::now())).await
}

fn configure(environment: &Environment<'_>) -> Result<(Ingest, shared::store::Store), BadVariable> {
    let store = Aws::from_environment(environment)?.store(environment)?;
    let standard = Limits::default();
    let limits = Limits {
        sent: environment.parsed("INGEST_MAX_SENT_BYTES", standard.sent)?.min(standard.sent),
        inflated: environment.parsed("INGEST_MAX_INFLATED_BYTES", standard.inflated)?.min(standard.inflated),
    };
    let deadline = Duration::from_millis(environment.parsed("INGEST_DEADLINE_MS", DEADLINE.as_millis() as u64)?);
    Ok((Ingest::new(store.clone(), limits, deadline), store))
}
