//! What a pack says about its source.

use super::{Fact, Mark, Sighting};
use crate::claude::automation::is_automated;
use crate::claude::record::{Context, Record, Temporality, text};
use crate::claude::service;
use crate::claude::source::{NAMES, SourceId, SourceKind, named, normalised};
use crate::claude::vocabulary::Gate;
use crate::clock;
use crate::clock::Claimed;
use crate::pack::Pack;
use model::organisation::Settings;
use model::time::Timestamp;
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
        let mut is_of_claude_code = false;
        for record in &pack.records {
            let Some(context) = pack.contexts.get(record.context) else { continue };
            if self.kind.is_none() {
                self.name(source, record, context, at);
            }
            let service = service::of(record, context);
            self.note(Fact::Service, service, at);
            self.record(record, context, settings, at);
            if service::is_anthropics(service) {
                self.account(record, context, at);
            }
            if service::is_claude_code(service) {
                is_of_claude_code = true;
                self.of_claude_code(record, context, at);
            }
        }
        // What switches content on is a setting of Claude Code: others have their own.
        for (gate, _) in Gate::ALL.iter().zip(pack.header.dropped).filter(|(_, n)| is_of_claude_code && *n > 0) {
            self.mark(Mark::Content(*gate), at);
        }
    }

    /// Finds the name of which `source` is the digest.
    fn name(&mut self, source: SourceId, record: &Record, context: &Context, at: Timestamp) {
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

    /// Adds what records of any service say.
    fn record(&mut self, record: &Record, context: &Context, settings: &Settings, at: Timestamp) {
        let either = |key: &str| text(record, context, key);
        if let Some(identity) = settings.identity_attributes.iter().find_map(|name| either(name)) {
            self.note(Fact::Identity, identity.trim(), at);
        }
        match clock::judge(record.time, at, settings.limits.accept_late_days) {
            Claimed::Credible => {}
            Claimed::Wrong => self.mark(Mark::WrongClock, at),
            Claimed::Late => self.mark(Mark::Late, at),
        }
    }

    /// Adds who is logged in: accounts of others than Anthropic are none of Claude's.
    fn account(&mut self, record: &Record, context: &Context, at: Timestamp) {
        let facts = [
            (Fact::Account, "user.account_uuid"),
            (Fact::Account, "user.account_id"),
            (Fact::Client, "user.id"),
            (Fact::Organization, "organization.id"),
        ];
        self.texts(&facts, record, context, at);
    }

    /// Adds what Claude Code says of itself and of how it is used.
    fn of_claude_code(&mut self, record: &Record, context: &Context, at: Timestamp) {
        let version = text(record, context, "app.version").or_else(|| context.text("service.version"));
        let version = version.unwrap_or(&context.scope_version).trim();
        if !version.is_empty() {
            self.note(Fact::Version, version, at);
        }
        let facts = [
            (Fact::Provider, "anthropic.provider"),
            (Fact::Plan, "anthropic.plan"),
            (Fact::Settings, "settings_version"),
        ];
        self.texts(&facts, record, context, at);
        if &*record.name == "managed_settings_resolved"
            && let Some(reason) = record.text("error.type")
        {
            self.note(Fact::Refusal, reason, at);
        }
        let work = match &record.point {
            Some(point) => {
                if point.temporality == Temporality::Cumulative {
                    self.mark(Mark::Cumulative, at);
                }
                (point.value > 0.0 && &*record.name != "claude_code.session.count").then_some(Mark::WorkPoint)
            }
            None => crate::activity::tally::is_work(&record.name).then_some(Mark::Work),
        };
        if &*record.name == "user_prompt" {
            self.mark(Mark::Prompt, at);
        }
        if let Some(work) = work {
            self.mark(work, at);
            if is_automated(record, context) {
                self.mark(Mark::Automated, at);
            }
        }
    }

    fn texts(&mut self, facts: &[(Fact, &str)], record: &Record, context: &Context, at: Timestamp) {
        for (fact, key) in facts {
            if let Some(value) = text(record, context, key) {
                self.note(*fact, value.trim(), at);
            }
        }
    }
}
