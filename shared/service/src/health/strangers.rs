//! The finding about exports whose token is nobody's. Only whoever may know of all organisations is told: it may be any one's telemetry
//! that is lost.

use super::{Concerned, Evidence, Finding, Severity, finding as found};
use model::time::Timestamp;
use store::refusal::{Reason, Refusals};

pub(super) fn finding(evidence: &Evidence<'_>) -> Option<Finding> {
    let of = |reason: Reason| evidence.strangers.iter().filter(move |refusals| refusals.reason == reason);
    let last = evidence.strangers.iter().map(|refusals| refusals.last_seen).max()?;
    let parts: Vec<String> = Reason::ALL.into_iter().filter_map(|reason| part(evidence, reason, of(reason))).collect();
    // Whoever tries every address on the internet has no token; somebody's Claude Code has nearly always a wrong one.
    let is_somebody = Reason::ALL.into_iter().any(|reason| reason != Reason::Missing && of(reason).next().is_some());
    Some(found(
        "unknown_token_refused",
        if is_somebody { Severity::Warning } else { Severity::Info },
        Concerned::default(),
        format!(
            "Exports without a valid token were refused and are lost, and nobody can tell which organisation they were meant for: {}. The \
             last one came on {}.",
            parts.join("; "),
            evidence.moment(last)
        ),
        "Somebody's settings are incomplete, mistyped, or of another service. On their machine, ~/.claude/debug/latest (after claude --debug) \
         has this service's answer, and GET /v1/check gives the same one for a token.",
    ))
}

/// How many there were for a reason, and when the last one came.
fn part<'a>(evidence: &Evidence<'_>, reason: Reason, refusals: impl Iterator<Item = &'a Refusals>) -> Option<String> {
    let (mut count, mut last) = (0_u64, None::<Timestamp>);
    for one in refusals {
        count = count.saturating_add(one.count);
        last = last.max(Some(one.last_seen));
    }
    let what = match reason {
        Reason::Missing => "without any token",
        Reason::Malformed => "with a token that is cut or mistyped",
        Reason::AdminKey => "with an admin key in its place",
        Reason::Unknown => "with a token that is not known here",
    };
    Some(format!("{count} {what} (last on {})", evidence.moment(last?)))
}
