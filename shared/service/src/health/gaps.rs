//! Findings about telemetry of which a part does not come: a signal, the tokens of a session, the work after a start.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Concerned, Evidence, Finding, Severity, about};
use crate::people::directory::Person;
use crate::people::view::PersonView;
use model::time::{DAY, HOUR, SignedDuration, Timestamp};
use otlp::Signal;
use telemetry::sighting::Mark;

/// Metrics come once a minute, and later than events: less than this is no gap.
const GAP: SignedDuration = DAY;

pub(super) fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    let found = [
        logs_without_metrics(evidence),
        metrics_without_logs(evidence),
        without_tokens(evidence),
        signals_disagree(evidence),
        start_up_only(evidence),
    ];
    found.into_iter().flatten().collect()
}

fn when(evidence: &Evidence<'_>, person: &Person, mark: Mark) -> Option<Timestamp> {
    evidence.directory.sightings_of(person).filter_map(|s| s.marked(mark)).map(|seen| seen.last).max()
}

/// Who showed work by one signal of late, and none by the other for as long as cannot be chance.
fn one_sided(evidence: &Evidence<'_>, present: Mark, absent: Mark) -> Concerned {
    evidence.people(|person| {
        let Some(here) = when(evidence, person, present) else { return false };
        let is_recent = evidence.now.since(here) < super::RECENT;
        let first = evidence.directory.sightings_of(person).filter_map(|s| s.marked(present)).map(|s| s.first).min();
        let since = when(evidence, person, absent).or(first).unwrap_or(here);
        // Both signals of one session come within minutes: an hour of silence is enough for who never sent the other.
        let missing_for = here.max(evidence.now.min(here.plus(HOUR))).since(since);
        let enough = if when(evidence, person, absent).is_some() { GAP } else { HOUR };
        is_recent && missing_for >= enough
    })
}

fn logs_without_metrics(evidence: &Evidence<'_>) -> Option<Finding> {
    about(
        "logs_without_metrics",
        Severity::Warning,
        one_sided(evidence, Mark::Work, Mark::WorkPoint),
        "These people send events but no metrics: lines, commits and active time are missing.",
        "Set OTEL_METRICS_EXPORTER=otlp in the managed settings, and pass metrics on if a collector stands in between. Short headless runs \
         lose metrics at exit, so shorten OTEL_METRIC_EXPORT_INTERVAL there.",
    )
}

fn metrics_without_logs(evidence: &Evidence<'_>) -> Option<Finding> {
    about(
        "metrics_without_logs",
        Severity::Warning,
        one_sided(evidence, Mark::WorkPoint, Mark::Work),
        "These people send metrics but no events: prompts, requests and tools are missing.",
        "Events are exported as logs: set OTEL_LOGS_EXPORTER=otlp in the managed settings, restart Claude Code, and pass logs on if a \
         collector stands in between.",
    )
}

fn without_tokens(evidence: &Evidence<'_>) -> Option<Finding> {
    about(
        "prompts_without_tokens",
        Severity::Warning,
        evidence.people(|person| evidence.without_tokens.contains(&person.id)),
        "These people have sessions with prompts and without tokens: some versions stop reporting usage in long sessions.",
        "Restart Claude Code and update it. Until then their tokens and cost are too low.",
    )
}

fn start_up_only(evidence: &Evidence<'_>) -> Option<Finding> {
    let users = evidence.people(|person| {
        let idle = when(evidence, person, Mark::Work).is_none() && when(evidence, person, Mark::WorkPoint).is_none();
        let mut sightings = evidence.directory.sightings_of(person);
        let first = sightings.find_map(|s| s.signal(Signal::Logs)).map(|seen| seen.first);
        idle && first.is_some_and(|first| evidence.now.since(first) > DAY)
            && evidence.directory.seen(person).is_some_and(|seen| evidence.is_recent(seen))
    });
    about(
        "start_up_only",
        Severity::Warning,
        users,
        "From these people come only the events of Claude Code's start, and none of work.",
        "Update Claude Code: background agents of some versions drop the events of their work.",
    )
}

fn signals_disagree(evidence: &Evidence<'_>) -> Option<Finding> {
    let found = evidence.disagreements;
    let worst = found.first()?;
    let people: BTreeSet<&Arc<str>> = found.iter().map(|one| &one.person).collect();
    let sum = found.iter().fold(0_i64, |sum, one| sum.saturating_add(one.amount()));
    let sessions = if found.len() == 1 { "1 session".into() } else { format!("{} sessions", found.len()) };
    about(
        "signals_disagree",
        Severity::Warning,
        people.into_iter().map(|id| PersonView::of(evidence.directory, id)).collect(),
        format!(
            "Events and metrics tell different costs of {sessions} of the last day, {} in all. The largest difference: session {}, {} by \
             its events and {} by its metrics.",
            dollars(sum),
            worst.session,
            dollars(worst.events),
            dollars(worst.metrics)
        ),
        "A part of one signal is lost on its way; what either of them tells is counted, once. Update Claude Code and restart it, since \
         some versions stop sending metrics in long sessions, and look at what stands between it and this service.",
    )
}

/// A cent, in nano-dollars.
const CENT: i64 = 10_000_000;

/// Nano-dollars as dollars and cents, rounded.
fn dollars(nanos: i64) -> String {
    let cents = nanos.saturating_add(CENT / 2) / CENT;
    format!("${}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_are_rounded() {
        assert_eq!([0, 4_999_999, 5_000_000, 12_345_000_000].map(dollars), ["$0.00", "$0.00", "$0.01", "$12.35"]);
    }
}
