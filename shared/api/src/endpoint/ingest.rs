//! What a user's machine asks about the token that it has.

use http::Method;

use crate::call::{Answer, Content, Endpoint, Operation, Scope};
use crate::schema::Schema;
use service::ingest::check::{self, CheckView};

pub(super) const ENDPOINTS: &[Endpoint] = &[Endpoint {
    operation: Operation::CheckToken,
    method: Method::GET,
    path: check::PATH,
    summary: "Says whether an export with this ingest token would be taken, for a user's machine. It changes and counts nothing.",
    scope: Scope::IngestToken,
    parameters: &[],
    body: None,
    answers: &[Answer {
        status: 200,
        description: "An export would be taken. A refusal is the one that an export would get.",
        content: Content::Json(Schema::of::<CheckView>()),
    }],
}];
