//! Programs other than Claude Code that send telemetry here. Everything else that is found, and the checklist, is about Claude Code.

use super::{Concerned, Evidence, Finding, Severity, finding as found, some_of};
use crate::people::directory::Directory;
use model::time::Timestamp;
use telemetry::claude::service::{is_anthropics, is_claude_code};
use telemetry::sighting::{Fact, Sighting};

/// When Claude Code was last heard of.
#[must_use]
pub fn last_of_claude_code(directory: &Directory) -> Option<Timestamp> {
    // Where nothing says which program spoke, it was Claude Code: spans alone, and what earlier releases stored.
    let last = |sighting: &Sighting| {
        let own =
            sighting.values(Fact::Service).filter(|(service, _)| is_claude_code(service)).map(|(_, seen)| seen.last);
        own.max().or(sighting.seen.map(|seen| seen.last))
    };
    let ours = directory.sightings().filter(|(_, sighting)| sighting.is_of_claude_code());
    ours.filter_map(|(_, sighting)| last(sighting)).max()
}

/// Agents of others that were heard of lately: what they count is not what Claude Code counts.
pub(super) fn finding(evidence: &Evidence<'_>) -> Option<Finding> {
    let services = evidence.directory.services();
    let others = services.iter().filter(|(service, seen)| !is_anthropics(service) && evidence.is_recent(**seen));
    let named: Vec<&str> = others.map(|(service, _)| shown(service)).collect();
    let whose = if named.len() == 1 { "its" } else { "their" };
    (!named.is_empty()).then(|| {
        found(
            "other_agents",
            Severity::Info,
            Concerned::default(),
            format!("Telemetry of {} arrives; {whose} numbers are not read yet.", some_of(&named)),
            "Nothing has to be done: it is stored, and listed by GET /api/orgs/{org}/events. To save what it costs, take this service's \
             address out of those programs' settings.",
        )
    })
}

/// What a service is called by people.
fn shown(service: &str) -> &str {
    match service {
        "codex" => "Codex",
        "gemini-cli" => "Gemini CLI",
        "qwen-code" => "Qwen Code",
        "copilot" => "GitHub Copilot CLI",
        other => other,
    }
}
