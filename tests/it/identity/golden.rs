//! Small invented populations and the whole plan for each: one file a rule, with its near misses.

use std::error::Error;
use std::path::{Path, PathBuf};

use identity::plan::{MergePlan, PlanInput, Rules, plan};
use identity::{GitId, IdentityRef};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    about: String,
    input: PlanInput,
    plan: MergePlan,
}

type Outcome = Result<(), Box<dyn Error>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/identity")
}

fn all() -> Result<Vec<(String, Golden)>, Box<dyn Error>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        all.push((name.clone(), read(&name)?));
    }
    Ok(all)
}

fn read(name: &str) -> Result<Golden, Box<dyn Error>> {
    let text = std::fs::read_to_string(folder().join(name))?;
    serde_json::from_str(&text).map_err(|error| format!("{name}: {error}").into())
}

#[test]
fn every_golden_population_is_planned_as_written() -> Outcome {
    let all = all()?;
    assert!(all.len() >= 20, "golden files are missing");
    for (name, golden) in all {
        let planned = plan(&golden.input, &Rules::default());
        let shown = serde_json::to_string_pretty(&planned)?;
        assert_eq!(planned, golden.plan, "{name}: {}\n{shown}", golden.about);
    }
    Ok(())
}

#[test]
fn applying_a_golden_plan_leaves_nothing_to_do() -> Outcome {
    for (name, golden) in all()? {
        let applied = PlanInput { persons: golden.plan.persons.clone(), ..golden.input };
        let again = plan(&applied, &Rules::default());
        assert!(again.is_empty(), "{name}");
        assert_eq!(again.persons, golden.plan.persons, "{name}");
    }
    Ok(())
}

#[test]
fn without_patterns_a_name_is_only_proposed() -> Outcome {
    let rules = Rules { merge_by_pattern: false, ..Rules::default() };
    let golden = read("full_name.json")?;
    let planned = plan(&golden.input, &rules);
    assert!(planned.merges.is_empty());
    assert_eq!(planned.suggestions.len(), golden.input.claude.len());
    Ok(())
}

#[test]
fn a_declared_shared_mailbox_joins_nobody() -> Outcome {
    let golden = read("same_email.json")?;
    let rules = Rules { shared_mailboxes: vec!["Jane.Doe@example.com".to_owned()], ..Rules::default() };
    let joined = |rules: &Rules| {
        let planned = plan(&golden.input, rules);
        let mut people = planned.persons.into_iter();
        people.find(|p| p.claude.iter().any(|c| c.0 == "case")).map(|p| p.git.len())
    };
    assert_eq!(joined(&Rules::default()), Some(1));
    assert_eq!(joined(&rules), Some(0));
    Ok(())
}

#[test]
fn a_person_that_lost_its_evidence_is_released() -> Outcome {
    let golden = read("same_email.json")?;
    let mut changed = PlanInput { persons: golden.plan.persons, ..golden.input };
    for git in &mut changed.git {
        git.name = "Zed Zedder".to_owned();
        git.email = "someone.new@example.com".to_owned();
    }
    let planned = plan(&changed, &Rules::default());
    assert!(planned.releases.iter().any(|r| r.released == IdentityRef::Git(GitId("g1".to_owned()))));
    Ok(())
}
