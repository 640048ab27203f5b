//! Versions of Claude Code that were reported to lose telemetry.

use std::collections::BTreeSet;
use std::fmt;

use super::{Evidence, Finding, Severity, about, people, some_of};
use telemetry::sighting::{Fact, Sighting};

/// Versions from the first to the last of which somebody reports that telemetry, or a part of it, does not come although everything
/// is set as it should be, and where that is reported: numbers in Claude Code's own tracker, as of November 2026. Not everybody has
/// the fault, and with most of these versions most telemetry comes.
const LOSING: [(Version, Version, &str); 7] = [
    (Version(2, 0, 64), Version(2, 0, 69), "13803, 14019, 16383"),
    (Version(2, 1, 72), Version(2, 1, 72), "32699"),
    (Version(2, 1, 113), Version(2, 1, 118), "50567, 52353"),
    (Version(2, 1, 113), Version(2, 1, 179), "71312"),
    (Version(2, 1, 126), Version(2, 1, 126), "56021"),
    (Version(2, 1, 170), Version(2, 1, 210), "77763"),
    (Version(2, 1, 252), Version(2, 1, 252), "91165"),
];

/// A version as Claude Code numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32, u32, u32);

impl Version {
    /// Reads `2.1.113`; whatever follows a third number's digits (`-beta.1`, ` (native)`) does not matter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.splitn(3, '.');
        let (major, minor) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        let patch = numbers.next()?;
        let digits = patch.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(patch.len());
        Some(Self(major, minor, patch[..digits].parse().ok()?))
    }

    /// Where it is reported.
    fn reports(self) -> impl Iterator<Item = &'static str> {
        let of_this = LOSING.into_iter().filter(move |(first, last, _)| (*first..=*last).contains(&self));
        of_this.map(|(.., reports)| reports)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

pub(super) fn finding(evidence: &Evidence<'_>) -> Option<Finding> {
    // The version that a source sent last, if it is one of these and of late.
    let losing = |sighting: &Sighting| {
        let (text, seen) = sighting.values(Fact::Version).max_by_key(|(_, seen)| seen.last)?;
        let version = Version::parse(text).filter(|version| version.reports().next().is_some())?;
        evidence.is_recent(seen).then(|| (version, text.to_owned()))
    };
    let users = people(evidence, |sighting| losing(sighting).is_some());
    let found: BTreeSet<(Version, String)> = evidence.directory.sightings().filter_map(|(_, s)| losing(s)).collect();
    let reports: BTreeSet<&str> = found.iter().flat_map(|(version, _)| version.reports()).collect();
    let named: Vec<String> = found.into_iter().map(|(_, text)| text).collect();
    let reports: Vec<&str> = reports.into_iter().collect();
    about(
        "version_loses_telemetry",
        Severity::Warning,
        users,
        format!(
            "These people run a version of Claude Code of which others report lost telemetry: {} (reports {} in \
             anthropics/claude-code). Not everybody with it is concerned.",
            some_of(&named),
            reports.join(", ")
        ),
        "Update Claude Code; requiredMinimumVersion in the managed settings keeps old versions out. What arrives from them is counted.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_losing(text: &str) -> bool {
        Version::parse(text).is_some_and(|version| version.reports().next().is_some())
    }

    #[test]
    fn every_version_that_is_reported_is_known_and_its_neighbours_are_not() {
        for version in [
            "2.0.64",
            "2.0.69",
            "2.1.72",
            "2.1.113",
            "2.1.114",
            "2.1.118",
            "2.1.126",
            "2.1.150",
            "2.1.179",
            "2.1.191",
            "2.1.196",
            "2.1.210",
            "2.1.252",
            "2.1.113-beta.1",
            "2.1.113 (native)",
        ] {
            assert!(is_losing(version), "{version}");
        }
        for version in ["2.0.63", "2.0.70", "2.1.71", "2.1.73", "2.1.112", "2.1.211", "2.1.251", "2.1.253", "2.1.330"] {
            assert!(!is_losing(version), "{version}");
        }
    }

    #[test]
    fn what_is_no_version_is_none_that_loses_anything() {
        for text in ["", "2", "2.1", "2.1.", "2.1.x", "v2.1.113", "99999999999.1.1", "2.1.99999999999"] {
            assert!(!is_losing(text), "{text}");
        }
    }
}
