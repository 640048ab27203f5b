//! A Secrets Manager in memory, behind the ordinary SDK client: the six operations that the service uses, with the rules of AWS
//! for versions and their labels.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use store::aws::Aws;
use store::environment::Environment;

const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

/// All secrets of an account.
#[derive(Debug, Clone, Default)]
pub struct FakeSecretsManager(Arc<Mutex<HashMap<String, Vec<Version>>>>);

#[derive(Debug, Clone)]
struct Version {
    id: String,
    value: String,
    labels: Vec<String>,
}

/// A client of the Secrets Manager at `endpoint`.
///
/// # Panics
/// It is not an address.
#[must_use]
pub fn client_at(endpoint: &str) -> aws_sdk_secretsmanager::Client {
    let environment = Environment::from_lookup(|name| {
        Some(match name {
            "AWS_ENDPOINT_URL_SECRETS_MANAGER" => endpoint.to_owned(),
            "AWS_REGION" => "eu-west-1".into(),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "test".into(),
            _ => return None,
        })
    });
    Aws::from_environment(&environment).unwrap().secrets_manager()
}

/// The code of an error.
type Answered = Result<Value, &'static str>;

impl FakeSecretsManager {
    /// A client of it, configured as the service's own is, whose requests pass through what `wrap` makes of the connection.
    pub fn client(&self, wrap: impl FnOnce(SharedHttpClient) -> SharedHttpClient) -> aws_sdk_secretsmanager::Client {
        let config = store::aws::secrets_config()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "tests"))
            .endpoint_url("http://embedded")
            .http_client(wrap(SharedHttpClient::new(self.clone())));
        aws_sdk_secretsmanager::Client::from_conf(config.build())
    }

    /// The ids of the versions of `secret` that have the label `AWSCURRENT`.
    #[must_use]
    pub fn current(&self, secret: &str) -> Vec<String> {
        let secrets = self.0.lock().unwrap();
        let versions = secrets.get(secret).into_iter().flatten();
        versions.filter(|v| v.labels.iter().any(|l| l == CURRENT)).map(|v| v.id.clone()).collect()
    }

    /// How many versions `secret` has, labelled or not.
    #[must_use]
    pub fn versions(&self, secret: &str) -> usize {
        self.0.lock().unwrap().get(secret).map_or(0, Vec::len)
    }

    fn perform(&self, operation: &str, asked: &Value) -> Answered {
        let mut secrets = self.0.lock().unwrap();
        let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
        if operation == "CreateSecret" {
            let version = Version {
                id: text("ClientRequestToken"),
                value: text("SecretString"),
                labels: vec![CURRENT.to_owned()],
            };
            return match secrets.get(&text("Name")) {
                Some(there) if there.iter().any(|v| v.id == version.id && v.value == version.value) => Ok(json!({})),
                Some(_) => Err("ResourceExistsException"),
                None => {
                    secrets.insert(text("Name"), vec![version]);
                    Ok(json!({}))
                }
            };
        }
        let versions = secrets.get_mut(&text("SecretId")).ok_or("ResourceNotFoundException")?;
        match operation {
            "PutSecretValue" => put(versions, asked),
            "DescribeSecret" => {
                let labelled = versions.iter().filter(|v| !v.labels.is_empty());
                let labels: HashMap<_, _> = labelled.map(|v| (v.id.clone(), v.labels.clone())).collect();
                Ok(json!({"VersionIdsToStages": labels}))
            }
            "UpdateSecretVersionStage" => move_label(versions, asked),
            "GetSecretValue" => {
                let found = versions.iter().find(|v| v.id == text("VersionId")).ok_or("ResourceNotFoundException")?;
                Ok(json!({"SecretString": found.value, "VersionId": found.id}))
            }
            "DeleteSecret" => {
                secrets.remove(&text("SecretId"));
                Ok(json!({}))
            }
            _ => Err("InvalidParameterException"),
        }
    }
}

/// A version is never changed; storing it again is the same as once.
fn put(versions: &mut Vec<Version>, asked: &Value) -> Answered {
    let (id, value) = (asked["ClientRequestToken"].as_str().unwrap(), asked["SecretString"].as_str().unwrap());
    if let Some(there) = versions.iter().find(|v| v.id == id) {
        return if there.value == value { Ok(json!({})) } else { Err("ResourceExistsException") };
    }
    let labels: Vec<String> = serde_json::from_value(asked["VersionStages"].clone()).unwrap();
    for version in versions.iter_mut() {
        version.labels.retain(|label| !labels.contains(label));
    }
    versions.push(Version { id: id.into(), value: value.into(), labels });
    Ok(json!({}))
}

/// A label that stands somewhere moves only if the request says from where; the version that loses `AWSCURRENT` becomes the
/// previous one.
fn move_label(versions: &mut [Version], asked: &Value) -> Answered {
    let label = asked["VersionStage"].as_str().unwrap();
    let (to, from) = (asked["MoveToVersionId"].as_str(), asked["RemoveFromVersionId"].as_str());
    let holder = versions.iter().position(|v| v.labels.iter().any(|l| l == label));
    if holder.map(|at| versions[at].id.as_str()) != from {
        return Err("InvalidParameterException");
    }
    if let Some(to) = to {
        let to = versions.iter().position(|v| v.id == to).ok_or("ResourceNotFoundException")?;
        versions[to].labels.push(label.to_owned());
    }
    if let Some(at) = holder {
        let place = versions[at].labels.iter().position(|l| l == label).unwrap();
        versions[at].labels.remove(place);
        if label == CURRENT {
            versions.iter_mut().for_each(|v| v.labels.retain(|l| l != PREVIOUS));
            versions[at].labels.push(PREVIOUS.to_owned());
        }
    }
    Ok(json!({}))
}

impl HttpClient for FakeSecretsManager {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for FakeSecretsManager {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let asked = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap();
        let (status, body) = match self.perform(operation, &asked) {
            Ok(body) => (200, body),
            Err(code) => (400, json!({"__type": code, "Message": "refused"})),
        };
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.1");
        HttpConnectorFuture::ready(Ok(response))
    }
}
