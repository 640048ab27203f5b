//! Which integration method suits which plan.

use maud::{Markup, html};

/// Plan, method, and why; whether the method is this one.
const METHODS: &[(&str, &str, &str, bool)] = &[
    (
        "Anthropic API (Claude Console)",
        "Admin API",
        "Usage is read from Anthropic once a day, with an admin API key. Nothing is deployed.",
        false,
    ),
    (
        "Claude Enterprise",
        "Analytics API",
        "Usage is read from Anthropic, with a key of the organisation's owner. Nothing is deployed.",
        false,
    ),
    ("Claude Team", "OpenTelemetry", "Anthropic has no interface to read a team's usage from.", true),
    (
        "Amazon Bedrock, Google Vertex AI",
        "OpenTelemetry",
        "Requests never pass Anthropic, so only Claude Code itself can tell. Attribution needs one more setting.",
        true,
    ),
];

pub(super) fn section() -> Markup {
    html! {
        section.card #method aria-labelledby="method-title" {
            h2 #method-title { "Integration method" }
            p {
                "This integration is OpenTelemetry: Claude Code itself sends events and metrics, within a minute, session by session. "
                "It works with every plan, and is the one to choose where neither the Admin API nor the Analytics API is available."
            }
            div.scroll tabindex="0" role="region" aria-labelledby="method-title" {
                table {
                    thead { tr { th scope="col" { "You use Claude Code with" } th scope="col" { "Method" } th scope="col" { "Why" } } }
                    tbody {
                        @for (plan, method, why, is_here) in METHODS {
                            tr {
                                td { (plan) }
                                td { (method) @if *is_here { " " span.badge.good { "this page" } } }
                                td.soft { (why) }
                            }
                        }
                    }
                }
            }
            p.hint {
                "Tools that were written for Anthropic's Analytics API can read this service at " code { "/v1/organizations/usage_report/claude_code" }
                " with an admin key of the organisation."
            }
        }
    }
}
