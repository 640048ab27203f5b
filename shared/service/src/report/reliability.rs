//! What fails, what is refused and what is slow, by everything that it may be because of. The range is read once and added up once.

use super::activity::Question;
use super::filters::Filters;
use super::range::Range;
use super::window::Shown;
use crate::people::directory::Directory;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::{Store, StoreError};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Account, Line};

/// The class of the error that says that too much was asked for.
const RATE_LIMIT: &str = "rate_limit";

/// What lines are by, as groupings name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Why requests failed.
    Error,
    /// The model.
    Model,
    /// The version of the client.
    Version,
    /// The tool.
    Tool,
    /// The MCP server.
    McpServer,
    /// The skill.
    Skill,
    /// The plugin.
    Plugin,
    /// The agent.
    Agent,
}

impl By {
    /// As groupings and filters name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Model => "model",
            Self::Version => "version",
            Self::Tool => "tool",
            Self::McpServer => "mcp_server",
            Self::Skill => "skill",
            Self::Plugin => "plugin",
            Self::Agent => "agent",
        }
    }

    const ALL: [Self; 8] =
        [Self::Error, Self::Model, Self::Version, Self::Tool, Self::McpServer, Self::Skill, Self::Plugin, Self::Agent];
}

/// How reliable a range was.
#[derive(Debug)]
pub struct Reliability(Account);

impl Reliability {
    /// Reads a range.
    pub async fn read(
        store: &Store,
        organisation: &Organisation,
        directory: &Directory,
        (range, filters): (Range, &Filters),
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let question = Question::by(range, &By::ALL.map(By::name), filters, organisation);
        Ok(Self(question.account(store, organisation, directory, Shown::AsItIs, now).await?))
    }

    /// Everything in range.
    #[must_use]
    pub fn total(&self) -> &Line {
        &self.0.total
    }

    /// A line for each of what there is, and one for what does not say it.
    #[must_use]
    pub fn by(&self, by: By) -> Vec<Line> {
        self.0.by(&[by as usize])
    }

    /// The requests that were refused because too much was asked for: a line for each of what there is.
    #[must_use]
    pub fn rate_limits(&self, by: By) -> Vec<Line> {
        let is_rate_limit = |line: &Line| label(line, 1) == Some(RATE_LIMIT);
        self.0.by(&[by as usize, By::Error as usize]).into_iter().filter(is_rate_limit).collect()
    }
}

fn label(line: &Line, place: usize) -> Option<&str> {
    line.key.get(place).and_then(Label::as_deref)
}
