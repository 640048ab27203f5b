//! Which handler answers which path: the routes of `template.yaml`, on one machine.

use std::panic::resume_unwind;
use std::sync::Arc;

use api::call::{Function, Scope};
use api::{door, endpoint};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use model::base_url::BaseUrl;
use model::time::Timestamp;
use otlp::Limits;
use service::app::App;
use service::auth::root_key::RootKey;
use service::http::{Problem, anthropic, body};
use service::ingest::{Admission, Admitted, DEADLINE, Ingest, Outdated};
use store::Store;
use store::secrets::Secrets;
use tokio::task::JoinError;

use crate::settings_file::SettingsFile;

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
    Answered(Response<Bytes>),
}

/// Every handler of the service.
#[derive(Debug, Clone)]
pub struct Handlers {
    /// Takes exports.
    pub ingest: Ingest,
    /// The limits of exports.
    pub limits: Limits,
    /// What every other function works with.
    pub app: App,
    /// The address that clients reach the service at.
    pub base_url: BaseUrl,
    /// The file with what is to be deployed, if there is one.
    pub settings_file: Option<Arc<SettingsFile>>,
}

impl Handlers {
    /// Every handler over one store, with the limits of ingest as they are by default.
    #[must_use]
    pub fn new(store: &Store, secrets: &Secrets, root_key: &RootKey, base_url: BaseUrl) -> Self {
        let limits = Limits::default();
        let app = App::new(store.clone(), secrets.clone(), root_key.clone());
        let ingest = Ingest::new(store.clone(), limits, DEADLINE);
        Self { ingest, limits, app, base_url, settings_file: None }
    }

    /// The answer to a request that arrived whole, now.
    pub async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.answer_at(request, Timestamp::now()).await
    }

    /// The answer to a request that arrived whole at `now`.
    pub async fn answer_at(&self, request: Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        if is_export(request.uri().path()) {
            return self.ingest.answer(request, now).await;
        }
        // Boxed, so that an export does not carry what a page needs.
        if request.method().is_safe() {
            return Box::pin(self.answer_admin(request, now)).await;
        }
        // What was begun is finished even if its client goes away, as it is on Lambda, and the file of settings follows it.
        let handlers = self.clone();
        let task = tokio::spawn(async move { handlers.change(request, now).await });
        match task.await.map_err(JoinError::try_into_panic) {
            Ok(response) => response,
            Err(Ok(panic)) => resume_unwind(panic),
            Err(Err(_)) => Problem::Unavailable.into_response(),
        }
    }

    /// Answers a request that may change something, and brings the file of settings up to date.
    async fn change(&self, request: Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let response = self.answer_admin(request, now).await;
        // What was refused changed nothing, and whoever has no key costs nothing. What failed may have changed something before it did.
        let may_have_changed = !response.status().is_client_error();
        if let Some(file) = self.settings_file.as_ref().filter(|_| may_have_changed)
            && let Err(error) = file.refresh(&self.app, &self.base_url).await
        {
            tracing::warn!(%error, "the file of managed settings is out of date until the next change or start");
        }
        response
    }

    async fn answer_admin(&self, request: Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        if request.uri().path().starts_with(anthropic::ROOT) {
            return report::handle(&self.app, request, &self.base_url, now).await;
        }
        if is_page(&request) {
            return console::handle(&self.app, request, &self.base_url, now).await;
        }
        let function = match endpoint::find(request.method(), request.uri().path()) {
            Ok((endpoint, _)) => endpoint.operation.function(),
            Err(error) => return Problem::from(error).into_response(),
        };
        let (app, base_url) = (&self.app, &self.base_url);
        match function {
            Function::Ingest => self.ingest.answer(request, now).await,
            Function::RotateToken => rotate_token::handle(app, request, base_url, now).await,
            Function::GenerateSettings => generate_settings::handle(app, request, base_url, now).await,
            Function::MergeUsers => merge_users::handle(app, request, base_url, now).await,
            Function::Maintain => maintain::handle(app, request, base_url, now).await,
            Function::Report => report::handle(app, request, base_url, now).await,
        }
    }

    /// Judges the head of a request that arrived at `now`. One that has no body costs nobody anything yet: unless it is an export,
    /// it is judged by who answers it.
    pub async fn admit(&self, head: &Request<Bytes>, has_body: bool, now: Timestamp) -> Entry {
        if is_export(head.uri().path()) {
            return match self.ingest.admit(head, now).await {
                Admission::Granted(admitted) => Entry::Export(admitted),
                Admission::Outdated(outdated) => Entry::Outdated(outdated),
                Admission::Answered(response) => Entry::Answered(response),
            };
        }
        let judged = Box::pin(async {
            if is_page(head) {
                let admitted = console::admit(&self.app, head, &self.base_url, now);
                return if has_body { admitted.await } else { Ok(0) };
            }
            door::admit_head(&self.app, head, has_body, now).await.map_err(|problem| Box::new(refusal(head, problem)))
        });
        match judged.await {
            Ok(largest) => Entry::Other { largest },
            Err(response) => Entry::Answered(*response),
        }
    }

    /// Whether a request is answered well only to somebody who was let in.
    #[must_use]
    pub fn is_guarded(&self, head: &Request<Bytes>) -> bool {
        if is_page(head) {
            return console::is_guarded(head);
        }
        endpoint::find(head.method(), head.uri().path()).is_ok_and(|(endpoint, _)| endpoint.scope != Scope::Open)
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
                Problem::TooLarge(call.map_or(body::LIMIT, |(endpoint, _)| endpoint.largest()))
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
    if head.uri().path().starts_with(anthropic::ROOT) { anthropic::refusal(problem) } else { problem.into_response() }
}

/// Whether the console answers a request.
fn is_page(head: &Request<Bytes>) -> bool {
    !is_api(head.uri().path()) && console::serves(head)
}

/// Whether a path belongs to ingest, which answers what is wrong with it in OTLP's own form. gRPC clients post to paths that
/// begin with the name of a service.
fn is_export(path: &str) -> bool {
    path == "/v1"
        || (path.starts_with("/v1/") && !path.starts_with(anthropic::ROOT))
        || path.starts_with("/opentelemetry.")
}

/// Whether a path belongs to the admin API, which answers in JSON also those who look for a page.
fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/") || path.starts_with(anthropic::ROOT) || path == "/openapi.json"
}
