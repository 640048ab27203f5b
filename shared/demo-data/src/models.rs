//! The models that the invented people use, and what their tokens cost.

/// A model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    /// Its name at Anthropic.
    pub name: &'static str,
    /// Its name at Bedrock.
    pub bedrock: &'static str,
    /// Dollars for a million tokens: input, output, cache reads, cache writes.
    pub prices: [f64; 4],
}

/// For hard work.
pub const OPUS: Model =
    Model { name: "claude-opus-5-5", bedrock: "eu.anthropic.claude-opus-5-5", prices: [4.0, 20.0, 0.2, 5.0] };
/// For most work.
pub const SONNET: Model = Model {
    name: "claude-sonnet-4-5-20250929",
    bedrock: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    prices: [3.0, 15.0, 0.3, 3.75],
};
/// For subagents and small questions.
pub const HAIKU: Model = Model {
    name: "claude-haiku-4-5-20251001",
    bedrock: "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
    prices: [1.0, 5.0, 0.1, 1.25],
};

/// The tokens of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// Sent, and in no cache.
    pub input: i64,
    /// Written by the model.
    pub output: i64,
    /// Read from the cache.
    pub cache_read: i64,
    /// Put into the cache.
    pub cache_creation: i64,
}

impl Tokens {
    /// In the order of [`Model::prices`].
    #[must_use]
    pub fn counts(&self) -> [i64; 4] {
        [self.input, self.output, self.cache_read, self.cache_creation]
    }

    /// What they cost with `model`, in dollars, added up in floating point as the client does.
    #[must_use]
    pub fn cost(&self, model: &Model) -> f64 {
        let parts = self.counts().into_iter().zip(model.prices);
        parts.map(|(tokens, price)| tokens as f64 / 1e6 * price).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_costs_what_the_client_said_that_it_costs() {
        let first = Tokens { input: 120, output: 121, cache_read: 0, cache_creation: 2048 };
        let second = Tokens { input: 130, output: 72, cache_read: 11_310, cache_creation: 310 };
        assert_eq!((first.cost(&OPUS) * 1e6).round(), 13_140.0);
        assert_eq!((second.cost(&OPUS) * 1e6).round(), 5_772.0);
    }
}
