//! Organisations, their tokens and their admin keys.

use http::Method;

use crate::call::{Answer, Content, Endpoint, Function, Operation, PAGE, Parameter, Place};
use crate::schema::Schema;
use service::organisations::change::Change;
use service::organisations::key::KeyRequest;
use service::organisations::rotate::RotateRequest;
use service::organisations::tokens::TokensView;
use service::organisations::view::{AdminKeyView, EnabledView, NewAdminKeyView, OrganisationView, RotatedView};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        operation: Operation::PutOrganisation,
        method: Method::PUT,
        path: "/api/orgs/{org}",
        function: Function::RotateToken,
        summary: "Enables an organisation, or changes the settings of an enabled one.",
        needs_key: true,
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
                description: "Enabled already, with the settings asked for.",
                content: Content::Json(Schema::of::<OrganisationView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::ListOrganisations,
        method: Method::GET,
        path: "/api/orgs",
        function: Function::RotateToken,
        summary: "Lists the organisations that the key may see, in order of name.",
        needs_key: true,
        parameters: &PAGE,
        body: None,
        answers: &[Answer {
            status: 200,
            description: "A page of organisations.",
            content: Content::Json(Schema::page_of::<OrganisationView>()),
        }],
    },
    Endpoint {
        operation: Operation::GetOrganisation,
        method: Method::GET,
        path: "/api/orgs/{org}",
        function: Function::RotateToken,
        summary: "Shows an organisation.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 200,
            description: "The organisation.",
            content: Content::Json(Schema::of::<OrganisationView>()),
        }],
    },
    Endpoint {
        operation: Operation::DeleteOrganisation,
        method: Method::DELETE,
        path: "/api/orgs/{org}",
        function: Function::RotateToken,
        summary: "Disables an organisation: every token is refused, everything is kept.",
        needs_key: true,
        parameters: &[Parameter {
            name: "purge",
            description: "`true` erases the organisation with all that is stored of it.",
            place: Place::Query,
        }],
        body: None,
        answers: &[Answer { status: 204, description: "Done.", content: Content::Nothing }],
    },
    Endpoint {
        operation: Operation::RotateToken,
        method: Method::POST,
        path: "/api/orgs/{org}/token/rotate",
        function: Function::RotateToken,
        summary: "Replaces the ingest token.",
        needs_key: true,
        parameters: &[Parameter {
            name: "Idempotency-Key",
            description: "1 to 255 printable ASCII characters: a repeat within 24 hours is answered the same.",
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
        operation: Operation::RevokePreviousToken,
        method: Method::POST,
        path: "/api/orgs/{org}/token/revoke-previous",
        function: Function::RotateToken,
        summary: "Ends an overlap now.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: TOKENS,
    },
    Endpoint {
        operation: Operation::RevokeTokens,
        method: Method::POST,
        path: "/api/orgs/{org}/token/revoke",
        function: Function::RotateToken,
        summary: "Refuses all tokens until the next rotation.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: TOKENS,
    },
    Endpoint {
        operation: Operation::GetToken,
        method: Method::GET,
        path: "/api/orgs/{org}/token",
        function: Function::RotateToken,
        summary: "Shows what is known of the tokens, and who still uses a replaced one.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: TOKENS,
    },
    Endpoint {
        operation: Operation::CreateAdminKey,
        method: Method::POST,
        path: "/api/orgs/{org}/admin-keys",
        function: Function::RotateToken,
        summary: "Makes an admin key of one organisation.",
        needs_key: true,
        parameters: &[],
        body: Some(Schema::of::<KeyRequest>()),
        answers: &[Answer {
            status: 201,
            description: "The key, shown this once.",
            content: Content::Json(Schema::of::<NewAdminKeyView>()),
        }],
    },
    Endpoint {
        operation: Operation::ListAdminKeys,
        method: Method::GET,
        path: "/api/orgs/{org}/admin-keys",
        function: Function::RotateToken,
        summary: "Lists the admin keys of an organisation, in order of id.",
        needs_key: true,
        parameters: &PAGE,
        body: None,
        answers: &[Answer {
            status: 200,
            description: "A page of keys.",
            content: Content::Json(Schema::page_of::<AdminKeyView>()),
        }],
    },
    Endpoint {
        operation: Operation::DeleteAdminKey,
        method: Method::DELETE,
        path: "/api/orgs/{org}/admin-keys/{id}",
        function: Function::RotateToken,
        summary: "Removes an admin key.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: &[Answer { status: 204, description: "Done.", content: Content::Nothing }],
    },
];

const TOKENS: &[Answer] = &[Answer {
    status: 200,
    description: "The tokens as they are now, none of them in clear.",
    content: Content::Json(Schema::of::<TokensView>()),
}];
