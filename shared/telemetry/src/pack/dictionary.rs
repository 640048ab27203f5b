//! The words to which packs of version 1 refer instead of spelling them out. Frozen with the version: never reorder,
//! never remove, never add. A later version will have its own list.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The words; references to the first 160 take one byte.
#[rustfmt::skip]
pub(super) const WORDS: [&str; 331] = [
    "session.id", "user.id", "terminal.type", "event.name", "event.timestamp", "event.sequence", "prompt.id",
    "anthropic.provider", "anthropic.custom_base_url", "user.email", "organization.id", "user.account_uuid",
    "user.account_id", "anthropic.plan", "app.version", "app.entrypoint", "service.name", "service.version",
    "os.type", "os.version", "host.arch", "settings_version", "claude-code", "linux", "darwin", "windows", "amd64",
    "arm64", "com.anthropic.claude_code", "com.anthropic.claude_code.events", "non-interactive", "firstParty",
    "bedrock", "vertex", "foundry", "api_request", "tool_decision", "tool_result", "user_prompt",
    "assistant_response", "model", "input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens",
    "cache_creation_5m_tokens", "cache_creation_1h_tokens", "cost_usd", "cost_usd_micros", "duration_ms", "ttft_ms",
    "request_id", "speed", "query_source", "effort", "normal", "sdk", "medium", "prompt_length", "message.uuid",
    "response_length", "decision", "source", "tool_name", "tool_use_id", "tool_source", "permission_mode", "success",
    "tool_input_size_bytes", "tool_result_size_bytes", "accept", "reject", "config", "builtin", "default", "Bash",
    "Read", "Edit", "Write", "Grep", "plugin_loaded", "plugin.name", "marketplace.name", "plugin.scope",
    "enabled_via", "plugin_id_hash", "has_hooks", "has_mcp", "host_owned_mcp", "skill_path_count",
    "command_path_count", "agent_path_count", "safe_mode", "default-bundle", "default-enable",
    "managed_settings_resolved", "managed_settings.trigger", "managed_settings.sources",
    "managed_settings.source_behavior", "managed_settings.helper.state", "managed_settings.helper.applied", "startup",
    "first-wins", "none", "file", "claude_code.session.count", "claude_code.lines_of_code.count",
    "claude_code.pull_request.count", "claude_code.commit.count", "claude_code.cost.usage", "claude_code.token.usage",
    "claude_code.code_edit_tool.decision", "claude_code.active_time.total", "start_type", "fresh", "type", "added",
    "removed", "USD", "tokens", "s", "input", "output", "cacheRead", "cacheCreation", "main", "subagent", "language",
    "cli", "user", "user_temporary", "user_permanent", "user_reject", "user_abort", "hook", "sdk-cli", "JavaScript",
    "TypeScript", "Python", "Rust", "mcp_tool", "Glob", "Task", "WebFetch", "WebSearch", "TodoWrite", "NotebookEdit",
    "MultiEdit", "high", "low",
    "api_error", "api_retries_exhausted", "api_refusal", "api_request_body", "api_response_body",
    "permission_mode_changed", "auth", "mcp_server_connection", "internal_error", "plugin_installed",
    "skill_activated", "at_mention", "hook_registered", "hook_execution_start", "hook_execution_complete",
    "hook_plugin_metrics", "compaction", "subagent_completed", "feedback_survey", "retention_sweep", "error_type",
    "status_code", "attempt", "total_attempts", "total_retry_duration_ms", "decision_type", "decision_source",
    "mcp_server_scope", "agent.name", "skill.name", "mcp_server.name", "mcp_tool.name", "command_name",
    "command_source", "custom", "client_request_id", "request_body_id", "body_length", "body_truncated", "message.id",
    "server_fallback_hop", "has_category", "has_explanation", "from_mode", "to_mode", "trigger", "action",
    "auth_method", "error_category", "status", "connected", "failed", "disconnected", "transport_type", "stdio",
    "http", "sse", "server_scope", "error_code", "is_plugin", "error_name", "marketplace.is_official",
    "install.trigger", "plugin.version", "invocation_trigger", "skill.source", "skill.kind", "mention_type",
    "hook_event", "hook_type", "hook_source", "hook_name", "num_hooks", "managed_only", "num_success", "num_blocking",
    "num_non_blocking_error", "num_cancelled", "total_duration_ms", "stdout_chars", "additional_context_chars",
    "system_message_chars", "initial_user_message_chars", "num_outputs_persisted", "plugin_id", "pre_tokens",
    "post_tokens", "precompute_reuse", "agent_type", "agent.source", "agent_id", "is_built_in", "is_async",
    "total_tokens", "total_tool_uses", "final_model", "model_swapped", "event_type", "appearance_id", "survey_type",
    "enabled_via_override", "result", "period_days", "used_default", "skip_reason", "transcripts_deleted",
    "session_files_deleted", "artifacts_deleted", "files_retained_fresh", "files_past_cutoff", "error_count",
    "error.type", "managed_settings.resolved_sha256", "managed_settings.settings_truncated",
    "vcs.repository.url.full", "vcs.owner.name", "vcs.repository.name", "vcs.provider.name", "vcs.ref.head.revision",
    "vcs.ref.head.name", "vcs.ref.head.type", "user.groups", "identity.source", "workflow.run_id", "workflow.name",
    "enduser.id", "user_email", "work_email", "team", "cost_center", "department", "host.name", "host.id",
    "wsl.version", "x86_64", "github", "gitlab", "continue", "resume", "agents_view", "auxiliary", "repl_main_thread",
    "compact", "fast", "max", "vscode", "iTerm.app", "Apple_Terminal", "tmux", "cursor", "WarpTerminal",
    "acceptEdits", "bypassPermissions", "plan", "auto", "remote", "plist", "hklm", "change", "refused", "merge",
    "claude-code-desktop", "cowork", "claude-vscode", "claude-desktop", "sdk-ts", "sdk-py", "official", "community",
    "org", "user-local", "org-policy", "admin-install", "user-install", "seed-mount", "manual", "user-slash",
    "claude-proactive", "nested-skill", "directory", "agent",
];

static INDEX: LazyLock<HashMap<&str, usize>> =
    LazyLock::new(|| WORDS.iter().enumerate().map(|(i, w)| (*w, i)).collect());

/// The position of `text` in [`WORDS`].
pub(super) fn word_index(text: &str) -> Option<usize> {
    INDEX.get(text).copied()
}
