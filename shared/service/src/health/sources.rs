//! Findings about what people's clients send.

use model::order;
use std::collections::{BTreeMap, BTreeSet};

use super::{Concerned, Evidence, Finding, Severity, about, people, people_at_work, some_of};
use crate::people::directory::Person;
use crate::people::view::PersonView;
use crate::people::wanted::person_id;
use telemetry::claude::vocabulary::Gate;
use telemetry::sighting::{Fact, Mark, Sighting};

pub(super) fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    let found = [
        marked(
            evidence,
            Mark::Cumulative,
            ("cumulative_temporality", Severity::Warning),
            "The metrics of these people count since the start of a session. That is counted right, but two processes of one session cannot be told apart.",
            "Set OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta in the managed settings.",
        ),
        marked(
            evidence,
            Mark::WrongClock,
            ("wrong_clock", Severity::Warning),
            "Telemetry of these people claims times before 2020 or more than a day ahead. It is shown at the time it arrived.",
            "Set the clock of their machines.",
        ),
        marked(
            evidence,
            Mark::Late,
            ("late_records", Severity::Warning),
            "Telemetry of these people was older when it arrived than this organisation accepts. It is shown at the time it arrived.",
            "Find out what held it back, or raise limits.accept_late_days and run a rebuild if old records are right.",
        ),
        marked(
            evidence,
            Mark::Cut,
            // Long texts are what most of these are where content is kept.
            (
                "values_cut",
                if evidence.organisation.settings.store_content { Severity::Info } else { Severity::Warning },
            ),
            "Some values that these people send are too large, or not what OTLP says of their type. They were cut or left out, and what \
             they counted is missing.",
            "The answer to each such export names the first of them: with `claude --debug` it is in ~/.claude/debug/latest. Then update \
             the client, or whatever rewrites its exports on their way.",
        ),
        content(evidence),
        unattributed(evidence),
        shared_identity(evidence),
        foreign_organization(evidence),
        refusals(evidence),
    ];
    found.into_iter().flatten().collect()
}

fn marked(
    evidence: &Evidence<'_>,
    mark: Mark,
    (code, severity): (&'static str, Severity),
    message: &str,
    remedy: &str,
) -> Option<Finding> {
    let users = people(evidence, |s| s.marked(mark).is_some_and(|seen| evidence.is_recent(seen)));
    about(code, severity, users, message, remedy)
}

fn content(evidence: &Evidence<'_>) -> Option<Finding> {
    if evidence.organisation.settings.store_content {
        return None;
    }
    let gates = [
        (Gate::Prompts, "OTEL_LOG_USER_PROMPTS"),
        (Gate::Responses, "OTEL_LOG_ASSISTANT_RESPONSES"),
        (Gate::ToolDetails, "OTEL_LOG_TOOL_DETAILS"),
        (Gate::RawBodies, "OTEL_LOG_RAW_API_BODIES"),
    ];
    // Names of tools come with their details: who keeps those has switched the details on.
    let gates = gates
        .into_iter()
        .filter(|(gate, _)| !(*gate == Gate::ToolDetails && evidence.organisation.settings.store_tool_names));
    let gates: Vec<(Gate, &str)> = gates.collect();
    let sends = |sighting: &Sighting, gate: Gate| {
        sighting.marked(Mark::Content(gate)).is_some_and(|seen| evidence.is_recent(seen))
    };
    let open: Vec<&str> = gates
        .iter()
        .filter(|(gate, _)| evidence.directory.sightings().any(|(_, s)| sends(s, *gate)))
        .map(|(_, name)| *name)
        .collect();
    about(
        "content_sent",
        Severity::Warning,
        people(evidence, |s| gates.iter().any(|(gate, _)| sends(s, *gate))),
        format!(
            "These people send content that this organisation does not keep. It was dropped. Switched on: {}.",
            open.join(", ")
        ),
        "Set these variables to \"0\" in the managed settings; versions up to 2.0.77 send tool parameters unasked and need an update.",
    )
}

fn unattributed(evidence: &Evidence<'_>) -> Option<Finding> {
    let nobody = |person: &&Person| person.email.is_none() && !evidence.directory.nobody().contains(&person.id);
    let nameless = || people_at_work(evidence.directory, evidence.now).filter(nobody);
    let users: Concerned = nameless().map(PersonView::from).collect();
    let mut providers: BTreeMap<&str, usize> = BTreeMap::new();
    for person in nameless() {
        let named = evidence.directory.sightings_of(person).flat_map(|s| s.values(Fact::Provider));
        if let Some((provider, _)) = named.max_by_key(|(_, seen)| seen.last).filter(|(name, _)| *name != "firstParty") {
            *providers.entry(provider).or_default() += 1;
        }
    }
    let mut others: Vec<(&str, usize)> = providers.into_iter().collect();
    order::sort_by_key(&mut others, |(_, count)| std::cmp::Reverse(*count));
    let others: Vec<String> = others.iter().map(|(name, count)| format!("{count} through {}", shown(name))).collect();
    let by = if others.is_empty() { String::new() } else { format!(", {}", some_of(&others)) };
    let message = format!(
        "{} sources send no e-mail address{by}: API keys and cloud providers give Claude Code none.",
        users.count
    );
    about(
        "unattributed_activity",
        Severity::Warning,
        users,
        message,
        "Put user.email=<address> into OTEL_RESOURCE_ATTRIBUTES of each machine (the bedrock.json settings do), or say whose each is in the \
         list of users.",
    )
}

fn shown(provider: &str) -> &str {
    match provider {
        "bedrock" => "Bedrock",
        "vertex" => "Vertex AI",
        "foundry" => "Foundry",
        other => other,
    }
}

fn shared_identity(evidence: &Evidence<'_>) -> Option<Finding> {
    let emails: BTreeSet<&str> = evidence.directory.shared_clients().flatten().map(|email| &**email).collect();
    let mut users: Vec<PersonView> =
        emails.into_iter().map(|email| PersonView::of(evidence.directory, &person_id(email))).collect();
    order::sort_by(&mut users, Ord::cmp);
    users.dedup();
    about(
        "shared_identity",
        Severity::Warning,
        users.into_iter().collect(),
        "More than one e-mail address came from the same installation: a shared machine, or a forged identity.",
        "Ask them. Activity without an address from that installation stays unattributed until you say whose it is.",
    )
}

fn foreign_organization(evidence: &Evidence<'_>) -> Option<Finding> {
    let listed = &evidence.organisation.settings.anthropic_organization_ids;
    let recent = |sighting: &Sighting| -> Vec<String> {
        let ids = sighting.values(Fact::Organization).filter(|(_, seen)| evidence.is_recent(*seen));
        ids.map(|(id, _)| id.to_owned()).collect()
    };
    let ours: Vec<String> =
        if listed.is_empty() { majority(evidence, recent).into_iter().collect() } else { listed.clone() };
    if ours.is_empty() {
        return None;
    }
    about(
        "foreign_organization",
        Severity::Warning,
        people(evidence, |sighting| recent(sighting).iter().any(|id| !ours.contains(id))),
        "These people are logged in with an account of another Anthropic organisation, perhaps a private one.",
        "Have them log in with the company's account; forceLoginOrgUUID in the managed settings enforces it.",
    )
}

/// The Anthropic organisation of more than half of the people who have one, and of two at least: whose else it is, one alone cannot tell.
fn majority(evidence: &Evidence<'_>, ids: impl Fn(&Sighting) -> Vec<String>) -> Option<String> {
    let mut members: BTreeMap<String, usize> = BTreeMap::new();
    let mut logged_in = 0;
    for person in evidence.directory.people() {
        let theirs: BTreeSet<String> = evidence.directory.sightings_of(person).flat_map(&ids).collect();
        logged_in += usize::from(!theirs.is_empty());
        theirs.into_iter().for_each(|id| *members.entry(id).or_default() += 1);
    }
    let (id, most) = members.into_iter().max_by_key(|(_, count)| *count)?;
    (most >= 2 && most * 2 > logged_in).then_some(id)
}

fn refusals(evidence: &Evidence<'_>) -> Option<Finding> {
    let recent = |s: &Sighting| s.values(Fact::Refusal).any(|(_, seen)| evidence.is_recent(seen));
    let mut reasons: Vec<&str> = evidence
        .directory
        .sightings()
        .flat_map(|(_, s)| s.values(Fact::Refusal))
        .filter(|(_, seen)| evidence.is_recent(*seen))
        .map(|(reason, _)| reason)
        .collect();
    reasons.sort_unstable();
    reasons.dedup();
    about(
        "settings_refused",
        Severity::Warning,
        people(evidence, recent),
        format!("Claude Code refused managed settings on their machines: {}.", some_of(&reasons)),
        "consent_rejected: ask them to approve the settings, or deliver them by MDM or file, which needs no approval; otherwise check the \
         policy with `claude doctor`.",
    )
}
