//! The keys an admin cannot use because Claude Code sets them itself.

/// Prefixes of the keys that Claude Code or its SDK sets itself.
const RESERVED_PREFIXES: [&str; 26] = [
    "agent.",
    "anthropic.",
    "app.",
    "event.",
    "host.",
    "identity.",
    "managed_settings.",
    "marketplace.",
    "mcp_server.",
    "mcp_tool.",
    "message.",
    "organization.",
    "os.",
    "plugin.",
    "process.",
    "prompt.",
    "service.",
    "session.",
    "skill.",
    "telemetry.",
    "terminal.",
    "user.",
    "vcs.",
    "workflow.",
    "workspace.",
    "wsl.",
];

/// Keys by which records are counted. A record without one of them takes it from the resource attributes, so an admin's
/// own `model` or `type` would be counted as the client's.
const RESERVED_KEYS: [&str; 37] = [
    "attempt",
    "cache_creation_tokens",
    "cache_read_tokens",
    "command_name",
    "command_source",
    "cost_usd",
    "cost_usd_micros",
    "decision",
    "decision_source",
    "decision_type",
    "duration_ms",
    "effort",
    "error",
    "error_type",
    "final_model",
    "input_tokens",
    "language",
    "model",
    "output_tokens",
    "permission_mode",
    "prompt",
    "prompt_length",
    "prompt_text",
    "query_source",
    "request_id",
    "response",
    "settings_version",
    "source",
    "speed",
    "start_type",
    "status_code",
    "success",
    "tool_input",
    "tool_name",
    "tool_parameters",
    "tool_use_id",
    "type",
];

/// Whether `key`, in any case, is reserved for the client.
pub(super) fn is_reserved(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    RESERVED_KEYS.contains(&key.as_str()) || RESERVED_PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_the_client_sets_itself_are_reserved_in_any_case() {
        for key in ["settings_version", "user.id", "Session.ID", "service.name", "model", "TYPE", "vcs.owner.name"] {
            assert!(is_reserved(key), "{key}");
        }
        for key in ["team", "cost_center", "usergroup", "model_owner", "deployment.environment", "enduser.id"] {
            assert!(!is_reserved(key), "{key}");
        }
    }
}
