//! The tables of names: first those that mean the same on every record, then those of single events and metrics.

use super::Gate::{Other, Prompts, RawBodies, Responses, ToolDetails};
use super::Meaning::{self, Bool, Content, Int, Label, Labels, Name, Number, ToolName, Word};

/// Names grouped by meaning.
pub(super) type Names = &'static [(Meaning, &'static [&'static str])];

/// Names that mean the same wherever they occur, including on events of future versions.
pub(super) const EVERYWHERE: Names = &[
    // Who sent it, with which client, in which work.
    (
        Label,
        &[
            "session.id",
            "user.id",
            "user.account_uuid",
            "user.account_id",
            "organization.id",
            "identity.source",
            "anthropic.provider",
            "anthropic.seat_type",
            "app.version",
            "app.entrypoint",
            "event.timestamp",
            "prompt.id",
            "workflow.run_id",
            "vcs.repository.url.full",
            "vcs.owner.name",
            "vcs.repository.name",
            "vcs.provider.name",
            "settings_version",
            "service.version",
            "host.arch",
            "host.name",
            "host.id",
            "os.type",
        ],
    ),
    (
        Name,
        &[
            "user.email",
            "enduser.id",
            "user_email",
            "work_email",
            "anthropic.plan",
            "terminal.type",
            "workflow.name",
            "service.name",
            "os.version",
            "wsl.version",
        ],
    ),
    (Meaning::Names, &["user.groups"]),
    (Word, &["event.name"]),
    (Int, &["event.sequence"]),
    (Bool, &["anthropic.custom_base_url"]),
    (ToolName, &["vcs.ref.head.revision", "vcs.ref.head.name", "vcs.ref.head.type"]),
    (Content(Other), &["workspace.host_paths"]),
    // Names that many events and metrics have, always with the same meaning.
    (
        Label,
        &[
            "model",
            "request_id",
            "client_request_id",
            "message.id",
            "message.uuid",
            "query_source",
            "agent_id",
            "parent_agent_id",
            "tool_name",
            "tool_use_id",
            "plugin_id_hash",
        ],
    ),
    (Name, &["agent.name", "skill.name", "plugin.name", "marketplace.name", "mcp_server.name", "mcp_tool.name"]),
    (Word, &["speed", "effort"]),
    (Int, &["duration_ms", "history_entries_pruned", "sandbox_violation_count"]),
    (Bool, &["success"]),
];

const HOOKS_RUN: Names = &[
    (Word, &["hook_event", "hook_source"]),
    (Label, &["hook_name"]),
    (Int, &["num_hooks"]),
    (Bool, &["managed_only", "safe_mode"]),
    (Content(ToolDetails), &["hook_definitions"]),
];

const HOOKS_DONE: Names = &[(
    Int,
    &[
        "num_success",
        "num_blocking",
        "num_non_blocking_error",
        "num_cancelled",
        "total_duration_ms",
        "stdout_chars",
        "additional_context_chars",
        "system_message_chars",
        "initial_user_message_chars",
        "num_outputs_persisted",
    ],
)];

const BODIES: Names = &[
    (Content(RawBodies), &["body", "body_ref"]),
    (Int, &["body_length"]),
    (Bool, &["body_truncated"]),
    (Label, &["request_body_id"]),
];

/// Names that single events and metrics have beyond [`EVERYWHERE`]. The same name can be a label on one and content on
/// another.
pub(super) const SINGLE: &[(&str, &[Names])] = &[
    (
        "user_prompt",
        &[&[
            (Content(Prompts), &["prompt", "prompt_text"]),
            (Int, &["prompt_length"]),
            (Name, &["command_name"]),
            (Word, &["command_source"]),
        ]],
    ),
    ("assistant_response", &[&[(Content(Responses), &["response"]), (Int, &["response_length"])]]),
    (
        "api_request",
        &[&[
            (Number, &["cost_usd"]),
            (
                Int,
                &[
                    "cost_usd_micros",
                    "input_tokens",
                    "output_tokens",
                    "cache_read_tokens",
                    "cache_creation_tokens",
                    "cache_creation_5m_tokens",
                    "cache_creation_1h_tokens",
                    "ttft_ms",
                ],
            ),
        ]],
    ),
    ("api_error", &[&[(Content(Other), &["error"]), (Int, &["status_code", "attempt"])]]),
    (
        "api_retries_exhausted",
        &[&[(Content(Other), &["error"]), (Int, &["status_code", "total_attempts", "total_retry_duration_ms"])]],
    ),
    (
        "api_refusal",
        &[&[
            (Content(ToolDetails), &["category"]),
            (Int, &["attempt"]),
            (Bool, &["server_fallback_hop", "has_category", "has_explanation"]),
        ]],
    ),
    ("api_request_body", &[BODIES]),
    ("api_response_body", &[BODIES]),
    (
        "tool_result",
        &[&[
            (Content(ToolDetails), &["tool_parameters", "tool_input"]),
            (Content(Other), &["error"]),
            (Label, &["error_type"]),
            (Word, &["decision_type", "decision_source", "mcp_server_scope"]),
            (Int, &["tool_input_size_bytes", "tool_result_size_bytes"]),
        ]],
    ),
    (
        "tool_decision",
        &[&[
            (Content(ToolDetails), &["tool_parameters"]),
            (Word, &["decision", "source", "tool_source", "permission_mode", "classifier_verdict"]),
            (ToolName, &["classifier_category"]),
        ]],
    ),
    ("permission_mode_changed", &[&[(Word, &["from_mode", "to_mode", "trigger"])]]),
    ("auth", &[&[(Word, &["action", "auth_method", "error_category"]), (Int, &["status_code"])]]),
    (
        "mcp_server_connection",
        &[&[
            (ToolName, &["server_name"]),
            (Content(Other), &["error"]),
            (Word, &["status", "transport_type", "server_scope"]),
            (Label, &["error_code"]),
            (Bool, &["is_plugin"]),
        ]],
    ),
    ("internal_error", &[&[(Label, &["error_name", "error_code"])]]),
    (
        "plugin_installed",
        &[&[
            (Label, &["plugin.version"]),
            (Word, &["install.trigger"]),
            (Bool, &["marketplace.is_official", "install.disabled_by_default"]),
        ]],
    ),
    (
        "plugin_loaded",
        &[&[
            (Label, &["plugin.version"]),
            (Word, &["plugin.scope", "enabled_via"]),
            (Int, &["skill_path_count", "command_path_count", "agent_path_count"]),
            (Bool, &["has_hooks", "has_mcp", "host_owned_mcp", "safe_mode"]),
        ]],
    ),
    ("skill_activated", &[&[(Word, &["invocation_trigger", "skill.source", "skill.kind"])]]),
    ("at_mention", &[&[(Word, &["mention_type"])]]),
    (
        "hook_registered",
        &[&[
            (Content(ToolDetails), &["hook_matcher"]),
            (Word, &["hook_event", "hook_type", "hook_source"]),
            (Bool, &["safe_mode"]),
        ]],
    ),
    ("hook_execution_start", &[HOOKS_RUN]),
    ("hook_execution_complete", &[HOOKS_RUN, HOOKS_DONE]),
    ("hook_plugin_metrics", &[&[(Label, &["plugin_id"]), (Word, &["hook_event"])]]),
    (
        "compaction",
        &[&[
            (Content(Other), &["error"]),
            (Word, &["trigger", "precompute_reuse"]),
            (Int, &["pre_tokens", "post_tokens"]),
        ]],
    ),
    (
        "subagent_completed",
        &[&[
            (Name, &["agent_type"]),
            (Word, &["agent.source"]),
            (Label, &["final_model"]),
            (Int, &["total_tokens", "total_tool_uses"]),
            (Bool, &["is_built_in", "is_async", "model_swapped"]),
        ]],
    ),
    (
        "feedback_survey",
        &[&[
            (Word, &["event_type", "survey_type", "response", "trigger_type", "event_origin"]),
            (Label, &["appearance_id", "event_origin_server"]),
            (Bool, &["enabled_via_override"]),
        ]],
    ),
    (
        "safety_event",
        &[&[
            (
                Word,
                &[
                    "category",
                    "decision",
                    "decision_source",
                    "reason_type",
                    "reason_code",
                    "rule_source",
                    "grant_scope",
                    "circuit_breaker",
                    "tool_class",
                ],
            ),
            (Bool, &["sandbox_enabled"]),
        ]],
    ),
    (
        "retention_sweep",
        &[&[
            (Word, &["result", "skip_reason"]),
            (
                Int,
                &[
                    "period_days",
                    "transcripts_deleted",
                    "transcripts_exempted_desktop",
                    "session_files_deleted",
                    "artifacts_deleted",
                    "files_retained_fresh",
                    "files_past_cutoff",
                    "error_count",
                ],
            ),
            (Bool, &["used_default"]),
        ]],
    ),
    (
        "managed_settings_resolved",
        &[&[
            (
                Content(Other),
                &["managed_settings.settings", "managed_settings.helper.path", "managed_settings.helper.entry"],
            ),
            (
                Word,
                &[
                    "managed_settings.trigger",
                    "managed_settings.source_behavior",
                    "managed_settings.helper.state",
                    "managed_settings.helper.applied",
                ],
            ),
            (Labels, &["managed_settings.sources"]),
            (Label, &["error.type", "managed_settings.resolved_sha256", "managed_settings.helper.script_sha256"]),
            (Bool, &["managed_settings.settings_truncated"]),
        ]],
    ),
    (
        "system_prompt",
        &[&[(Content(Other), &["system_prompt"]), (Label, &["system_prompt_hash"]), (Int, &["system_prompt_length"])]],
    ),
    ("claude_code.session.count", &[&[(Word, &["start_type"])]]),
    ("claude_code.lines_of_code.count", &[&[(Word, &["type"])]]),
    ("claude_code.token.usage", &[&[(Word, &["type"])]]),
    ("claude_code.code_edit_tool.decision", &[&[(Word, &["decision", "source"]), (Name, &["language"])]]),
    ("claude_code.active_time.total", &[&[(Word, &["type"])]]),
];
