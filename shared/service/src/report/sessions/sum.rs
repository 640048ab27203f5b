//! A session in numbers.

use std::sync::Arc;

use serde::Serialize;

use crate::people::directory::Directory;
use crate::people::view::PersonView;
use crate::report::figures::{NO_BASIS, basis, dollars};
use model::time::Timestamp;
use telemetry::activity::dimensions::Label;
use telemetry::activity::summary::Span;

/// A session.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SessionView {
    /// `session.id`.
    pub id: String,
    /// Whose.
    pub user: PersonView,
    /// Time of the first record in range.
    #[schema(value_type = String)]
    pub start: Timestamp,
    /// Time of the last record in range.
    #[schema(value_type = String)]
    pub end: Timestamp,
    /// Version of Claude Code.
    pub version: Option<String>,
    /// Kind of terminal.
    pub terminal: Option<String>,
    /// Prompts.
    pub prompts: i64,
    /// US dollars, rounded to the micro-dollar.
    pub cost_usd: f64,
    /// Who says the cost: `client`, `price_list`, `mixed` or `none`, as in activity.
    pub cost_basis: &'static str,
    /// Tokens read.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Tokens written to the cache.
    pub cache_creation_tokens: i64,
}

/// What a session comes to. Those of a month are many thousands, of which a page shows a few.
#[derive(Debug, Clone)]
pub struct SessionSum {
    /// `session.id`.
    pub id: Arc<str>,
    /// The id of the person whose it is.
    pub user: Arc<str>,
    /// When it was seen in range.
    pub span: Span,
    /// Version of Claude Code.
    pub version: Label,
    /// Kind of terminal.
    pub terminal: Label,
    /// Prompts.
    pub prompts: i64,
    /// Tokens: read, written, read from the cache, written to it.
    pub(super) tokens: [i64; 4],
    /// Nano-dollars.
    pub(super) cost: i64,
    /// Those of them that are from the list of prices.
    pub(super) priced: i64,
}

impl SessionSum {
    /// US dollars, rounded to the micro-dollar.
    #[must_use]
    pub fn dollars(&self) -> f64 {
        dollars(self.cost)
    }

    /// Whether anybody says what it cost.
    #[must_use]
    pub fn has_cost(&self) -> bool {
        basis(self.cost, self.priced) != NO_BASIS
    }

    /// All its tokens.
    #[must_use]
    pub fn tokens(&self) -> i64 {
        self.tokens.into_iter().fold(0, i64::saturating_add)
    }

    /// The session with its person's name.
    #[must_use]
    pub fn view(&self, directory: &Directory) -> SessionView {
        let text = |label: &Label| label.as_deref().map(str::to_owned);
        let [input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens] = self.tokens;
        SessionView {
            id: self.id.to_string(),
            user: PersonView::of(directory, &self.user),
            start: self.span.first,
            end: self.span.last,
            version: text(&self.version),
            terminal: text(&self.terminal),
            prompts: self.prompts,
            cost_usd: self.dollars(),
            cost_basis: basis(self.cost, self.priced),
            input_tokens,
            output_tokens,
            cache_read_tokens,
            cache_creation_tokens,
        }
    }

    /// Its place in the order of start.
    pub(super) fn mark(&self) -> String {
        format!("{:014}#{}", self.span.first.0, self.id)
    }
}
