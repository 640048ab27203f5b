//! Every call of the description, with everything in its parameters and body that no sensible client sends: it is refused, or done,
//! and nobody is told to come again for what can never succeed.

use api::call::Function;
use api::endpoint;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use service::report::groupings;
use tools::reply::Reply;
use tools::stack::{ROOT_KEY, START, Stack};
use tools::tenant::Tenant;

/// Texts for parameters: keys that no item can have, times that nothing is of, numbers out of every range, places in no list.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "%",
        "\0",
        "#",
        "..",
        "-1",
        "0",
        "18446744073709551616",
        "1e999",
        "NaN",
        "null",
        "{}",
        "[]",
        "' OR 1=1 --",
        "1969-12-31",
        "1970-01-01",
        "1970-01-02",
        "2554-07-21",
        "2554-07-22",
        "4821-12-31",
        "9999-12-30",
        "9999-12-31",
        "-9999-01-01",
        "page_-1",
        "page_18446744073709551615",
        "1969-12-31T23:59:59Z",
        "9999-12-30T22:00:00.999Z",
        "-009999-01-02T01:59:59Z",
    ]
    .map(str::to_owned)
    .into();
    texts.extend([1_024, 1_025, 2_049, 20_000].map(|length| "x".repeat(length)));
    texts.push("é".repeat(600));
    let places = ["#", "\0", "-0000001#", "99999999#~", "281523072#~"].map(str::to_owned).into_iter();
    texts.extend(places.chain([1_024, 1_025].map(|n| "x".repeat(n))).map(|place| URL_SAFE_NO_PAD.encode(place)));
    texts
}

/// Values for the members of a body.
fn values() -> Vec<Value> {
    let long = "x".repeat(100_000);
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("\0"),
        json!(long),
        json!([]),
        json!({}),
        json!([null]),
        json!([""]),
        json!([long]),
        json!(vec!["a"; 1_000]),
        json!({"a": [{}]}),
        json!("nobody@example.com"),
    ]
}

/// One call of the description.
struct Operation<'a> {
    method: Method,
    path: &'a str,
    described: &'a Value,
    schemas: &'a Value,
}

impl Operation<'_> {
    fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.described["parameters"].as_array().into_iter().flatten();
        all.map(|parameter| (parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap()))
    }

    /// The call with these values of its parameters, and what is sensible for the rest of its path. None if no client can send it.
    fn request(&self, given: &[(&str, &str, &str)], body: &str) -> Option<Request<Bytes>> {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (mut path, mut query) = (self.path.to_owned(), Vec::new());
        let mut request = Request::builder().method(self.method.clone());
        for (place, name, value) in given {
            match *place {
                "path" => path = path.replace(&format!("{{{name}}}"), &encoded(value)),
                "query" => query.push(format!("{name}={}", encoded(value))),
                _ => {
                    request = request
                        .header(name.parse::<HeaderName>().ok()?, HeaderValue::from_bytes(value.as_bytes()).ok()?)
                }
            }
        }
        path = path
            .replace("{org}", "acme")
            .replace("{variant}", "managed.json")
            .replace("{id}", "a")
            .replace("{run}", "a");
        let request = request.uri(format!("{path}?{}", query.join("&"))).header("content-type", "application/json");
        request.body(Bytes::copy_from_slice(body.as_bytes())).ok()
    }

    /// The bodies to try: the sensible one with each of its members replaced, and what is none.
    fn bodies(&self) -> Vec<String> {
        let mut bodies = ["", "{", "null", "[]", "\"x\"", "{\"a\":1}"].map(str::to_owned).to_vec();
        bodies.extend(["[".repeat(5_000), "{\"a\":".repeat(5_000)]);
        let schema = &self.described["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let name = schema.as_str().and_then(|reference| reference.rsplit('/').next()).unwrap_or_default();
        let required = self.schemas[name]["required"].as_array().into_iter().flatten();
        let usual: serde_json::Map<_, _> =
            required.map(|member| (member.as_str().unwrap().into(), json!("a@b.example"))).collect();
        for member in self.schemas[name]["properties"].as_object().into_iter().flatten().map(|(member, _)| member) {
            for value in values() {
                let mut body = usual.clone();
                body.insert(member.clone(), value);
                bodies.push(Value::from(body).to_string());
            }
        }
        bodies
    }
}

async fn send(tenant: &Tenant, mut request: Request<Bytes>) -> Reply {
    let key = HeaderValue::from_static(ROOT_KEY);
    request.headers_mut().insert("authorization", HeaderValue::from_str(&format!("Bearer {ROOT_KEY}")).unwrap());
    match endpoint::find(request.method(), request.uri().path()).map(|(endpoint, _)| endpoint.operation.function()) {
        Ok(Function::Report) => {
            // The root key is of no organisation, which the usage report needs.
            request.headers_mut().entry("x-api-key").or_insert(key);
            tenant.request(request, START).await
        }
        _ => tenant.request(request, START).await,
    }
}

async fn try_one(tenant: &Tenant, request: Option<Request<Bytes>>) -> usize {
    let Some(request) = request else { return 0 };
    let mut told = format!("{} {}", request.method(), request.uri());
    told.truncate(300);
    let reply = send(tenant, request).await;
    assert!(reply.status < 500, "{told}: {} {:?}", reply.status, String::from_utf8_lossy(&reply.body));
    1
}

/// Tries everything with the calls that are meant; says how much that was.
async fn try_all(is_meant: impl Fn(&Method, &str) -> bool) -> usize {
    let tenant = Stack::start().tenant("acme").await;
    let of_usage = tenant.ask("POST /api/orgs/acme/admin-keys", "{}").await.text("admin_key");
    let description = tenant.ask_as("", "GET /openapi.json", "", START).await.json();
    let mut tried = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, described) in methods.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            if !is_meant(&method, path) {
                continue;
            }
            let call = Operation { method, path, described, schemas: &description["components"]["schemas"] };
            tried += try_call(&tenant, &call, &of_usage).await;
            // It may have been disabled, or purged.
            let again = tenant.ask("PUT /api/orgs/acme", "{\"name\":\"Acme\"}").await;
            assert!([200, 201].contains(&again.status), "{again:?}");
        }
    }
    tried
}

async fn try_call(tenant: &Tenant, call: &Operation<'_>, of_usage: &str) -> usize {
    // A quarter hour: how much a question reads is no part of this.
    let day: Vec<_> = [
        ("query", "from", "2026-11-22T06:00:00Z"),
        ("query", "to", "2026-11-22T06:15:00Z"),
        ("header", "x-api-key", of_usage),
    ]
    .into_iter()
    .filter(|(_, name, _)| *name == "x-api-key" || call.parameters().any(|(_, known)| known == *name))
    .collect();
    let mut tried = 0;
    // Filters are read in one place, whoever takes them: a question about whole months is tried with one of them.
    let is_one_of_many =
        |name: &str| call.path.ends_with("/spend") && !["month", "user"].contains(&name) && is_filter(name);
    for (place, name) in call.parameters().filter(|(_, name)| !is_one_of_many(name)) {
        for text in texts() {
            let beside = day.iter().filter(|(_, other, _)| *other != name).copied();
            let given: Vec<_> = beside.chain([(place, name, &*text)]).collect();
            tried += try_one(tenant, call.request(&given, "")).await;
            if ["from", "to"].contains(&name) {
                tried += try_one(tenant, call.request(&[(place, name, &text)], "")).await;
                let both = [("query", "from", &*text), ("query", "to", &*text)];
                tried += try_one(tenant, call.request(&both, "")).await;
            }
        }
    }
    if call.method != Method::GET {
        for body in call.bodies() {
            tried += try_one(tenant, call.request(&[], &body)).await;
        }
    }
    tried
}

fn is_filter(name: &str) -> bool {
    name.starts_with(groupings::OWN) || groupings::find(name, &[]).is_some()
}

/// Whether a path is that of a report which takes every filter.
fn has_every_filter(path: &str) -> bool {
    ["/activity", "/sessions", "/events"].iter().any(|end| path.ends_with(end))
}

#[tokio::test]
async fn no_parameter_of_numbers_makes_them_fail() {
    assert!(try_all(|_, path| path.ends_with("/activity")).await > 1_000);
}

#[tokio::test]
async fn no_parameter_of_sessions_and_events_makes_them_fail() {
    assert!(try_all(|_, path| has_every_filter(path) && !path.ends_with("/activity")).await > 2_000);
}

#[tokio::test]
async fn no_parameter_of_any_other_question_makes_it_fail() {
    assert!(try_all(|method, path| method == Method::GET && !has_every_filter(path)).await > 500);
}

#[tokio::test]
async fn no_parameter_and_no_body_of_a_change_makes_it_fail() {
    assert!(try_all(|method, _| method != Method::GET).await > 1_000);
}
