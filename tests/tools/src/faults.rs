//! Faults at the database: a request that does not arrive, an answer that does not come back, a process that dies at that moment.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::Notify;

pub mod random;

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request is lost.
    Lost,
    /// The request is performed and its answer is lost.
    AnswerLost,
    /// The process dies before the request.
    DiesBefore,
    /// The process dies after the request was performed.
    DiesAfter,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 4] = [Self::Lost, Self::AnswerLost, Self::DiesBefore, Self::DiesAfter];
}

/// Which requests count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    All,
    Writes,
}

/// A client whose requests can fail.
#[derive(Debug, Clone)]
pub struct Faults {
    armed: Arc<Mutex<Option<(usize, Fault, Counted)>>>,
    died: Arc<Notify>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { armed: Arc::default(), died: Arc::new(Notify::new()) }
    }
}

impl Faults {
    /// Puts the faults in front of `inner`.
    #[must_use]
    pub fn before(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Faulty { inner, faults: self.clone() })
    }

    /// Lets the request after the next `after` ones fail.
    pub fn arm(&self, after: usize, fault: Fault) {
        *self.armed.lock().unwrap() = Some((after, fault, Counted::All));
    }

    /// Lets the write after the next `after` ones fail, however much is read between.
    pub fn arm_writes(&self, after: usize, fault: Fault) {
        *self.armed.lock().unwrap() = Some((after, fault, Counted::Writes));
    }

    /// Takes a fault back that did not happen, and says whether there was one.
    #[must_use]
    pub fn disarm(&self) -> bool {
        self.armed.lock().unwrap().take().is_some()
    }

    /// Runs `work` until it is done, or the process of it has died: then it is never heard of again.
    pub async fn or_dies<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.died.notified() => None,
        }
    }

    fn next(&self, request: &HttpRequest) -> Option<Fault> {
        let operation = request.headers().get("x-amz-target").unwrap_or_default();
        let is_write =
            ["PutItem", "UpdateItem", "DeleteItem", "WriteItems"].iter().any(|name| operation.ends_with(name));
        let mut armed = self.armed.lock().unwrap();
        match armed.as_mut()? {
            (_, _, Counted::Writes) if !is_write => None,
            (0, fault, _) => {
                let fault = *fault;
                *armed = None;
                Some(fault)
            }
            (left, ..) => {
                *left -= 1;
                None
            }
        }
    }

    async fn die<T>(&self) -> T {
        self.died.notify_one();
        std::future::pending().await
    }
}

#[derive(Debug)]
struct Faulty<C> {
    inner: C,
    faults: Faults,
}

impl HttpClient for Faulty<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Faulty { inner, faults: self.faults.clone() })
    }
}

impl HttpConnector for Faulty<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some(fault) = self.faults.next(&request) else { return self.inner.call(request) };
        let (inner, faults) = (self.inner.clone(), self.faults.clone());
        HttpConnectorFuture::new(async move {
            if matches!(fault, Fault::AnswerLost | Fault::DiesAfter) {
                inner.call(request).await?;
            }
            match fault {
                Fault::Lost | Fault::AnswerLost => Err(ConnectorError::io("the connection was reset".into())),
                Fault::DiesBefore | Fault::DiesAfter => faults.die().await,
            }
        })
    }
}
