//! The configuration as a Claude Code settings document.

use serde_json::{Map, Value, json};

use super::env::Env;
use super::pricing::ModelPricing;

/// Lets editors validate the document.
const SCHEMA: &str = "https://json.schemastore.org/claude-code-settings.json";

/// What a settings document holds.
#[derive(Clone, Copy)]
pub(super) struct Policy<'a> {
    /// The variables.
    pub(super) env: &'a Env,
    /// The prices, if they are not Anthropic's list.
    pub(super) pricing: Option<&'a ModelPricing>,
}

/// The line of shell that Claude Code runs for the headers of exports: a JSON object of texts on its standard output. A token has
/// nothing that would have to be escaped in it.
const HELPER: &str = r#"printf '{"Authorization":"Bearer %s"}' "$CLAUDE_CODE_OTEL_TOKEN""#;

impl Policy<'_> {
    /// The members of the document, but for the schema.
    pub(super) fn members(&self) -> Map<String, Value> {
        let env: Map<String, Value> =
            self.env.0.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))).collect();
        let pricing = self.pricing.map(|pricing| ("modelPricing".to_owned(), pricing.to_value()));
        [("env".to_owned(), env.into())].into_iter().chain(pricing).collect()
    }
}

/// The document as a value.
pub(super) fn settings(policy: Policy<'_>) -> Value {
    let mut document = json!({ "$schema": SCHEMA });
    if let Value::Object(members) = &mut document {
        members.extend(policy.members());
    }
    document
}

/// The document for a CI whose secrets hold the token, on several lines.
pub(super) fn with_helper(policy: Policy<'_>) -> String {
    let mut document = settings(policy);
    document["otelHeadersHelper"] = HELPER.into();
    format!("{document:#}\n")
}

/// The document for a file, on several lines.
pub(super) fn pretty(policy: Policy<'_>) -> String {
    format!("{:#}\n", settings(policy))
}

/// The document on one line, for places that hold a string.
pub(super) fn one_line(policy: Policy<'_>) -> String {
    settings(policy).to_string()
}
