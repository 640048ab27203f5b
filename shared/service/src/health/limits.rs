//! Findings about what was more than an organisation, or one source, may send.

use std::collections::BTreeSet;

use super::{Concerned, Evidence, Finding, Severity};
use crate::people::view::PersonView;
use model::order;
use model::time::HOUR;
use store::hours::{Grown, HourKey};
use store::marks::Over;
use telemetry::sighting::{Full, Seen};

/// How many full buckets a message names.
const NAMED: usize = 3;

pub(super) fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    [people(evidence), records(evidence), full(evidence)].into_iter().flatten().collect()
}

fn people(evidence: &Evidence<'_>) -> Option<Finding> {
    let (hour, grown, is_now) = newest(evidence, Over::People)?;
    let limit = evidence.organisation.settings.limits.new_people_per_hour;
    Some(Finding {
        code: "too_many_new_people",
        severity: if is_now { Severity::Error } else { Severity::Warning },
        message: format!(
            "{} people appeared within an hour, with token generation {}: {} are allowed. {}",
            grouped(grown.people),
            hour.generation,
            grouped(limit.into()),
            refused(evidence, hour, is_now)
        ),
        remedy: "If they are yours, raise limits.new_people_per_hour, which ends it at once. If somebody invented them, the token was \
                 stolen: rotate it without an overlap, and take out what was sent with its generation."
            .into(),
        users: Vec::new(),
    })
}

fn records(evidence: &Evidence<'_>) -> Option<Finding> {
    let (hour, grown, is_now) = newest(evidence, Over::Records)?;
    let limit = evidence.organisation.settings.limits.records_per_hour;
    Some(Finding {
        code: "too_many_records",
        severity: if is_now { Severity::Error } else { Severity::Warning },
        message: format!(
            "{} records came within an hour, with token generation {}: {} are allowed. {}",
            grouped(grown.records),
            hour.generation,
            grouped(limit),
            refused(evidence, hour, is_now)
        ),
        remedy: "If so many people are at work, raise limits.records_per_hour, which ends it at once. If not, find out who sends so much \
                 (group activity by user), or rotate the token."
            .into(),
        users: Vec::new(),
    })
}

/// The newest hour in which more came than may, and whether it is not over.
fn newest(evidence: &Evidence<'_>, over: Over) -> Option<(HourKey, Grown, bool)> {
    let limits = &evidence.organisation.settings.limits;
    let is_over = |grown: &Grown| match over {
        Over::People => grown.people > limits.new_people_per_hour.into(),
        Over::Records | Over::Buckets => grown.records > limits.records_per_hour,
    };
    let (hour, grown) = evidence.hours.iter().rfind(|(_, grown)| is_over(grown))?;
    // A token that was replaced since takes nothing whatever the hour.
    let is_good = |generation: u32| {
        evidence.token().is_some_and(|token| token.generation == generation)
            || evidence.overlap().is_some_and(|(overlapping, _)| overlapping == generation)
    };
    Some((*hour, *grown, hour.start().plus(HOUR) > evidence.now && is_good(hour.generation)))
}

fn refused(evidence: &Evidence<'_>, hour: HourKey, is_now: bool) -> String {
    let until = evidence.moment(hour.start().plus(HOUR));
    if is_now {
        format!(
            "Exports with this token are refused until {until}; clients keep what they cannot send for a moment only."
        )
    } else {
        format!("Exports with this token were refused until {until} at the latest.")
    }
}

fn full(evidence: &Evidence<'_>) -> Option<Finding> {
    let mut users: BTreeSet<PersonView> = BTreeSet::new();
    let mut buckets: Vec<(Seen, Full, String)> = Vec::new();
    for (source, sighting) in evidence.directory.sightings() {
        for (full, seen) in sighting.filled().filter(|(_, seen)| evidence.is_recent(*seen)) {
            let name = sighting.own_name().map_or_else(|| source.encoded(), |name| name.to_string());
            buckets.push((seen, full, name));
            let person = evidence.directory.whose(source, &None);
            users.extend(person.map(|id| PersonView::of(evidence.directory, &id)));
        }
    }
    order::sort_by_key(&mut buckets, |(seen, full, name)| (std::cmp::Reverse(seen.last), full.claimed, name.clone()));
    let named = buckets
        .iter()
        .take(NAMED)
        .map(|(_, full, name)| (name, evidence.moment(full.claimed.start()), full.generation))
        .map(|(name, at, generation)| format!("{name} at {at} with token generation {generation}"));
    let named: Vec<String> = named.collect();
    let more = if buckets.len() > NAMED { ", …" } else { "" };
    (!buckets.is_empty()).then(|| Finding {
        code: "quarter_hour_full",
        severity: Severity::Warning,
        message: format!(
            "More was sent in one sender's name within a quarter hour than is counted: {}{more}. The rest is not counted, and is rejected \
             as it comes.",
            named.join(", ")
        ),
        remedy: "If many machines send under one name, give each its own (user.email or enduser.id in OTEL_RESOURCE_ATTRIBUTES). If \
                 nobody does, somebody fills it on purpose: rotate the token."
            .into(),
        users: users.into_iter().collect::<Concerned>().named,
    })
}

/// A number in groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_groups() {
        assert_eq!([0, 999, 1_000, 4_000, 20_000_000].map(grouped), ["0", "999", "1,000", "4,000", "20,000,000"]);
    }
}
