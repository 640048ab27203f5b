//! Findings about the tokens that telemetry comes with. A person is in one of them at most: who is refused is not late as well.

use super::left_behind::LeftBehind;
use super::rollout::{Before, Rollout, newest_settings, newest_token};
use super::{Concerned, Evidence, Finding, Severity, about, finding, people_at_work};
use crate::people::view::PersonView;
use model::organisation::State;
use store::token::TokenState;

/// What to do about whoever has older settings.
const ROLL_OUT: &str =
    "Roll out the current managed settings; Claude Code reads them at its start only, so it has to be restarted.";

pub(super) fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    let left_behind = left_behind(evidence);
    if let Some(ended) = disabled(evidence).or_else(|| revoked(evidence, &left_behind)) {
        return vec![ended];
    }
    let found = [refused(evidence, &left_behind), rollout(evidence, &left_behind), stale_settings(evidence)];
    found.into_iter().flatten().collect()
}

/// Whether no token is good, which is why nothing can come.
pub(super) fn is_ended(evidence: &Evidence<'_>) -> bool {
    evidence.organisation.state == State::Disabled || is_revoked(evidence)
}

/// Whose exports are refused because of a token that was good once.
pub(super) fn left_behind(evidence: &Evidence<'_>) -> LeftBehind {
    LeftBehind::of(evidence.organisation, evidence.directory, evidence.uses, evidence.now)
}

fn is_revoked(evidence: &Evidence<'_>) -> bool {
    matches!(evidence.token().map(|token| token.state), Some(TokenState::Revoked { .. }))
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

fn revoked(evidence: &Evidence<'_>, left_behind: &LeftBehind) -> Option<Finding> {
    let counted = match left_behind.times {
        0 => String::new(),
        times => format!(" {times} were refused so far."),
    };
    is_revoked(evidence).then(|| Finding {
        code: "token_revoked",
        severity: Severity::Error,
        message: format!("All ingest tokens are revoked: every export is refused and lost.{counted}"),
        remedy: format!("Rotate the token. {ROLL_OUT}"),
        users: left_behind.users.iter().cloned().collect::<Concerned>().named,
    })
}

/// Exports with a replaced token that were refused: they are lost, and nobody is told.
fn refused(evidence: &Evidence<'_>, left_behind: &LeftBehind) -> Option<Finding> {
    let last = left_behind.last?;
    let times = left_behind.times;
    let exports = if times == 1 { "1 export was".into() } else { format!("{times} exports were") };
    let last = evidence.moment(last);
    Some(finding(
        "retired_token_refused",
        Severity::Error,
        left_behind.users.iter().cloned().collect(),
        format!(
            "{exports} refused because of a token that was replaced; what was in them is lost. The last one came on {last}."
        ),
        format!("These machines still have the old settings. {ROLL_OUT}"),
    ))
}

/// How far the current token has got, while somebody is on their way to it.
fn rollout(evidence: &Evidence<'_>, left_behind: &LeftBehind) -> Option<Finding> {
    let rollout = Rollout::of(evidence.organisation, evidence.tokens, evidence.directory, evidence.now)?;
    let waiting = || rollout.behind.iter().filter(|person| !left_behind.has(person));
    waiting().next()?;
    let progress = format!("Roll-out of generation {}: {} send with it.", rollout.generation, rollout.progress());
    let (severity, message, is_time_to_name) = match rollout.before {
        Before::Nothing => return None,
        Before::Accepted { until, is_near } => {
            let until = evidence.moment(until);
            let then = format!("The token before works until {until}; after that, telemetry of the others is lost.");
            (if is_near { Severity::Warning } else { Severity::Info }, then, is_near)
        }
        Before::Refused { since, is_long } => {
            let since = evidence.moment(since);
            let then = format!("Nothing has come from the others since the token before ended on {since}.");
            (Severity::Info, then, is_long)
        }
    };
    let users = waiting().filter(|_| is_time_to_name).map(|person| PersonView::from(*person)).collect();
    Some(finding("rollout", severity, users, format!("{progress} {message}"), ROLL_OUT))
}

/// Whoever sends with the current token beside settings of an earlier one: somebody put the token into them by hand.
fn stale_settings(evidence: &Evidence<'_>) -> Option<Finding> {
    let current = evidence.organisation.generation;
    let is_stale = |person: &&_| {
        newest_token(evidence.directory, person).is_some_and(|(used, _)| used >= current)
            && newest_settings(evidence.directory, person).is_some_and(|version| version < current)
    };
    about(
        "stale_settings",
        Severity::Warning,
        people_at_work(evidence.directory, evidence.now).filter(is_stale).map(PersonView::from).collect(),
        format!("These people have the current token in settings older than generation {current}."),
        "Deploy the whole configuration to them, not the token alone: what else has changed in it does not reach them.",
    )
}
