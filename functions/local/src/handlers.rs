//! Which handler answers which path: the routes of `template.yaml`, on one machine.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use shared::api::Problem;
use shared::api::endpoint::{self, Function};
use shared::auth::root_key::RootKey;
use shared::ingest::{DEADLINE, Ingest};
use shared::otlp::Limits;
use shared::report::usage;
use shared::secrets::Secrets;
use shared::store::Store;
use shared::time::Millis;

/// The largest body of the admin API, in bytes: an upload of Git users.
const LARGEST: usize = 64 * 1024 * 1024;

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
        if console::serves(&request) && !is_api(request.uri().path()) {
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

    /// The largest body that the answering handler takes, in bytes.
    #[must_use]
    pub fn body_limit(&self, head: &Request<Bytes>) -> usize {
        match head.uri().path() {
            path if is_export(path) => self.limits.sent,
            path if !is_api(path) && console::serves(head) => console::body_limit(head),
            _ => LARGEST,
        }
    }

    /// The answer to a request that cannot be taken whole: too large, too many, too slow. In the caller's own format.
    #[must_use]
    pub fn refuse(&self, head: &Request<Bytes>, refused: StatusCode) -> Response<Bytes> {
        if is_export(head.uri().path()) {
            return self.ingest.refuse_unread(head, refused);
        }
        if !is_api(head.uri().path()) && console::serves(head) {
            return console::refuse(head, refused);
        }
        let problem = match refused {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge(LARGEST),
            StatusCode::TOO_MANY_REQUESTS => Problem::Throttled,
            _ => Problem::Unavailable,
        };
        match head.uri().path().starts_with(usage::ROOT) {
            true => usage::refusal(problem),
            false => problem.into_response(),
        }
    }
}

/// Whether a path belongs to ingest, which answers what is wrong with it in OTLP's own form. gRPC clients post to paths that
/// begin with the name of a service.
fn is_export(path: &str) -> bool {
    (path.starts_with("/v1/") && !path.starts_with(usage::ROOT)) || path.starts_with("/opentelemetry.")
}

/// Whether a path belongs to the admin API, which answers in JSON also those who look for a page.
fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/") || path.starts_with(usage::ROOT) || path == "/openapi.json"
}
