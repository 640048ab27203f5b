//! Git users, merges and suggestions.

use http::Method;

use crate::call::{Answer, Content, Endpoint, Operation, PAGE, Parameter, PeopleCall, Scope};
use crate::schema::Schema;
use service::merging::decide::{AcceptRequest, LinkRequest, MergeRequest};
use service::merging::rejections::KeptApartView;
use service::merging::view::{
    DecidedView, MergeView, OutcomeView, PartialView, ReportView, RestoredView, RunningView, SuggestionView,
};
use service::people::view::PersonView;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        operation: Operation::People(PeopleCall::PutGitUsers),
        method: Method::PUT,
        path: "/api/orgs/{org}/git-users",
        summary: "Replaces the Git users: `application/json`, `text/csv`, `text/plain` (git shortlog or git log) or `text/x-mailmap`.",
        scope: Scope::Organisation,
        parameters: &[
            Parameter::query("import", "A name of an upload in parts, 1 to 64 characters of `A-Z a-z 0-9 - _`."),
            Parameter::query("part", "Which part this is, from 1. Parts are joined as they are sent."),
            Parameter::query("of", "How many parts there are."),
            Parameter::query("dry_run", "`true` to see what would change and replace nothing."),
            Parameter::query(
                "confirm",
                "The id of a dry run: required if at least ten Git users are known and more than a fifth of them would be removed.",
            ),
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
        operation: Operation::People(PeopleCall::RestoreGitUsers),
        method: Method::POST,
        path: "/api/orgs/{org}/git-users/restore",
        summary: "Brings back the Git users that the last upload replaced. Once more undoes that.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 200,
            description: "The Git users are those from before.",
            content: Content::Json(Schema::of::<RestoredView>()),
        }],
    },
    Endpoint {
        operation: Operation::People(PeopleCall::RunMerge),
        method: Method::POST,
        path: "/api/orgs/{org}/merge/run",
        summary: "Runs the merge now.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[
            Answer {
                status: 200,
                description: "The merge is finished.",
                content: Content::Json(Schema::of::<OutcomeView>()),
            },
            Answer {
                status: 202,
                description: "Not finished within 20 seconds. It continues in the background; poll `Location` for its progress.",
                content: Content::Json(Schema::of::<RunningView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::People(PeopleCall::GetMergeRun),
        method: Method::GET,
        path: "/api/orgs/{org}/merge/runs/{run}",
        summary: "Returns a merge run.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[
            Answer {
                status: 200,
                description: "The merge is finished.",
                content: Content::Json(Schema::of::<OutcomeView>()),
            },
            Answer {
                status: 202,
                description: "Not finished yet.",
                content: Content::Json(Schema::of::<RunningView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::People(PeopleCall::ListMerges),
        method: Method::GET,
        path: "/api/orgs/{org}/merges",
        summary: "Lists what was merged, newest first, with the reason of each.",
        scope: Scope::Organisation,
        parameters: &PAGE,
        body: None,
        answers: &[Answer {
            status: 200,
            description: "A page of the history.",
            content: Content::Json(Schema::page_of::<MergeView>()),
        }],
    },
    Endpoint {
        operation: Operation::People(PeopleCall::CreateMerge),
        method: Method::POST,
        path: "/api/orgs/{org}/merges",
        summary: "Merges people by hand.",
        scope: Scope::Organisation,
        parameters: &[],
        body: Some(Schema::of::<MergeRequest>()),
        answers: &[
            Answer { status: 201, description: "Merged.", content: Content::Json(Schema::of::<MergeView>()) },
            Answer {
                status: 202,
                description: "Saved; they are one person already, or will be after the next merge run.",
                content: Content::Json(Schema::of::<DecidedView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::People(PeopleCall::UndoMerge),
        method: Method::POST,
        path: "/api/orgs/{org}/merges/{id}/undo",
        summary: "Undoes a merge: its people are separate again.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[
            Answer { status: 200, description: "Undone.", content: Content::Json(Schema::of::<MergeView>()) },
            Answer {
                status: 202,
                description: "Saved; the next merge run, or repeating the request, finishes it.",
                content: Content::Json(Schema::of::<DecidedView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::People(PeopleCall::ListSuggestions),
        method: Method::GET,
        path: "/api/orgs/{org}/suggestions",
        summary: "Lists matches that are too uncertain to be made automatically.",
        scope: Scope::Organisation,
        parameters: &PAGE,
        body: None,
        answers: &[Answer {
            status: 200,
            description: "A page of suggestions.",
            content: Content::Json(Schema::page_of::<SuggestionView>()),
        }],
    },
    Endpoint {
        operation: Operation::People(PeopleCall::AcceptSuggestion),
        method: Method::POST,
        path: "/api/orgs/{org}/suggestions/{id}/accept",
        summary: "Accepts a suggestion.",
        scope: Scope::Organisation,
        parameters: &[],
        body: Some(Schema::of::<AcceptRequest>()),
        answers: &[
            Answer { status: 200, description: "Merged.", content: Content::Json(Schema::of::<MergeView>()) },
            Answer {
                status: 202,
                description: "Saved; they are one person already, or will be after the next merge run.",
                content: Content::Json(Schema::of::<DecidedView>()),
            },
        ],
    },
    Endpoint {
        operation: Operation::People(PeopleCall::RejectSuggestion),
        method: Method::POST,
        path: "/api/orgs/{org}/suggestions/{id}/reject",
        summary: "Rejects a suggestion: none of its candidates is the person.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[Answer { status: 204, description: "Rejected.", content: Content::Nothing }],
    },
    Endpoint {
        operation: Operation::People(PeopleCall::ListRejections),
        method: Method::GET,
        path: "/api/orgs/{org}/rejections",
        summary: "Lists whom admins keep apart, the latest first: rejected suggestions, and merges that were undone.",
        scope: Scope::Organisation,
        parameters: &PAGE,
        body: None,
        answers: &[Answer {
            status: 200,
            description: "A page of rejections.",
            content: Content::Json(Schema::page_of::<KeptApartView>()),
        }],
    },
    Endpoint {
        operation: Operation::People(PeopleCall::UndoRejection),
        method: Method::POST,
        path: "/api/orgs/{org}/rejections/{id}/undo",
        summary: "Takes a rejection back: evidence counts again, and the suggestion may return.",
        scope: Scope::Organisation,
        parameters: &[],
        body: None,
        answers: &[Answer { status: 204, description: "Taken back.", content: Content::Nothing }],
    },
    Endpoint {
        operation: Operation::People(PeopleCall::LinkUser),
        method: Method::POST,
        path: "/api/orgs/{org}/users/{id}/link",
        summary: "Links an identity to an e-mail address.",
        scope: Scope::Organisation,
        parameters: &[],
        body: Some(Schema::of::<LinkRequest>()),
        answers: &[Answer {
            status: 200,
            description: "The person it now belongs to.",
            content: Content::Json(Schema::of::<PersonView>()),
        }],
    },
];
