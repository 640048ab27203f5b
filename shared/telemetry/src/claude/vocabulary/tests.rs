use std::collections::BTreeMap;

use super::*;

/// Names by event, metric, `resource`, or `*` for those on all records.
const DOCUMENTED: &str = include_str!("../../../tests/data/claude/documented.txt");
/// An event, a name, and what it holds.
const MEANINGS: &str = include_str!("../../../tests/data/claude/meanings.tsv");

fn expected() -> BTreeMap<(&'static str, &'static str), &'static str> {
    let rows = MEANINGS.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    rows.map(|row| ((row[0], row[1]), row[2])).collect()
}

#[test]
fn every_documented_name_means_on_its_event_what_the_list_says() {
    for ((subject, name), meaning) in expected() {
        let vocabulary = if subject == "resource" { Vocabulary::of_resources() } else { Vocabulary::of(subject) };
        assert_eq!(format!("{:?}", vocabulary.meaning(name)), meaning, "{name} of {subject}");
    }
}

#[test]
fn the_list_has_every_documented_name_and_no_other() {
    let lines = DOCUMENTED.lines().filter(|line| !line.starts_with('#'));
    let documented: Vec<(&str, &str)> = lines
        .filter_map(|line| line.split_once(": "))
        .flat_map(|(subject, names)| names.split(' ').map(move |name| (subject, name)))
        .collect();
    assert!(documented.len() > 230, "{}", documented.len());
    let expected = expected();
    assert_eq!(
        documented.iter().filter(|pair| !expected.contains_key(pair)).collect::<Vec<_>>(),
        [] as [&(&str, &str); 0]
    );
    assert_eq!(documented.len(), expected.len());
}

#[test]
fn no_name_is_in_the_tables_that_nobody_documents() {
    let documented: Vec<&str> = expected().into_keys().map(|(_, name)| name).collect();
    let own = KNOWN.single.values().flatten().chain(&KNOWN.everywhere);
    let others: Vec<&&str> = own.map(|(name, _)| name).filter(|name| !documented.contains(name)).collect();
    assert_eq!(others, [] as [&&str; 0]);
}

#[test]
fn a_name_that_is_content_somewhere_is_content_wherever_it_is_not_known_to_be_something_else() {
    for subject in ["brand_new", "api_request", "claude_code.cost.usage"] {
        assert_eq!(Vocabulary::of(subject).meaning("prompt"), Meaning::Content(Gate::Prompts), "{subject}");
        assert_eq!(Vocabulary::of(subject).meaning("category"), Meaning::Content(Gate::ToolDetails), "{subject}");
    }
    assert_eq!(Vocabulary::of("feedback_survey").meaning("response"), Meaning::Word, "how well it went, in a word");
    assert_eq!(Vocabulary::of("brand_new").meaning("source"), Meaning::Unknown, "a label of other events");
}
