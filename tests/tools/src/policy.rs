//! What a policy allows, as IAM decides it: denied if a statement denies, else allowed if one allows.
//!
//! Of conditions the tests know those that the template uses; anything else is a panic, not a guess. As the documentation has it:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>: with
//! `ForAllValues` a request that has no such value fulfils the condition, with `ForAnyValue` it does not.

/// A statement of a policy.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Whether it denies.
    pub is_deny: bool,
    /// What it is about.
    pub actions: Vec<String>,
    /// On what, as the template writes it.
    pub resource: String,
    /// What has to hold, all of it.
    pub conditions: Vec<Condition>,
}

/// What has to hold of a request.
#[derive(Debug, Clone)]
pub struct Condition {
    is_for_all: bool,
    key: Key,
    patterns: Vec<String>,
}

/// What a condition looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    LeadingKeys,
    Attributes,
}

/// What a function asks for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The action, as policies name it.
    pub action: &'a str,
    /// A table or a secret, as the template writes it.
    pub resource: &'a str,
    /// The partition key, if the action is on one partition.
    pub leading_key: Option<&'a str>,
    /// The attributes that it names; none if the action is on whole items.
    pub attributes: &'a [&'a str],
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Panics
    /// The tests do not know such conditions.
    #[must_use]
    pub fn read(operator: &str, key: &str, patterns: Vec<String>) -> Self {
        let is_for_all = match operator.split_once(':') {
            Some(("ForAllValues", "StringLike" | "StringEquals")) => true,
            Some(("ForAnyValue", "StringLike" | "StringEquals")) => false,
            _ => panic!("the tests do not know {operator}"),
        };
        let key = match key {
            "dynamodb:LeadingKeys" => Key::LeadingKeys,
            "dynamodb:Attributes" => Key::Attributes,
            other => panic!("the tests do not know {other}"),
        };
        Self { is_for_all, key, patterns }
    }

    fn holds(&self, asked: &Asked<'_>) -> bool {
        let values = match self.key {
            Key::LeadingKeys => asked.leading_key.as_slice(),
            Key::Attributes => asked.attributes,
        };
        let fits = |value: &&str| self.patterns.iter().any(|pattern| matches(pattern.as_bytes(), value.as_bytes()));
        if self.is_for_all { values.iter().all(fits) } else { values.iter().any(fits) }
    }
}

impl Statement {
    /// Whether it speaks of this request.
    #[must_use]
    pub fn applies(&self, asked: &Asked<'_>) -> bool {
        self.resource == asked.resource
            && self.actions.iter().any(|action| action == asked.action)
            && self.conditions.iter().all(|condition| condition.holds(asked))
    }
}

/// Whether a policy of these statements lets a request through.
#[must_use]
pub fn allows(statements: &[Statement], asked: &Asked<'_>) -> bool {
    let speaks = |is_deny| statements.iter().any(|own| own.is_deny == is_deny && own.applies(asked));
    speaks(false) && !speaks(true)
}

/// Whether a text matches a pattern of `StringLike`: `*` is any text, `?` any character.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            matches(rest, text) || text.split_first().is_some_and(|(_, text)| matches(pattern, text))
        }
        (Some((expected, pattern)), Some((found, text))) => {
            (*expected == b'?' || expected == found) && matches(pattern, text)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text_and_a_question_mark_any_character() {
        for (pattern, text, expected) in [
            ("TOKEN#*", "TOKEN#abc#0", true),
            ("TOKEN#*", "TOKEN", false),
            ("???#*", "abc#SUM#x", true),
            ("???#*", "abcd#SUM", false),
            ("???#TOKENS", "abc#TOKENS", true),
            ("???#TOKENS", "abc#TOKENS2", false),
            ("a*b*c", "a--b--c", true),
            ("ORGS", "ORGS", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn who_asks_for_no_single_item_fulfils_for_all_and_not_for_any() {
        let all = Condition::read("ForAllValues:StringLike", "dynamodb:LeadingKeys", vec!["TOKEN#*".into()]);
        let any = Condition::read("ForAnyValue:StringLike", "dynamodb:LeadingKeys", vec!["TOKEN#*".into()]);
        let scan = Asked { action: "dynamodb:Scan", resource: "", leading_key: None, attributes: &[] };
        assert!(all.holds(&scan) && !any.holds(&scan));
    }
}
