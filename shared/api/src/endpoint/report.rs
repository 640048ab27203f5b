//! What was stored, in numbers and one by one.

use http::Method;

use crate::call::{Answer, Content, Endpoint, Function, Operation, Parameter, Place};
use crate::schema::Schema;
use service::report::activity::ActivityView;
use service::report::sessions::SessionView;
use service::report::status::StatusView;
use service::report::users::UserView;

const fn query(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, description, place: Place::Query }
}

const LIMIT: Parameter = query("limit", "Most items of a page, 1 to 1000; 100 unless given.");
const CURSOR: Parameter = query("cursor", "The `next_cursor` of the page before.");
const FROM: Parameter =
    query("from", "A date of the organisation's time zone or an RFC 3339 time; 30 days ago unless given.");
const TO: Parameter =
    query("to", "A date or a time, which is not included; now unless given. At most 400 days after `from`.");
const USER: Parameter = query("user", "A person's id or e-mail address.");
const SESSION: Parameter = query("session", "A `session.id`.");

const fn get(
    operation: Operation,
    path: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    answers: &'static [Answer],
) -> Endpoint {
    let function = Function::Report;
    Endpoint {
        operation,
        method: Method::GET,
        path,
        function,
        summary,
        needs_key: true,
        parameters,
        body: None,
        answers,
    }
}

pub(super) const ENDPOINTS: &[Endpoint] = &[
    get(
        Operation::GetStatus,
        "/api/orgs/{org}/status",
        "Says what arrives, from how many people, and what is wrong.",
        &[],
        &[Answer { status: 200, description: "The status.", content: Content::Json(Schema::of::<StatusView>()) }],
    ),
    get(
        Operation::ListUsers,
        "/api/orgs/{org}/users",
        "Lists the people who use Claude, in order of id.",
        &[LIMIT, CURSOR, query("include", "`git` adds people known from Git only.")],
        &[Answer {
            status: 200,
            description: "A page of people.",
            content: Content::Json(Schema::page_of::<UserView>()),
        }],
    ),
    get(
        Operation::GetUser,
        "/api/orgs/{org}/users/{id}",
        "Shows one person, by id or e-mail address.",
        &[],
        &[Answer { status: 200, description: "The person.", content: Content::Json(Schema::of::<UserView>()) }],
    ),
    get(
        Operation::GetActivity,
        "/api/orgs/{org}/activity",
        "Adds up activity. Cost is the client's own estimate, not a bill.",
        &[
            FROM,
            TO,
            query("group_by", "Any of `day,user,model,team,repository,tool,version,terminal`."),
            USER,
            query("format", "`json` (default) or `csv`, which has all lines in one page."),
            LIMIT,
            CURSOR,
        ],
        &[Answer { status: 200, description: "The numbers.", content: Content::Json(Schema::of::<ActivityView>()) }],
    ),
    get(
        Operation::ListEvents,
        "/api/orgs/{org}/events",
        "Lists single records, in order of quarter hour, then person, then time.",
        &[
            FROM,
            TO,
            USER,
            SESSION,
            query("name", "An event's short name or a metric's name."),
            query("signal", "`logs` or `metrics`."),
            query("format", "`ndjson` (default) or `csv`."),
            LIMIT,
            query("cursor", "As in the `Link` header of the page before."),
        ],
        &[Answer {
            status: 200,
            description: "A page of records; the next one is in the `Link` header (`rel=\"next\"`).",
            content: Content::Foreign(&["application/x-ndjson", "text/csv"]),
        }],
    ),
    get(
        Operation::ListSessions,
        "/api/orgs/{org}/sessions",
        "Lists sessions with work in them, in order of their start.",
        &[FROM, TO, USER, SESSION, LIMIT, CURSOR],
        &[Answer {
            status: 200,
            description: "A page of sessions.",
            content: Content::Json(Schema::page_of::<SessionView>()),
        }],
    ),
    get(
        Operation::GetUsageReport,
        "/v1/organizations/usage_report/claude_code",
        "One UTC day in the shape of Anthropic's Claude Code Analytics API; the admin key goes into `x-api-key`.",
        &[
            query("starting_at", "The UTC day, YYYY-MM-DD."),
            query("limit", "Most records of a page, 1 to 1000; 20 unless given."),
            query("page", "The `next_page` of the page before."),
        ],
        &[Answer {
            status: 200,
            description: "Records of people and terminals.",
            content: Content::Foreign(&["application/json"]),
        }],
    ),
];
