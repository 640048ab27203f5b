//! Faults by chance: any request to DynamoDB or Secrets Manager may go wrong in any of the ways that a network and a busy
//! service have.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use store::keys::Key;
use tokio::time::sleep;

use crate::hostile::Numbers;

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Refused because there are too many.
    Throttled,
    /// Refused by a service that has trouble of its own.
    ServerError,
    /// Performed, and answered with an error of the service.
    ServerErrorAfter,
    /// An answer that is none of the service: a proxy's page.
    ForeignAnswer,
    /// The connection breaks before anything is performed.
    Reset,
    /// The connection breaks after all is performed.
    ResetAfter,
    /// Never answered, nothing performed.
    Silence,
    /// Performed and never answered.
    SilenceAfter,
    /// Answered, seconds later.
    Slow,
    /// Performed seconds later, whether or not anybody still waits for it.
    Late,
    /// Another transaction is in the way of a write.
    Conflict,
    /// A read that may be stale is.
    Stale,
}

impl Trouble {
    const ALL: [Self; 12] = [
        Self::Throttled,
        Self::ServerError,
        Self::ServerErrorAfter,
        Self::ForeignAnswer,
        Self::Reset,
        Self::ResetAfter,
        Self::Silence,
        Self::SilenceAfter,
        Self::Slow,
        Self::Late,
        Self::Conflict,
        Self::Stale,
    ];
}

/// A layer between clients and services in which requests go wrong.
#[derive(Debug, Clone)]
pub struct RandomFaults(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    numbers: Numbers,
    /// How many of a thousand requests go wrong.
    rate: usize,
    /// The ways in which they do.
    kinds: Vec<Trouble>,
    happened: BTreeMap<Trouble, u64>,
    requests: u64,
    new_packs: Vec<Key>,
    /// What readers were answered before, by request.
    answered: HashMap<Vec<u8>, Vec<u8>>,
}

impl RandomFaults {
    /// A layer in which nothing goes wrong yet; `seed` decides what will.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            numbers: Numbers(seed),
            rate: 0,
            kinds: Trouble::ALL.to_vec(),
            happened: BTreeMap::new(),
            requests: 0,
            new_packs: Vec::new(),
            answered: HashMap::new(),
        })))
    }

    /// Lets `rate` of a thousand requests go wrong from now on.
    pub fn set_rate(&self, rate: usize) {
        self.0.lock().unwrap().rate = rate;
    }

    /// Lets nothing but this go wrong, in every second write.
    pub fn only(&self, kind: Trouble) {
        let mut state = self.0.lock().unwrap();
        (state.rate, state.kinds) = (500, vec![kind]);
    }

    /// What went wrong until now, and how often.
    #[must_use]
    pub fn happened(&self) -> BTreeMap<Trouble, u64> {
        self.0.lock().unwrap().happened.clone()
    }

    /// How often something went wrong until now.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.happened().values().sum()
    }

    /// How many requests there were.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.0.lock().unwrap().requests
    }

    /// The packs that were written since this was asked last: what the stream of the Events table would say.
    #[must_use]
    pub fn take_new_packs(&self) -> Vec<Key> {
        std::mem::take(&mut self.0.lock().unwrap().new_packs)
    }

    /// Puts this layer in front of `inner`.
    #[must_use]
    pub fn before(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Layer { inner, faults: self.clone() })
    }

    /// What will go wrong with this request, if anything.
    fn draw(&self, request: &Asked) -> (Option<Trouble>, Duration) {
        let mut state = self.0.lock().unwrap();
        state.requests += 1;
        let delay = Duration::from_millis(state.numbers.below(9_000) as u64);
        let (lot, rate) = (state.numbers.below(1_000), state.rate);
        if lot >= rate {
            return (None, delay);
        }
        let trouble = loop {
            let kinds = state.kinds.len();
            let at = state.numbers.below(kinds);
            match state.kinds[at] {
                Trouble::Conflict if kinds == 1 && !request.is_write() => return (None, delay),
                Trouble::Conflict if !request.is_write() => {}
                Trouble::Stale if !request.may_be_stale() => {}
                other => break other,
            }
        };
        *state.happened.entry(trouble).or_default() += 1;
        (Some(trouble), delay)
    }

    /// Notes what was written and what was read.
    fn note(&self, request: &Asked, answer: &HttpResponse) {
        if !answer.status().is_success() {
            return;
        }
        let mut state = self.0.lock().unwrap();
        if request.operation == "PutItem" && request.body["TableName"] == "events" {
            let text = |name: &str| request.body["Item"][name]["S"].as_str().unwrap_or_default().to_owned();
            state.new_packs.push(Key { pk: text("pk"), sk: text("sk") });
        }
        if request.may_be_stale()
            && let Some(bytes) = answer.body().bytes()
        {
            state.answered.insert(request.bytes.clone(), bytes.to_vec());
        }
    }

    /// An answer as it was earlier; before the first one, nothing was there.
    fn stale(&self, request: &Asked) -> HttpResponse {
        let state = self.0.lock().unwrap();
        let nothing = if request.operation == "GetItem" { json!({}) } else { json!({"Items": [], "Count": 0}) };
        let body = state.answered.get(&request.bytes).cloned().unwrap_or_else(|| nothing.to_string().into_bytes());
        response(200, body)
    }
}

/// What a request asks for.
#[derive(Debug, Clone)]
struct Asked {
    operation: String,
    is_dynamodb: bool,
    bytes: Vec<u8>,
    body: Value,
}

impl Asked {
    fn of(request: &HttpRequest) -> Self {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let bytes = request.body().bytes().unwrap_or_default().to_vec();
        Self {
            operation: target.rsplit('.').next().unwrap_or_default().to_owned(),
            is_dynamodb: target.starts_with("DynamoDB"),
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            bytes,
        }
    }

    fn is_write(&self) -> bool {
        ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"].contains(&self.operation.as_str())
    }

    fn may_be_stale(&self) -> bool {
        ["GetItem", "Query"].contains(&self.operation.as_str()) && self.body["ConsistentRead"] != true
    }

    fn refused(&self, trouble: Trouble) -> HttpResponse {
        let (status, code, message) = match trouble {
            Trouble::Throttled if self.is_dynamodb => (400, "ProvisionedThroughputExceededException", "too many"),
            Trouble::Throttled => (400, "ThrottlingException", "too many"),
            Trouble::Conflict if self.operation == "TransactWriteItems" => {
                (400, "TransactionCanceledException", "Transaction cancelled [None, TransactionConflict]")
            }
            Trouble::Conflict => (400, "TransactionConflictException", "Transaction is ongoing for the item"),
            _ if self.is_dynamodb => (500, "InternalServerError", "trouble"),
            _ => (500, "InternalServiceError", "trouble"),
        };
        response(status, json!({"__type": code, "message": message}).to_string().into_bytes())
    }
}

fn response(status: u16, body: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}

#[derive(Debug)]
struct Layer<C> {
    inner: C,
    faults: RandomFaults,
}

impl HttpClient for Layer<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Layer { inner, faults: self.faults.clone() })
    }
}

impl HttpConnector for Layer<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked = Asked::of(&request);
        let (trouble, delay) = self.faults.draw(&asked);
        let layer = Self { inner: self.inner.clone(), faults: self.faults.clone() };
        HttpConnectorFuture::new(async move { layer.go_wrong(request, asked, trouble, delay).await })
    }
}

type Answered = Result<HttpResponse, ConnectorError>;

impl Layer<SharedHttpConnector> {
    async fn perform(&self, request: HttpRequest, asked: &Asked) -> Answered {
        let answer = self.inner.call(request).await?;
        self.faults.note(asked, &answer);
        Ok(answer)
    }

    async fn go_wrong(self, request: HttpRequest, asked: Asked, trouble: Option<Trouble>, delay: Duration) -> Answered {
        let reset = || Err(ConnectorError::io("the connection was reset".into()));
        let Some(trouble) = trouble else { return self.perform(request, &asked).await };
        match trouble {
            Trouble::Throttled | Trouble::ServerError | Trouble::Conflict => Ok(asked.refused(trouble)),
            Trouble::ServerErrorAfter => self.perform(request, &asked).await.map(|_| asked.refused(trouble)),
            Trouble::ForeignAnswer => Ok(response(502, b"<html>Bad Gateway</html>".to_vec())),
            Trouble::Reset => reset(),
            Trouble::ResetAfter => self.perform(request, &asked).await.and_then(|_| reset()),
            Trouble::Silence => std::future::pending().await,
            Trouble::SilenceAfter => {
                self.perform(request, &asked).await?;
                std::future::pending().await
            }
            Trouble::Slow => {
                let answer = self.perform(request, &asked).await;
                sleep(delay).await;
                answer
            }
            Trouble::Late => {
                let late = tokio::spawn(async move {
                    sleep(delay).await;
                    self.perform(request, &asked).await
                });
                late.await.map_err(|e| ConnectorError::other(e.into(), None))?
            }
            Trouble::Stale => Ok(self.faults.stale(&asked)),
        }
    }
}
