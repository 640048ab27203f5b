//! What a pack says about its source.

use super::{Fact, Mark, Sighting};
use crate::activity::dimensions::text;
use crate::claude::record::{Context, Record, Temporality};
use crate::claude::source::{NAMES, SourceId, SourceKind, named, normalised};
use crate::claude::vocabulary::Gate;
use crate::clock;
use crate::clock::Claimed;
use crate::pack::Pack;
use model::organisation::Settings;
use model::time::Millis;
use otlp::Signal;

impl Sighting {
    /// Adds what a pack says about `source` in an organisation with these settings, except for the traffic, which is
    /// summed exactly elsewhere.
    pub fn tell(&mut self, source: SourceId, signal: Signal, pack: &Pack, settings: &Settings) {
        let at = pack.header.received_at;
        self.arrived(at);
        self.note(Fact::Signal, signal.path(), at);
        self.note(Fact::Generation, &pack.header.generation.to_string(), at);
        if pack.header.cut > 0 {
            self.mark(Mark::Cut, at);
        }
        for (gate, _) in Gate::ALL.iter().zip(pack.header.dropped).filter(|(_, n)| *n > 0) {
            self.mark(Mark::Content(*gate), at);
        }
        for record in &pack.records {
            let Some(context) = pack.contexts.get(record.context) else { continue };
            if self.kind.is_none() {
                self.name(source, record, context, at);
            }
            self.record(record, context, settings, at);
        }
    }

    /// Finds the name of which `source` is the digest.
    fn name(&mut self, source: SourceId, record: &Record, context: &Context, at: Millis) {
        if source == SourceId::new(SourceKind::None, "") {
            self.kind = Some(SourceKind::None.name().into());
            return;
        }
        for (key, kind) in NAMES {
            for value in [record.text(key), context.text(key)].into_iter().flatten() {
                let kind = named(kind, value);
                if SourceId::new(kind, value) == source {
                    self.kind = Some(kind.name().into());
                    self.note(Fact::Name, &normalised(kind, value), at);
                    return;
                }
            }
        }
    }

    fn record(&mut self, record: &Record, context: &Context, settings: &Settings, at: Millis) {
        let either = |key: &str| text(record, context, key);
        let version =
            either("app.version").or_else(|| context.text("service.version")).or(Some(&*context.scope_version));
        let facts = [
            (Fact::Account, either("user.account_uuid")),
            (Fact::Account, either("user.account_id")),
            (Fact::Client, either("user.id")),
            (Fact::Identity, settings.identity_attributes.iter().find_map(|name| either(name))),
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
        match clock::judge(record.time, at, settings.limits.accept_late_days) {
            Claimed::Credible => {}
            Claimed::Wrong => self.mark(Mark::WrongClock, at),
            Claimed::Late => self.mark(Mark::Late, at),
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
