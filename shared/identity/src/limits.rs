//! How far chance may explain what two identities have in common, for them to become one person all the same.

use std::collections::BTreeMap;

use super::rule::Rule;

/// Up to how many strangers may be expected to share something by chance, for it to decide: numbers of people of this population.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Of what an address and a Git identity have in common, by the rule. A rule that is missing never decides on its own.
    pub patterns: BTreeMap<Rule, f64>,
    /// Of a full name of two Git identities.
    pub author_name: f64,
    /// Of a handle of two Git identities.
    pub author_handle: f64,
}

impl Limits {
    /// The limit of a rule, if it can decide.
    pub(super) fn of(&self, rule: Rule) -> Option<f64> {
        self.patterns.get(&rule).copied()
    }
}

impl Default for Limits {
    /// Those that are in force. A single word, a likeness and a number left out never decide. Where half of the name is a letter or a
    /// beginning, relatives and colleagues share more than chance says. A login is given once by its host.
    fn default() -> Self {
        let patterns = [
            (Rule::Login, 0.1),
            (Rule::FullName, 0.04),
            (Rule::PersonalDomain, 0.05),
            (Rule::SameLocalPart, 0.05),
            (Rule::HandleName, 0.05),
            (Rule::InitialAndSurname, 0.0125),
            (Rule::CutOff, 0.0125),
            (Rule::FormOfGivenName, 0.0125),
        ];
        Self { patterns: patterns.into(), author_name: 0.03, author_handle: 0.1 }
    }
}
