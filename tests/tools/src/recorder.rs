//! What functions ask of AWS: a proxy in front of an endpoint, which notes every action, on what, and forwards it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use http::{Request, Response};
use serde_json::Value;

/// One thing that a function asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Which function.
    pub function: String,
    /// The action, as policies name it.
    pub action: String,
    /// A table, or a secret.
    pub resource: String,
    /// The partition key, if the action is on one item.
    pub leading_key: Option<String>,
    /// The attributes that an update names.
    pub attributes: Vec<String>,
}

/// Everything that was asked for. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    calls: Arc<Mutex<BTreeSet<Call>>>,
    broken: Arc<Mutex<Option<(String, String)>>>,
}

#[derive(Debug, Clone)]
struct Proxy {
    recorder: Recorder,
    function: String,
    upstream: String,
    client: reqwest::Client,
}

impl Recorder {
    /// Puts a proxy in front of `upstream` for `function` alone, and gives its address.
    ///
    /// # Panics
    /// There is no free port.
    pub async fn before(&self, upstream: &str, function: &str) -> String {
        let proxy = Proxy {
            recorder: self.clone(),
            function: function.into(),
            upstream: upstream.into(),
            client: reqwest::Client::new(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(forward).with_state(proxy);
        tokio::spawn(async move { axum::serve(listener, app).await });
        address
    }

    /// From now on this function's requests for this action fail, as if AWS were in trouble.
    pub fn break_off(&self, function: &str, action: &str) {
        *self.broken.lock().unwrap() = Some((function.into(), action.into()));
    }

    /// Nothing fails any more.
    pub fn mend(&self) {
        *self.broken.lock().unwrap() = None;
    }

    /// Everything so far.
    #[must_use]
    pub fn calls(&self) -> BTreeSet<Call> {
        self.calls.lock().unwrap().clone()
    }
}

async fn forward(State(proxy): State<Proxy>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 64 * 1024 * 1024).await.unwrap();
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let document = serde_json::from_slice(&body).unwrap_or_default();
    let (asked, attributes) = (asked(target, &document), updated(target, &document));
    let broken = proxy.recorder.broken.lock().unwrap().clone();
    let is_broken = broken.is_some_and(|(function, broken)| {
        proxy.function == function && asked.iter().any(|(action, ..)| *action == broken)
    });
    let calls = asked.into_iter().map(|(action, resource, leading_key)| Call {
        function: proxy.function.clone(),
        action,
        resource,
        leading_key,
        attributes: attributes.clone(),
    });
    proxy.recorder.calls.lock().unwrap().extend(calls);
    if is_broken {
        let trouble = Body::from(r#"{"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}"#);
        return Response::builder().status(500).body(trouble).unwrap();
    }
    let mut headers = parts.headers;
    headers.remove("host");
    let forwarded =
        proxy.client.request(parts.method, &proxy.upstream).headers(headers).body(body).send().await.unwrap();
    let mut answer = Response::builder().status(forwarded.status());
    for (name, value) in forwarded.headers().iter().filter(|(name, _)| *name != "transfer-encoding") {
        answer = answer.header(name, value);
    }
    answer.body(Body::from(forwarded.bytes().await.unwrap())).unwrap()
}

/// The attributes that an update names: those of the key, and those of its expressions.
fn updated(target: &str, request: &Value) -> Vec<String> {
    if !target.ends_with(".UpdateItem") {
        return Vec::new();
    }
    let keys = request["Key"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
    let named = request["ExpressionAttributeNames"].as_object().into_iter().flatten();
    keys.chain(named.filter_map(|(_, name)| name.as_str().map(str::to_owned))).collect()
}

/// The actions that policies have to allow for a request. A transaction needs those of its parts.
fn asked(target: &str, request: &Value) -> Vec<(String, String, Option<String>)> {
    let (service, operation) = target.split_once('.').unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if service == "secretsmanager" {
        let secret = text(&request["SecretId"]).or(text(&request["Name"])).unwrap_or_default();
        return vec![(format!("secretsmanager:{operation}"), secret, None)];
    }
    let on_item = |action: &str, part: &Value| {
        let key = text(&part["Key"]["pk"]["S"]).or(text(&part["Item"]["pk"]["S"]));
        (format!("dynamodb:{action}"), text(&part["TableName"]).unwrap_or_default(), key)
    };
    match operation {
        "TransactWriteItems" => {
            let actions = request["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object);
            let parts = actions.flat_map(|action| action.iter());
            parts
                .map(|(kind, part)| match kind.as_str() {
                    "ConditionCheck" => on_item("ConditionCheckItem", part),
                    other => on_item(&format!("{other}Item"), part),
                })
                .collect()
        }
        // Each part is asked for by its own key.
        "BatchWriteItem" => {
            let tables = request["RequestItems"].as_object().into_iter().flatten();
            let parts =
                tables.flat_map(|(table, parts)| parts.as_array().into_iter().flatten().map(move |part| (table, part)));
            parts
                .map(|(table, part)| {
                    let key =
                        text(&part["PutRequest"]["Item"]["pk"]["S"]).or(text(&part["DeleteRequest"]["Key"]["pk"]["S"]));
                    ("dynamodb:BatchWriteItem".to_owned(), table.clone(), key)
                })
                .collect()
        }
        "Query" => {
            let values = request["ExpressionAttributeValues"].as_object().into_iter().flatten();
            let partition = request["KeyConditionExpression"].as_str().unwrap_or_default();
            let key = values
                .filter(|(name, _)| partition.contains(&format!("= {name}")))
                .find_map(|(_, value)| text(&value["S"]));
            vec![("dynamodb:Query".to_owned(), text(&request["TableName"]).unwrap_or_default(), key)]
        }
        _ => vec![on_item(operation, request)],
    }
}
