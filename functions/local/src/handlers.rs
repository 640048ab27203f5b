//! Which handler answers which path: the routes of `template.yaml`, on one machine.

use api::call::{Function, Operation};
use api::endpoint;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderName, Request, Response, StatusCode};
use model::time::Millis;
use otlp::Limits;
use rotate_token::App;
use service::auth::admin;
use service::auth::peer::Peer;
use service::auth::root_key::RootKey;
use service::http::{Problem, body};
use service::ingest::{Admission, Admitted, DEADLINE, Ingest, Outdated};
use service::report::usage;
use store::Store;
use store::secrets::Secrets;

/// The header of the key for those who ask as Anthropic's API is asked.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What the head of a request is worth.
#[derive(Debug)]
pub enum Entry {
    /// An export whose sender may write: its body is wanted.
    Export(Box<Admitted>),
    /// An export with a token that was good once: the beginning of its body is wanted.
    Outdated(Box<Outdated>),
    /// Any other request, with the largest body that it may have, in bytes.
    Other {
        /// The largest body.
        largest: usize,
    },
    /// The answer: nothing of the body is wanted.
    Refused(Response<Bytes>),
}

/// Every handler of the service.
#[derive(Debug, Clone)]
pub struct Handlers {
    /// Takes exports.
    pub ingest: Ingest,
    /// The limits of exports.
    pub limits: Limits,
    /// Organisations, tokens and admin keys.
    pub rotate_token: rotate_token::App,
    /// Generated settings.
    pub generate_settings: generate_settings::App,
    /// Git users, merges and suggestions.
    pub merge_users: merge_users::App,
    /// What was stored, in numbers and one by one.
    pub report: report::App,
    /// The pages that admins look at.
    pub console: console::App,
    /// The address that clients reach the service at, for generated settings.
    pub base_url: String,
}

impl Handlers {
    /// Every handler over one store, with the limits of ingest as they are by default.
    #[must_use]
    pub fn new(store: &Store, secrets: &Secrets, root_key: &RootKey, base_url: &str) -> Self {
        let limits = Limits::default();
        let (store, secrets, root_key) = (store.clone(), secrets.clone(), root_key.clone());
        Self {
            ingest: Ingest::new(store.clone(), limits, DEADLINE),
            limits,
            rotate_token: rotate_token::App {
                store: store.clone(),
                secrets: secrets.clone(),
                root_key: root_key.clone(),
            },
            merge_users: merge_users::App {
                store: store.clone(),
                root_key: root_key.clone(),
                patience: merge_users::PATIENCE,
            },
            report: report::App { store: store.clone(), root_key: root_key.clone() },
            console: console::App { store: store.clone(), secrets: secrets.clone(), root_key: root_key.clone() },
            generate_settings: generate_settings::App { store, secrets, root_key },
            base_url: base_url.trim_end_matches('/').to_owned(),
        }
    }

    /// The answer to a request that arrived whole, now.
    pub async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.answer_at(request, Millis::now()).await
    }

    /// The answer to a request that arrived whole at `now`.
    pub async fn answer_at(&self, request: Request<Bytes>, now: Millis) -> Response<Bytes> {
        if is_export(request.uri().path()) {
            return self.ingest.answer(request, now).await;
        }
        // Boxed, so that an export does not carry what a page needs.
        Box::pin(self.answer_admin(request, now)).await
    }

    async fn answer_admin(&self, request: Request<Bytes>, now: Millis) -> Response<Bytes> {
        if request.uri().path().starts_with(usage::ROOT) {
            return report::handle(&self.report, request, &self.base_url, now).await;
        }
        if is_page(&request) {
            return console::handle(&self.console, request, &self.base_url, now).await;
        }
        let function = match endpoint::find(request.method(), request.uri().path()) {
            Ok(call) => call.function,
            Err(problem) => return problem.into_response(),
        };
        match function {
            Function::RotateToken => rotate_token::handle(&self.rotate_token, request, &self.base_url, now).await,
            Function::GenerateSettings => {
                generate_settings::handle(&self.generate_settings, request, &self.base_url, now).await
            }
            Function::MergeUsers => merge_users::handle(&self.merge_users, request, &self.base_url, now).await,
            Function::Report => report::handle(&self.report, request, &self.base_url, now).await,
        }
    }

    /// Judges the head of a request that arrived at `now`. One that has no body costs nobody anything yet: unless it is an export,
    /// it is judged by who answers it.
    pub async fn admit(&self, head: &Request<Bytes>, has_body: bool, now: Millis) -> Entry {
        if is_export(head.uri().path()) {
            return match self.ingest.admit(head, now).await {
                Admission::Granted(admitted) => Entry::Export(admitted),
                Admission::Outdated(outdated) => Entry::Outdated(outdated),
                Admission::Refused(response) => Entry::Refused(response),
            };
        }
        let judged = Box::pin(async {
            if is_page(head) {
                let admitted = console::admit(&self.console, head, &self.base_url, now);
                return if has_body { admitted.await } else { Ok(0) };
            }
            self.admit_call(head, has_body, now).await.map_err(|problem| Box::new(refusal(head, problem)))
        });
        match judged.await {
            Ok(largest) => Entry::Other { largest },
            Err(response) => Entry::Refused(*response),
        }
    }

    /// The largest body of a call of the admin API, for somebody who may send it.
    async fn admit_call(&self, head: &Request<Bytes>, has_body: bool, now: Millis) -> Result<usize, Problem> {
        // Which of two counts would depend on who reads them.
        if [AUTHORIZATION, API_KEY].iter().any(|name| head.headers().get_all(name).iter().nth(1).is_some()) {
            return Err(Problem::Unauthorized("more than one key: send one admin key, once"));
        }
        if !has_body {
            return Ok(0);
        }
        let call = endpoint::find(head.method(), head.uri().path())?;
        let largest = call.largest();
        if call.needs_key && call.operation != Operation::GetUsageReport {
            let App { store, root_key, .. } = &self.rotate_token;
            admin::authenticate(head.headers(), Peer::of(head.extensions()), store, root_key, now).await?;
        }
        Ok(largest)
    }

    /// Whether a request is answered well only to somebody who was let in.
    #[must_use]
    pub fn is_guarded(&self, head: &Request<Bytes>) -> bool {
        if is_page(head) {
            return console::is_guarded(head);
        }
        endpoint::find(head.method(), head.uri().path()).is_ok_and(|call| call.needs_key)
    }

    /// The answer to a request that cannot be taken whole: too large, broken, too many, too slow. In the caller's own format.
    #[must_use]
    pub fn refuse(&self, head: &Request<Bytes>, refused: StatusCode) -> Response<Bytes> {
        if is_export(head.uri().path()) {
            return self.ingest.refuse_unread(head, refused);
        }
        if is_page(head) {
            return console::refuse(head, refused);
        }
        let problem = match refused {
            StatusCode::PAYLOAD_TOO_LARGE => {
                let call = endpoint::find(head.method(), head.uri().path());
                Problem::TooLarge(call.map_or(body::LIMIT, |call| call.largest()))
            }
            StatusCode::BAD_REQUEST => Problem::broken(),
            StatusCode::TOO_MANY_REQUESTS => Problem::Throttled,
            _ => Problem::Unavailable,
        };
        refusal(head, problem)
    }
}

/// A refusal of the admin API, in the form of the API that is asked.
fn refusal(head: &Request<Bytes>, problem: Problem) -> Response<Bytes> {
    if head.uri().path().starts_with(usage::ROOT) { usage::refusal(problem) } else { problem.into_response() }
}

/// Whether the console answers a request.
fn is_page(head: &Request<Bytes>) -> bool {
    !is_api(head.uri().path()) && console::serves(head)
}

/// Whether a path belongs to ingest, which answers what is wrong with it in OTLP's own form. gRPC clients post to paths that
/// begin with the name of a service.
fn is_export(path: &str) -> bool {
    path == "/v1" || (path.starts_with("/v1/") && !path.starts_with(usage::ROOT)) || path.starts_with("/opentelemetry.")
}

/// Whether a path belongs to the admin API, which answers in JSON also those who look for a page.
fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/") || path.starts_with(usage::ROOT) || path == "/openapi.json"
}
