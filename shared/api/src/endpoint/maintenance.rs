//! Erasing people, removing what a token sent, and rebuilding.

use http::Method;
use service::erasure::ErasureView;
use service::projection::rebuild::view::RebuildView;
use service::removal::view::RemovalView;

use crate::call::{Answer, Content, Endpoint, MaintenanceCall, Operation, Parameter, Scope};
use crate::schema::Schema;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        operation: Operation::Maintenance(MaintenanceCall::DeleteUser),
        method: Method::DELETE,
        path: "/api/orgs/{org}/users/{id}",
        summary: "Erases a person: events, activity and identities.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[
            Answer { status: 204, description: "Erased.", content: Content::Nothing },
            Answer {
                status: 202,
                description: "Not finished within 20 seconds. It continues in the background; poll `Location` for its progress.",
                content: Content::Json(Schema::of::<ErasureView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::Maintenance(MaintenanceCall::GetErasure),
        method: Method::GET,
        path: "/api/orgs/{org}/erasures/{id}",
        summary: "Shows whether the erasure of a person is finished.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[
            Answer {
                status: 200,
                description: "Nothing is left.",
                content: Content::Json(Schema::of::<ErasureView>()),
            },
            Answer {
                status: 202,
                description: "Not finished yet.",
                content: Content::Json(Schema::of::<ErasureView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::Maintenance(MaintenanceCall::RequestRebuild),
        method: Method::POST,
        path: "/api/orgs/{org}/rebuild",
        summary: "Starts a rebuild of all activity from the events, for example after a change of identity_attributes.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 202,
            description: "Started. It continues in the background; poll `Location` for its progress.",
            content: Content::Json(Schema::of::<RebuildView>()),
        }],
    },
    Endpoint {
        operation: Operation::Maintenance(MaintenanceCall::GetRebuild),
        method: Method::GET,
        path: "/api/orgs/{org}/rebuild",
        summary: "Shows the progress of the rebuild.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 200,
            description: "Its progress.",
            content: Content::Json(Schema::of::<RebuildView>()),
        }],
    },
    Endpoint {
        operation: Operation::Maintenance(MaintenanceCall::RemoveActivity),
        method: Method::DELETE,
        path: "/api/orgs/{org}/activity",
        summary: "Removes what came with one token, such as a stolen one: numbers and people are as if it had never been sent. Rotate first: a token \
                  that is still valid can send it again.",
        scope: Scope::Organisation,
        parameters: &[
            Parameter::query("token_generation", "The generation of the token; required."),
            Parameter::query("from", "A date or a time of arrival; the beginning unless given."),
            Parameter::query("to", "A date or a time of arrival, which is not included; now unless given."),
            Parameter::query("confirm", "`true` to remove even though the token is still valid."),
        ],
        body: None,
        answers: &[
            Answer { status: 204, description: "It is removed.", content: Content::Nothing },
            Answer {
                status: 202,
                description: "Not finished within 20 seconds. It continues in the background; poll `Location` for its progress.",
                content: Content::Json(Schema::of::<RemovalView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::Maintenance(MaintenanceCall::GetRemoval),
        method: Method::GET,
        path: "/api/orgs/{org}/activity/removals/{removal}",
        summary: "Shows the progress of the removal of what came with a token.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[
            Answer { status: 200, description: "It is removed.", content: Content::Json(Schema::of::<RemovalView>()) },
            Answer {
                status: 202,
                description: "Not finished yet.",
                content: Content::Json(Schema::of::<RemovalView>()),
            },
        ],
    },
];
