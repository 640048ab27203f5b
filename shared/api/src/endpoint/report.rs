//! What was stored, in numbers and one by one.

use http::Method;

use crate::call::{Answer, Content, Endpoint, Operation, Parameter, ReportCall, Scope};
use crate::schema::Schema;
use service::report::activity::ActivityView;
use service::report::sessions::SessionView;
use service::report::status::StatusView;
use service::report::users::UserView;

const LIMIT: Parameter = Parameter::query("limit", "Most items of a page, 1 to 1000; 100 unless given.");
const CURSOR: Parameter = Parameter::query("cursor", "The `next_cursor` of the page before.");
const FROM: Parameter =
    Parameter::query("from", "A date of the organisation's time zone or an RFC 3339 time; 30 days ago unless given.");
const TO: Parameter =
    Parameter::query("to", "A date or a time, which is not included; now unless given. At most 400 days after `from`.");
const USER: Parameter = Parameter::query("user", "A person's id or e-mail address.");
const SESSION: Parameter = Parameter::query("session", "A `session.id`.");

const fn get(
    operation: Operation,
    path: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    answers: &'static [Answer],
) -> Endpoint {
    Endpoint {
        operation,
        method: Method::GET,
        path,
        summary,
        scope: Scope::Organisation,
        parameters,
        body: None,
        answers,
    }
}

pub(super) const ENDPOINTS: &[Endpoint] = &[
    get(
        Operation::Report(ReportCall::GetStatus),
        "/api/orgs/{org}/status",
        "Says what arrives, from how many people, and what is wrong.",
        &[],
        &[Answer { status: 200, description: "The status.", content: Content::Json(Schema::of::<StatusView>()) }],
    ),
    get(
        Operation::Report(ReportCall::ListUsers),
        "/api/orgs/{org}/users",
        "Lists the people who use Claude, in order of id.",
        &[LIMIT, CURSOR, Parameter::query("include", "`git` adds people known from Git only.")],
        &[Answer {
            status: 200,
            description: "A page of people.",
            content: Content::Json(Schema::page_of::<UserView>()),
        }],
    ),
    get(
        Operation::Report(ReportCall::GetUser),
        "/api/orgs/{org}/users/{id}",
        "Shows one person, by id or e-mail address.",
        &[],
        &[Answer { status: 200, description: "The person.", content: Content::Json(Schema::of::<UserView>()) }],
    ),
    get(
        Operation::Report(ReportCall::GetActivity),
        "/api/orgs/{org}/activity",
        "Adds up activity. Cost is the client's own estimate, not a bill.",
        &[
            FROM,
            TO,
            Parameter::query(
                "group_by",
                "Any of `day,user,model,model_as_sent,provider,team,repository,tool,version,terminal`.",
            ),
            USER,
            Parameter::query("format", "`json` (default) or `csv`, which has all lines in one page."),
            LIMIT,
            CURSOR,
        ],
        &[Answer { status: 200, description: "The numbers.", content: Content::Json(Schema::of::<ActivityView>()) }],
    ),
    get(
        Operation::Report(ReportCall::ListEvents),
        "/api/orgs/{org}/events",
        "Lists single records, in order of quarter hour, then person, then time.",
        &[
            FROM,
            TO,
            USER,
            SESSION,
            Parameter::query("name", "An event's short name or a metric's name."),
            Parameter::query("signal", "`logs` or `metrics`."),
            Parameter::query("format", "`ndjson` (default) or `csv`."),
            LIMIT,
            Parameter::query("cursor", "As in the `Link` header of the page before."),
        ],
        &[Answer {
            status: 200,
            description: "A page of records; the next one is in the `Link` header (`rel=\"next\"`).",
            content: Content::Foreign(&["application/x-ndjson", "text/csv"]),
        }],
    ),
    get(
        Operation::Report(ReportCall::ListSessions),
        "/api/orgs/{org}/sessions",
        "Lists sessions with work in them, in order of their start.",
        &[FROM, TO, USER, SESSION, LIMIT, CURSOR],
        &[Answer {
            status: 200,
            description: "A page of sessions.",
            content: Content::Json(Schema::page_of::<SessionView>()),
        }],
    ),
    Endpoint {
        operation: Operation::Report(ReportCall::GetUsageReport),
        method: Method::GET,
        path: "/v1/organizations/usage_report/claude_code",
        summary: "One UTC day in the shape of Anthropic's Claude Code Analytics API; the admin key goes into `x-api-key`.",
        scope: Scope::OwnOrganisation,
        parameters: &[
            Parameter::query("starting_at", "The UTC day, YYYY-MM-DD."),
            Parameter::query("limit", "Most records of a page, 1 to 1000; 20 unless given."),
            Parameter::query("page", "The `next_page` of the page before."),
        ],
        body: None,
        answers: &[Answer {
            status: 200,
            description: "Records of people and terminals.",
            content: Content::Foreign(&["application/json"]),
        }],
    },
];
