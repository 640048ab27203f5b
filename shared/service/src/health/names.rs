//! Findings about the names that people's machines give: those that name nobody, and those that name a whole company.

use std::collections::BTreeSet;

use super::{Evidence, Finding, Severity, about, some_of};
use crate::people::directory::Person;
use crate::people::named::placeholder;
use telemetry::sighting::Fact;

/// One person has a laptop, a second machine and some containers; more installations of one address than this have it from a file that
/// was copied, or never keep their own.
const INSTALLATIONS: usize = 9;

pub(super) fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    [placeholders(evidence), one_address(evidence)].into_iter().flatten().collect()
}

fn placeholders(evidence: &Evidence<'_>) -> Option<Finding> {
    let names: BTreeSet<&str> = evidence
        .directory
        .sightings()
        .filter(|(_, sighting)| sighting.seen.is_some_and(|seen| evidence.is_recent(seen)))
        .filter_map(|(_, sighting)| placeholder(sighting))
        .collect();
    let is_concerned = |person: &Person| {
        let mut sightings = evidence.directory.sightings_of(person);
        sightings.any(|s| placeholder(s).is_some() && s.seen.is_some_and(|seen| evidence.is_recent(seen)))
    };
    about(
        "placeholder_identity",
        Severity::Warning,
        evidence.people(is_concerned),
        format!(
            "Telemetry arrives under names that stand for nobody: {}. They are not counted as people.",
            some_of(&names.into_iter().collect::<Vec<_>>())
        ),
        "Set the real address in OTEL_RESOURCE_ATTRIBUTES of each machine. Claude Code does not expand variables in its settings: use your \
         MDM's own variable for the user's e-mail address, or bedrock.json for one person.",
    )
}

fn one_address(evidence: &Evidence<'_>) -> Option<Finding> {
    let installations = |person: &Person| -> usize {
        let clients = evidence.directory.sightings_of(person).flat_map(|sighting| sighting.values(Fact::Client));
        let recent = clients.filter(|(_, seen)| evidence.is_recent(*seen));
        recent.map(|(client, _)| client).collect::<BTreeSet<_>>().len()
    };
    let is_concerned = |person: &Person| person.email.is_some() && installations(person) > INSTALLATIONS;
    about(
        "one_address_many_installations",
        Severity::Warning,
        evidence.people(is_concerned),
        format!(
            "One e-mail address came from more than {INSTALLATIONS} installations within seven days: several people are counted as one, or \
             somebody works in containers that do not keep ~/.claude.json."
        ),
        "Check whether a configuration with one person's address was given to many; each person needs their own.",
    )
}
