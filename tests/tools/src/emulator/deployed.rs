//! The service as it is deployed into the emulator.

use std::collections::BTreeMap;
use std::ops::Deref;

use http::Method;
use serde_json::{Value, json};
use store::Store;
use store::aws::Aws;
use store::environment::Environment;

use super::{Emulator, REGION, ROOT};
use crate::lambda::Outcome;
use crate::remote::Remote;
use crate::reply::Reply;

/// The name of the stack, which names of the organisations' secrets begin with.
const STACK: &str = "telemetry";

/// A function, and the policy of its role.
#[derive(Debug)]
struct Function {
    name: String,
    role: String,
    policy: String,
    statements: Vec<Value>,
}

/// The deployed service.
#[derive(Debug)]
pub struct Emulated {
    emulator: Emulator,
    remote: Remote,
    /// The tables, past every function.
    pub store: Store,
    functions: BTreeMap<String, Function>,
}

impl Deref for Emulated {
    type Target = Remote;

    fn deref(&self) -> &Remote {
        &self.remote
    }
}

impl Emulated {
    /// Starts an emulator, and deploys the template into it.
    ///
    /// # Panics
    /// A program or a binary is missing, or the template cannot be deployed.
    pub async fn start() -> Self {
        let emulator = Emulator::start().await;
        let made = emulator.deploy(STACK);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let functions = made["functions"].as_object().unwrap().iter().map(|(binary, about)| {
            let statements = about["document"]["Statement"].as_array().unwrap().clone();
            let [name, role, policy] = ["name", "role", "policy"].map(|member| text(&about[member]));
            (binary.clone(), Function { name, role, policy, statements })
        });
        Self {
            // Where API Gateway serves it.
            remote: Remote::at(
                format!("{}/_aws/execute-api/{}/$default", emulator.url, text(&made["api"])),
                text(&made["root_key"]),
            ),
            store: tables(emulator.url.clone(), text(&made["events"]), text(&made["activity"])),
            functions: functions.collect(),
            emulator,
        }
    }

    /// What the emulator has said.
    #[must_use]
    pub fn log(&self) -> String {
        self.emulator.log()
    }

    /// The functions, by their binaries.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// What the role of a function says, as it is deployed.
    ///
    /// # Panics
    /// There is no such function.
    #[must_use]
    pub fn statements(&self, function: &str) -> &[Value] {
        &self.functions[function].statements
    }

    /// Gives the role of a function these statements, and the function new processes.
    ///
    /// # Panics
    /// The emulator refuses it.
    pub async fn allow(&self, function: &str, statements: &[Value]) {
        let Function { name, role, policy, .. } = &self.functions[function];
        let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", "PutRolePolicy").append_pair("Version", "2010-05-08");
        form.append_pair("RoleName", role).append_pair("PolicyName", policy).append_pair("PolicyDocument", &document);
        let put = self.emulator.request("iam", Method::POST, "/").body(form.finish());
        let put = put.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
        assert!(put.status().is_success(), "{put:?}");
        let place = format!("/2015-03-31/functions/{name}/configuration");
        // A function that has another memory is started anew.
        let changed = json!({"MemorySize": 1024}).to_string();
        let changed = self.emulator.request("lambda", Method::PUT, &place).body(changed).send().await.unwrap();
        assert!(changed.status().is_success(), "{changed:?}");
    }

    /// Invokes a function with an event.
    ///
    /// # Panics
    /// There is no such function.
    pub async fn invoke(&self, function: &str, event: &Value) -> Outcome {
        let place = format!("/2015-03-31/functions/{}/invocations", self.functions[function].name);
        let invoked = self.emulator.request("lambda", Method::POST, &place).body(event.to_string());
        let answer = Reply::read(invoked.send().await.unwrap()).await;
        let failed = answer.header("x-amz-function-error").is_some() || answer.status != 200;
        if failed { Outcome::Error(answer.json()) } else { Outcome::Response(answer.json()) }
    }

    /// Whether Secrets Manager has the secret of the organisation whose keys carry `uid`.
    ///
    /// # Panics
    /// The emulator does not answer.
    pub async fn has_secret(&self, uid: &str) -> bool {
        let asked = json!({"SecretId": format!("{STACK}/{uid}")}).to_string();
        let asked = self.emulator.request("secretsmanager", Method::POST, "/").body(asked);
        let asked = asked.header("x-amz-target", "secretsmanager.GetSecretValue");
        asked.header("content-type", "application/x-amz-json-1.1").send().await.unwrap().status().is_success()
    }
}

/// The tables of these names.
fn tables(url: String, events: String, activity: String) -> Store {
    let environment = Environment::from_lookup(move |name| {
        Some(match name {
            "AWS_ENDPOINT_URL_DYNAMODB" => url.clone(),
            "EVENTS_TABLE" => events.clone(),
            "ACTIVITY_TABLE" => activity.clone(),
            "AWS_REGION" => REGION.into(),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => ROOT.into(),
            _ => return None,
        })
    });
    Aws::from_environment(&environment).unwrap().store(&environment).unwrap()
}
