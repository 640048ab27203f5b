//! The dimensions by which numbers can be grouped.

use std::ops::{Index, IndexMut};
use std::sync::Arc;

use super::attributes::attributes;
pub use super::label::{Label, label};
use crate::claude::failure;
use crate::claude::models;
use crate::claude::record::{Context, Record, text};
use crate::claude::service;
use model::organisation::Settings;

/// A dimension. The order is that of the stored form, so new ones are added at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Version of the client.
    Version,
    /// `terminal.type`.
    Terminal,
    /// The attribute `team`, which an admin sets, else `team.id`.
    Team,
    /// `owner/name` of the repository.
    Repository,
    /// The person named by an organisation's own identity attribute, if the source is not an e-mail address.
    Identity,
    /// `session.id`.
    Session,
    /// The model, by its [canonical](models::canonical) name.
    Model,
    /// The tool.
    Tool,
    /// The name of the model as it was sent, where it is another one.
    ModelAsSent,
    /// Who provides the model: `anthropic.provider`, else what its name [tells](models::provider).
    Provider,
    /// The program that speaks: see [`service`].
    Service,
    /// `app.entrypoint`: `cli`, `sdk-cli`, `claude-vscode`, …
    Entrypoint,
    /// `query_source`: what asked the model.
    QuerySource,
    /// The agent that works.
    Agent,
    /// The skill in use.
    Skill,
    /// The plugin in use.
    Plugin,
    /// The MCP server in use.
    McpServer,
    /// The command that a prompt is.
    Command,
    /// `effort`: `low` to `max`.
    Effort,
    /// `speed`: `normal` or `fast`.
    Speed,
    /// The programming language of an edit.
    Language,
    /// The branch that is checked out.
    Branch,
    /// `anthropic.plan` of the login.
    Plan,
    /// `os.type`.
    Os,
    /// Why a request failed: see [`failure`].
    Error,
    /// Attributes that an admin sets: see [`attributes`](super::attributes).
    Attributes,
}

impl Dimension {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// All of them, in stored order.
    pub const ALL: [Self; 26] = [
        Self::Version,
        Self::Terminal,
        Self::Team,
        Self::Repository,
        Self::Identity,
        Self::Session,
        Self::Model,
        Self::Tool,
        Self::ModelAsSent,
        Self::Provider,
        Self::Service,
        Self::Entrypoint,
        Self::QuerySource,
        Self::Agent,
        Self::Skill,
        Self::Plugin,
        Self::McpServer,
        Self::Command,
        Self::Effort,
        Self::Speed,
        Self::Language,
        Self::Branch,
        Self::Plan,
        Self::Os,
        Self::Error,
        Self::Attributes,
    ];

    /// Those that single records of a session have, which are left out where nothing but work is counted: rows are few.
    const OF_RECORDS: [Self; 13] = [
        Self::Model,
        Self::Tool,
        Self::ModelAsSent,
        Self::QuerySource,
        Self::Agent,
        Self::Skill,
        Self::Plugin,
        Self::McpServer,
        Self::Command,
        Self::Effort,
        Self::Speed,
        Self::Language,
        Self::Error,
    ];

    /// The attributes that it is read from, the best first; none if it is made of several.
    fn attributes(self) -> &'static [&'static str] {
        match self {
            Self::Terminal => &["terminal.type"],
            Self::Team => &["team", "team.id"],
            Self::Session => &["session.id"],
            Self::Tool => &["tool_name"],
            Self::Provider => &["anthropic.provider"],
            Self::Entrypoint => &["app.entrypoint"],
            Self::QuerySource => &["query_source"],
            Self::Agent => &["agent.name", "agent_type", "subagent_type"],
            Self::Skill => &["skill.name"],
            Self::Plugin => &["plugin.name"],
            Self::McpServer => &["mcp_server.name"],
            Self::Command => &["command_name"],
            Self::Effort => &["effort"],
            Self::Speed => &["speed"],
            Self::Language => &["language"],
            Self::Branch => &["vcs.ref.head.name"],
            Self::Plan => &["anthropic.plan"],
            Self::Os => &["os.type"],
            Self::Version
            | Self::Repository
            | Self::Identity
            | Self::Model
            | Self::ModelAsSent
            | Self::Service
            | Self::Error
            | Self::Attributes => &[],
        }
    }
}

/// The labels of a row of a summary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dimensions([Label; Dimension::COUNT]);

impl Index<Dimension> for Dimensions {
    type Output = Label;

    fn index(&self, dimension: Dimension) -> &Label {
        &self.0[dimension as usize]
    }
}

impl IndexMut<Dimension> for Dimensions {
    fn index_mut(&mut self, dimension: Dimension) -> &mut Label {
        &mut self.0[dimension as usize]
    }
}

impl Dimensions {
    /// The dimensions of a record in an organisation with these settings.
    #[must_use]
    pub fn of(record: &Record, context: &Context, settings: &Settings) -> Self {
        let either = |key: &str| text(record, context, key);
        let mut about = Self::default();
        for dimension in Dimension::ALL {
            about[dimension] = label(dimension.attributes().iter().find_map(|key| either(key)));
        }
        let version =
            either("app.version").or_else(|| context.text("service.version")).or(Some(&*context.scope_version));
        about[Dimension::Version] = label(version);
        about[Dimension::Repository] = repository(record, context);
        about[Dimension::Identity] = label(settings.identity_attributes.iter().find_map(|name| either(name)));
        about[Dimension::Service] = label(Some(service::of(record, context)));
        about[Dimension::Error] = label(failure::of(record));
        about[Dimension::Attributes] = attributes(record, context, &settings.report_attributes);
        about.name_model(record.text("model"));
        about
    }

    /// The same with another label.
    #[must_use]
    pub fn with(mut self, dimension: Dimension, label: Label) -> Self {
        self[dimension] = label;
        self
    }

    /// The same without what is of single records, and not of their session.
    #[must_use]
    pub fn of_session(mut self) -> Self {
        Dimension::OF_RECORDS.into_iter().for_each(|dimension| self[dimension] = None);
        self
    }

    /// Sets the model by the name that was sent, and with it the provider, unless the client says that.
    fn name_model(&mut self, sent: Option<&str>) {
        let Some(sent) = label(sent) else { return };
        let model = label(Some(&models::canonical(&sent)));
        if self[Dimension::Provider].is_none() {
            self[Dimension::Provider] = models::provider(&sent).map(Arc::from);
        }
        self[Dimension::ModelAsSent] = Some(sent).filter(|sent| model.as_ref() != Some(sent));
        self[Dimension::Model] = model;
    }

    /// The name of the model as it was sent.
    #[must_use]
    pub fn sent_model(&self) -> &Label {
        let sent = &self[Dimension::ModelAsSent];
        if sent.is_some() { sent } else { &self[Dimension::Model] }
    }

    /// The labels in stored order.
    #[must_use]
    pub fn labels(&self) -> &[Label; Dimension::COUNT] {
        &self.0
    }

    /// The labels in stored order, mutable.
    pub fn labels_mut(&mut self) -> &mut [Label; Dimension::COUNT] {
        &mut self.0
    }
}

fn repository(record: &Record, context: &Context) -> Label {
    let either = |key: &str| text(record, context, key);
    match (either("vcs.owner.name"), either("vcs.repository.name")) {
        (Some(owner), Some(name)) => label(Some(&format!("{owner}/{name}"))),
        (None, Some(name)) => label(Some(name)),
        (_, None) => label(either("vcs.repository.url.full")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::attribute::{Attribute, Value};
    use model::time::Timestamp;

    fn text(key: &str, value: &str) -> Attribute {
        Attribute { key: key.into(), value: Value::Text(value.into()) }
    }

    fn settings() -> Settings {
        Settings::new(&"acme".parse().unwrap())
    }

    fn record(attributes: Vec<Attribute>) -> Record {
        let (name, time) = ("api_request".into(), Timestamp(0));
        Record { context: 0, name, time, digest: [0; 4], count: 1, attributes, point: None }
    }

    #[test]
    fn dimensions_stand_in_their_stored_order() {
        for (index, dimension) in Dimension::ALL.into_iter().enumerate() {
            assert_eq!(dimension as usize, index);
        }
    }

    #[test]
    fn every_label_is_cut_at_256_bytes_at_a_characters_end() {
        let long = "\u{e9}".repeat(12_800);
        assert_eq!(label(Some(&format!("x{long}"))).as_deref().map(str::len), Some(255));
        let resource = vec![text("team", &long), text("vcs.owner.name", &long)].into();
        let context = Context { resource, ..Context::default() };
        let sent = ["terminal.type", "session.id", "vcs.repository.name", "app.version", "person"];
        let record = record(sent.map(|key| text(key, &long)).into());
        let settings = Settings { identity_attributes: vec!["person".into()], ..settings() };
        let about = Dimensions::of(&record, &context, &settings);
        let lengths = about.labels().each_ref().map(|label| label.as_deref().map_or(0, str::len));
        assert_eq!(lengths[..6], [256; 6]);
        assert_eq!(lengths[6..].iter().filter(|length| **length > 0).count(), 1, "the service alone");
    }

    #[test]
    fn the_client_says_who_provides_a_model_or_else_its_name_does() {
        let provider = |attributes: Vec<Attribute>| {
            Dimensions::of(&record(attributes), &Context::default(), &settings())[Dimension::Provider].clone()
        };
        let model = || text("model", "eu.anthropic.claude-opus-5-5");
        assert_eq!(provider(vec![model()]).as_deref(), Some("bedrock"));
        assert_eq!(provider(vec![text("anthropic.provider", "firstParty"), model()]).as_deref(), Some("firstParty"));
        assert_eq!(provider(vec![text("model", "claude-opus-5-5")]), None);
    }

    #[test]
    fn a_team_is_also_known_by_the_name_of_claude_codes_documentation() {
        let team = |sent: &[(&str, &str)]| {
            let attributes = sent.iter().map(|(key, value)| text(key, value)).collect();
            Dimensions::of(&record(attributes), &Context::default(), &settings())[Dimension::Team].clone()
        };
        assert_eq!(team(&[("team.id", "platform")]).as_deref(), Some("platform"));
        assert_eq!(team(&[("team.id", "platform"), ("team", "core")]).as_deref(), Some("core"));
    }
}
