//! Organisations, their tokens and their admin keys.

use http::Method;

use crate::call::{Answer, Content, Endpoint, Operation, OrganisationCall, PAGE, Parameter, Place, Scope};
use crate::schema::Schema;
use service::organisations::change::Change;
use service::organisations::key::KeyRequest;
use service::organisations::rotate::RotateRequest;
use service::organisations::tokens::TokensView;
use service::organisations::view::{AdminKeyView, EnabledView, NewAdminKeyView, OrganisationView, RotatedView};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        operation: Operation::Organisations(OrganisationCall::PutOrganisation),
        method: Method::PUT,
        path: "/api/orgs/{org}",
        summary: "Enables an organisation, or changes the settings of an enabled one.",
        scope: Scope::Key,
        parameters: &[],
        body: Some(Schema::of::<Change>()),
        answers: &[
            Answer {
                status: 201,
                description: "Enabled, with a new token.",
                content: Content::Json(Schema::of::<EnabledView>()),
            },
            Answer {
                status: 200,
                description: "Already enabled; the settings are changed as requested.",
                content: Content::Json(Schema::of::<OrganisationView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::Organisations(OrganisationCall::ListOrganisations),
        method: Method::GET,
        path: "/api/orgs",
        summary: "Lists the organisations that the key may see, in order of name.",
        scope: Scope::Key,
        parameters: &PAGE,
        body: None,
        answers: &[Answer {
            status: 200,
            description: "A page of organisations.",
            content: Content::Json(Schema::page_of::<OrganisationView>()),
        }],
    },
    Endpoint {
        operation: Operation::Organisations(OrganisationCall::GetOrganisation),
        method: Method::GET,
        path: "/api/orgs/{org}",
        summary: "Shows an organisation.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 200,
            description: "The organisation.",
            content: Content::Json(Schema::of::<OrganisationView>()),
        }],
    },
    Endpoint {
        operation: Operation::Organisations(OrganisationCall::DeleteOrganisation),
        method: Method::DELETE,
        path: "/api/orgs/{org}",
        summary: "Disables an organisation: every token is refused, everything is kept.",
        scope: Scope::Organisation,
        parameters: &[Parameter {
            name: "purge",
            description: "`true` also erases everything stored for the organisation.",
            place: Place::Query,
        }],
        body: None,
        answers: &[Answer { status: 204, description: "Done.", content: Content::Nothing }],
    },
    Endpoint {
        operation: Operation::Organisations(OrganisationCall::RotateToken),
        method: Method::POST,
        path: "/api/orgs/{org}/token/rotate",
        summary: "Replaces the ingest token.",
        scope: Scope::Organisation,
        parameters: &[Parameter {
            name: "Idempotency-Key",
            description: "1 to 255 printable ASCII characters: a repeat within 24 hours gets the same answer.",
            place: Place::Header,
        }],
        body: Some(Schema::of::<RotateRequest>()),
        answers: &[Answer {
            status: 200,
            description: "The new token.",
            content: Content::Json(Schema::of::<RotatedView>()),
        }],
    },
    Endpoint {
        operation: Operation::Organisations(OrganisationCall::RevokePreviousToken),
        method: Method::POST,
        path: "/api/orgs/{org}/token/revoke-previous",
        summary: "Ends an overlap now.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: TOKENS,
    },
    Endpoint {
        operation: Operation::Organisations(OrganisationCall::RevokeTokens),
        method: Method::POST,
        path: "/api/orgs/{org}/token/revoke",
        summary: "Refuses all tokens until the next rotation.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: TOKENS,
    },
    Endpoint {
        operation: Operation::Organisations(OrganisationCall::GetToken),
        method: Method::GET,
        path: "/api/orgs/{org}/token",
        summary: "Shows the tokens, and who still uses a replaced one.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: TOKENS,
    },
    Endpoint {
        operation: Operation::Organisations(OrganisationCall::CreateAdminKey),
        method: Method::POST,
        path: "/api/orgs/{org}/admin-keys",
        summary: "Creates an admin key for one organisation.",
        scope: Scope::Organisation,
        parameters: &[],
        body: Some(Schema::of::<KeyRequest>()),
        answers: &[Answer {
            status: 201,
            description: "The key, which is shown only once.",
            content: Content::Json(Schema::of::<NewAdminKeyView>()),
        }],
    },
    Endpoint {
        operation: Operation::Organisations(OrganisationCall::ListAdminKeys),
        method: Method::GET,
        path: "/api/orgs/{org}/admin-keys",
        summary: "Lists the admin keys of an organisation, in order of id.",
        scope: Scope::Organisation,
        parameters: &PAGE,
        body: None,
        answers: &[Answer {
            status: 200,
            description: "A page of keys.",
            content: Content::Json(Schema::page_of::<AdminKeyView>()),
        }],
    },
    Endpoint {
        operation: Operation::Organisations(OrganisationCall::DeleteAdminKey),
        method: Method::DELETE,
        path: "/api/orgs/{org}/admin-keys/{id}",
        summary: "Removes an admin key.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[Answer { status: 204, description: "Done.", content: Content::Nothing }],
    },
];

const TOKENS: &[Answer] = &[Answer {
    status: 200,
    description: "The tokens as they are now, without their values.",
    content: Content::Json(Schema::of::<TokensView>()),
}];
