//! What a request is made for beside the question itself: a skill, an agent, an MCP server, as the client names them on requests and
//! on the metrics of cost and tokens.
//!
//! The client says `custom` of MCP servers that somebody configured, and `custom_skill` where somebody's own skill begins, unless
//! `OTEL_LOG_TOOL_DETAILS` is on; requests name skills as they are.

use fastrand::Rng;
use opentelemetry_proto::tonic::common::v1::KeyValue;

use crate::attribute::text;
use crate::random::{happens, weighted};

/// A skill, and the plugin that it came with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skill {
    pub name: &'static str,
    pub plugin: Option<&'static str>,
}

/// The skills, and how often each is used.
const SKILLS: [(Skill, u32); 5] = [
    (Skill { name: "review-changes", plugin: None }, 6),
    (Skill { name: "write-tests", plugin: None }, 4),
    (Skill { name: "release-notes", plugin: None }, 2),
    (Skill { name: "code-review", plugin: Some("code-review") }, 3),
    (Skill { name: "frontend-design", plugin: Some("frontend-design") }, 1),
];
/// Where the plugins are from.
pub(super) const MARKETPLACE: &str = "claude-plugins-official";

/// A kind of subagent: its name, and what `query_source` says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Agent {
    pub name: &'static str,
    pub source: &'static str,
    pub is_built_in: bool,
}

/// The subagents, and how often each is used.
const AGENTS: [(Agent, u32); 3] = [
    (Agent { name: "general-purpose", source: "agent:builtin:general-purpose", is_built_in: true }, 5),
    (Agent { name: "Explore", source: "agent:builtin:Explore", is_built_in: true }, 4),
    (Agent { name: "custom", source: "agent:custom", is_built_in: false }, 2),
];

/// The MCP servers, and how often each is used.
const SERVERS: [(&str, u32); 3] = [("custom", 5), ("claude.ai Linear", 3), ("claude.ai Sentry", 2)];

/// What the next request is made for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Purpose {
    pub skill: Option<Skill>,
    /// The subagent that works.
    pub agent: Option<Agent>,
    /// The MCP server that was asked last.
    pub server: Option<&'static str>,
}

impl Purpose {
    /// Its attributes, in the client's order.
    pub(super) fn labels(&self) -> Vec<(&'static str, &'static str)> {
        let plugin = self.skill.and_then(|skill| skill.plugin);
        let named = [
            ("agent.name", self.agent.map(|agent| agent.name)),
            ("skill.name", self.skill.map(|skill| skill.name)),
            ("plugin.name", plugin),
            ("marketplace.name", plugin.map(|_| MARKETPLACE)),
            ("mcp_server.name", self.server),
            ("mcp_tool.name", self.server.map(|_| "custom")),
        ];
        named.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// The same as attributes of a record.
    pub(super) fn attributes(&self) -> impl Iterator<Item = KeyValue> + use<> {
        self.labels().into_iter().map(|(key, value)| text(key, value))
    }
}

/// The skill that a turn is for, if it is for one.
pub(super) fn skill(rng: &mut Rng) -> Option<Skill> {
    happens(rng, 0.1).then(|| weighted(rng, &SKILLS).copied()).flatten()
}

/// A subagent.
pub(super) fn agent(rng: &mut Rng) -> Option<Agent> {
    weighted(rng, &AGENTS).copied()
}

/// An MCP server.
pub(super) fn server(rng: &mut Rng) -> Option<&'static str> {
    weighted(rng, &SERVERS).copied()
}
