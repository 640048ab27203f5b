//! A session of one person, and what its client sends of it. The work in it is made in `turn`.
//!
//! The real client sends events every few seconds and metrics every minute. Here both come once a quarter hour and at the end, so
//! that a month is a few thousand exports: their content is the same.

use fastrand::Rng;
use model::time::{MILLISECOND, MINUTE, SECOND, SignedDuration, Timestamp};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;

use crate::attribute::{flag, int, list, text};
use crate::cast::{Person, Trouble};
use crate::export::{Envelope, Export};
use crate::meters::{Meter, Meters, nanos};
use crate::models::{Model, SONNET};
use crate::names::OWNER;
use crate::random;
use purpose::Purpose;

mod failure;
mod purpose;
mod skill;
mod tool;
mod turn;

/// How much later than it was made an export arrives.
const TRAVEL: SignedDuration = SECOND;
/// From this version on the client names the repository, if the settings ask for it.
const NAMES_REPOSITORY: &str = "2.1.269";
/// The plugins that come with the client.
const PLUGINS: [(&str, &str); 3] = [
    ("cc-plugin-agents-md", "da63145d0acbb62d"),
    ("cc-plugin-privacy", "a2f27f067781660d"),
    ("cc-plugin-diff", "a76abe54c194ce84"),
];

/// A session that goes on.
#[derive(Debug)]
pub struct Session<'a> {
    person: &'a Person,
    rng: Rng,
    /// When the next thing happens.
    clock: Timestamp,
    /// When the records that are not sent yet began.
    since: Timestamp,
    envelope: Envelope,
    standard: Vec<KeyValue>,
    sequence: i64,
    prompt: Option<String>,
    /// What the next request is made for.
    purpose: Purpose,
    model: Model,
    language: &'static str,
    /// Tokens of the conversation so far, which are read from the cache.
    context: i64,
    /// Whether usage is not reported any more.
    mute: bool,
    records: Vec<LogRecord>,
    meters: Meters,
    exports: Vec<Export>,
}

impl<'a> Session<'a> {
    /// A session that begins at `start`, with settings of the generation given, so many days before the end of the month.
    pub fn begin(person: &'a Person, mut rng: Rng, start: Timestamp, generation: u32, days_before: i64) -> Self {
        let version = person.version(days_before);
        let given = person.given(generation);
        let id = random::uuid(&mut rng);
        let mut standard = [given.clone(), person.standard(&id)].concat();
        if version >= NAMES_REPOSITORY {
            standard.extend(repository(&mut rng, person));
        }
        let envelope = Envelope {
            person: person.number,
            generation,
            json: person.json,
            version,
            resource: [given, person.resource(version)].concat(),
        };
        let model = random::weighted(&mut rng, person.team.models).copied().unwrap_or(SONNET);
        let mute = person.trouble == Some(Trouble::NoTokens) && days_before < 5;
        let context = rng.i64(14_000..26_000);
        let mut session = Self {
            person,
            rng,
            clock: start,
            since: start,
            envelope,
            standard,
            sequence: 0,
            prompt: None,
            purpose: Purpose::default(),
            model,
            language: person.team.language,
            context,
            mute,
            records: Vec::new(),
            meters: Meters::new(start),
            exports: Vec::new(),
        };
        session.start_up();
        session
    }

    /// When the next thing happens.
    pub fn clock(&self) -> Timestamp {
        self.clock
    }

    /// Lets time pass until `time`, if it is not that late yet.
    pub fn wait_until(&mut self, time: Timestamp) {
        self.pass(time.since(self.clock));
    }

    /// What was sent since this was asked last, and what is still to be sent, at once.
    pub fn send(&mut self) -> Vec<Export> {
        self.flush();
        std::mem::take(&mut self.exports)
    }

    fn start_up(&mut self) {
        let source = if self.person.team.bedrock { "file" } else { "remote" };
        self.event(
            "managed_settings_resolved",
            [
                text("managed_settings.trigger", "startup"),
                list("managed_settings.sources", &[source]),
                text("managed_settings.source_behavior", "first-wins"),
                text("managed_settings.helper.state", "none"),
                text("managed_settings.helper.applied", "none"),
            ],
        );
        self.pass(40 * MILLISECOND);
        for (name, hash) in PLUGINS {
            self.event(
                "plugin_loaded",
                [
                    text("plugin.name", name),
                    text("marketplace.name", "builtin"),
                    text("plugin.scope", "default-bundle"),
                    text("enabled_via", "default-enable"),
                    text("plugin_id_hash", hash),
                    flag("has_hooks", true),
                    flag("has_mcp", false),
                    flag("host_owned_mcp", false),
                    int("skill_path_count", 0),
                    int("command_path_count", 0),
                    int("agent_path_count", 0),
                    text("safe_mode", "false"),
                ],
            );
        }
        self.pass(100 * MILLISECOND);
        let kind = if random::happens(&mut self.rng, 0.15) { "resume" } else { "fresh" };
        self.meters.add(Meter::Sessions, &[("start_type", kind)], 1.0);
    }

    /// Lets time pass. With a new quarter hour goes what came together.
    fn pass(&mut self, duration: SignedDuration) {
        let bucket = |time: Timestamp| time.count(15 * MINUTE);
        let later = self.clock.plus(duration.max(SignedDuration::ZERO));
        if bucket(later) != bucket(self.since) {
            self.flush();
            self.since = later;
        }
        self.clock = later;
    }

    fn flush(&mut self) {
        let at = self.clock;
        let records = std::mem::take(&mut self.records);
        let entrypoint = [text("app.version", self.envelope.version), text("app.entrypoint", "cli")];
        let standard = [self.standard.as_slice(), &entrypoint].concat();
        let (metrics, points) = self.meters.collect(at, &standard);
        if !records.is_empty() {
            self.exports.push(self.envelope.logs(at.plus(TRAVEL), records));
        }
        if points > 0 && self.person.trouble != Some(Trouble::NoMetrics) {
            self.exports.push(self.envelope.metrics(at.plus(TRAVEL), metrics, points));
        }
    }

    fn event(&mut self, name: &str, own: impl IntoIterator<Item = KeyValue>) {
        let mut attributes = self.standard.clone();
        attributes.push(text("event.name", name));
        attributes.push(text("event.timestamp", self.clock.to_string()));
        attributes.push(int("event.sequence", self.sequence));
        attributes.extend(self.prompt.as_ref().map(|id| text("prompt.id", id)));
        attributes.extend(own);
        self.sequence += 1;
        self.records.push(LogRecord {
            time_unix_nano: nanos(self.clock),
            observed_time_unix_nano: nanos(self.clock),
            body: Some(AnyValue { value: Some(Value::StringValue(format!("claude_code.{name}"))) }),
            attributes,
            ..LogRecord::default()
        });
    }
}

fn repository(rng: &mut Rng, person: &Person) -> Vec<KeyValue> {
    let Some(name) = random::one(rng, person.team.repositories) else { return Vec::new() };
    vec![
        text("vcs.repository.url.full", format!("https://git.example.com/{OWNER}/{name}")),
        text("vcs.owner.name", OWNER),
        text("vcs.repository.name", *name),
        text("vcs.provider.name", "gitlab"),
    ]
}
