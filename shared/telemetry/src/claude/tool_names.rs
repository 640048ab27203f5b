//! Extracts names from the details of tools, and nothing else.
//!
//! `tool_parameters` and `tool_input` are JSON texts that are sent with `OTEL_LOG_TOOL_DETAILS`. Claude Code documents
//! the names in the former. The latter holds the arguments themselves, whose meaning is known only for Claude Code's
//! own tools.

use std::collections::HashMap;

use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value as Sent};
use serde_json::Value as Json;

use super::attribute::{Attribute, Value};
use super::shape;

/// Events with details of tools.
const EVENTS: [&str; 2] = ["tool_result", "tool_decision"];

/// Names in the parameters: as what each is stored, and how it is read.
const PARAMETERS: [(&str, &str, Read); 7] = [
    ("bash_command", "bash_command", program),
    ("full_command", "bash_command", program),
    ("mcp_server_name", "mcp_server.name", name),
    ("mcp_tool_name", "mcp_tool.name", name),
    ("skill_name", "skill.name", name),
    ("subagent_type", "subagent_type", name),
    ("git_commit_id", "git_commit_id", commit),
];

/// Names in the input: the tool, the argument, as what it is stored, and how it is read.
const INPUTS: [(&str, &str, &str, Read); 4] = [
    ("Bash", "command", "bash_command", program),
    ("Skill", "skill", "skill.name", name),
    ("Task", "subagent_type", "subagent_type", name),
    ("Agent", "subagent_type", "subagent_type", name),
];

/// Finds the name in a value.
type Read = fn(&str) -> Option<&str>;

/// The distinct names in the details of the event called `subject`.
#[must_use]
pub fn of(subject: &str, sent: &[KeyValue]) -> Vec<Attribute> {
    let mut found: Vec<Attribute> = Vec::new();
    if !EVENTS.contains(&subject) {
        return found;
    }
    let mut take = |details: &HashMap<String, Json>, argument: &str, key: &str, read: Read| {
        let name = details.get(argument).and_then(Json::as_str).and_then(read);
        if let Some(name) = name.filter(|_| found.iter().all(|known| &*known.key != key)) {
            found.push(Attribute { key: key.into(), value: Value::Text(name.into()) });
        }
    };
    if let Some(parameters) = details(sent, "tool_parameters") {
        PARAMETERS.iter().for_each(|(argument, key, read)| take(&parameters, argument, key, *read));
    }
    let tool = text(sent, "tool_name").unwrap_or_default();
    let inputs = || INPUTS.iter().filter(|(of, ..)| *of == tool);
    if inputs().next().is_some()
        && let Some(input) = details(sent, "tool_input")
    {
        inputs().for_each(|(_, argument, key, read)| take(&input, argument, key, *read));
    }
    found
}

fn details(sent: &[KeyValue], name: &str) -> Option<HashMap<String, Json>> {
    serde_json::from_str(text(sent, name)?).ok()
}

fn text<'a>(sent: &'a [KeyValue], name: &str) -> Option<&'a str> {
    match sent.iter().find(|attribute| attribute.key == name)?.value.as_ref()?.value.as_ref()? {
        Sent::StringValue(text) => Some(text),
        _ => None,
    }
}

/// The program that a command runs: its first word that is not an assignment, without its folder.
fn program(command: &str) -> Option<&str> {
    let word = command.split_whitespace().find(|word| !word.contains('='))?;
    let base = word.rsplit(['/', '\\']).next()?;
    (base.len() <= shape::WORD && shape::is_identifier(base.trim_end_matches('+'))).then_some(base)
}

fn name(text: &str) -> Option<&str> {
    (text.len() <= shape::WORD && !text.is_empty() && shape::is_name(text)).then_some(text)
}

/// A commit id in hexadecimal digits, abbreviated or full.
fn commit(text: &str) -> Option<&str> {
    ((7..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::AnyValue;

    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> Vec<KeyValue> {
        let attribute = |(key, value): &(&str, &str)| KeyValue {
            key: (*key).into(),
            value: Some(AnyValue { value: Some(Sent::StringValue((*value).into())) }),
            ..KeyValue::default()
        };
        pairs.iter().map(attribute).collect()
    }

    fn found(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let names = of("tool_result", &sent(pairs));
        names.iter().map(|a| (a.key.to_string(), a.value.as_text().unwrap().to_owned())).collect()
    }

    fn one(key: &str, value: &str) -> Vec<(String, String)> {
        vec![(key.into(), value.into())]
    }

    #[test]
    fn of_a_command_the_program_alone_is_kept() {
        for (command, program) in [
            ("git commit -m 'Add the merger plan'", "git"),
            ("/usr/local/bin/python3.11 plan.py", "python3.11"),
            ("AWS_SECRET_ACCESS_KEY=hunter2 PGPASSWORD=x psql -c 'select 1'", "psql"),
            ("g++ main.cc", "g++"),
        ] {
            let details = serde_json::json!({ "full_command": command, "description": "a sentence" }).to_string();
            assert_eq!(found(&[("tool_parameters", &details)]), one("bash_command", program), "{command}");
            let input = serde_json::json!({ "command": command }).to_string();
            assert_eq!(found(&[("tool_name", "Bash"), ("tool_input", &input)]), one("bash_command", program));
            assert_eq!(
                found(&[("tool_name", "mcp__x__y"), ("tool_input", &input)]),
                [],
                "whose arguments mean anything"
            );
        }
        for command in ["$(cat plan)", "\"a b\"", "", "ghp_0123456789abcdefghijklmnopqrstuvwxyz", "PASSWORD=hunter2"] {
            let details = serde_json::json!({ "bash_command": command }).to_string();
            assert_eq!(found(&[("tool_parameters", &details)]), [], "{command}");
        }
    }

    #[test]
    fn the_names_of_servers_tools_skills_agents_and_commits_are_kept_under_the_clients_own_names() {
        let details = serde_json::json!({
            "mcp_server_name": "claude.ai Gmail", "mcp_tool_name": "search_threads", "skill_name": "release-notes",
            "subagent_type": "general-purpose", "git_commit_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
            "description": "Look for the plan", "timeout": 5, "subject": "x",
        });
        let names = found(&[("tool_parameters", &details.to_string())]);
        let keys: Vec<&str> = names.iter().map(|(key, _)| &**key).collect();
        assert_eq!(keys, ["mcp_server.name", "mcp_tool.name", "skill.name", "subagent_type", "git_commit_id"]);
    }

    #[test]
    fn what_is_no_name_is_left_out_and_what_is_no_json_too() {
        let details = serde_json::json!({"skill_name": "please delete all of the customers now", "git_commit_id": "none",
            "subagent_type": {"a": 1}, "mcp_server_name": "/home/dana/server"});
        assert_eq!(found(&[("tool_parameters", &details.to_string())]), []);
        assert_eq!(found(&[("tool_parameters", "{\"bash_command\": \"gi")]), []);
        assert_eq!(of("user_prompt", &sent(&[("tool_parameters", "{\"bash_command\":\"git\"}")])), []);
    }
}
