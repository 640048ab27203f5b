//! Every attribute Claude Code is known to send, and what kind of thing it is.
//!
//! From Claude Code's monitoring documentation up to version 2.1.303 and from captures of versions 1.0.128 to
//! 2.1.330. Newer versions add names; nothing fails because a name is missing here.

/// The setting that makes a client send a piece of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// `OTEL_LOG_USER_PROMPTS`
    Prompts,
    /// `OTEL_LOG_ASSISTANT_RESPONSES`
    Responses,
    /// `OTEL_LOG_TOOL_DETAILS`; versions up to 2.0.77 send `tool_parameters` without being asked.
    ToolDetails,
    /// `OTEL_LOG_RAW_API_BODIES`
    RawBodies,
    /// Content that comes without a gate of its own: error texts, paths, and whatever is unknown and reads like text.
    Other,
}

impl Gate {
    /// Every gate, in the order in which packs count what was dropped.
    pub const ALL: [Self; 5] = [Self::Prompts, Self::Responses, Self::ToolDetails, Self::RawBodies, Self::Other];
}

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A whole number, also where a client sends it as text.
    Int,
    /// A number, also where a client sends it as text.
    Number,
    /// A truth value; clients also write `"true"` and `"false"`.
    Bool,
    /// A name, id or label: kept as it is.
    Label,
    /// What somebody wrote, said or ran: dropped unless the organisation keeps content.
    Content(Gate),
    /// Not in this list: kept when it cannot be content.
    Unknown,
}

/// What `name` holds on a record or a data point.
#[must_use]
pub fn meaning(name: &str) -> Meaning {
    match name {
        // Whose and where, on every record.
        "session.id"
        | "user.id"
        | "user.email"
        | "user.account_uuid"
        | "user.account_id"
        | "user.groups"
        | "organization.id"
        | "identity.source"
        | "terminal.type"
        | "app.version"
        | "app.entrypoint"
        | "anthropic.provider"
        | "anthropic.plan"
        | "event.name"
        | "event.timestamp"
        | "prompt.id"
        | "workflow.run_id"
        | "workflow.name"
        | "vcs.repository.url.full"
        | "vcs.owner.name"
        | "vcs.repository.name"
        | "vcs.provider.name"
        | "vcs.ref.head.revision"
        | "vcs.ref.head.name"
        | "vcs.ref.head.type"
        | "enduser.id"
        | "user_email"
        | "work_email"
        | "settings_version"
        | "service.name"
        | "service.version"
        | "host.arch"
        | "host.name"
        | "host.id"
        | "os.type"
        | "os.version"
        | "wsl.version" => Meaning::Label,
        // Labels of single events and metrics.
        "model"
        | "final_model"
        | "request_id"
        | "client_request_id"
        | "request_body_id"
        | "message.id"
        | "message.uuid"
        | "query_source"
        | "speed"
        | "effort"
        | "agent.name"
        | "agent.source"
        | "agent_id"
        | "agent_type"
        | "skill.name"
        | "skill.source"
        | "skill.kind"
        | "plugin.name"
        | "plugin.version"
        | "plugin.scope"
        | "plugin_id"
        | "plugin_id_hash"
        | "marketplace.name"
        | "mcp_server.name"
        | "mcp_tool.name"
        | "mcp_server_scope"
        | "command_name"
        | "command_source"
        | "tool_name"
        | "tool_use_id"
        | "tool_source"
        | "decision"
        | "decision_type"
        | "decision_source"
        | "source"
        | "permission_mode"
        | "from_mode"
        | "to_mode"
        | "trigger"
        | "action"
        | "auth_method"
        | "error_category"
        | "error_code"
        | "error_name"
        | "error_type"
        | "error.type"
        | "status"
        | "transport_type"
        | "server_scope"
        | "install.trigger"
        | "enabled_via"
        | "invocation_trigger"
        | "mention_type"
        | "hook_event"
        | "hook_type"
        | "hook_source"
        | "hook_name"
        | "precompute_reuse"
        | "event_type"
        | "appearance_id"
        | "survey_type"
        | "result"
        | "skip_reason"
        | "start_type"
        | "type"
        | "language"
        | "managed_settings.trigger"
        | "managed_settings.sources"
        | "managed_settings.source_behavior"
        | "managed_settings.helper.state"
        | "managed_settings.helper.applied"
        | "managed_settings.resolved_sha256"
        | "system_prompt_hash" => Meaning::Label,
        "event.sequence"
        | "cost_usd_micros"
        | "input_tokens"
        | "output_tokens"
        | "cache_read_tokens"
        | "cache_creation_tokens"
        | "cache_creation_5m_tokens"
        | "cache_creation_1h_tokens"
        | "duration_ms"
        | "ttft_ms"
        | "status_code"
        | "attempt"
        | "total_attempts"
        | "total_retry_duration_ms"
        | "prompt_length"
        | "response_length"
        | "body_length"
        | "tool_input_size_bytes"
        | "tool_result_size_bytes"
        | "skill_path_count"
        | "command_path_count"
        | "agent_path_count"
        | "num_hooks"
        | "num_success"
        | "num_blocking"
        | "num_non_blocking_error"
        | "num_cancelled"
        | "total_duration_ms"
        | "stdout_chars"
        | "additional_context_chars"
        | "system_message_chars"
        | "initial_user_message_chars"
        | "num_outputs_persisted"
        | "pre_tokens"
        | "post_tokens"
        | "total_tokens"
        | "total_tool_uses"
        | "period_days"
        | "transcripts_deleted"
        | "transcripts_exempted_desktop"
        | "session_files_deleted"
        | "artifacts_deleted"
        | "files_retained_fresh"
        | "files_past_cutoff"
        | "error_count"
        | "system_prompt_length" => Meaning::Int,
        "cost_usd" => Meaning::Number,
        "success"
        | "anthropic.custom_base_url"
        | "server_fallback_hop"
        | "has_category"
        | "has_explanation"
        | "body_truncated"
        | "is_plugin"
        | "marketplace.is_official"
        | "has_hooks"
        | "has_mcp"
        | "host_owned_mcp"
        | "safe_mode"
        | "managed_only"
        | "is_built_in"
        | "is_async"
        | "model_swapped"
        | "enabled_via_override"
        | "used_default"
        | "managed_settings.settings_truncated" => Meaning::Bool,
        "prompt" | "prompt_text" => Meaning::Content(Gate::Prompts),
        "response" => Meaning::Content(Gate::Responses),
        "tool_parameters" | "tool_input" | "category" | "server_name" | "hook_matcher" | "hook_definitions" => {
            Meaning::Content(Gate::ToolDetails)
        }
        "body" | "body_ref" => Meaning::Content(Gate::RawBodies),
        "error"
        | "workspace.host_paths"
        | "managed_settings.settings"
        | "managed_settings.helper.path"
        | "managed_settings.helper.entry"
        | "system_prompt" => Meaning::Content(Gate::Other),
        _ => Meaning::Unknown,
    }
}
