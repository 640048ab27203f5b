//! Every attribute that Claude Code is known to send, and what it holds on which event or metric: `category` may be a
//! label on one and content on another.
//!
//! Taken from Claude Code's monitoring documentation up to version 2.1.303, from captures of versions 1.0.128 to 2.1.330, and
//! from the names in the program of 2.1.332. Newer versions add names; nothing fails because a name is missing here.

use std::collections::HashMap;
use std::sync::LazyLock;

mod tables;

/// The setting that makes a client send some kind of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// `OTEL_LOG_USER_PROMPTS`
    Prompts,
    /// `OTEL_LOG_ASSISTANT_RESPONSES`
    Responses,
    /// `OTEL_LOG_TOOL_DETAILS`; versions up to 2.0.77 send `tool_parameters` even without it.
    ToolDetails,
    /// `OTEL_LOG_RAW_API_BODIES`
    RawBodies,
    /// Content without a gate of its own: error texts, paths, and whatever does not look like what it should be.
    Other,
}

impl Gate {
    /// All gates, in the order in which packs count what was dropped.
    pub const ALL: [Self; 5] = [Self::Prompts, Self::Responses, Self::ToolDetails, Self::RawBodies, Self::Other];
}

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A whole number, possibly sent as text.
    Int,
    /// A number, possibly sent as text.
    Number,
    /// A Boolean; clients also write `"true"` and `"false"`.
    Bool,
    /// One of the client's own words, such as `accept` or `user_temporary`: see [`super::shape::is_identifier`].
    Word,
    /// An id, a version, a model or a URL: see [`super::shape::is_label`].
    Label,
    /// A list of labels.
    Labels,
    /// A name given by a person, to a person, an agent, a skill or a terminal. It may have blanks: see
    /// [`super::shape::is_name`].
    Name,
    /// Names with commas between them, or a list of names, which is read as such a text.
    Names,
    /// A name that comes only with the details of tools: kept if the organisation stores names of tools.
    ToolName,
    /// What a user wrote, said or ran: dropped unless the organisation stores content.
    Content(Gate),
    /// Not listed here: kept if it can hardly be content.
    Unknown,
}

/// The attributes of one event or metric.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary(Option<&'static HashMap<&'static str, Meaning>>);

struct Known {
    everywhere: HashMap<&'static str, Meaning>,
    single: HashMap<&'static str, HashMap<&'static str, Meaning>>,
    /// A name that is content on some event is content on any other, unless it is known to mean something else there.
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
    /// The attributes of the event or metric called `subject`: an event by its short name, a metric by its full one.
    #[must_use]
    pub fn of(subject: &str) -> Self {
        Self(KNOWN.single.get(subject))
    }

    /// Whether there is an event or metric called `subject`.
    #[must_use]
    pub fn knows(subject: &str) -> bool {
        KNOWN.single.contains_key(subject)
    }

    /// The attributes of resources.
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
