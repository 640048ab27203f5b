//! AWS clients, configured explicitly: from the region, credentials and endpoints that Lambda puts into the
//! environment, and from nothing else. Profile files and the metadata service are not consulted, since discovery would
//! cost time at every cold start.
//!
//! [`trust`] defines which certificate authorities the clients trust.

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};

use crate::environment::{BadVariable, Environment};
use crate::{ATTEMPT_TIMEOUT, OPERATION_TIMEOUT, Store};

mod connector;
pub mod trust;

/// What all AWS clients need.
#[derive(Debug, Clone)]
pub struct Aws {
    region: Region,
    credentials: Credentials,
    dynamodb_endpoint: Option<String>,
    secrets_endpoint: Option<String>,
    http: SharedHttpClient,
}

impl Aws {
    /// Reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, which Lambda sets for
    /// the lifetime of an execution environment, `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_DYNAMODB`,
    /// `AWS_ENDPOINT_URL_SECRETS_MANAGER`, and [`TRUST_ROOTS`](trust::https_client).
    ///
    /// # Errors
    /// [`BadVariable`] if the region or the credentials are missing, or an endpoint or the trusted roots are invalid.
    pub fn from_environment(environment: &Environment<'_>) -> Result<Self, BadVariable> {
        let all = endpoint(environment, "AWS_ENDPOINT_URL")?;
        let of = |name| Ok(endpoint(environment, name)?.or_else(|| all.clone()));
        Ok(Self {
            region: Region::new(environment.required("AWS_REGION")?),
            credentials: Credentials::new(
                environment.required("AWS_ACCESS_KEY_ID")?,
                environment.required("AWS_SECRET_ACCESS_KEY")?,
                environment.optional("AWS_SESSION_TOKEN"),
                None,
                "environment",
            ),
            dynamodb_endpoint: of("AWS_ENDPOINT_URL_DYNAMODB")?,
            secrets_endpoint: of("AWS_ENDPOINT_URL_SECRETS_MANAGER")?,
            http: trust::https_client(environment)?,
        })
    }

    /// The store of the two tables named by `EVENTS_TABLE` and `ACTIVITY_TABLE`.
    ///
    /// # Errors
    /// [`BadVariable::Missing`] if a name is missing.
    pub fn store(&self, environment: &Environment<'_>) -> Result<Store, BadVariable> {
        let mut config = dynamodb_config()
            .http_client(self.http.clone())
            .region(self.region.clone())
            .credentials_provider(self.credentials.clone());
        config.set_endpoint_url(self.dynamodb_endpoint.clone());
        Ok(Store::new(
            aws_sdk_dynamodb::Client::from_conf(config.build()),
            environment.required("EVENTS_TABLE")?,
            environment.required("ACTIVITY_TABLE")?,
        ))
    }

    /// A Secrets Manager client.
    #[must_use]
    pub fn secrets_manager(&self) -> aws_sdk_secretsmanager::Client {
        let mut config = secrets_config()
            .http_client(self.http.clone())
            .region(self.region.clone())
            .credentials_provider(self.credentials.clone());
        config.set_endpoint_url(self.secrets_endpoint.clone());
        aws_sdk_secretsmanager::Client::from_conf(config.build())
    }
}

/// The URL in the variable `name`, if it is set.
fn endpoint(environment: &Environment<'_>, name: &'static str) -> Result<Option<String>, BadVariable> {
    let Some(text) = environment.optional(name) else { return Ok(None) };
    let is_address = |uri: http::Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
    if text.parse().is_ok_and(is_address) {
        Ok(Some(text))
    } else {
        Err(BadVariable::Wrong { name, reason: "it must be a URL such as https://dynamodb.example.com".into() })
    }
}

/// Configuration of DynamoDB clients: at most three short attempts, so that a slow one does not exceed the time a
/// client of the service waits.
pub fn dynamodb_config() -> aws_sdk_dynamodb::config::Builder {
    aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .timeout_config(timeouts())
        .retry_config(RetryConfig::standard().with_max_attempts(3))
}

/// Configuration of Secrets Manager clients, with the same timeouts as DynamoDB's. Without one, a request that is never
/// answered would last until the function times out, and API Gateway's response to that does not ask the client to
/// retry.
pub fn secrets_config() -> aws_sdk_secretsmanager::config::Builder {
    aws_sdk_secretsmanager::Config::builder()
        .behavior_version(aws_sdk_secretsmanager::config::BehaviorVersion::latest())
        .timeout_config(timeouts())
        .retry_config(RetryConfig::standard().with_max_attempts(3))
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).operation_timeout(OPERATION_TIMEOUT).build()
}
