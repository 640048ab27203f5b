//! Attributes that an admin sets, as one label of a row: most of them are the same in a whole session, and which of them are
//! asked for changes more often than what is stored.

use std::sync::Arc;

use super::label::{Label, label};
use crate::claude::record::{Context, Record, text};

/// Stands between two attributes, as the ASCII control character does that separates records.
const BETWEEN: char = '\u{1e}';
/// Stands between the name and the value, as the ASCII control character does that separates units.
const IS: char = '\u{1f}';

/// The attribute that names several: whoever is in two groups is in each of them.
const GROUP: &str = "group";

/// Attributes that every organisation can group by: what each is called, and where it is read from, the best first.
/// `cost_center` and `department` are the examples of Claude Code's documentation; its gateway sends `user.groups`.
pub const STANDARD: [(&str, &[&str]); 3] =
    [("department", &["department"]), ("cost_center", &["cost_center"]), (GROUP, &["group", "user.groups"])];

/// The attributes of a record that [can be grouped by](STANDARD), and those that the organisation names.
#[must_use]
pub(super) fn attributes(record: &Record, context: &Context, named: &[String]) -> Label {
    let standard = STANDARD.iter().map(|(name, keys)| (*name, keys.iter().find_map(|key| text(record, context, key))));
    let named = named.iter().map(|key| (key.as_str(), text(record, context, key)));
    let mut all = String::new();
    for (name, value) in standard.chain(named) {
        let Some(value) = value.and_then(|value| label(Some(value))) else { continue };
        if find(&all, name).is_some() {
            continue;
        }
        if !all.is_empty() {
            all.push(BETWEEN);
        }
        all.push_str(name);
        all.push(IS);
        // A value that has a separator ends there.
        all.push_str(value.split([BETWEEN, IS]).next().unwrap_or_default());
    }
    (!all.is_empty()).then(|| Arc::from(all))
}

/// The value of the attribute called `name` among the attributes of a row.
#[must_use]
pub fn find<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    attributes.split(BETWEEN).filter_map(|pair| pair.split_once(IS)).find(|(key, _)| *key == name).map(|(_, v)| v)
}

/// The most groups that somebody is in. Each is a row, and what is sent may name as many as fit into a label.
const MEMBERS: usize = 16;

/// What a value of the attribute called `name` names, each once: the members of a group are separated by commas, the first
/// [`MEMBERS`] of them, everything else is one.
pub(super) fn members<'a>(name: &str, value: &'a str) -> Vec<&'a str> {
    if name != GROUP {
        return vec![value];
    }
    let named = value.split(',').map(str::trim).filter(|member| !member.is_empty());
    let mut members: Vec<&str> = named.take(MEMBERS).collect();
    members.sort_unstable();
    members.dedup();
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::attribute::{Attribute, Value};
    use model::time::Timestamp;

    fn of(sent: &[(&str, &str)], named: &[&str]) -> Label {
        let attribute =
            |(key, value): &(&str, &str)| Attribute { key: (*key).into(), value: Value::Text((*value).into()) };
        let resource: Vec<Attribute> = sent.iter().map(attribute).collect();
        let context = Context { resource: resource.into(), ..Context::default() };
        let (name, time) = ("user_prompt".into(), Timestamp(0));
        let record = Record { context: 0, name, time, digest: [0; 4], count: 1, attributes: Vec::new(), point: None };
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        attributes(&record, &context, &named)
    }

    #[test]
    fn what_was_named_is_found_and_nothing_else() {
        let sent = [("department", "sales"), ("user.groups", "eng,ops"), ("project", "apollo"), ("tier", "1")];
        let all = of(&sent, &["project", "department", "colour"]).unwrap();
        let found = ["department", "cost_center", "group", "project", "tier", "colour"].map(|name| find(&all, name));
        assert_eq!(found, [Some("sales"), None, Some("eng,ops"), Some("apollo"), None, None]);
        assert_eq!(of(&[("tier", "1")], &[]), None);
    }

    #[test]
    fn who_is_in_several_groups_is_in_each_of_them_once() {
        assert_eq!(members("group", "ops, dev,,ops "), ["dev", "ops"]);
        assert_eq!(members("department", "R&D, Berlin"), ["R&D, Berlin"]);
        assert!(members("group", " , ").is_empty());
        let many: Vec<String> = (10..99).map(|n| n.to_string()).collect();
        assert_eq!(members("group", &many.join(",")), &many[..MEMBERS], "no list makes more rows");
    }

    #[test]
    fn a_value_cannot_be_taken_for_another_attribute() {
        let all = of(&[("department", "a\u{1e}cost_center\u{1f}b"), ("project", "\u{1f}")], &["project"]).unwrap();
        assert_eq!((find(&all, "department"), find(&all, "cost_center")), (Some("a"), None));
        assert_eq!(find(&all, "project"), Some(""));
    }
}
