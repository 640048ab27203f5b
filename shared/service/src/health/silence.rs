//! Findings about whom nothing comes from. People go home at night, at weekends and on holiday, and not everybody needs Claude every
//! day: silence is a finding only after days, after longer than it ever was lately, and of one person only while others are at work.
//! Whoever commits meanwhile is at work for certain.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::left_behind::LeftBehind;
use super::services::last_of_claude_code;
use super::{Evidence, Finding, Severity, about, tokens};
use crate::people::directory::Person;
use model::time::{DAY, SignedDuration, from_days};
use telemetry::sighting::{Days, Sighting};

/// Longer than a long weekend, from Thursday evening to Tuesday morning.
const LONG: SignedDuration = from_days(4).saturating_add(SignedDuration::from_hours(18));
/// Whoever was not seen for this long has left, and is no measure of how many are at work.
const GONE: SignedDuration = from_days(30);

pub(super) fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    // What is refused cannot come: that has a finding of its own.
    let left_behind = tokens::left_behind(evidence);
    let is_ended = tokens::is_ended(evidence);
    let committing = committing(evidence, &left_behind);
    let found = [
        nothing(evidence).filter(|_| !is_ended && left_behind.times == 0),
        everybody_silent(evidence).filter(|_| !is_ended && !is_everybody_behind(evidence, &left_behind)),
        somebody_silent(evidence, &committing, &left_behind),
        git_active(evidence, &committing),
    ];
    found.into_iter().flatten().collect()
}

/// How long a silence has to be before it is one, for whom these were the days of lately: half as long again as the longest pause.
pub(super) fn patience<'a>(sightings: impl Iterator<Item = &'a Sighting>) -> SignedDuration {
    let days = sightings.map(|sighting| sighting.days).fold(Days::default(), Days::with);
    days.longest_pause().map_or(LONG, |pause| LONG.max(pause + pause / 2))
}

fn nothing(evidence: &Evidence<'_>) -> Option<Finding> {
    let is_new = evidence.now.since(evidence.organisation.created_at) < DAY;
    last_of_claude_code(evidence.directory).is_none().then(|| Finding {
        code: "nothing_received",
        // Nobody deploys settings within the hour.
        severity: if is_new { Severity::Info } else { Severity::Warning },
        message: "No telemetry of Claude Code has been received yet.".into(),
        remedy: "Deploy the managed settings, restart Claude Code, and check with /status that they are in force: people may have to \
                 approve them first."
            .into(),
        users: Vec::new(),
    })
}

fn everybody_silent(evidence: &Evidence<'_>) -> Option<Finding> {
    let patience = patience(evidence.directory.sightings().map(|(_, sighting)| sighting));
    last_of_claude_code(evidence.directory).filter(|last| evidence.now.since(*last) > patience).map(|last| Finding {
        code: "all_silent",
        severity: Severity::Warning,
        message: format!("Nothing has been received from Claude Code since {}.", evidence.moment(last)),
        remedy: "Check with /status in Claude Code that the managed settings are still in force, and with GET /v1/check that their token \
                 is good and a user's network lets it reach this service."
            .into(),
        users: Vec::new(),
    })
}

/// Whether all who were at work lately are refused: one machine that was forgotten explains nobody else's silence.
fn is_everybody_behind(evidence: &Evidence<'_>, left_behind: &LeftBehind) -> bool {
    let lately = |person: &&Person| {
        let is_automation = evidence.directory.automation().contains(&person.id);
        !is_automation && silence(evidence, person).is_some_and(|silence| silence < GONE)
    };
    let mut people = evidence.directory.people().filter(lately).peekable();
    people.peek().is_some() && people.all(|person| left_behind.has(person))
}

/// For how long nothing came from a person.
fn silence(evidence: &Evidence<'_>, person: &Person) -> Option<SignedDuration> {
    evidence.directory.seen(person).map(|seen| evidence.now.since(seen.last))
}

fn is_silent(evidence: &Evidence<'_>, person: &Person) -> bool {
    silence(evidence, person).is_some_and(|silence| silence > patience(evidence.directory.sightings_of(person)))
}

fn somebody_silent(
    evidence: &Evidence<'_>,
    committing: &BTreeSet<Arc<str>>,
    left_behind: &LeftBehind,
) -> Option<Finding> {
    let is_known = |person: &Person| person.email.is_some() && person.uses_claude_code();
    let within = |limit: SignedDuration| {
        let known = evidence.directory.people().filter(|person| is_known(person));
        known.filter(|person| silence(evidence, person).is_some_and(|silence| silence < limit)).count()
    };
    // On a quiet day nobody is missed.
    let (today, lately) = (within(DAY), within(GONE));
    if today == 0 || today * 3 < lately {
        return None;
    }
    let is_missed = |person: &Person| {
        let is_named = committing.contains(&person.id) || left_behind.has(person);
        is_known(person) && is_silent(evidence, person) && !is_named
    };
    about(
        "silent_since",
        Severity::Info,
        evidence.people(is_missed),
        "Telemetry from these people has stopped; others' is arriving.",
        "If they are at work: check their managed settings with /status, update Claude Code, and restart it.",
    )
}

/// Who committed of late, and after more than a day in which nothing came from them any more. Only whoever telemetry came from before:
/// of others nobody knows whether they use Claude at all. A day, since much is committed without Claude, and as long as is silence
/// for anybody else.
fn committing(evidence: &Evidence<'_>, left_behind: &LeftBehind) -> BTreeSet<Arc<str>> {
    let mut found = BTreeSet::new();
    for user in evidence.git {
        let Some(commit) = user.last_commit_at else { continue };
        // A commit of the future was written by a wrong clock.
        if !(evidence.now.minus(super::RECENT)..=evidence.now.plus(DAY)).contains(&commit) {
            continue;
        }
        for email in std::iter::once(&user.email).chain(&user.emails) {
            let is_missed = |person: &&Person| is_silent(evidence, person) && !left_behind.has(person);
            let person = evidence.directory.find(email).filter(is_missed);
            let Some(person) = person else { continue };
            if evidence.directory.seen(person).is_some_and(|seen| commit > seen.last.plus(DAY)) {
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
        "These people used Claude Code and still commit, but their telemetry has stopped.",
        "Ask whether they still use it; if so, have them check with /status that the managed settings are in force and approved, update \
         Claude Code, and restart it. The desktop app ignores these settings in many versions.",
    )
}
