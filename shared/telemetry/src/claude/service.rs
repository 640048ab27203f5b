//! Which program speaks: Claude Code in a terminal, an IDE or CI, its desktop app, Cowork, or another agent.
//!
//! Claude Code's scopes begin with `com.anthropic.claude_code`, whatever `OTEL_SERVICE_NAME` says; `service.name` tells its
//! desktop app and Cowork apart, as its monitoring documentation lists them. Other agents put a name of their own before those
//! of their events and metrics, and set `service.name`, as recorded of Codex 0.171, Gemini CLI 0.61, Qwen Code 0.24, Copilot
//! CLI 1.0 and opencode 1.18.

use super::record::{Context, Record};
use super::vocabulary::Vocabulary;

/// Claude Code in a terminal, an IDE, an SDK or CI.
pub const CLAUDE_CODE: &str = "claude-code";
/// Claude Code in the desktop app.
const DESKTOP: &str = "claude-code-desktop";
/// Cowork, which sends Claude Code's events.
const COWORK: &str = "cowork";
/// How the scopes of Claude Code, its desktop app and Cowork begin.
const SCOPE: &str = "com.anthropic.claude_code";
/// How the names of Claude Code's metrics begin.
const METRIC: &str = "claude_code.";

/// Other agents: how the names of their events and metrics begin, how their `service.name` does, and what they are called.
const OTHERS: [(&str, &str, &str); 5] = [
    ("codex.", "codex", "codex"),
    ("gemini_cli.", "gemini-cli", "gemini-cli"),
    ("qwen-code.", "qwen-code", "qwen-code"),
    ("github.copilot.", "github-copilot", "copilot"),
    ("opencode.", "opencode", "opencode"),
];

/// The service that a record is of. One that is not known is called as it calls itself.
#[must_use]
pub fn of<'a>(record: &Record, context: &'a Context) -> &'a str {
    let name = context.text("service.name").map_or("", str::trim);
    let own = [DESKTOP, COWORK].into_iter().find(|own| *own == name);
    if context.scope.starts_with(SCOPE) {
        return own.unwrap_or(CLAUDE_CODE);
    }
    let others = || OTHERS.into_iter();
    let other = others().find(|(names, ..)| record.name.starts_with(names));
    let other = other.or_else(|| others().find(|(_, service, _)| name.starts_with(service)));
    if let Some((.., other)) = other {
        return other;
    }
    // An intermediary may have taken the scope away, or the name.
    let is_ours = || record.name.starts_with(METRIC) || Vocabulary::knows(&record.name);
    match (own, name, &*context.scope) {
        (Some(own), ..) => own,
        (_, "", "") => CLAUDE_CODE,
        (_, "", scope) if !is_ours() => scope,
        (_, named, "") if !is_ours() => named,
        (_, named, scope) if !scope.is_empty() && !named.is_empty() => named,
        _ => CLAUDE_CODE,
    }
}

/// The services that are Claude Code, in the terminal, an IDE, CI or the desktop app: what numbers are of unless others are asked
/// for.
pub const OURS: [&str; 2] = [CLAUDE_CODE, DESKTOP];

/// Whether a service is Claude Code: see [`OURS`].
#[must_use]
pub fn is_claude_code(service: &str) -> bool {
    OURS.contains(&service)
}

/// Whether a service is Anthropic's, with Anthropic's accounts.
#[must_use]
pub fn is_anthropics(service: &str) -> bool {
    is_claude_code(service) || service == COWORK
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::attribute::{Attribute, Value};
    use model::time::Timestamp;

    fn service(scope: &str, name: Option<&str>, record: &str) -> String {
        let attribute = |name: &str| Attribute { key: "service.name".into(), value: Value::Text(name.into()) };
        let resource: Vec<Attribute> = name.map(attribute).into_iter().collect();
        let context = Context { resource: resource.into(), scope: scope.into(), ..Context::default() };
        let record = Record {
            context: 0,
            name: record.into(),
            time: Timestamp(0),
            digest: [0; 4],
            count: 1,
            attributes: Vec::new(),
            point: None,
        };
        of(&record, &context).to_owned()
    }

    #[test]
    fn under_claude_codes_scope_only_its_own_names_are_believed() {
        for (name, expected) in [
            (Some("claude-code"), "claude-code"),
            (Some("claude-code-desktop"), "claude-code-desktop"),
            (Some("cowork"), "cowork"),
            (Some("payments-wrapper"), "claude-code"),
            (Some("codex_exec"), "claude-code"),
            (None, "claude-code"),
        ] {
            assert_eq!(service("com.anthropic.claude_code.events", name, "api_request"), expected, "{name:?}");
        }
    }

    #[test]
    fn other_agents_are_known_by_their_names() {
        for (name, record, expected) in [
            (Some("codex_tui"), "anything", "codex"),
            (Some("codex_exec"), "codex.user_prompt", "codex"),
            (Some("renamed"), "codex.user_prompt", "codex"),
            (Some("gemini-cli"), "gemini_cli.api_response", "gemini-cli"),
            (Some("qwen-code"), "qwen-code.user_prompt", "qwen-code"),
            (Some("github-copilot"), "gen_ai.client.operation.duration", "copilot"),
            (None, "github.copilot.tool.call.count", "copilot"),
            (Some("opencode"), "unnamed", "opencode"),
            (Some("an-agent-of-2027"), "user_prompt", "an-agent-of-2027"),
            (None, "work", "scope"),
        ] {
            assert_eq!(service("scope", name, record), expected, "{name:?} {record}");
        }
    }

    #[test]
    fn without_a_scope_claude_code_is_known_by_what_it_sends() {
        for (name, record, expected) in [
            (None, "something_new", "claude-code"),
            (Some("renamed"), "user_prompt", "claude-code"),
            (Some("renamed"), "claude_code.cost.usage", "claude-code"),
            (Some("renamed"), "something_new", "renamed"),
            (Some("cowork"), "user_prompt", "cowork"),
            (Some("codex_exec"), "user_prompt", "codex"),
        ] {
            assert_eq!(service("", name, record), expected, "{name:?} {record}");
        }
        assert_eq!(service("scope", None, "user_prompt"), "claude-code");
    }
}
