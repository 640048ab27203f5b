//! The whole service as `template.yaml` deploys it: its real binaries with the environment that the template gives them, behind a
//! stand-in for API Gateway that follows the template's routes, over an embedded DynamoDB and a Secrets Manager.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use model::token::{PlainToken, TokenKind};
use serde_json::{Value, json};
use store::Store;
use store::aws::Aws;
use store::environment::Environment;

use crate::lambda::{Function, Outcome, binary, dynamodb};
use crate::recorder::Recorder;
use crate::reply::Reply;
use crate::secrets_manager::client_at;
use crate::template::Template;
use crate::watch::Watch;

/// What names of the organisations' secrets begin with.
pub const STACK: &str = "telemetry";

/// The domain at which API Gateway says it was reached.
pub const DOMAIN: &str = "abcdefghij.execute-api.eu-west-1.amazonaws.com";

/// A deployed service.
#[derive(Debug)]
pub struct Deployment {
    /// The template.
    pub template: Template,
    /// The tables, past every function.
    pub store: Store,
    /// Secrets Manager, past every function.
    pub secrets: aws_sdk_secretsmanager::Client,
    /// The root admin key.
    pub root_key: String,
    /// The name of its secret.
    pub root_secret: String,
    /// What the functions asked for.
    pub recorder: Recorder,
    functions: BTreeMap<String, Function>,
}

impl Deployment {
    /// Deploys every function of the template, with secrets in the Secrets Manager at `moto`: each on a Lambda of its own, or all on
    /// `watch`.
    ///
    /// # Panics
    /// A binary is missing, or cannot be started.
    pub async fn start(moto: &str, watch: Option<Arc<Watch>>) -> Self {
        let (template, recorder, database) = (Template::read(), Recorder::default(), dynamodb().await);
        let store = store(&database);
        store.create_tables().await.unwrap();
        let root_key = PlainToken::generate(TokenKind::Admin).unwrap();
        let root_secret = format!("key-{}", root_key.hash().token_id());
        let secrets = client_at(moto);
        secrets.create_secret().name(&root_secret).secret_string(root_key.expose()).send().await.unwrap();
        let mut functions = BTreeMap::new();
        for (name, logical) in template.functions() {
            let mut environment: Vec<(String, String)> = template
                .environment(&logical)
                .into_iter()
                .map(|(variable, value)| (variable, resolve(&value, &template, &root_secret)))
                .collect();
            let endpoint = |service: &str| format!("AWS_ENDPOINT_URL_{service}");
            environment.push((endpoint("DYNAMODB"), recorder.before(&database, &name).await));
            environment.push((endpoint("SECRETS_MANAGER"), recorder.before(moto, &name).await));
            let environment: Vec<(&str, &str)> = environment.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let function = match &watch {
                None => Function::start(&binary(&name), &environment).await,
                Some(watch) => Function::under(watch, &name, &binary(&name), &environment),
            };
            functions.insert(name, function);
        }
        let root_key = root_key.expose().to_owned();
        Self { template, store, secrets, root_key, root_secret, recorder, functions }
    }

    /// Invokes a function with an event.
    ///
    /// # Panics
    /// There is no such function.
    pub async fn invoke(&self, function: &str, event: &Value) -> Outcome {
        self.functions[function].invoke(event).await
    }

    /// Sends a request through API Gateway.
    ///
    /// # Panics
    /// The function fails.
    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let event = request_event(method, target, headers, body);
        let function = self.template.route(method, event["rawPath"].as_str().unwrap());
        Reply::of_function(&self.invoke(&function, &event).await.answer())
    }

    /// The same, as a request is written elsewhere.
    ///
    /// # Panics
    /// A header is not text.
    pub(crate) async fn request(&self, request: &Request<Bytes>) -> Reply {
        let headers: Vec<_> =
            request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        self.send(request.method().as_str(), &request.uri().to_string(), &headers, request.body()).await
    }

    /// Everything that functions have logged.
    #[must_use]
    pub fn logs(&self) -> Vec<String> {
        self.functions.values().flat_map(Function::log).collect()
    }
}

/// What a value of the template is in this deployment: of a parameter, what it is unless somebody says otherwise.
fn resolve(value: &Value, template: &Template, root_secret: &str) -> String {
    match value {
        // `!If [HasDomain, …, ""]`, and there is no domain.
        Value::Array(choice) => resolve(&choice[2], template, root_secret),
        Value::Number(number) => number.to_string(),
        other => match other.as_str().unwrap() {
            "EventsTable" => "events".into(),
            "ActivityTable" => "activity".into(),
            "AdminKey" => root_secret.into(),
            "AWS::StackName" => STACK.into(),
            name => match &template.section("Parameters")[name]["Default"] {
                Value::Null => name.into(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            },
        },
    }
}

/// A request as API Gateway hands it to a function: payload format 2.0, a body that is no text in base64, cookies beside the headers.
#[must_use]
pub fn request_event(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Value {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    // Decoded, other than the query.
    let path = percent_encoding::percent_decode_str(path).decode_utf8().unwrap();
    let mut all: BTreeMap<String, &str> = headers.iter().map(|(name, value)| (name.to_lowercase(), *value)).collect();
    // What a client claims in Host is never believed.
    all.insert("host".into(), "forged.example.com");
    let text = std::str::from_utf8(body);
    let cookies: Vec<&str> = all.remove("cookie").into_iter().flat_map(|cookies| cookies.split("; ")).collect();
    let pairs: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "cookies": cookies,
        "queryStringParameters": pairs,
        "headers": all,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefghij",
            "domainName": DOMAIN,
            "domainPrefix": "abcdefghij",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.10", "userAgent": "tests",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:06:13:30 +0000",
            "timeEpoch": 1_795_328_010_076_i64,
        },
        "body": text.map_or_else(|_| STANDARD.encode(body), str::to_owned),
        "isBase64Encoded": text.is_err(),
    })
}

/// The tables of the DynamoDB at `url`.
///
/// # Panics
/// It is no address.
#[must_use]
pub fn store(url: &str) -> Store {
    let url = url.to_owned();
    let environment = Environment::from_lookup(move |name| {
        Some(match name {
            "AWS_ENDPOINT_URL_DYNAMODB" => url.clone(),
            "EVENTS_TABLE" => "events".into(),
            "ACTIVITY_TABLE" => "activity".into(),
            "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "local".into(),
            _ => return None,
        })
    });
    Aws::from_environment(&environment).unwrap().store(&environment).unwrap()
}
