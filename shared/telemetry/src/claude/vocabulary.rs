//! Every attribute Claude Code is known to send, and what kind of thing it is on which event or metric: `category` may be a label on
//! one and content on another.
//!
//! From Claude Code's monitoring documentation up to version 2.1.303 and from captures of versions 1.0.128 to
//! 2.1.330. Newer versions add names; nothing fails because a name is missing here.

use std::collections::HashMap;
use std::sync::LazyLock;

mod tables;

/// The setting that makes a client send a piece of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// `OTEL_LOG_USER_PROMPTS`
    Prompts,
    /// `OTEL_LOG_ASSISTANT_RESPONSES`
    Responses,
    /// `OTEL_LOG_TOOL_DETAILS`; versions up to 2.0.77 send `tool_parameters` without being asked.
    ToolDetails,
    /// `OTEL_LOG_RAW_API_BODIES`
    RawBodies,
    /// Content that comes without a gate of its own: error texts, paths, and whatever does not look like what it should be.
    Other,
}

impl Gate {
    /// Every gate, in the order in which packs count what was dropped.
    pub const ALL: [Self; 5] = [Self::Prompts, Self::Responses, Self::ToolDetails, Self::RawBodies, Self::Other];
}

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A whole number, also where a client sends it as text.
    Int,
    /// A number, also where a client sends it as text.
    Number,
    /// A truth value; clients also write `"true"` and `"false"`.
    Bool,
    /// One of the client's own words, such as `accept` or `user_temporary`: see [`super::shape::is_identifier`].
    Word,
    /// An id, a version, a model, an address: see [`super::shape::is_label`].
    Label,
    /// A list of labels.
    Labels,
    /// What somebody named: a person, an agent, a skill, a terminal. It may have blanks: see [`super::shape::is_name`].
    Name,
    /// A name that comes with the details of tools alone: kept by an organisation that keeps tool names.
    ToolName,
    /// What somebody wrote, said or ran: dropped unless the organisation keeps content.
    Content(Gate),
    /// Not in this list: kept when it can hardly be content.
    Unknown,
}

/// The names of one event or metric.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary(Option<&'static HashMap<&'static str, Meaning>>);

struct Known {
    everywhere: HashMap<&'static str, Meaning>,
    single: HashMap<&'static str, HashMap<&'static str, Meaning>>,
    /// What is content on some event is content on any other that is not known to mean something else by it.
    content: HashMap<&'static str, Meaning>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let flat = |names: tables::Names| names.iter().flat_map(|(meaning, keys)| keys.iter().map(|key| (*key, *meaning)));
    let single: HashMap<_, HashMap<_, _>> = tables::SINGLE
        .iter()
        .map(|(subject, names)| (*subject, names.iter().flat_map(|names| flat(names)).collect()))
        .collect();
    let content = single.values().flatten().filter(|(_, meaning)| is_withheld(**meaning));
    Known {
        everywhere: flat(tables::EVERYWHERE).collect(),
        content: content.map(|(key, meaning)| (*key, *meaning)).collect(),
        single,
    }
});

fn is_withheld(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::Content(_) | Meaning::ToolName)
}

impl Vocabulary {
    /// The names of the event or metric called `subject`: an event by its short name, a metric by its full one.
    #[must_use]
    pub fn of(subject: &str) -> Self {
        Self(KNOWN.single.get(subject))
    }

    /// The names that a resource has.
    #[must_use]
    pub fn of_resources() -> Self {
        Self(None)
    }

    /// What `name` holds.
    #[must_use]
    pub fn meaning(self, name: &str) -> Meaning {
        let own = self.0.and_then(|names| names.get(name));
        let known = own.or_else(|| KNOWN.everywhere.get(name)).or_else(|| KNOWN.content.get(name));
        known.copied().unwrap_or(Meaning::Unknown)
    }
}

#[cfg(test)]
mod tests;
