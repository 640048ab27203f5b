//! Generated settings, and the description of the API itself.

use http::Method;

use crate::call::{Answer, Content, Endpoint, Function, Operation, Parameter, Place};

const fn query(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, description, place: Place::Query }
}

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        operation: Operation::GetSettings,
        method: Method::GET,
        path: "/api/orgs/{org}/settings/{variant}",
        function: Function::GenerateSettings,
        summary: "Generates the configuration that makes Claude Code send its telemetry here.",
        needs_key: true,
        parameters: &[
            query("protocol", "`http/protobuf` (default) or `http/json`."),
            query("logs_interval", "Milliseconds between exports of events, 1000 to 600000."),
            query("metrics_interval", "Milliseconds between exports of metrics, 1000 to 600000."),
            query("log_prompts", "`true` sends the text of prompts; `false` unless given."),
            query("log_tool_details", "`true` sends the names of tools and their inputs; `false` unless given."),
            query("repository", "`true` names the repository on metrics; `false` unless given."),
            query("attributes", "Attributes of every record, `team=core,cost_center=x`."),
            query("gzip", "`true` compresses exports; `false` unless given."),
            query("user_email", "The person's e-mail address, for `bedrock.json` alone, which needs it."),
        ],
        body: None,
        answers: &[Answer {
            status: 200,
            description: "The configuration. `Claude-Settings-Target` says where it goes, `Claude-Settings-Next-Step`, once \
                          a step, what to do with it.",
            content: Content::Foreign(&[
                "application/json",
                "application/x-apple-aspen-config",
                "application/xml",
                "application/yaml",
                "text/plain",
            ]),
        }],
    },
    Endpoint {
        operation: Operation::GetOpenApi,
        method: Method::GET,
        path: "/openapi.json",
        function: Function::GenerateSettings,
        summary: "This description.",
        needs_key: false,
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 200,
            description: "An OpenAPI 3.1 document.",
            content: Content::Foreign(&["application/json"]),
        }],
    },
];
