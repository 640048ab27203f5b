//! The configuration as a Claude Code settings document.

use serde_json::{Map, Value, json};

use super::env::Env;

/// Lets editors validate the document.
const SCHEMA: &str = "https://json.schemastore.org/claude-code-settings.json";

/// The document as a value.
pub(super) fn settings(env: &Env) -> Value {
    json!({ "$schema": SCHEMA, "env": variables(env) })
}

/// The block of variables only.
pub(super) fn variables(env: &Env) -> Map<String, Value> {
    env.0.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))).collect()
}

/// The document for a file, on several lines.
pub(super) fn pretty(env: &Env) -> String {
    format!("{:#}\n", settings(env))
}

/// The document on one line, for places that hold a string.
pub(super) fn one_line(env: &Env) -> String {
    settings(env).to_string()
}
