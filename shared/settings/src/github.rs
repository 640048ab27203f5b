//! The configuration as the environment of a GitHub Actions workflow.

use serde_json::Value;

use super::env::Env;
use super::guide::Guide;

/// The `env` block of a workflow. A JSON string of printable ASCII is a double-quoted string in YAML. GitHub would
/// expand `${{ }}` in any value, but only the header and the resource attributes contain a brace, those of [`Env`] itself.
pub(super) fn workflow(env: &Env, guide: &Guide) -> String {
    let comment = guide.comment().map(|line| format!("# {line}\n"));
    let variables = env.0.iter().map(|(name, value)| format!("  {name}: {}\n", Value::from(value.as_str())));
    comment.chain(["\nenv:\n".to_owned()]).chain(variables).collect()
}
