use super::*;
use crate::people::owners::Owners;
use model::organisation::VersionId;
use model::organisation::{Settings, Uid};
use model::time::{HOUR, SECOND, from_days};
use model::token::TokenHash;
use store::token_use::Claim;
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::sighting::{Fact, Seen};

const NOW: Timestamp = Timestamp(1_795_328_009_164);

fn organisation() -> Organisation {
    let org = "acme".parse().unwrap();
    Organisation {
        settings: Settings::new(&org),
        org,
        uid: Uid::parse("AbCdEfGhIjKl").unwrap(),
        state: State::Enabled,
        created_at: NOW,
        generation: 2,
        token_version: None,
        revoked_at: None,
        revision: 1,
    }
}

fn token(generation: u32, state: TokenState) -> IssuedToken {
    let hash = TokenHash::of("token");
    IssuedToken { generation, hash, version: VersionId::parse("1"), created_at: NOW, state }
}

/// The token of generation 2, and the one before it in this state.
fn after(state: TokenState) -> Vec<IssuedToken> {
    vec![token(2, TokenState::Live), token(1, state)]
}

fn retired(at: Timestamp) -> TokenState {
    TokenState::Retired { at, until: at }
}

fn somebody(kind: SourceKind, name: &str, generation: &str, provider: &str) -> (SourceId, Sighting) {
    let seen = Seen { first: NOW.minus(SECOND), last: NOW.minus(SECOND) };
    seen_at(kind, name, generation, provider, seen)
}

fn seen_at(kind: SourceKind, name: &str, generation: &str, provider: &str, seen: Seen) -> (SourceId, Sighting) {
    let mut sighting = Sighting { kind: Some(kind.name().into()), seen: Some(seen), ..Sighting::default() };
    for (fact, value) in
        [(Fact::Name, name), (Fact::Generation, generation), (Fact::Settings, generation), (Fact::Provider, provider)]
    {
        sighting.facts.note(fact, value, seen);
    }
    (SourceId::new(kind, name), sighting)
}

fn standings(people: &[(SourceId, Sighting)], uses: &[TokenUse], tokens: &[IssuedToken]) -> Vec<Step> {
    let (directory, organisation) = (Directory::new(people.to_vec(), Owners::default()), organisation());
    walk(&Scene { organisation: &organisation, directory: &directory, tokens, uses, now: NOW })
}

fn of<'a>(steps: &'a [Step], check: &str) -> &'a Step {
    steps.iter().find(|step| step.check == check).unwrap()
}

fn used(email: &str, accepted: u64, refused: u64, refused_at: Option<Timestamp>) -> TokenUse {
    let claim = Claim { kind: SourceKind::Email, value: email.into() };
    TokenUse { generation: 1, user: Some(claim), last_seen: NOW, accepted, refused, refused_at }
}

const DANA: &str = "dana@example.com";

#[test]
fn before_anything_arrives_the_steps_that_need_telemetry_wait() {
    let steps = standings(&[], &[], &after(retired(NOW.minus(9 * DAY))));
    let waiting: Vec<&str> = steps.iter().filter(|step| step.standing == Standing::Waiting).map(|s| s.check).collect();
    assert_eq!(waiting, [DEPLOYED, RECEIVED, MOVING, ATTRIBUTED, LISTED]);
    assert!(steps.iter().all(|step| step.standing != Standing::Attention), "{steps:?}");
    assert!(steps.iter().all(|step| (step.standing == Standing::Done) == step.remedy.is_none()));
}

#[test]
fn with_the_latest_settings_in_use_everything_is_done() {
    let dana = somebody(SourceKind::Email, DANA, "2", "firstParty");
    let steps = standings(&[dana], &[], &after(retired(NOW.minus(DAY))));
    assert!(steps.iter().all(|step| step.standing == Standing::Done), "{steps:?}");
}

#[test]
fn who_is_left_behind_is_named() {
    let dana = somebody(SourceKind::Email, DANA, "1", "firstParty");
    let steps = standings(&[dana], &[used(DANA, 0, 3, Some(NOW))], &after(retired(NOW.minus(2 * DAY))));
    for check in [DEPLOYED, BEHIND, RECEIVED] {
        assert_eq!(of(&steps, check).standing, Standing::Attention, "{check}");
    }
    assert!(of(&steps, BEHIND).seen.starts_with("3 exports"));
    for check in [BEHIND, RECEIVED] {
        assert_eq!(of(&steps, check).people[0].email.as_deref(), Some(DANA), "{check}");
    }
}

#[test]
fn the_last_refusal_is_told_and_not_what_was_accepted_after_it() {
    let refused = NOW.minus(3 * HOUR);
    let steps = standings(&[], &[used(DANA, 4, 1, Some(refused))], &after(retired(NOW.minus(DAY))));
    assert_eq!(of(&steps, BEHIND).at, Some(refused));
}

#[test]
fn during_an_overlap_nobody_is_accused_until_its_end_comes_near() {
    let people = [DANA, "robin@example.com"].map(|email| {
        let generation = if email == DANA { "1" } else { "2" };
        somebody(SourceKind::Email, email, generation, "firstParty")
    });
    let overlap = |since, until| TokenState::Overlapping { at: NOW.minus(since), until: NOW.plus(until) };
    let uses = [used(DANA, 4, 0, None)];
    let steps = standings(&people, &uses, &after(overlap(DAY, 6 * DAY)));
    assert!(steps.iter().all(|step| step.standing != Standing::Attention && step.people.is_empty()), "{steps:?}");
    assert_eq!([BEHIND, RECEIVED].map(|check| of(&steps, check).standing), [Standing::Waiting; 2]);
    assert!(of(&steps, RECEIVED).seen.starts_with("1 of 2 "), "{steps:?}");
    let steps = standings(&people, &uses, &after(overlap(6 * DAY, DAY)));
    for check in [BEHIND, RECEIVED] {
        assert_eq!(of(&steps, check).standing, Standing::Attention, "{check}");
        assert_eq!(of(&steps, check).people[0].email.as_deref(), Some(DANA), "{check}");
    }
    // Whoever has changed over is not named, whatever they sent before.
    let all = people.map(|(source, _)| source).into_iter().zip([DANA, "robin@example.com"]);
    let all: Vec<_> = all.map(|(_, email)| somebody(SourceKind::Email, email, "2", "firstParty")).collect();
    let steps = standings(&all, &uses, &after(overlap(6 * DAY, DAY)));
    assert!(steps.iter().all(|step| step.standing == Standing::Done), "{steps:?}");
}

#[test]
fn right_after_a_rotation_nobody_can_have_the_new_token_yet() {
    let dana = somebody(SourceKind::Email, DANA, "1", "firstParty");
    let steps = standings(&[dana], &[], &after(retired(NOW)));
    assert_eq!([DEPLOYED, RECEIVED].map(|check| of(&steps, check).standing), [Standing::Waiting; 2]);
}

#[test]
fn a_quiet_weekend_is_no_matter_and_a_week_is() {
    for (days, standing) in [(0, Standing::Done), (3, Standing::Waiting), (6, Standing::Attention)] {
        let at = NOW.minus(from_days(days)).minus(HOUR);
        let dana = seen_at(SourceKind::Email, DANA, "2", "firstParty", Seen { first: at, last: at });
        assert_eq!(of(&standings(&[dana], &[], &after(retired(NOW))), MOVING).standing, standing, "{days}");
    }
}

#[test]
fn bedrock_without_an_address_is_named_once_it_stays_and_with_one_it_is_not() {
    let anonymous = |for_days: i64| {
        let seen = Seen { first: NOW.minus(from_days(for_days)).minus(SECOND), last: NOW.minus(SECOND) };
        seen_at(SourceKind::Client, "c", "2", "bedrock", seen)
    };
    let dana = somebody(SourceKind::Email, DANA, "2", "bedrock");
    let tokens = after(retired(NOW.minus(DAY)));
    let steps = standings(&[anonymous(1), dana.clone()], &[], &tokens);
    assert_eq!((of(&steps, ATTRIBUTED).standing, of(&steps, ATTRIBUTED).people.len()), (Standing::Attention, 1));
    let steps = standings(&[anonymous(0), dana.clone()], &[], &tokens);
    assert_eq!((of(&steps, ATTRIBUTED).standing, of(&steps, ATTRIBUTED).people.len()), (Standing::Waiting, 0));
    assert_eq!(of(&standings(&[dana], &[], &tokens), ATTRIBUTED).standing, Standing::Done);
}

#[test]
fn without_a_token_the_first_step_says_so_and_what_needs_one_waits() {
    let dana = somebody(SourceKind::Email, DANA, "2", "firstParty");
    let steps = standings(&[dana], &[], &[token(2, TokenState::Revoked { at: NOW })]);
    assert_eq!((steps[0].check, steps[0].standing), (ENABLED, Standing::Attention));
    assert_eq!([DEPLOYED, RECEIVED].map(|check| of(&steps, check).standing), [Standing::Waiting; 2]);
}
