//! What can be known of a source, and under which names it is stored.

use serde::{Deserialize, Serialize};

use crate::claude::vocabulary::Gate;

/// A kind of fact about a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The source's own name.
    Name,
    /// An account that was logged in.
    Account,
    /// A client, which is an installation.
    Client,
    /// The person named by an organisation's own identity attribute.
    Identity,
    /// Version of the client.
    Version,
    /// Where the model runs: `firstParty`, `bedrock`, …
    Provider,
    /// `organization.id` of the login.
    Organization,
    /// `anthropic.plan` of the login.
    Plan,
    /// Generation of the settings in use.
    Settings,
    /// Why managed settings were refused.
    Refusal,
    /// Generation of the token.
    Generation,
    /// A signal, by its path.
    Signal,
    /// A program that speaks: see [`crate::claude::service`].
    Service,
    /// A bucket to which nothing more is added: see [`Full`](super::Full).
    Full,
    /// A [`Mark`].
    Mark,
}

/// Something of which the time matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A cumulative counter was sent.
    Cumulative,
    /// A clock was wrong.
    WrongClock,
    /// A record was older on arrival than the organisation accepts.
    Late,
    /// A prompt was sent.
    Prompt,
    /// An event was sent that shows a person at work.
    Work,
    /// A metric was sent that shows a person at work.
    WorkPoint,
    /// An event or a metric of work says that a machine does it.
    Automated,
    /// Values were cut or dropped.
    Cut,
    /// Content was sent although the organisation does not store it.
    Content(Gate),
}

impl Mark {
    /// The name under which it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cumulative => "cumulative",
            Self::WrongClock => "wrong_clock",
            Self::Late => "late",
            Self::Prompt => "prompt",
            Self::Work => "work",
            Self::WorkPoint => "work_point",
            Self::Automated => "automated",
            Self::Cut => "cut",
            Self::Content(Gate::Prompts) => "content_prompts",
            Self::Content(Gate::Responses) => "content_responses",
            Self::Content(Gate::ToolDetails) => "content_tool_details",
            Self::Content(Gate::RawBodies) => "content_raw_bodies",
            Self::Content(Gate::Other) => "content_other",
        }
    }
}
