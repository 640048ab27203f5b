//! Generated settings, and the description of the API itself.

use http::Method;

use crate::call::{Answer, Content, Endpoint, Operation, Parameter, Scope, SettingsCall};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        operation: Operation::Settings(SettingsCall::GetSettings),
        method: Method::GET,
        path: "/api/orgs/{org}/settings/{variant}",
        summary: "Generates the configuration that makes Claude Code send its telemetry here.",
        scope: Scope::Organisation,
        parameters: &[
            Parameter::query("protocol", "`http/protobuf` (default) or `http/json`."),
            Parameter::query(
                "logs_interval",
                "Milliseconds between exports of events, 1000 to 600000; 60000 unless given, 5000 in CI.",
            ),
            Parameter::query(
                "metrics_interval",
                "Milliseconds between exports of metrics, 1000 to 600000; 300000 unless given, 5000 in CI.",
            ),
            Parameter::query("log_prompts", "`true` sends the text of prompts; `false` unless given."),
            Parameter::query(
                "log_tool_details",
                "`true` sends the names of tools and their inputs; `false` unless given.",
            ),
            Parameter::query("repository", "`true` names the repository on metrics; `false` unless given."),
            Parameter::query(
                "attributes",
                "Resource attributes, `team=core,cost_center=x`; at most 11, of which some variants need up to two.",
            ),
            Parameter::query("gzip", "`true` compresses exports, not those of `http/json`; `false` unless given."),
            Parameter::query(
                "model_pricing",
                "Prices in place of Anthropic's list, as Claude Code's `modelPricing`: `{\"multiplier\":0.85}`. For managed settings alone.",
            ),
            Parameter::query(
                "user_email",
                "The person's e-mail address, `+` written as `%2B`; for `bedrock.json` alone, which needs it.",
            ),
        ],
        body: None,
        answers: &[Answer {
            status: 200,
            description: "The configuration. `Claude-Settings-Target` says where it goes, `Claude-Settings-Next-Step`, once \
                          a step, what to do with it, `Claude-Settings-Warning` why it would not work for other machines.",
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
        operation: Operation::Settings(SettingsCall::GetOpenApi),
        method: Method::GET,
        path: "/openapi.json",
        summary: "This description.",
        scope: Scope::Open,
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 200,
            description: "An OpenAPI 3.1 document.",
            content: Content::Foreign(&["application/json"]),
        }],
    },
];
