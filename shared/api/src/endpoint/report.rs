//! What was stored, in numbers and one by one.

use http::Method;

use crate::call::{Answer, Content, Endpoint, Operation, Parameter, ReportCall, Scope};
use crate::schema::Schema;
use service::report::activity::ActivityView;
use service::report::adoption::{AdoptionView, MemberView};
use service::report::groupings::NAMED;
use service::report::session::SessionDetail;
use service::report::sessions::SessionView;
use service::report::spend::view::SpendView;
use service::report::status::StatusView;
use service::report::users::UserView;

const LIMIT: Parameter = Parameter::query("limit", "Most items of a page, 1 to 1000; 100 unless given.");
const CURSOR: Parameter = Parameter::query("cursor", "The `next_cursor` of the page before.");
const FROM: Parameter =
    Parameter::query("from", "A date of the organisation's time zone or an RFC 3339 time; 30 days ago unless given.");
const TO: Parameter =
    Parameter::query("to", "A date or a time, which is not included; now unless given. At most 400 days after `from`.");
/// What every filter takes.
const FILTER: &str = "Only these values, separated by commas; `none` for records without one.";
/// The filter by attributes that an organisation names: the name of one stands for the asterisk.
const OWN: &str = "attribute.*";
/// The filters of all that is shown of activity.
const FILTERS: [Parameter; NAMED.len() + 1] = {
    let mut filters = [Parameter::query(OWN, FILTER); NAMED.len() + 1];
    let mut at = 0;
    while at < NAMED.len() {
        filters[at] = Parameter::query(NAMED[at].0, FILTER);
        at += 1;
    }
    filters
};

/// These parameters, and the filters.
const fn filtered<const OTHERS: usize, const ALL: usize>(others: [Parameter; OTHERS]) -> [Parameter; ALL] {
    let mut all = [FROM; ALL];
    let (mut at, mut filter) = (0, 0);
    while at < ALL {
        if at < OTHERS {
            all[at] = others[at];
            at += 1;
        } else {
            // One name is one parameter: where it means something else, it is no filter.
            if !is_among(FILTERS[filter].name, &others) {
                all[at] = FILTERS[filter];
                at += 1;
            }
            filter += 1;
        }
    }
    all
}

const fn is_among(name: &str, parameters: &[Parameter]) -> bool {
    let mut at = 0;
    while at < parameters.len() {
        if is_same(name.as_bytes(), parameters[at].name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

const OF_ACTIVITY: [Parameter; FILTERS.len() + 7] = filtered([
    FROM,
    TO,
    Parameter::query(
        "group_by",
        "Any of the names of filters, joined by commas: `day,user`. `attribute.<name>` is one of the organisation's report_attributes.",
    ),
    Parameter::query("compare", "`previous` adds the same numbers of the range of equal length before."),
    Parameter::query("format", "`json` (default) or `csv`, of which the next page is in the `Link` header."),
    LIMIT,
    CURSOR,
]);
const OF_ADOPTION: [Parameter; FILTERS.len() + 5] = filtered([
    FROM,
    TO,
    Parameter::query(
        "group_by",
        "`team`, or any other names of filters, joined by commas, but for `user`, `hour`, `day`, `week` and `month`.",
    ),
    LIMIT,
    CURSOR,
]);
const OF_ADOPTION_PEOPLE: [Parameter; FILTERS.len() + 5] = filtered([
    FROM,
    TO,
    Parameter::query(
        "who",
        "Only these: `new`, `retained`, `returned`, `lapsed`; of the active ones `older-settings` or `older-version`.",
    ),
    LIMIT,
    CURSOR,
]);
const OF_EVENTS: [Parameter; FILTERS.len() + 8] = filtered([
    FROM,
    TO,
    SESSION,
    Parameter::query("name", "An event's short name or a metric's name."),
    Parameter::query("signal", "`logs` or `metrics`."),
    Parameter::query("format", "`ndjson` (default) or `csv`."),
    LIMIT,
    Parameter::query("cursor", "As in the `Link` header of the page before."),
]);
const OF_SESSIONS: [Parameter; FILTERS.len() + 5] = filtered([FROM, TO, SESSION, LIMIT, CURSOR]);
const OF_SPEND: [Parameter; FILTERS.len() + 4] = filtered([
    Parameter::query("month", "`YYYY-MM` in the organisation's time zone; this month unless given."),
    Parameter::query("by", "The name of one filter that is no time; `team` unless given."),
    Parameter::query("format", "`json` (default) or `csv`, of which the next page is in the `Link` header."),
    LIMIT,
    CURSOR,
]);
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
        "Shows what arrives, from how many people, and what is wrong.",
        &[],
        &[Answer { status: 200, description: "The status.", content: Content::Json(Schema::of::<StatusView>()) }],
    ),
    get(
        Operation::Report(ReportCall::ListUsers),
        "/api/orgs/{org}/users",
        "Lists the people who use Claude, in order of id.",
        &[
            LIMIT,
            CURSOR,
            Parameter::query("include", "`git` adds people known from Git only."),
            Parameter::query(
                "settings",
                "`older`: only those whose telemetry came last with settings that are not the newest.",
            ),
            Parameter::query(
                "version",
                "`older`: only those who send with a version of Claude Code that is not the newest.",
            ),
            Parameter::query(
                "active_since",
                "Only those whose work arrived at this time or later, a date or an RFC 3339 time.",
            ),
        ],
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
        "Adds up activity: Claude Code's, unless `service` is a filter or in `group_by`. Cost is the client's own estimate, not a bill.",
        &OF_ACTIVITY,
        &[Answer { status: 200, description: "The numbers.", content: Content::Json(Schema::of::<ActivityView>()) }],
    ),
    get(
        Operation::Report(ReportCall::GetSpend),
        "/api/orgs/{org}/spend",
        "Says what a month costs, so far and when it is over, against the month before, and what changed most. Estimates, not a bill.",
        &OF_SPEND,
        &[Answer { status: 200, description: "The month.", content: Content::Json(Schema::of::<SpendView>()) }],
    ),
    get(
        Operation::Report(ReportCall::GetAdoption),
        "/api/orgs/{org}/adoption",
        "Counts people: who is active, new, retained, returned and lapsed, who commits, and how far settings and versions have got.",
        &OF_ADOPTION,
        &[Answer { status: 200, description: "The people.", content: Content::Json(Schema::of::<AdoptionView>()) }],
    ),
    get(
        Operation::Report(ReportCall::ListAdoptionPeople),
        "/api/orgs/{org}/adoption/people",
        "Lists the people whom adoption counts, those who lapsed first: what became of each, with their settings and version.",
        &OF_ADOPTION_PEOPLE,
        &[Answer {
            status: 200,
            description: "A page of people.",
            content: Content::Json(Schema::page_of::<MemberView>()),
        }],
    ),
    get(
        Operation::Report(ReportCall::ListEvents),
        "/api/orgs/{org}/events",
        "Lists single records, in order of quarter hour, then person, then time.",
        &OF_EVENTS,
        &[Answer {
            status: 200,
            description: "A page of records; the next one is in the `Link` header (`rel=\"next\"`).",
            content: Content::Foreign(&["application/x-ndjson", "text/csv"]),
        }],
    ),
    get(
        Operation::Report(ReportCall::ListSessions),
        "/api/orgs/{org}/sessions",
        "Lists sessions with work in them, in order of their start; with filters, what is theirs of them.",
        &OF_SESSIONS,
        &[Answer {
            status: 200,
            description: "A page of sessions.",
            content: Content::Json(Schema::page_of::<SessionView>()),
        }],
    ),
    get(
        Operation::Report(ReportCall::GetSession),
        "/api/orgs/{org}/sessions/{id}",
        "Shows one session of the last 30 days, or of those that are given, and its numbers by model.",
        &[FROM, TO, Parameter::query("user", "Only if it is this person's, by id or e-mail address.")],
        &[Answer { status: 200, description: "The session.", content: Content::Json(Schema::of::<SessionDetail>()) }],
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
