//! Git users, merges, suggestions and forgetting; and what the same function does by the clock.

use http::Method;

use crate::call::{Answer, Content, Endpoint, Function, Operation, PAGE, Parameter, Place};
use crate::schema::Schema;
use service::merging::decide::{AcceptRequest, LinkRequest, MergeRequest};
use service::merging::view::{
    DecidedView, MergeView, OutcomeView, PartialView, ReportView, RunningView, SuggestionView,
};
use service::people::view::PersonView;
use service::projection::rebuild::view::RebuildView;
use service::removal::view::RemovalView;

const fn query(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, description, place: Place::Query }
}

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        operation: Operation::PutGitUsers,
        method: Method::PUT,
        path: "/api/orgs/{org}/git-users",
        function: Function::MergeUsers,
        summary: "Replaces the Git users: `application/json`, `text/csv`, `text/plain` (git shortlog or git log) or `text/x-mailmap`.",
        needs_key: true,
        parameters: &[
            query("import", "A name of an upload in parts, 1 to 64 characters of `A-Z a-z 0-9 - _`."),
            query("part", "Which part this is, from 1. Parts are joined as they are sent."),
            query("of", "How many parts there are."),
        ],
        body: None,
        answers: &[
            Answer {
                status: 200,
                description: "The Git users are replaced.",
                content: Content::Json(Schema::of::<ReportView>()),
            },
            Answer {
                status: 202,
                description: "The part is kept; others are missing.",
                content: Content::Json(Schema::of::<PartialView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::RunMerge,
        method: Method::POST,
        path: "/api/orgs/{org}/merge/run",
        function: Function::MergeUsers,
        summary: "Runs the merge now.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: &[
            Answer {
                status: 200,
                description: "People are as planned.",
                content: Content::Json(Schema::of::<OutcomeView>()),
            },
            Answer {
                status: 202,
                description: "Not done in 20 seconds: ask the address in `Location`.",
                content: Content::Json(Schema::of::<RunningView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::GetMergeRun,
        method: Method::GET,
        path: "/api/orgs/{org}/merge/runs/{run}",
        function: Function::MergeUsers,
        summary: "Asks for a run that was not done, and goes on with it.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: &[
            Answer {
                status: 200,
                description: "People are as planned.",
                content: Content::Json(Schema::of::<OutcomeView>()),
            },
            Answer { status: 202, description: "Still not done.", content: Content::Json(Schema::of::<RunningView>()) },
        ],
    },
    Endpoint {
        operation: Operation::ListMerges,
        method: Method::GET,
        path: "/api/orgs/{org}/merges",
        function: Function::MergeUsers,
        summary: "Lists what was merged, newest first, with the reason of each.",
        needs_key: true,
        parameters: &PAGE,
        body: None,
        answers: &[Answer {
            status: 200,
            description: "A page of the history.",
            content: Content::Json(Schema::page_of::<MergeView>()),
        }],
    },
    Endpoint {
        operation: Operation::CreateMerge,
        method: Method::POST,
        path: "/api/orgs/{org}/merges",
        function: Function::MergeUsers,
        summary: "Merges people by hand.",
        needs_key: true,
        parameters: &[],
        body: Some(Schema::of::<MergeRequest>()),
        answers: &[
            Answer { status: 201, description: "Merged.", content: Content::Json(Schema::of::<MergeView>()) },
            Answer {
                status: 202,
                description: "Decided; they are one person already, or will be after the next run.",
                content: Content::Json(Schema::of::<DecidedView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::UndoMerge,
        method: Method::POST,
        path: "/api/orgs/{org}/merges/{id}/undo",
        function: Function::MergeUsers,
        summary: "Takes a merge back: those who joined are the people again that they were.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: &[
            Answer { status: 200, description: "Undone.", content: Content::Json(Schema::of::<MergeView>()) },
            Answer {
                status: 202,
                description: "Decided; the next run, or asking again, finishes it.",
                content: Content::Json(Schema::of::<DecidedView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::ListSuggestions,
        method: Method::GET,
        path: "/api/orgs/{org}/suggestions",
        function: Function::MergeUsers,
        summary: "Lists what was too uncertain to be done alone.",
        needs_key: true,
        parameters: &PAGE,
        body: None,
        answers: &[Answer {
            status: 200,
            description: "A page of suggestions.",
            content: Content::Json(Schema::page_of::<SuggestionView>()),
        }],
    },
    Endpoint {
        operation: Operation::AcceptSuggestion,
        method: Method::POST,
        path: "/api/orgs/{org}/suggestions/{id}/accept",
        function: Function::MergeUsers,
        summary: "Accepts a suggestion.",
        needs_key: true,
        parameters: &[],
        body: Some(Schema::of::<AcceptRequest>()),
        answers: &[
            Answer { status: 200, description: "Merged.", content: Content::Json(Schema::of::<MergeView>()) },
            Answer {
                status: 202,
                description: "Decided; they are one person already, or will be after the next run.",
                content: Content::Json(Schema::of::<DecidedView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::RejectSuggestion,
        method: Method::POST,
        path: "/api/orgs/{org}/suggestions/{id}/reject",
        function: Function::MergeUsers,
        summary: "Rejects a suggestion: the person is none of its candidates.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: &[Answer { status: 204, description: "Rejected.", content: Content::Nothing }],
    },
    Endpoint {
        operation: Operation::LinkUser,
        method: Method::POST,
        path: "/api/orgs/{org}/users/{id}/link",
        function: Function::MergeUsers,
        summary: "Says whose an identity is.",
        needs_key: true,
        parameters: &[],
        body: Some(Schema::of::<LinkRequest>()),
        answers: &[Answer {
            status: 200,
            description: "The person that it belongs to.",
            content: Content::Json(Schema::of::<PersonView>()),
        }],
    },
    Endpoint {
        operation: Operation::DeleteUser,
        method: Method::DELETE,
        path: "/api/orgs/{org}/users/{id}",
        function: Function::MergeUsers,
        summary: "Forgets one person: events, activity and identities.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: &[Answer { status: 204, description: "Forgotten.", content: Content::Nothing }],
    },
    Endpoint {
        operation: Operation::RequestRebuild,
        method: Method::POST,
        path: "/api/orgs/{org}/rebuild",
        function: Function::MergeUsers,
        summary: "Asks for all activity to be made again from the events, for example after a change of identity_attributes.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 202,
            description: "It is on its way: the schedule goes on with it, and so does asking how far it is.",
            content: Content::Json(Schema::of::<RebuildView>()),
        }],
    },
    Endpoint {
        operation: Operation::GetRebuild,
        method: Method::GET,
        path: "/api/orgs/{org}/rebuild",
        function: Function::MergeUsers,
        summary: "Says how far the rebuild is, and goes on with it for up to 20 seconds.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 200,
            description: "How far it is.",
            content: Content::Json(Schema::of::<RebuildView>()),
        }],
    },
    Endpoint {
        operation: Operation::RemoveActivity,
        method: Method::DELETE,
        path: "/api/orgs/{org}/activity",
        function: Function::MergeUsers,
        summary: "Takes out what came with one token, a stolen one: numbers and people are as if it had never come. Rotate first: what a token \
                  sent that is still good can come again.",
        needs_key: true,
        parameters: &[
            query("token_generation", "Which token; needed."),
            query("from", "A date or a time of arrival; the beginning unless given."),
            query("to", "A date or a time of arrival, which is not included; now unless given."),
            query("confirm", "`true` if the token is still good and this is known."),
        ],
        body: None,
        answers: &[
            Answer { status: 204, description: "It is out.", content: Content::Nothing },
            Answer {
                status: 202,
                description: "Not done in 20 seconds: the schedule goes on with it, and so does asking again. The address in `Location` says how \
                              far it is.",
                content: Content::Json(Schema::of::<RemovalView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::GetRemoval,
        method: Method::GET,
        path: "/api/orgs/{org}/activity/removals/{removal}",
        function: Function::MergeUsers,
        summary: "Says how far the removal of what came with a token is.",
        needs_key: true,
        parameters: &[],
        body: None,
        answers: &[
            Answer { status: 200, description: "It is out.", content: Content::Json(Schema::of::<RemovalView>()) },
            Answer { status: 202, description: "Still not done.", content: Content::Json(Schema::of::<RemovalView>()) },
        ],
    },
];
