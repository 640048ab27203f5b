//! Findings about the tokens that telemetry comes with.

use super::{Concerned, Evidence, Finding, RECENT, Severity, about};
use crate::people::directory::Person;
use crate::people::named::{Named, named};
use crate::people::view::PersonView;
use model::organisation::State;
use store::token::TokenState;
use telemetry::sighting::Fact;

pub(super) fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    let found = [disabled(evidence), revoked(evidence), refused(evidence)].into_iter();
    found.chain(retired(evidence)).chain([stale_settings(evidence)]).flatten().collect()
}

fn disabled(evidence: &Evidence<'_>) -> Option<Finding> {
    (evidence.organisation.state == State::Disabled).then(|| Finding {
        code: "disabled",
        severity: Severity::Error,
        message: "The integration is disabled: every export is refused and lost.".into(),
        remedy: "Enable it again and roll out the new managed settings.".into(),
        users: Vec::new(),
    })
}

fn revoked(evidence: &Evidence<'_>) -> Option<Finding> {
    let is_revoked = matches!(evidence.token.map(|t| t.state), Some(TokenState::Revoked { .. }));
    (is_revoked && evidence.organisation.state != State::Disabled).then(|| Finding {
        code: "token_revoked",
        severity: Severity::Error,
        message: "All ingest tokens are revoked: every export is refused and lost.".into(),
        remedy: "Rotate the token and roll out the new managed settings; Claude Code must be restarted to use them."
            .into(),
        users: Vec::new(),
    })
}

/// Exports with a replaced token that were refused: they are lost, and nobody is told.
fn refused(evidence: &Evidence<'_>) -> Option<Finding> {
    let since = evidence.now.plus(-RECENT);
    let uses = evidence.uses.iter().filter(|u| u.refused > 0 && u.last_seen >= since);
    let (mut times, mut users, mut anybody) = (0, Vec::new(), false);
    for token_use in uses {
        anybody = true;
        times += token_use.refused;
        if let Some(claim) = &token_use.user {
            let known = evidence.directory.whose(claim.source(), &None);
            let id = known.map_or_else(|| claim.source().encoded(), |id| id.to_string());
            let mut person = PersonView::of(evidence.directory, &id);
            if let (None, Some(Named::Address(email))) = (&person.email, named(&claim.value)) {
                person.email = Some(email);
            }
            users.push(person);
        }
    }
    users.sort();
    users.dedup();
    let users: Concerned = users.into_iter().collect();
    anybody.then(|| Finding {
        code: "retired_token_refused",
        severity: Severity::Error,
        message: format!("{times} exports came with a replaced token, were refused and are lost."),
        remedy: "Roll out the current managed settings to these people and have them restart Claude Code.".into(),
        users: users.named,
    })
}

/// Who used a replaced token last: while it is good beside its successor, and afterwards, when nothing comes from them any more.
fn retired(evidence: &Evidence<'_>) -> [Option<Finding>; 2] {
    const CODE: &str = "retired_token_in_use";
    const REMEDY: &str =
        "Roll out the current managed settings and have them restart Claude Code, which reads them only at its start.";
    let current = evidence.organisation.generation;
    let newest = |person: &Person| {
        let used = evidence.directory.sightings_of(person).flat_map(|s| s.values(Fact::Generation));
        let used = used.filter_map(|(generation, seen)| Some((generation.parse::<u32>().ok()?, seen)));
        // Who has used the current one since has two machines at most, and the token answer tells of them.
        used.max_by_key(|(generation, seen)| (seen.last, *generation)).filter(|(_, seen)| evidence.is_recent(*seen))
    };
    let last_used = |wanted: &dyn Fn(u32) -> bool| {
        evidence.people(|person| newest(person).is_some_and(|(used, _)| used < current && wanted(used)))
    };
    let good = evidence.overlap.map(|(generation, _)| generation);
    let lost = about(
        CODE,
        Severity::Warning,
        last_used(&|used| Some(used) != good),
        "They sent with a replaced token to the last; it is refused by now, and nothing has come from them since.",
        REMEDY,
    );
    let overlapping = evidence.overlap.and_then(|(_, until)| {
        about(
            CODE,
            Severity::Warning,
            last_used(&|used| Some(used) == good),
            format!("They still send with a token that was replaced; from {until} on their telemetry is lost."),
            REMEDY,
        )
    });
    [lost, overlapping]
}

fn stale_settings(evidence: &Evidence<'_>) -> Option<Finding> {
    let current = evidence.organisation.generation;
    let users = evidence.people(|person| {
        let settings = evidence.directory.sightings_of(person).flat_map(|s| s.values(Fact::Settings));
        let last = settings.max_by_key(|(_, seen)| seen.last);
        last.is_some_and(|(version, seen)| {
            evidence.is_recent(seen) && version.parse::<u32>().is_ok_and(|version| version < current)
        })
    });
    about(
        "stale_settings",
        Severity::Warning,
        users,
        format!("They run with managed settings older than generation {current}."),
        "Check that the settings reach their machines, and have them restart Claude Code.",
    )
}
