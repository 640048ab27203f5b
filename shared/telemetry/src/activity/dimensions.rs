//! The dimensions by which numbers can be grouped.

use std::sync::Arc;

use crate::claude::attribute::Value;
use crate::claude::models;
use crate::claude::record::{Context, Record};

/// A label, shared by everything that carries it.
pub type Label = Option<Arc<str>>;

/// The size to which longer labels are cut, in bytes.
const LABEL_LIMIT: usize = 256;

/// The labels of a row of a summary. Slowly changing ones come first, so that sorted rows resemble their neighbours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dimensions {
    /// Version of the client.
    pub version: Label,
    /// `terminal.type`.
    pub terminal: Label,
    /// The attribute `team`, which an admin sets.
    pub team: Label,
    /// `owner/name` of the repository.
    pub repository: Label,
    /// The person named by an organisation's own identity attribute, if the source is not an e-mail address.
    pub identity: Label,
    /// `session.id`.
    pub session: Label,
    /// Who provides the model, where its name tells: see [`models::provider`].
    pub provider: Label,
    /// The model, by its [canonical](models::canonical) name.
    pub model: Label,
    /// The name of the model as it was sent, where it is another one.
    pub model_as_sent: Label,
    /// The tool.
    pub tool: Label,
}

impl Dimensions {
    /// The dimensions of a record, without model and tool, which only some records have. `identity_attributes` are the
    /// organisation's own names for the attribute of a person, in order of preference.
    #[must_use]
    pub fn of(record: &Record, context: &Context, identity_attributes: &[String]) -> Self {
        let either = |key: &str| text(record, context, key);
        let version =
            either("app.version").or_else(|| context.text("service.version")).or(Some(&*context.scope_version));
        Self {
            version: label(version),
            terminal: label(either("terminal.type")),
            team: label(either("team")),
            repository: repository(record, context),
            identity: label(identity_attributes.iter().find_map(|name| either(name))),
            session: label(either("session.id")),
            provider: None,
            model: None,
            model_as_sent: None,
            tool: None,
        }
    }

    /// Sets the model by the name that was sent.
    pub fn name_model(&mut self, sent: Option<&str>) {
        self.model = sent.and_then(|sent| label(Some(&models::canonical(sent))));
        let sent = label(sent);
        self.provider = sent.as_deref().and_then(models::provider).map(Arc::from);
        self.model_as_sent = sent.filter(|sent| self.model.as_ref() != Some(sent));
    }

    /// The name of the model as it was sent.
    #[must_use]
    pub fn sent_model(&self) -> &Label {
        if self.model_as_sent.is_some() { &self.model_as_sent } else { &self.model }
    }

    /// The labels in stored order.
    #[must_use]
    pub fn labels(&self) -> [&Label; 10] {
        let Self { version, terminal, team, repository, identity, session, provider, model, model_as_sent, tool } =
            self;
        [version, terminal, team, repository, identity, session, model, tool, model_as_sent, provider]
    }

    /// The labels in stored order, mutable.
    pub fn labels_mut(&mut self) -> [&mut Label; 10] {
        let Self { version, terminal, team, repository, identity, session, provider, model, model_as_sent, tool } =
            self;
        [version, terminal, team, repository, identity, session, model, tool, model_as_sent, provider]
    }
}

/// The text of `key` on the record, or else on its resource.
#[must_use]
pub fn text<'a>(record: &'a Record, context: &'a Context, key: &str) -> Option<&'a str> {
    let present = |value: &&Value| value.as_text().is_some_and(|t| !t.trim().is_empty());
    record.get(key).filter(present).and_then(Value::as_text).or_else(|| context.text(key))
}

/// A label of `text`, unless it is absent or blank.
#[must_use]
pub fn label(text: Option<&str>) -> Label {
    let text = text?.trim();
    let short = &text[..text.floor_char_boundary(LABEL_LIMIT)];
    (!short.is_empty()).then(|| Arc::from(short))
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
    use crate::claude::attribute::Attribute;
    use model::time::Millis;

    fn text(key: &str, value: &str) -> Attribute {
        Attribute { key: key.into(), value: Value::Text(value.into()) }
    }

    #[test]
    fn every_label_is_cut_at_256_bytes_at_a_characters_end() {
        let long = "\u{e9}".repeat(12_800);
        assert_eq!(label(Some(&format!("x{long}"))).as_deref().map(str::len), Some(255));
        let resource = vec![text("team", &long), text("vcs.owner.name", &long)].into();
        let context = Context { resource, ..Context::default() };
        let sent = ["terminal.type", "session.id", "vcs.repository.name", "app.version", "person"];
        let record = Record {
            context: 0,
            name: "user_prompt".into(),
            time: Millis(0),
            digest: [0; 4],
            count: 1,
            attributes: sent.map(|key| text(key, &long)).into(),
            point: None,
        };
        let about = Dimensions::of(&record, &context, &["person".into()]);
        let lengths = about.labels().map(|label| label.as_deref().map_or(0, str::len));
        assert_eq!(lengths, [256, 256, 256, 256, 256, 256, 0, 0, 0, 0]);
    }

    #[test]
    fn a_blank_label_is_none() {
        assert_eq!([label(None), label(Some("")), label(Some(" \t"))], [None, None, None]);
        assert_eq!(label(Some(" core ")).as_deref(), Some("core"));
    }
}
