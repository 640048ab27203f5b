//! Requests to the database that wait in the middle of something until somebody else has done what is to come between.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::Notify;

/// A client of which one request waits.
#[derive(Debug, Clone, Default)]
pub struct Pause(Arc<State>);

#[derive(Debug, Default)]
struct State {
    left: Mutex<Option<usize>>,
    reached: Notify,
    released: Notify,
}

impl Pause {
    /// Puts the pause in front of `inner`.
    #[must_use]
    pub fn before(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Paused { inner, pause: self.clone() })
    }

    /// Runs `work`, and `between` before the request after its next `after` ones; says whether there was one.
    ///
    /// # Panics
    /// Another thread has panicked.
    pub async fn with<T>(
        &self,
        after: usize,
        work: impl Future<Output = T>,
        between: impl Future<Output = ()>,
    ) -> (T, bool) {
        *self.0.left.lock().unwrap() = Some(after);
        let between = async {
            self.0.reached.notified().await;
            between.await;
            self.0.released.notify_one();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            done = work => (done, self.0.left.lock().unwrap().take().is_none()),
            () = between => unreachable!("it waits for ever"),
        }
    }

    fn is_due(&self) -> bool {
        let mut left = self.0.left.lock().unwrap();
        match left.as_mut() {
            None => false,
            Some(0) => {
                *left = None;
                true
            }
            Some(n) => {
                *n -= 1;
                false
            }
        }
    }
}

#[derive(Debug)]
struct Paused<C> {
    inner: C,
    pause: Pause,
}

impl HttpClient for Paused<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Paused { inner, pause: self.pause.clone() })
    }
}

impl HttpConnector for Paused<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if !self.pause.is_due() {
            return self.inner.call(request);
        }
        let (inner, pause) = (self.inner.clone(), self.pause.clone());
        HttpConnectorFuture::new(async move {
            pause.0.reached.notify_one();
            pause.0.released.notified().await;
            inner.call(request).await
        })
    }
}
