//! The prices that Claude Code reckons with in place of Anthropic's list: the settings key `modelPricing`.
//!
//! The rules are Claude Code's own: a multiplier of more than 0 and at most 10 for all models, and rows of US dollars per million
//! tokens, each with all four rates from 0 to 10,000. It skips a row that breaks them without a word, so one is refused here.

use serde_json::{Map, Value};

/// The highest multiplier.
const MAX_MULTIPLIER: f64 = 10.0;
/// The highest rate, in US dollars per million tokens.
const MAX_RATE: f64 = 10_000.0;
/// The most rows.
const MAX_ROWS: usize = 100;
/// The longest name of a model, in bytes. The ARN of an inference profile has about 120.
const MAX_MODEL: usize = 256;
/// The rates of a row, of which none may be missing.
const RATES: [&str; 4] = ["input", "output", "cacheRead", "cacheWrite"];

/// What the value of `model_pricing` may be.
pub const ALLOWED: &str = "a JSON object such as {\"multiplier\":0.85} or {\"overrides\":{\"claude-opus-5\":{\"input\":4.2,\
     \"output\":21,\"cacheRead\":0.42,\"cacheWrite\":5.25}}}, in US dollars per million tokens";

/// Why prices cannot be put into a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// The value is not an object with a multiplier, rows, or both.
    #[error("it must be a JSON object with multiplier, overrides or both, and nothing else")]
    Shape,
    /// The multiplier is out of range.
    #[error("multiplier must be a number above 0 and at most {MAX_MULTIPLIER}")]
    Multiplier,
    /// The rows are not an object, none or too many.
    #[error("overrides must be an object with 1 to {MAX_ROWS} models")]
    Rows,
    /// A name that no model has.
    #[error("{model:?} is not the name of a model")]
    Model {
        /// The beginning of the name.
        model: String,
    },
    /// Two names of one model.
    #[error("{model} has two rows: it is one model, whatever its name is followed by")]
    Twice {
        /// Its name.
        model: String,
    },
    /// A row without exactly the four rates, each within range.
    #[error("{model} must have exactly {}, each a number from 0 to {MAX_RATE}", RATES.join(", "))]
    Rates {
        /// The name of the model.
        model: String,
    },
}

/// Prices, as they are written into a settings document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPricing(Map<String, Value>);

impl ModelPricing {
    /// Parses the JSON of the settings key.
    ///
    /// # Errors
    /// What Claude Code would skip.
    pub fn parse(text: &str) -> Result<Self, PricingError> {
        let Ok(Value::Object(pricing)) = serde_json::from_str(text) else { return Err(PricingError::Shape) };
        if pricing.is_empty() || pricing.keys().any(|key| !["multiplier", "overrides"].contains(&key.as_str())) {
            return Err(PricingError::Shape);
        }
        if let Some(multiplier) = pricing.get("multiplier")
            && !multiplier.as_f64().is_some_and(|number| number > 0.0 && number <= MAX_MULTIPLIER)
        {
            return Err(PricingError::Multiplier);
        }
        if let Some(overrides) = pricing.get("overrides") {
            let rows = overrides.as_object().filter(|rows| (1..=MAX_ROWS).contains(&rows.len()));
            rows.ok_or(PricingError::Rows)?.iter().try_for_each(|(model, row)| check(model, row))?;
        }
        Ok(Self(pricing))
    }

    /// By how many times all prices of the list are multiplied.
    #[must_use]
    pub fn multiplier(&self) -> Option<f64> {
        self.0.get("multiplier").and_then(Value::as_f64)
    }

    /// The models with rates of their own: US dollars per million tokens of input, output, read and written cache.
    pub fn overrides(&self) -> impl Iterator<Item = (&str, [f64; 4])> {
        let rows = self.0.get("overrides").and_then(Value::as_object).into_iter().flatten();
        rows.map(|(model, row)| (model.as_str(), RATES.map(|rate| row[rate].as_f64().unwrap_or_default())))
    }

    /// The value of the settings key.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

fn check(model: &str, row: &Value) -> Result<(), PricingError> {
    let is_model = (1..=MAX_MODEL).contains(&model.len())
        && model.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:/@[]".contains(&b));
    let model: String = model.chars().take(MAX_MODEL).collect();
    if !is_model {
        return Err(PricingError::Model { model });
    }
    let is_rate = |rate: &Value| rate.as_f64().is_some_and(|rate| (0.0..=MAX_RATE).contains(&rate));
    let rates = row.as_object().filter(|row| row.len() == RATES.len());
    let is_complete = rates.is_some_and(|row| RATES.iter().all(|name| row.get(*name).is_some_and(is_rate)));
    if is_complete { Ok(()) } else { Err(PricingError::Rates { model }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"input":4.2,"output":21,"cacheRead":0,"cacheWrite":10000}"#;

    #[test]
    fn what_claude_code_takes_is_taken_as_it_is() {
        for text in [
            r#"{"multiplier":0.85}"#.to_owned(),
            r#"{"multiplier":10}"#.to_owned(),
            format!(r#"{{"overrides":{{"claude-opus-5":{ROW}}}}}"#),
            format!(
                r#"{{"multiplier":1,"overrides":{{"claude-opus-4-8[1m]":{ROW},"arn:aws:bedrock:x:1:y/z":{ROW}}}}}"#
            ),
        ] {
            let value: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(ModelPricing::parse(&text).unwrap().to_value(), value);
        }
    }

    #[test]
    fn what_claude_code_would_skip_is_refused_with_its_name() {
        let row = |row: &str| format!(r#"{{"overrides":{{"claude-opus-5":{row}}}}}"#);
        let rates = || PricingError::Rates { model: "claude-opus-5".into() };
        for (text, error) in [
            (String::new(), PricingError::Shape),
            ("0.85".into(), PricingError::Shape),
            ("{}".into(), PricingError::Shape),
            (r#"{"multiplier":1,"discount":2}"#.into(), PricingError::Shape),
            (r#"{"multiplier":0}"#.into(), PricingError::Multiplier),
            (r#"{"multiplier":10.5}"#.into(), PricingError::Multiplier),
            (r#"{"multiplier":"1"}"#.into(), PricingError::Multiplier),
            (r#"{"overrides":{}}"#.into(), PricingError::Rows),
            (r#"{"overrides":[]}"#.into(), PricingError::Rows),
            (row("{}"), rates()),
            (row(r#"{"input":1,"output":1,"cacheRead":1}"#), rates()),
            (row(r#"{"input":1,"output":1,"cacheRead":1,"cache_write":1}"#), rates()),
            (row(r#"{"input":-1,"output":1,"cacheRead":1,"cacheWrite":1}"#), rates()),
            (row(r#"{"input":10001,"output":1,"cacheRead":1,"cacheWrite":1}"#), rates()),
            (format!(r#"{{"overrides":{{"a b":{ROW}}}}}"#), PricingError::Model { model: "a b".into() }),
            (format!(r#"{{"overrides":{{"":{ROW}}}}}"#), PricingError::Model { model: String::new() }),
        ] {
            assert_eq!(ModelPricing::parse(&text), Err(error), "{text}");
        }
        let rows: Vec<String> = (0..=MAX_ROWS).map(|n| format!(r#""m{n}":{ROW}"#)).collect();
        let many = format!(r#"{{"overrides":{{{}}}}}"#, rows.join(","));
        assert_eq!(ModelPricing::parse(&many), Err(PricingError::Rows));
    }
}
