//! What arrived and does not count: stored exports that cannot be read, impossible numbers, and bodies damaged on their way.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Concerned, Evidence, Finding, NAMED, RECENT, Severity};
use crate::people::view::PersonView;
use store::damaged::DamagedPack;
use store::rejection::{Reason, Rejection};

pub(super) fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    [damaged(evidence), impossible(evidence), taken_for_text(evidence)].into_iter().flatten().collect()
}

fn damaged(evidence: &Evidence<'_>) -> Option<Finding> {
    let packs = evidence.damaged;
    let named: Vec<String> = packs.iter().take(NAMED).map(DamagedPack::to_string).collect();
    let more = if packs.len() > NAMED { ", …" } else { "" };
    let whose = |pack: &DamagedPack| evidence.directory.whose(pack.key?.source, &None);
    let owners: BTreeSet<Arc<str>> = packs.iter().filter_map(whose).collect();
    let users: Concerned = owners.iter().map(|id| PersonView::of(evidence.directory, id)).collect();
    (!packs.is_empty()).then(|| Finding {
        code: "damaged_packs",
        severity: Severity::Error,
        message: format!(
            "{} stored exports cannot be read and are not counted: {}{more}.",
            packs.len(),
            named.join(", ")
        ),
        remedy:
            "Update the service and run a rebuild; if they stay unreadable, report it with the log of project-activity."
                .into(),
        users: users.named,
    })
}

fn impossible(evidence: &Evidence<'_>) -> Option<Finding> {
    let since = evidence.now.minus(RECENT);
    let recent = || {
        let recent = evidence.rejections.iter().filter(|rejection| rejection.last_seen >= since);
        recent.filter_map(|rejection| match rejection.reason {
            Reason::Impossible(what) => Some((rejection, what)),
            Reason::TakenForText => None,
        })
    };
    let last = recent().map(|(rejection, _)| rejection.last_seen).max()?;
    let named: Vec<String> = recent()
        .map(|(Rejection { count, generation, .. }, what)| {
            format!("{count} with {} (token generation {generation})", what.reason())
        })
        .collect();
    let owners: BTreeSet<String> = recent()
        .map(|(rejection, _)| {
            let known = evidence.directory.whose(rejection.source, &None);
            known.map_or_else(|| rejection.source.encoded(), |id| id.to_string())
        })
        .collect();
    Some(Finding {
        code: "impossible_numbers",
        severity: Severity::Warning,
        message: format!(
            "Records were rejected because a number in them is impossible: {}. The last one came on {}.",
            named.join(", "),
            evidence.moment(last)
        ),
        remedy: "Ask the users who sent them. If none of them knows of it, somebody else has the token: rotate it."
            .into(),
        users: owners.iter().map(|id| PersonView::of(evidence.directory, id)).collect(),
    })
}

/// Exports of compressed JSON that a gateway took for text: all of them are lost.
fn taken_for_text(evidence: &Evidence<'_>) -> Option<Finding> {
    let since = evidence.now.minus(RECENT);
    let damaged = evidence.rejections.iter().filter(|rejection| rejection.reason == Reason::TakenForText);
    let recent: Vec<&Rejection> = damaged.filter(|rejection| rejection.last_seen >= since).collect();
    let last = recent.iter().map(|rejection| rejection.last_seen).max()?;
    let count: u64 = recent.iter().map(|rejection| rejection.count).sum();
    Some(Finding {
        code: "compressed_json_damaged",
        severity: Severity::Error,
        message: format!(
            "{count} exports of compressed JSON were damaged on their way, refused and are lost. The last one came at {}.",
            evidence.moment(last)
        ),
        remedy: "API Gateway hands JSON on as text, which destroys what is compressed. Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf in the \
                 managed settings, or OTEL_EXPORTER_OTLP_COMPRESSION=none."
            .into(),
        users: Vec::new(),
    })
}
