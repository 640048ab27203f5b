//! What requests to DynamoDB cost: asks for the consumed capacity of each, and adds it up.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use serde_json::Value;

/// Units consumed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Units {
    /// Of reading.
    pub read: f64,
    /// Of writing.
    pub write: f64,
}

/// A meter. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    units: Arc<Mutex<Units>>,
}

impl Meter {
    /// Puts the meter in front of `inner`.
    #[must_use]
    pub fn before(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Metered { inner, meter: self.clone() })
    }

    /// What was consumed since this was last asked.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn take(&self) -> Units {
        std::mem::take(&mut self.units.lock().unwrap())
    }
}

#[derive(Debug)]
struct Metered<C> {
    inner: C,
    meter: Meter,
}

impl HttpClient for Metered<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Metered { inner, meter: self.meter.clone() })
    }
}

impl HttpConnector for Metered<SharedHttpConnector> {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let is_read = ["GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"].contains(&operation);
        let body = request.body().bytes().and_then(|body| serde_json::from_slice::<Value>(body).ok());
        if let Some(mut body) = body
            && !operation.contains("Table")
            && !operation.contains("TimeToLive")
        {
            body["ReturnConsumedCapacity"] = "TOTAL".into();
            *request.body_mut() = body.to_string().into();
        }
        let (inner, meter) = (self.inner.clone(), self.meter.clone());
        HttpConnectorFuture::new(async move {
            let response = inner.call(request).await?;
            let answer: Value =
                response.body().bytes().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
            let consumed = match &answer["ConsumedCapacity"] {
                Value::Array(tables) => tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum(),
                one => one["CapacityUnits"].as_f64().unwrap_or_default(),
            };
            let mut units = meter.units.lock().unwrap();
            if is_read {
                units.read += consumed;
            } else {
                units.write += consumed;
            }
            drop(units);
            Ok(response)
        })
    }
}
