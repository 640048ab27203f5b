//! Takes exports of Claude Code's telemetry: `POST /v1/logs`, `/v1/metrics`, `/v1/traces`.

use std::io::Write;
use std::time::Duration;

use model::time::Timestamp;
use service::ingest::{Ingest, Minute, limits};
use store::aws::Aws;
use store::environment::{BadVariable, Environment};
use tokio::sync::OnceCell;

/// How long an export waits for a connection that is being opened. A handshake within a region takes a few milliseconds.
const HANDSHAKE: Duration = Duration::from_millis(250);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_logging();
    let (ingest, store) = configure(&Environment::process())?;
    let connection = OnceCell::new();
    let open = async || {
        let opened = connection.get_or_init(async || {
            if let Err(error) = store.warm_up().await {
                tracing::warn!(%error, "the connection could not be opened beforehand");
            }
        });
        *opened.await
    };
    // The connection is opened while Lambda is asked for the first export, whose client may have two seconds to live. That one then
    // waits for it in place of opening another, but not long: the time that an export may take begins after that.
    let serving = lambda::serve_requests(|request| async {
        let _ = tokio::time::timeout(HANDSHAKE, open()).await;
        ingest.answer(request, Timestamp::now()).await
    });
    tokio::join!(serving, open()).0
}

fn configure(environment: &Environment<'_>) -> Result<(Ingest, store::Store), BadVariable> {
    let store = Aws::from_environment(environment)?.store(environment)?;
    let (limits, deadline) = limits(environment)?;
    Ok((Ingest::new(store.clone(), limits, deadline).reporting_to(report), store))
}

/// Writes a minute where CloudWatch takes metrics from: standard output, if `METRICS_NAMESPACE` says what they belong to.
fn report(minute: &Minute) {
    let environment = Environment::process();
    match (environment.optional("METRICS_NAMESPACE"), environment.optional("AWS_LAMBDA_FUNCTION_NAME")) {
        (Some(namespace), Some(function)) => {
            let line = minute.metrics(&namespace, &function);
            if let Err(error) = writeln!(std::io::stdout(), "{line}") {
                tracing::warn!(%error, "metrics could not be written");
            }
        }
        _ => minute.log(),
    }
}
