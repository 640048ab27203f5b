//! Counts the read and write units of DynamoDB, at the boundary of the SDK: every request is made to say what it consumed.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use serde_json::Value;

/// What was consumed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Units {
    /// Requests that read.
    pub reads: u64,
    /// Read units.
    pub read_units: f64,
    /// Requests that write.
    pub writes: u64,
    /// Write units.
    pub write_units: f64,
    /// Pages of whole tables, which are among the reads.
    pub scans: u64,
    /// The largest answer, in bytes.
    pub largest: usize,
}

/// A counter of units.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    units: Arc<Mutex<Units>>,
}

impl Meter {
    /// Puts the counter in front of `inner`.
    #[must_use]
    pub fn before(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Metered { inner, meter: self.clone() })
    }

    /// What was consumed since this was last asked.
    #[must_use]
    pub fn take(&self) -> Units {
        std::mem::take(&mut *self.units.lock().unwrap())
    }

    fn add(&self, is_read: bool, consumed: &Value) {
        let each = |one: &Value| one["CapacityUnits"].as_f64().unwrap_or_default();
        let sum: f64 = consumed.as_array().map_or_else(|| each(consumed), |list| list.iter().map(each).sum());
        let mut units = self.units.lock().unwrap();
        if is_read {
            units.reads += 1;
            units.read_units += sum;
        } else {
            units.writes += 1;
            units.write_units += sum;
        }
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
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let is_read = ["GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"].contains(&operation.as_str());
        let is_counted = is_read || operation.ends_with("Item") || operation.ends_with("Items");
        if is_counted {
            let text = std::str::from_utf8(request.body().bytes().unwrap_or_default()).unwrap_or_default();
            if !text.contains("\"ReturnConsumedCapacity\"") {
                let asked = text.replacen('{', "{\"ReturnConsumedCapacity\":\"TOTAL\",", 1);
                *request.body_mut() = asked.into_bytes().into();
            }
        }
        let (inner, meter) = (self.inner.clone(), self.meter.clone());
        HttpConnectorFuture::new(async move {
            let response = inner.call(request).await?;
            if is_counted {
                let body = response.body().bytes().unwrap_or_default();
                {
                    let mut units = meter.units.lock().unwrap();
                    units.scans += u64::from(operation == "Scan");
                    units.largest = units.largest.max(body.len());
                }
                let consumed = consumed(body);
                // DynamoDB charges a refused condition like a write of the smallest item.
                let consumed = consumed.unwrap_or_else(|| serde_json::json!({"CapacityUnits": u8::from(!is_read)}));
                meter.add(is_read, &consumed);
            }
            Ok(response)
        })
    }
}

/// `ConsumedCapacity` of an answer, without making a document of all of it.
fn consumed(body: &[u8]) -> Option<Value> {
    #[derive(serde::Deserialize)]
    struct Answer {
        #[serde(rename = "ConsumedCapacity")]
        consumed: Option<Value>,
    }
    serde_json::from_slice::<Answer>(body).ok()?.consumed
}
