//! What is known of a source besides its numbers. Everything in it is a minimum, a maximum, a union or a sum of exact
//! differences, so that the order in which exports are projected does not matter.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::activity::dimensions::text;
use crate::activity::summary::Traffic;
use crate::claude::record::{Context, Record, Temporality};
use crate::claude::source::{SourceId, SourceKind, normalised};
use crate::claude::vocabulary::Gate;
use crate::ingest::clock::is_credible;
use crate::otlp::Signal;
use crate::pack::Pack;
use crate::time::Millis;

/// The most values that are kept of one kind of fact: those seen last.
const VALUES: usize = 64;
/// Longer values are cut, in bytes.
const VALUE_LIMIT: usize = 256;

/// A kind of fact about a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The source's own name.
    Name,
    /// An account it was logged in with.
    Account,
    /// A client, which is an installation.
    Client,
    /// Whose an organisation's own identity attribute says it is.
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
    /// A [`Mark`].
    Mark,
}

/// Something that happened, of which it matters when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A cumulative counter was sent.
    Cumulative,
    /// A clock could not be right.
    WrongClock,
    /// A prompt was sent.
    Prompt,
    /// An event was sent that shows somebody at work.
    Work,
    /// A metric was sent that shows somebody at work.
    WorkPoint,
    /// Content was sent that nobody asked for.
    Content(Gate),
}

impl Mark {
    /// The name it is stored under.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cumulative => "cumulative",
            Self::WrongClock => "wrong_clock",
            Self::Prompt => "prompt",
            Self::Work => "work",
            Self::WorkPoint => "work_point",
            Self::Content(Gate::Prompts) => "content_prompts",
            Self::Content(Gate::Responses) => "content_responses",
            Self::Content(Gate::ToolDetails) => "content_tool_details",
            Self::Content(Gate::RawBodies) => "content_raw_bodies",
            Self::Content(Gate::Other) => "content_other",
        }
    }
}

/// When something was seen, by arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// First, in milliseconds since the epoch.
    pub first: i64,
    /// Last, in milliseconds since the epoch.
    pub last: i64,
}

/// What is known of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sighting {
    /// What kind of name it has; none as long as only spans came, which are not kept.
    pub kind: Option<String>,
    /// The facts, and when each was seen.
    pub facts: BTreeMap<Fact, BTreeMap<String, Seen>>,
    /// When any of its exports arrived.
    pub seen: Option<Seen>,
    /// What the headers of its packs sum up to.
    pub traffic: Traffic,
}

impl Sighting {
    /// What these packs tell of `source`, but for the traffic, which is summed exactly elsewhere.
    #[must_use]
    pub fn of(source: SourceId, packs: &[(Signal, Pack)], identity_attributes: &[String]) -> Self {
        let mut sighting = Self::default();
        for (signal, pack) in packs {
            let at = pack.header.received_at;
            sighting.arrived(at);
            sighting.note(Fact::Signal, signal.path(), at);
            sighting.note(Fact::Generation, &pack.header.generation.to_string(), at);
            for (gate, _) in Gate::ALL.iter().zip(pack.header.dropped).filter(|(_, n)| *n > 0) {
                sighting.mark(Mark::Content(*gate), at);
            }
            for record in &pack.records {
                let Some(context) = pack.contexts.get(record.context) else { continue };
                if sighting.kind.is_none() {
                    sighting.name(source, record, context, at);
                }
                sighting.record(record, context, identity_attributes, at);
            }
        }
        sighting
    }

    /// Adds what another sighting of the same source tells, but for the traffic.
    pub fn merge(&mut self, other: Self) {
        self.kind = self.kind.take().or(other.kind);
        if let Some(seen) = other.seen {
            self.arrived(Millis(seen.first));
            self.arrived(Millis(seen.last));
        }
        for (fact, values) in other.facts {
            for (value, seen) in values {
                self.note(fact, &value, Millis(seen.first));
                self.note(fact, &value, Millis(seen.last));
            }
        }
    }

    /// The values of a kind of fact.
    pub fn values(&self, fact: Fact) -> impl Iterator<Item = (&str, Seen)> {
        self.facts.get(&fact).into_iter().flatten().map(|(value, seen)| (value.as_str(), *seen))
    }

    /// When something happened, if it did.
    #[must_use]
    pub fn marked(&self, mark: Mark) -> Option<Seen> {
        self.facts.get(&Fact::Mark)?.get(mark.name()).copied()
    }

    /// When a signal last arrived, if it did.
    #[must_use]
    pub fn signal(&self, signal: Signal) -> Option<Seen> {
        self.facts.get(&Fact::Signal)?.get(signal.path()).copied()
    }

    /// The source's own name, in clear.
    #[must_use]
    pub fn own_name(&self) -> Option<&str> {
        self.facts.get(&Fact::Name)?.keys().next().map(String::as_str)
    }

    fn arrived(&mut self, at: Millis) {
        let seen = self.seen.get_or_insert(Seen { first: at.0, last: at.0 });
        *seen = Seen { first: seen.first.min(at.0), last: seen.last.max(at.0) };
    }

    fn mark(&mut self, mark: Mark, at: Millis) {
        self.note(Fact::Mark, mark.name(), at);
    }

    fn note(&mut self, fact: Fact, value: &str, at: Millis) {
        let values = self.facts.entry(fact).or_default();
        let value = &value[..value.floor_char_boundary(VALUE_LIMIT)];
        match values.get_mut(value) {
            Some(seen) => *seen = Seen { first: seen.first.min(at.0), last: seen.last.max(at.0) },
            None => {
                values.insert(value.to_owned(), Seen { first: at.0, last: at.0 });
            }
        }
        if values.len() > VALUES {
            let oldest = values.iter().min_by_key(|(value, seen)| (seen.last, *value)).map(|(value, _)| value.clone());
            oldest.and_then(|value| values.remove(&value));
        }
    }

    /// Finds the name whose digest `source` is.
    fn name(&mut self, source: SourceId, record: &Record, context: &Context, at: Millis) {
        if source == SourceId::new(SourceKind::None, "") {
            self.kind = Some(SourceKind::None.name().into());
            return;
        }
        let names = [
            ("user.email", SourceKind::Email),
            ("enduser.id", SourceKind::EndUser),
            ("user_email", SourceKind::EndUser),
            ("work_email", SourceKind::EndUser),
            ("user.account_uuid", SourceKind::Account),
            ("user.account_id", SourceKind::Account),
            ("user.id", SourceKind::Client),
            ("session.id", SourceKind::Session),
        ];
        for (key, kind) in names {
            for value in [record.text(key), context.text(key)].into_iter().flatten() {
                let kind = if kind == SourceKind::EndUser && value.contains('@') { SourceKind::Email } else { kind };
                if SourceId::new(kind, value) == source {
                    self.kind = Some(kind.name().into());
                    self.note(Fact::Name, &normalised(kind, value), at);
                    return;
                }
            }
        }
    }

    fn record(&mut self, record: &Record, context: &Context, identity_attributes: &[String], at: Millis) {
        let either = |key: &str| text(record, context, key);
        let version =
            either("app.version").or_else(|| context.text("service.version")).or(Some(&*context.scope_version));
        let facts = [
            (Fact::Account, either("user.account_uuid")),
            (Fact::Account, either("user.account_id")),
            (Fact::Client, either("user.id")),
            (Fact::Identity, identity_attributes.iter().find_map(|name| either(name))),
            (Fact::Version, version.filter(|v| !v.is_empty())),
            (Fact::Provider, either("anthropic.provider")),
            (Fact::Organization, either("organization.id")),
            (Fact::Plan, either("anthropic.plan")),
            (Fact::Settings, either("settings_version")),
        ];
        for (fact, value) in facts {
            if let Some(value) = value {
                self.note(fact, value.trim(), at);
            }
        }
        if &*record.name == "managed_settings_resolved"
            && let Some(reason) = record.text("error.type")
        {
            self.note(Fact::Refusal, reason, at);
        }
        if !is_credible(record.time, at) {
            self.mark(Mark::WrongClock, at);
        }
        match &record.point {
            Some(point) => {
                if point.temporality == Temporality::Cumulative {
                    self.mark(Mark::Cumulative, at);
                }
                if point.value > 0.0 && &*record.name != "claude_code.session.count" {
                    self.mark(Mark::WorkPoint, at);
                }
            }
            None if &*record.name == "user_prompt" => {
                self.mark(Mark::Prompt, at);
                self.mark(Mark::Work, at);
            }
            None if crate::activity::tally::is_work(&record.name) => self.mark(Mark::Work, at),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(times: &[(Fact, &str, i64)]) -> Sighting {
        let mut sighting = Sighting::default();
        for (fact, value, at) in times {
            sighting.arrived(Millis(*at));
            sighting.note(*fact, value, Millis(*at));
        }
        sighting
    }

    #[test]
    fn sightings_merge_alike_in_any_order_and_any_number_of_times() {
        let early = seen(&[(Fact::Version, "1", 10), (Fact::Client, "c", 30)]);
        let late = seen(&[(Fact::Version, "2", 20), (Fact::Version, "1", 40)]);
        let mut one = early.clone();
        one.merge(late.clone());
        let mut other = late.clone();
        other.merge(early.clone());
        other.merge(late);
        other.merge(early);
        assert_eq!(one, other);
        assert_eq!(one.seen, Some(Seen { first: 10, last: 40 }));
        assert_eq!(one.values(Fact::Version).collect::<Vec<_>>()[0], ("1", Seen { first: 10, last: 40 }));
    }

    #[test]
    fn of_too_many_values_the_last_seen_are_kept() {
        let mut sighting = Sighting::default();
        (0..200).for_each(|n| sighting.note(Fact::Client, &format!("c{n}"), Millis(n)));
        assert_eq!(sighting.facts[&Fact::Client].len(), VALUES);
        assert!(sighting.values(Fact::Client).all(|(_, seen)| seen.last >= 136));
    }
}
