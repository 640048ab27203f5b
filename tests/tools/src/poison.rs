//! A bucket whose reading panics, or never ends: a defect that no test of readers found.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// What a poison does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Effect {
    /// It panics.
    #[default]
    Panics,
    /// It is never answered.
    Hangs,
}

/// Panics at queries of one partition, or does not answer them.
#[derive(Debug, Clone, Default)]
pub struct Poison {
    partition: Arc<Mutex<Option<String>>>,
    effect: Effect,
}

impl Poison {
    /// One with this effect.
    #[must_use]
    pub fn that(effect: Effect) -> Self {
        Self { effect, ..Self::default() }
    }

    /// Puts it in front of `inner`.
    #[must_use]
    pub fn before(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Poisoned { inner, poison: self.clone() })
    }

    /// Puts it into queries of this partition, and of no other.
    pub fn put_into(&self, partition: Option<&str>) {
        *self.partition.lock().unwrap() = partition.map(|partition| format!("\"{partition}\""));
    }

    fn is_in(&self, request: &HttpRequest) -> bool {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let body = std::str::from_utf8(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let partition = self.partition.lock().unwrap().clone();
        target.ends_with(".Query") && partition.is_some_and(|partition| body.contains(&partition))
    }
}

#[derive(Debug)]
struct Poisoned<C> {
    inner: C,
    poison: Poison,
}

impl HttpClient for Poisoned<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Poisoned { inner, poison: self.poison.clone() })
    }
}

impl HttpConnector for Poisoned<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self.poison.is_in(&request).then_some(self.poison.effect) {
            None => self.inner.call(request),
            Some(Effect::Panics) => panic!("poison"),
            Some(Effect::Hangs) => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}
