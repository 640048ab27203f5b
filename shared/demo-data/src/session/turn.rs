//! A turn: somebody asks, the model answers and uses tools until the work is done.

use model::time::SignedDuration;
use telemetry::claude::models::canonical;
use telemetry::claude::prices::{self, Tokens};

use super::{Session, purpose};
use crate::attribute::{double, flag, int, text};
use crate::meters::Meter;
use crate::models::{HAIKU, Model};
use crate::random::{self, happens, skewed};

/// The largest context that a conversation reaches before it is compacted, in tokens.
const LARGEST_CONTEXT: i64 = 160_000;

/// Who asks a model if no subagent does, as events call it.
pub(super) const PERSON: &str = "repl_main_thread";

impl Session<'_> {
    /// One turn, from the question to the answer.
    pub fn turn(&mut self) {
        let begun = self.clock;
        let typing = skewed(&mut self.rng, 4, 70);
        self.prompt = Some(random::uuid(&mut self.rng));
        let message = random::uuid(&mut self.rng);
        let length = skewed(&mut self.rng, 12, 900);
        let command = self.begin_turn();
        let prompt = [
            text("prompt_length", length.to_string()),
            text("prompt", "<REDACTED>"),
            text("prompt_text", "<REDACTED>"),
            text("message.uuid", message),
        ];
        let commanded = command.map(|name| [text("command_name", name), text("command_source", "custom")]);
        self.event("user_prompt", prompt.into_iter().chain(commanded.into_iter().flatten()));
        self.activate_skill(command.is_some());
        self.context += length / 4;
        let steps = skewed(&mut self.rng, 1, 12);
        let model = self.model;
        let mut edits = 0;
        for step in 0..=steps {
            if happens(&mut self.rng, 0.008) {
                self.fail(&model);
            }
            let request = self.ask(&model);
            self.decline(&model, &request);
            if step == steps {
                self.answer(&model, request);
                break;
            }
            for _ in 0..self.rng.i64(1..3) {
                edits += i64::from(self.use_tool(&request));
            }
            if happens(&mut self.rng, 0.025) {
                self.delegate();
            }
        }
        if edits > 0 && happens(&mut self.rng, 0.25) {
            self.commit();
        }
        let working = self.clock.since(begun).as_secs_f64();
        self.meters.add(Meter::ActiveTime, &[("type", "user")], typing as f64);
        self.meters.add(Meter::ActiveTime, &[("type", "cli")], working);
    }

    /// A request and what it cost. Returns its id.
    fn ask(&mut self, model: &Model) -> String {
        let agent = self.purpose.agent;
        let rng = &mut self.rng;
        let fresh = skewed(rng, 150, 6_000);
        let tokens = Tokens {
            input: skewed(rng, 3, 120),
            output: skewed(rng, 60, 2_600),
            cache_read: if agent.is_none() { self.context } else { self.context / 4 },
            cache_creation: fresh,
        };
        let first = skewed(rng, 500, 3_500);
        let duration = first + tokens.output * rng.i64(9..16);
        let request = format!("req_{}", random::hex(rng, 24));
        self.context += fresh + tokens.output;
        if self.context > LARGEST_CONTEXT {
            self.context = 30_000;
        }
        self.pass(SignedDuration::from_millis(duration));
        if self.mute {
            return request;
        }
        let name = self.name_of(model);
        let rates = prices::rates(&canonical(model.name), prices::day(self.clock));
        let cost = rates.map_or(0, |rates| rates.cost(&tokens)) as f64 / 1e9;
        let told = [
            text("model", name),
            int("input_tokens", tokens.input),
            int("output_tokens", tokens.output),
            int("cache_read_tokens", tokens.cache_read),
            int("cache_creation_tokens", tokens.cache_creation),
            int("cache_creation_5m_tokens", tokens.cache_creation),
            int("cache_creation_1h_tokens", 0),
            double("cost_usd", cost),
            int("cost_usd_micros", (cost * 1e6).round() as i64),
            int("duration_ms", duration),
            int("ttft_ms", first),
            text("request_id", &request),
            text("speed", "normal"),
            text("query_source", agent.map_or(PERSON, |agent| agent.source)),
            text("effort", "medium"),
        ];
        let purpose = self.purpose;
        self.event("api_request", told.into_iter().chain(purpose.attributes()));
        let asker = if agent.is_none() { "main" } else { "subagent" };
        let about = [&[("model", name), ("query_source", asker), ("effort", "medium")][..], &purpose.labels()].concat();
        self.meters.add(Meter::Cost, &about, cost);
        for (kind, count) in [
            ("input", tokens.input),
            ("output", tokens.output),
            ("cacheRead", tokens.cache_read),
            ("cacheCreation", tokens.cache_creation),
        ] {
            self.meters.add(Meter::Tokens, &[about.as_slice(), &[("type", kind)]].concat(), count as f64);
        }
        // What the server said is in the conversation now.
        self.purpose.server = None;
        request
    }

    fn answer(&mut self, model: &Model, request: String) {
        let message = random::uuid(&mut self.rng);
        let length = skewed(&mut self.rng, 80, 4_000);
        self.event(
            "assistant_response",
            [
                int("response_length", length),
                text("response", "<REDACTED>"),
                text("request_id", request),
                text("message.uuid", message),
                text("model", self.name_of(model)),
                text("query_source", PERSON),
            ],
        );
    }

    /// A subagent does a part of the work, with a smaller model.
    fn delegate(&mut self) {
        let begun = self.clock;
        let mut uses = 0;
        let Some(agent) = purpose::agent(&mut self.rng) else { return };
        self.purpose.agent = Some(agent);
        for _ in 0..self.rng.i64(2..6) {
            let request = self.ask(&HAIKU);
            self.use_tool(&request);
            uses += 1;
        }
        let id = random::hex(&mut self.rng, 16);
        let model = self.name_of(&HAIKU);
        self.purpose.agent = None;
        self.event(
            "subagent_completed",
            [
                text("agent_type", agent.name),
                text("agent.source", if agent.is_built_in { "builtin" } else { "projectSettings" }),
                flag("is_built_in", agent.is_built_in),
                flag("is_async", false),
                int("total_tokens", self.context / 4),
                int("total_tool_uses", uses),
                int("duration_ms", self.clock.0 - begun.0),
                text("model", model),
                text("final_model", model),
                flag("model_swapped", false),
                text("agent_id", id),
            ],
        );
    }

    fn commit(&mut self) {
        self.meters.add(Meter::Commits, &[], 1.0);
        if happens(&mut self.rng, 0.25) {
            self.meters.add(Meter::PullRequests, &[], 1.0);
        }
    }

    pub(super) fn name_of(&self, model: &Model) -> &'static str {
        if self.person.team.bedrock { model.bedrock } else { model.name }
    }
}
