use super::*;
use crate::people::owners::Owners;
use model::organisation::VersionId;
use model::organisation::{Settings, Uid};
use model::token::TokenHash;
use store::token_use::Claim;
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::sighting::Seen;

const NOW: Millis = Millis(1_795_328_009_164);

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
        revision: 1,
    }
}

fn token(state: TokenState) -> IssuedToken {
    let hash = TokenHash::of("token");
    IssuedToken { generation: 2, hash, version: VersionId::parse("1"), created_at: NOW, state }
}

fn somebody(kind: SourceKind, name: &str, settings: &str, provider: &str) -> (SourceId, Sighting) {
    let seen = Seen { first: NOW.0 - 1_000, last: NOW.0 - 1_000 };
    let mut sighting = Sighting { kind: Some(kind.name().into()), seen: Some(seen), ..Sighting::default() };
    for (fact, value) in [(Fact::Name, name), (Fact::Settings, settings), (Fact::Provider, provider)] {
        sighting.facts.note(fact, value, seen);
    }
    (SourceId::new(kind, name), sighting)
}

fn standings(people: &[(SourceId, Sighting)], uses: &[TokenUse], state: TokenState) -> Vec<Step> {
    let (directory, organisation, token) =
        (Directory::new(people.to_vec(), Owners::default()), organisation(), token(state));
    walk(&Scene { organisation: &organisation, directory: &directory, token: Some(&token), uses, now: NOW })
}

fn of<'a>(steps: &'a [Step], check: &str) -> &'a Step {
    steps.iter().find(|step| step.check == check).unwrap()
}

#[test]
fn before_anything_arrives_the_steps_that_need_telemetry_wait() {
    let steps = standings(&[], &[], TokenState::Live);
    let waiting: Vec<&str> = steps.iter().filter(|step| step.standing == Standing::Waiting).map(|s| s.check).collect();
    assert_eq!(waiting, [DEPLOYED, RECEIVED, MOVING, LISTED]);
    assert!(steps.iter().all(|step| step.standing != Standing::Attention), "{steps:?}");
    assert!(steps.iter().all(|step| (step.standing == Standing::Done) == step.remedy.is_none()));
}

#[test]
fn with_the_latest_settings_in_use_everything_is_done() {
    let dana = somebody(SourceKind::Email, "dana@example.com", "2", "firstParty");
    assert!(standings(&[dana], &[], TokenState::Live).iter().all(|step| step.standing == Standing::Done));
}

#[test]
fn who_is_left_behind_is_named() {
    let dana = somebody(SourceKind::Email, "dana@example.com", "1", "firstParty");
    let claim = Claim { kind: SourceKind::Email, value: "dana@example.com".into() };
    let used = TokenUse { generation: 1, user: Some(claim), last_seen: NOW, accepted: 0, refused: 3 };
    let steps = standings(&[dana], &[used], TokenState::Live);
    for check in [DEPLOYED, BEHIND, RECEIVED] {
        assert_eq!(of(&steps, check).standing, Standing::Attention, "{check}");
    }
    assert!(of(&steps, BEHIND).seen.starts_with("3 exports"));
    for check in [BEHIND, RECEIVED] {
        assert_eq!(of(&steps, check).people[0].email.as_deref(), Some("dana@example.com"), "{check}");
    }
}

#[test]
fn who_changed_over_during_the_overlap_is_not_left_behind() {
    let people =
        ["dana@example.com", "robin@example.com"].map(|email| somebody(SourceKind::Email, email, "2", "firstParty"));
    let used = |email: &str, accepted, refused| {
        let claim = Claim { kind: SourceKind::Email, value: email.into() };
        TokenUse { generation: 1, user: Some(claim), last_seen: NOW, accepted, refused }
    };
    let named = |uses: &[TokenUse]| {
        let steps = standings(&people, uses, TokenState::Live);
        let people = &of(&steps, BEHIND).people;
        people.iter().filter_map(|person| person.email.clone()).collect::<Vec<_>>()
    };
    let (dana, robin) = (used("dana@example.com", 4, 0), used("robin@example.com", 2, 1));
    assert_eq!(named(&[dana.clone(), robin]), ["robin@example.com"]);
    assert_eq!(named(&[dana]), ["dana@example.com"], "as long as nothing was refused, who has to change over is named");
}

#[test]
fn bedrock_without_an_address_is_named_and_with_one_it_is_not() {
    let anonymous = somebody(SourceKind::Client, "c", "2", "bedrock");
    let dana = somebody(SourceKind::Email, "dana@example.com", "2", "bedrock");
    let steps = standings(&[anonymous, dana.clone()], &[], TokenState::Live);
    assert_eq!((of(&steps, ATTRIBUTED).standing, of(&steps, ATTRIBUTED).people.len()), (Standing::Attention, 1));
    assert_eq!(of(&standings(&[dana], &[], TokenState::Live), ATTRIBUTED).standing, Standing::Done);
}

#[test]
fn revoked_tokens_are_the_first_thing_to_see() {
    let steps = standings(&[], &[], TokenState::Revoked { at: NOW });
    assert_eq!((steps[0].check, steps[0].standing), (ENABLED, Standing::Attention));
}
