//! Generated settings, and the description of the API itself.

use http::Method;

use settings::OptionName;

use crate::call::{Answer, Content, Endpoint, Operation, Parameter, Scope, SettingsCall};

/// Those of a configuration.
const OPTIONS: [Parameter; OptionName::ALL.len()] = {
    let mut options = [Parameter::query("", ""); OptionName::ALL.len()];
    let mut at = 0;
    // What is constant has no iterators.
    while at < options.len() {
        let option = OptionName::ALL[at];
        options[at] = Parameter::query(option.as_str(), option.about());
        at += 1;
    }
    options
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        operation: Operation::Settings(SettingsCall::GetSettings),
        method: Method::GET,
        path: "/api/orgs/{org}/settings/{variant}",
        summary: "Generates the configuration that makes Claude Code send its telemetry here.",
        scope: Scope::Organisation,
        parameters: &OPTIONS,
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
