//! The steps from an enabled integration to people with activity, in the order in which to look for what is missing: each with
//! what the service sees right now, and what to do if that is not enough.
//!
//! Pure, as the findings are. A step is about getting telemetry at all; what is wrong with telemetry that comes is a finding.

use crate::health::RECENT;
use crate::people::directory::{Directory, Person};
use crate::people::view::PersonView;
use model::organisation::{Organisation, State};
use model::time::{DAY, Millis};
use store::issued::IssuedToken;
use store::token::TokenState;
use store::token_use::TokenUse;
use telemetry::sighting::{Fact, Sighting};

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is as it should be.
    Done,
    /// Nothing can be said before something arrives.
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
    pub at: Option<Millis>,
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
    /// The newest token, unless none was ever issued.
    pub token: Option<&'a IssuedToken>,
    /// Who used which replaced token.
    pub uses: &'a [TokenUse],
    /// The present.
    pub now: Millis,
}

/// Goes through all steps.
#[must_use]
pub fn walk(scene: &Scene<'_>) -> Vec<Step> {
    vec![
        enabled(scene),
        deployed(scene),
        not_left_behind(scene),
        received(scene),
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
    fn is_recent(&self, at: i64) -> bool {
        at >= self.now.0 - RECENT
    }

    /// The people who were seen of late.
    fn recent(&self) -> impl Iterator<Item = &Person> {
        self.directory
            .people()
            .filter(|person| self.directory.seen(person).is_some_and(|seen| self.is_recent(seen.last)))
    }

    /// The generation of the settings that somebody used last, or of the token if the settings do not say.
    fn generation(&self, person: &Person) -> Option<u32> {
        let last = |fact: Fact| {
            let values = self.directory.sightings_of(person).flat_map(move |sighting| sighting.values(fact));
            let newest = values.max_by_key(|(value, seen)| (seen.last, value.parse::<u32>().ok()));
            newest.and_then(|(value, _)| value.parse().ok())
        };
        last(Fact::Settings).or_else(|| last(Fact::Generation))
    }
}

const ENABLED: &str = "OpenTelemetry is selected for the Claude Code integration";
const DEPLOYED: &str = "The latest managed settings are deployed";
const BEHIND: &str = "The ingest token was not replaced behind anybody's back";
const RECEIVED: &str = "Everybody has the latest settings";
const MOVING: &str = "Last Activity moves";
const ATTRIBUTED: &str = "On Bedrock, OTEL_RESOURCE_ATTRIBUTES says whose telemetry it is";
const LISTED: &str = "Claude users appear in Users";

const RESTART: &str = "Deploy the configuration shown on this page and have Claude Code restarted: it reads these settings at its start \
     only. /status in Claude Code lists the managed settings in force.";

fn enabled(scene: &Scene<'_>) -> Step {
    let is_revoked = !scene.token.is_some_and(|token| token.state == TokenState::Live);
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

fn deployed(scene: &Scene<'_>) -> Step {
    let current = scene.organisation.generation;
    let everybody: Vec<Option<u32>> = scene.directory.people().map(|person| scene.generation(person)).collect();
    let with_current = everybody.iter().filter(|generation| **generation == Some(current)).count();
    match everybody.iter().flatten().max() {
        _ if with_current > 0 => {
            Step::done(DEPLOYED, format!("{} with settings of generation {current}.", send(with_current)))
        }
        Some(newest) => Step::attention(
            DEPLOYED,
            format!(
                "The newest settings that anything came with are of generation {newest}; the latest are of {current}."
            ),
            RESTART,
        ),
        None => Step::waiting(DEPLOYED, "Nothing has come with these settings yet.", RESTART),
    }
}

fn not_left_behind(scene: &Scene<'_>) -> Step {
    let of_late = || scene.uses.iter().filter(|token_use| scene.is_recent(token_use.last_seen.0));
    let (refused, accepted) =
        of_late().fold((0, 0), |(r, a), token_use| (r + token_use.refused, a + token_use.accepted));
    // Who changed over while the overlap lasted has lost nothing.
    let concerned = |token_use: &&TokenUse| refused == 0 || token_use.refused > 0;
    let mut people: Vec<PersonView> = of_late()
        .filter(concerned)
        .filter_map(|token_use| token_use.user.as_ref())
        .filter_map(|claim| scene.directory.whose(claim.source(), &None))
        .map(|id| PersonView::of(scene.directory, &id))
        .collect();
    people.sort();
    people.dedup();
    let at = of_late().map(|token_use| token_use.last_seen).max();
    let step = match (refused, accepted) {
        (0, 0) => return Step::done(BEHIND, "Nobody tried a replaced token in the last 7 days."),
        (0, _) => Step::attention(
            BEHIND,
            "Exports still come with a replaced token; it is accepted until its overlap ends.",
            RESTART,
        ),
        _ => Step::attention(
            BEHIND,
            format!("{refused} exports came with a replaced token in the last 7 days, were refused and are lost."),
            RESTART,
        ),
    };
    Step { at, people, ..step }
}

fn received(scene: &Scene<'_>) -> Step {
    let current = scene.organisation.generation;
    let recent: Vec<&Person> = scene.recent().collect();
    let is_behind = |person: &&&Person| scene.generation(person).is_some_and(|generation| generation < current);
    let behind: Vec<PersonView> =
        recent.iter().filter(is_behind).map(|person| PersonView::of(scene.directory, &person.id)).collect();
    match (recent.len(), behind.len()) {
        (0, _) => Step::waiting(RECEIVED, "Nobody was seen in the last 7 days.", RESTART),
        (all, 0) => Step::done(RECEIVED, format!("All {all} seen in the last 7 days have them.")),
        (all, late) => Step {
            people: behind,
            ..Step::attention(RECEIVED, format!("{late} of {all} seen in the last 7 days have older ones."), RESTART)
        },
    }
}

fn moving(scene: &Scene<'_>) -> Step {
    let Some(last) = scene.directory.last_activity() else {
        return Step::waiting(
            MOVING,
            "Nothing has arrived yet.",
            "Work with Claude Code for a minute. If nothing comes, claude --debug shows whether exports fail, and why.",
        );
    };
    let step = if scene.now.0 - last.0 < DAY {
        Step::done(MOVING, "Something arrived within a day.")
    } else {
        Step::attention(
            MOVING,
            "Nothing has arrived for more than a day.",
            "If people are at work: check with /status in Claude Code that the managed settings are in force, and that their \
             network lets it reach this service.",
        )
    };
    Step { at: Some(last), ..step }
}

fn attributed(scene: &Scene<'_>) -> Step {
    // Where the model runs elsewhere than at Anthropic, nobody logs in with an address.
    let is_elsewhere =
        |sighting: &Sighting| sighting.values(Fact::Provider).any(|(provider, _)| provider != "firstParty");
    let sends_elsewhere = |person: &Person| scene.directory.sightings_of(person).any(is_elsewhere);
    let (mut anonymous, mut elsewhere) = (Vec::new(), 0);
    for person in scene.recent() {
        elsewhere += usize::from(sends_elsewhere(person));
        if person.email.is_none() {
            anonymous.push(PersonView::of(scene.directory, &person.id));
        }
    }
    match (anonymous.len(), elsewhere) {
        (0, 0) => {
            Step::done(ATTRIBUTED, "Nobody was seen of late who uses Bedrock, Vertex AI or Foundry, or has no address.")
        }
        (0, count) => {
            Step::done(ATTRIBUTED, format!("All {count} who use Bedrock, Vertex AI or Foundry have an address."))
        }
        (count, _) => Step {
            people: anonymous,
            ..Step::attention(
                ATTRIBUTED,
                format!("{} without saying whose it is.", send(count)),
                "Give them a configuration with their e-mail address, or say below whose each is.",
            )
        },
    }
}

fn listed(scene: &Scene<'_>) -> Step {
    match scene.directory.people().count() {
        0 => Step::waiting(LISTED, "Nobody yet.", "People appear within two minutes of their first export."),
        1 => Step::done(LISTED, "One person is listed."),
        count => Step::done(LISTED, format!("{count} people are listed.")),
    }
}

fn send(count: usize) -> String {
    if count == 1 { "One person sends".into() } else { format!("{count} people send") }
}

#[cfg(test)]
mod tests;
