//! Findings about whom nothing comes from. People go home at night, at weekends and on holiday, and not everybody needs Claude every
//! day: silence is a finding only after days, after longer than it ever was lately, and of one person only while others are at work.
//! Whoever commits meanwhile is at work for certain.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Evidence, Finding, Severity, about};
use crate::people::directory::Person;
use model::time::{DAY, HOUR};
use telemetry::sighting::{Days, Sighting};

/// Longer than a long weekend, from Thursday evening to Tuesday morning, in milliseconds.
const LONG: i64 = 4 * DAY + 18 * HOUR;
/// Whoever was not seen for this long has left, and is no measure of how many are at work, in milliseconds.
const GONE: i64 = 30 * DAY;

pub(super) fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    let committing = committing(evidence);
    let found = [
        nothing(evidence),
        everybody_silent(evidence),
        somebody_silent(evidence, &committing),
        git_active(evidence, &committing),
    ];
    found.into_iter().flatten().collect()
}

/// How long a silence has to be before it is one, for whom these were the days of lately: half as long again as the longest pause.
fn patience<'a>(sightings: impl Iterator<Item = &'a Sighting>) -> i64 {
    let days = sightings.map(|sighting| sighting.days).fold(Days::default(), Days::with);
    days.longest_pause().map_or(LONG, |pause| LONG.max(pause + pause / 2))
}

fn nothing(evidence: &Evidence<'_>) -> Option<Finding> {
    evidence.directory.last_activity().is_none().then(|| Finding {
        code: "nothing_received",
        severity: Severity::Warning,
        message: "No telemetry was ever received.".into(),
        remedy: "Deploy the managed settings, restart Claude Code, and check with /status that they are in force: people may have to \
                 approve them first."
            .into(),
        users: Vec::new(),
    })
}

fn everybody_silent(evidence: &Evidence<'_>) -> Option<Finding> {
    let patience = patience(evidence.directory.sightings().map(|(_, sighting)| sighting));
    evidence.directory.last_activity().filter(|last| evidence.now.0 - last.0 > patience).map(|last| Finding {
        code: "all_silent",
        severity: Severity::Warning,
        message: format!("Nothing was received since {}.", last),
        remedy: "Check that the managed settings are still in force and that the token in them is the current one."
            .into(),
        users: Vec::new(),
    })
}

/// For how long nothing came from a person, in milliseconds.
fn silence(evidence: &Evidence<'_>, person: &Person) -> Option<i64> {
    evidence.directory.seen(person).map(|seen| evidence.now.0 - seen.last)
}

fn is_silent(evidence: &Evidence<'_>, person: &Person) -> bool {
    silence(evidence, person).is_some_and(|silence| silence > patience(evidence.directory.sightings_of(person)))
}

fn somebody_silent(evidence: &Evidence<'_>, committing: &BTreeSet<Arc<str>>) -> Option<Finding> {
    let within = |limit: i64| {
        let known = evidence.directory.people().filter(|person| person.email.is_some());
        known.filter(|person| silence(evidence, person).is_some_and(|silence| silence < limit)).count()
    };
    // On a quiet day nobody is missed.
    let (today, lately) = (within(DAY), within(GONE));
    if today == 0 || today * 3 < lately {
        return None;
    }
    let is_missed =
        |person: &Person| person.email.is_some() && is_silent(evidence, person) && !committing.contains(&person.id);
    about(
        "silent_since",
        Severity::Info,
        evidence.people(is_missed),
        "Their telemetry came before and has stopped, while others' comes.",
        "If they are at work: check their managed settings with /status, update Claude Code, and restart it.",
    )
}

/// Who committed of late, and after more than a day in which nothing came from them any more. Only whoever telemetry came from before:
/// of others nobody knows whether they use Claude at all. A day, since much is committed without Claude, and as long as is silence
/// for anybody else.
fn committing(evidence: &Evidence<'_>) -> BTreeSet<Arc<str>> {
    let mut found = BTreeSet::new();
    for user in evidence.git {
        let Some(commit) = user.last_commit_at else { continue };
        // A commit of the future was written by a wrong clock.
        if !(evidence.now.0 - super::RECENT..=evidence.now.0 + DAY).contains(&commit) {
            continue;
        }
        for email in std::iter::once(&user.email).chain(&user.emails) {
            let person = evidence.directory.find(email).filter(|person| is_silent(evidence, person));
            let Some(person) = person else { continue };
            if evidence.directory.seen(person).is_some_and(|seen| commit > seen.last + DAY) {
                found.insert(Arc::clone(&person.id));
            }
        }
    }
    found
}

fn git_active(evidence: &Evidence<'_>, committing: &BTreeSet<Arc<str>>) -> Option<Finding> {
    about(
        "git_active_but_silent",
        Severity::Warning,
        evidence.people(|person| committing.contains(&person.id)),
        "They used Claude Code and still commit, and their telemetry has stopped.",
        "Ask whether they still use it; if so, have them check with /status that the managed settings are in force and approved, update \
         Claude Code, and restart it. The desktop app ignores these settings in many versions.",
    )
}
