//! A tool: whether it is let, by whom, and what becomes of it.

use model::time::{MILLISECOND, SECOND, SignedDuration};
use opentelemetry_proto::tonic::common::v1::KeyValue;

use super::{Session, purpose};
use crate::attribute::text;
use crate::cast::Trouble;
use crate::meters::Meter;
use crate::random::{self, happens, skewed, weighted};

/// The tools, and how often each is used.
const TOOLS: [(&str, u32); 9] = [
    ("Read", 30),
    ("Edit", 24),
    ("Bash", 22),
    ("Grep", 11),
    ("Write", 5),
    ("Glob", 4),
    ("TodoWrite", 4),
    ("WebFetch", 1),
    ("mcp_tool", 2),
];
/// The tools that nobody and nothing refuses: they change nothing.
const HARMLESS: [&str; 4] = ["Read", "Grep", "Glob", "TodoWrite"];

/// Whether a tool was let, who or what decided it, and in which permission mode.
#[derive(Debug, Clone, Copy)]
struct Decision {
    decision: &'static str,
    source: &'static str,
    mode: &'static str,
}

const fn refused(source: &'static str, mode: &'static str) -> Decision {
    Decision { decision: "reject", source, mode }
}

/// What refuses tools if nobody is asked, and how often: a rule of the settings, a hook, auto mode, plan mode.
const REFUSALS: [(Decision, u32); 4] = [
    (refused("config", "default"), 5),
    (refused("hook", "default"), 3),
    (refused("classifier", "auto"), 3),
    (refused("config", "plan"), 2),
];

impl Session<'_> {
    /// A tool, if it is let. Whether it changed a file.
    pub(super) fn use_tool(&mut self, request: &str) -> bool {
        let tool = random::weighted(&mut self.rng, &TOOLS).copied().unwrap_or("Read");
        let edits = matches!(tool, "Edit" | "Write");
        let asks = edits && happens(&mut self.rng, 0.35);
        let Decision { decision, source, mode } = self.decide(tool, asks);
        let id = format!("toolu_{}", random::hex(&mut self.rng, 24));
        if edits {
            let language = self.language;
            let about = [("decision", decision), ("source", source), ("tool_name", tool), ("language", language)];
            self.meters.add(Meter::EditDecisions, &about, 1.0);
        }
        self.pass(if asks { 4 * SECOND } else { 20 * MILLISECOND });
        let parameters = self.parameters(tool);
        let decided = [
            text("decision", decision),
            text("source", source),
            text("tool_name", tool),
            text("tool_use_id", &id),
            text("tool_source", if tool == "mcp_tool" { "mcp" } else { "builtin" }),
            text("permission_mode", mode),
            text("request_id", request),
        ];
        self.event("tool_decision", decided.into_iter().chain(parameters.clone()));
        if decision == "reject" {
            return false;
        }
        let slow = if tool == "Bash" { 45_000 } else { 900 };
        let duration = skewed(&mut self.rng, 5, slow);
        let fails = happens(&mut self.rng, if tool == "Bash" { 0.09 } else { 0.02 });
        let (sent, received) = (skewed(&mut self.rng, 60, 3_000), skewed(&mut self.rng, 80, 24_000));
        self.pass(SignedDuration::from_millis(duration));
        let result = [
            text("tool_name", tool),
            text("tool_use_id", id),
            text("success", if fails { "false" } else { "true" }),
            text("duration_ms", duration.to_string()),
            text("tool_input_size_bytes", sent.to_string()),
            text("tool_result_size_bytes", received.to_string()),
            text("request_id", request),
        ];
        let error = fails.then(|| text("error_type", "Error"));
        self.event("tool_result", result.into_iter().chain(error).chain(parameters));
        if tool == "mcp_tool" {
            self.purpose.server = purpose::server(&mut self.rng);
        }
        if edits && !fails {
            let (added, removed) = (skewed(&mut self.rng, 1, 90), skewed(&mut self.rng, 0, 45));
            let model = self.name_of(&self.model.clone());
            self.meters.add(Meter::Lines, &[("type", "added"), ("model", model)], added as f64);
            self.meters.add(Meter::Lines, &[("type", "removed"), ("model", model)], removed as f64);
        }
        edits && !fails
    }

    /// What somebody sends who has switched on `OTEL_LOG_TOOL_DETAILS`.
    fn parameters(&self, tool: &str) -> Option<KeyValue> {
        let details = self.person.trouble == Some(Trouble::ToolDetails) && tool == "Bash";
        details.then(|| text("tool_parameters", r#"{"bash_command":"make","full_command":"make test"}"#))
    }

    fn decide(&mut self, tool: &str, asks: bool) -> Decision {
        let accepted = |source, mode| Decision { decision: "accept", source, mode };
        let rng = &mut self.rng;
        match asks {
            true if happens(rng, 0.12) => refused("user_reject", "default"),
            true if happens(rng, 0.3) => accepted("user_permanent", "default"),
            true => accepted("user_temporary", "default"),
            false if !HARMLESS.contains(&tool) && happens(rng, 0.008) => {
                weighted(rng, &REFUSALS).copied().unwrap_or(REFUSALS[0].0)
            }
            false => accepted("config", "auto"),
        }
    }
}
