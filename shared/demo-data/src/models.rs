//! The models that the invented people use. What their tokens cost is Anthropic's list, which the client adds up, too.

/// A model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    /// Its name at Anthropic.
    pub name: &'static str,
    /// Its name at Bedrock.
    pub bedrock: &'static str,
}

/// For hard work.
pub const OPUS: Model = Model { name: "claude-opus-5-5", bedrock: "eu.anthropic.claude-opus-5-5" };
/// For most work.
pub const SONNET: Model =
    Model { name: "claude-sonnet-4-5-20250929", bedrock: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0" };
/// For subagents and small questions.
pub const HAIKU: Model =
    Model { name: "claude-haiku-4-5-20251001", bedrock: "eu.anthropic.claude-haiku-4-5-20251001-v1:0" };

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use telemetry::claude::models::canonical;
    use telemetry::claude::prices::rates;

    use super::*;

    #[test]
    fn every_model_has_a_price() {
        for Model { name, bedrock } in [OPUS, SONNET, HAIKU] {
            assert_eq!(canonical(name), canonical(bedrock));
            assert!(rates(&canonical(name), date(2026, 11, 1)).is_some(), "{name}");
        }
    }
}
