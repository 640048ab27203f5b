//! The steps from an enabled integration to people with activity, in the order in which to look for what is missing: each with
//! what the service sees right now, and what to do if that is not enough.
//!
//! Pure, as the findings are. A step is about getting telemetry at all; what is wrong with telemetry that comes is a finding.

use std::collections::HashSet;

use super::left_behind::LeftBehind;
use super::rollout::{Before, Rollout, newest_settings, newest_token};
use super::services::last_of_claude_code;
use super::{of_late, people_at_work, silence};
use crate::people::directory::{Directory, Person};
use crate::people::view::PersonView;
use model::calendar::Calendar;
use model::organisation::{Organisation, State};
use model::time::{DAY, Timestamp};
use store::issued::IssuedToken;
use store::token::TokenState;
use store::token_use::TokenUse;
use telemetry::sighting::{Fact, Sighting};

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is as it should be.
    Done,
    /// It is under way, or nothing can be said before something arrives.
    Waiting,
    /// There is something to do.
    Attention,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What should be the case.
    pub check: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// What the service sees.
    pub seen: String,
    /// When that was last seen, where it matters.
    pub at: Option<Timestamp>,
    /// What to do, unless it is done.
    pub remedy: Option<&'static str>,
    /// Who is concerned; nobody in particular if it is empty.
    pub people: Vec<PersonView>,
}

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The organisation.
    pub organisation: &'a Organisation,
    /// Everybody who was seen.
    pub directory: &'a Directory,
    /// The tokens, the newest first.
    pub tokens: &'a [IssuedToken],
    /// Who used which replaced token.
    pub uses: &'a [TokenUse],
    /// The present.
    pub now: Timestamp,
}

/// Goes through all steps.
#[must_use]
pub fn walk(scene: &Scene<'_>) -> Vec<Step> {
    let Scene { organisation, tokens, directory, uses, now } = *scene;
    let left_behind = LeftBehind::of(organisation, directory, uses, now);
    let rollout = Rollout::of(organisation, tokens, directory, now);
    let rollout = rollout.as_ref();
    vec![
        enabled(scene),
        deployed(scene, rollout),
        not_left_behind(scene, rollout, &left_behind),
        received(scene, rollout, &left_behind),
        moving(scene),
        attributed(scene),
        listed(scene),
    ]
}

impl Step {
    fn done(check: &'static str, seen: impl Into<String>) -> Self {
        Self { check, standing: Standing::Done, seen: seen.into(), at: None, remedy: None, people: Vec::new() }
    }

    fn waiting(check: &'static str, seen: impl Into<String>, remedy: &'static str) -> Self {
        Self { standing: Standing::Waiting, remedy: Some(remedy), ..Self::done(check, seen) }
    }

    fn attention(check: &'static str, seen: impl Into<String>, remedy: &'static str) -> Self {
        Self { standing: Standing::Attention, remedy: Some(remedy), ..Self::done(check, seen) }
    }
}

impl Scene<'_> {
    fn moment(&self, at: Timestamp) -> String {
        Calendar::of(self.organisation).moment(at)
    }

    fn view(&self, person: &Person) -> PersonView {
        PersonView::of(self.directory, &person.id)
    }
}

const ENABLED: &str = "OpenTelemetry is selected for the Claude Code integration";
const DEPLOYED: &str = "The latest managed settings are deployed";
const BEHIND: &str = "Nobody is using a replaced token";
const RECEIVED: &str = "Everybody has the latest settings";
const MOVING: &str = "Last Activity moves";
const ATTRIBUTED: &str = "On Bedrock, OTEL_RESOURCE_ATTRIBUTES says whose telemetry it is";
const LISTED: &str = "Claude users appear in Users";

const RESTART: &str = "Deploy the configuration shown on this page and have Claude Code restarted: it reads these settings at its start \
     only. /status in Claude Code lists the managed settings in force.";
/// What is seen of whatever needs a token, while none is good.
const NO_TOKEN: &str = "No token is valid.";
const NEW_TOKEN: &str = "Make a new token first, then deploy the configuration.";
const NOBODY: &str = "No person was seen in the last 7 days.";

fn enabled(scene: &Scene<'_>) -> Step {
    let is_revoked = !scene.tokens.first().is_some_and(|token| token.state == TokenState::Live);
    match scene.organisation.state {
        State::Enabled if is_revoked => Step::attention(
            ENABLED,
            "All ingest tokens are revoked: every export is refused and lost.",
            "Rotate the token and deploy the new configuration.",
        ),
        State::Enabled => {
            Step::done(ENABLED, format!("Enabled, with the token of generation {}.", scene.organisation.generation))
        }
        State::Enabling | State::Disabled => Step::attention(
            ENABLED,
            "The integration is disabled: every export is refused and lost.",
            "Enable it again and deploy the new configuration.",
        ),
    }
}

fn deployed(scene: &Scene<'_>, rollout: Option<&Rollout<'_>>) -> Step {
    let Some(rollout) = rollout else { return Step::waiting(DEPLOYED, NO_TOKEN, NEW_TOKEN) };
    let current = rollout.generation;
    let used = |person| newest_token(scene.directory, person).map(|(generation, _)| generation);
    let everybody = scene.directory.people().filter(|person| person.uses_claude_code());
    let everybody: Vec<u32> = everybody.filter_map(used).collect();
    let with_current = everybody.iter().filter(|generation| **generation >= current).count();
    if with_current > 0 {
        return Step::done(DEPLOYED, format!("{} with the token of generation {current}.", send(with_current)));
    }
    let Some(newest) = everybody.iter().max() else {
        return Step::waiting(DEPLOYED, "Nothing has come with these settings yet.", RESTART);
    };
    match rollout.before {
        Before::Refused { is_long: true, .. } => Step::attention(
            DEPLOYED,
            format!("Nothing has come with the token of generation {current}; the newest that came is of {newest}."),
            RESTART,
        ),
        _ => Step::waiting(
            DEPLOYED,
            format!("Nothing has come with the token of generation {current} yet, which is new."),
            RESTART,
        ),
    }
}

fn not_left_behind(scene: &Scene<'_>, rollout: Option<&Rollout<'_>>, left_behind: &LeftBehind) -> Step {
    if left_behind.times > 0 {
        let exports =
            if left_behind.times == 1 { "1 export was".into() } else { format!("{} exports were", left_behind.times) };
        let seen = format!("{exports} refused because of a token that is not valid any more, and lost.");
        let people = left_behind.users.iter().cloned().collect();
        return Step { at: left_behind.last, people, ..Step::attention(BEHIND, seen, RESTART) };
    }
    match rollout {
        Some(Rollout { before: Before::Accepted { until, is_near }, behind, .. }) if !behind.is_empty() => {
            let seen =
                format!("{} with the token before. It works until {}.", still_send(behind.len()), scene.moment(*until));
            if !is_near {
                return Step::waiting(BEHIND, seen, RESTART);
            }
            let people = behind.iter().map(|person| scene.view(person)).collect();
            Step { people, ..Step::attention(BEHIND, seen, RESTART) }
        }
        _ => Step::done(BEHIND, "Nobody is refused because of a replaced token."),
    }
}

fn received(scene: &Scene<'_>, rollout: Option<&Rollout<'_>>, left_behind: &LeftBehind) -> Step {
    let Some(rollout) = rollout else { return Step::waiting(RECEIVED, NO_TOKEN, NEW_TOKEN) };
    let is_stale = |person: &&Person| newest_settings(scene.directory, person).is_some_and(|v| v < rollout.generation);
    let recent: Vec<&Person> = people_at_work(scene.directory, scene.now).collect();
    // By ids in a set: an organisation may have tens of thousands of people, and after a rotation all of them are behind.
    let behind: HashSet<&str> = rollout.behind.iter().map(|person| &*person.id).collect();
    let late = |person: &&Person| behind.contains(&*person.id) || is_stale(person);
    let late: Vec<&Person> = recent.iter().copied().filter(late).collect();
    let (all, on_it) = (recent.len(), recent.len() - late.len());
    let is_under_way = match rollout.before {
        Before::Accepted { is_near, .. } => !is_near,
        Before::Refused { is_long, .. } => !is_long,
        Before::Nothing => false,
    };
    let seen = format!("{on_it} of {all} seen in the last 7 days ({} %) use them.", on_it * 100 / all.max(1));
    match late.len() {
        _ if all == 0 => Step::waiting(RECEIVED, NOBODY, RESTART),
        0 => Step::done(RECEIVED, format!("All {all} seen in the last 7 days use them.")),
        _ if is_under_way && !late.iter().any(|person| left_behind.has(person)) => {
            Step::waiting(RECEIVED, seen, RESTART)
        }
        _ => {
            let people = late.into_iter().map(|person| scene.view(person)).collect();
            Step { people, ..Step::attention(RECEIVED, seen, RESTART) }
        }
    }
}

fn moving(scene: &Scene<'_>) -> Step {
    let Some(last) = last_of_claude_code(scene.directory) else {
        return Step::waiting(
            MOVING,
            "Nothing has arrived yet.",
            "Work with Claude Code for a minute. If nothing comes, claude --debug writes to ~/.claude/debug/latest whether exports fail, \
             and why.",
        );
    };
    let quiet = scene.now.since(last);
    let step = if quiet < DAY {
        Step::done(MOVING, "Something arrived within a day.")
    } else if quiet <= silence::patience(scene.directory.sightings().map(|(_, sighting)| sighting)) {
        Step::waiting(MOVING, "Nothing has arrived for more than a day, which is usual here.", LOOK)
    } else {
        Step::attention(MOVING, "Nothing has arrived for longer than is usual.", LOOK)
    };
    Step { at: Some(last), ..step }
}

/// What to look at when nothing comes although people are at work.
const LOOK: &str = "If people are at work: check with /status in Claude Code that the managed settings are in force, and that their \
     network lets it reach this service.";

fn attributed(scene: &Scene<'_>) -> Step {
    // Where the model runs elsewhere than at Anthropic, nobody logs in with an address.
    let is_elsewhere =
        |sighting: &Sighting| sighting.values(Fact::Provider).any(|(provider, _)| provider != "firstParty");
    let recent: Vec<&Person> = of_late(scene.directory, scene.now).collect();
    let elsewhere = recent.iter().filter(|person| scene.directory.sightings_of(person).any(is_elsewhere)).count();
    let nameless = || recent.iter().filter(|person| person.email.is_none());
    let is_passing = |person: &&Person| scene.directory.automation().contains(&person.id);
    let says_so = |person: &&Person| scene.directory.sightings_of(person).all(Sighting::is_automated);
    let (passing, lasting): (Vec<&Person>, Vec<&Person>) = nameless().copied().partition(is_passing);
    // Of what does not say that it is automation it is known after a day.
    let passing: Vec<&Person> = passing.into_iter().filter(|person| !says_so(person)).collect();
    let remedy = "Give them a configuration with their e-mail address, or say below whose each is.";
    if !lasting.is_empty() {
        let people = lasting.iter().map(|person| scene.view(person)).collect();
        let seen = format!("{} without saying whose it is.", send(lasting.len()));
        return Step { people, ..Step::attention(ATTRIBUTED, seen, remedy) };
    }
    match (recent.len(), passing.len(), elsewhere) {
        (0, ..) => Step::waiting(ATTRIBUTED, NOBODY, "This is looked at once somebody sends telemetry."),
        (_, 1.., _) => {
            let seen = format!(
                "{} without saying whose it is, for less than a day so far: automation needs no address, people do.",
                send(passing.len())
            );
            Step::waiting(ATTRIBUTED, seen, remedy)
        }
        (_, 0, 0) => {
            Step::done(ATTRIBUTED, "Everybody seen in the last 7 days has an address, and nobody uses Bedrock.")
        }
        (_, 0, count) => {
            Step::done(ATTRIBUTED, format!("All {count} who use Bedrock, Vertex AI or Foundry have an address."))
        }
    }
}

fn listed(scene: &Scene<'_>) -> Step {
    let is_listed = |person: &&Person| person.uses_claude_code();
    match scene.directory.people().filter(is_listed).count() {
        0 => Step::waiting(LISTED, "Nobody yet.", "People appear within two minutes of their first export."),
        1 => Step::done(LISTED, "One person is listed."),
        count => Step::done(LISTED, format!("{count} people are listed.")),
    }
}

fn send(count: usize) -> String {
    if count == 1 { "One person sends".into() } else { format!("{count} people send") }
}

fn still_send(count: usize) -> String {
    if count == 1 { "One person still sends".into() } else { format!("{count} people still send") }
}

#[cfg(test)]
mod tests;
