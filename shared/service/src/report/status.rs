//! `GET …/status`: what arrives, from how many, and what is wrong.

use std::cmp::Reverse;

use serde::Serialize;

use super::window::{self, Adds, Span, Sum};
use crate::auth::admin::Admin;
use crate::health::sessions::Told;
use crate::health::{Evidence, Finding, RECENT, findings};
use crate::people::directory::{Attribution, Directory, Person};
use model::bucket::Bucket;
use model::order;
use model::organisation::Organisation;
use model::time::{DAY, SignedDuration, Timestamp};
use otlp::Signal;
use store::issued::IssuedToken;
use store::{Store, StoreError};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::Place;
use telemetry::activity::summary::Part;
use telemetry::claude::service;
use telemetry::sighting::{Fact, Seen};

/// How far back sessions are looked at for missing tokens.
const SESSIONS: SignedDuration = DAY;

/// How many of the newest tokens are looked at: all that may be valid, and what was before them.
const TOKENS: usize = 8;
/// How many services are shown.
const NAMED_SERVICES: usize = 100;

/// What arrived of a signal.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SignalView {
    /// When it last arrived.
    #[schema(value_type = Option<String>)]
    pub last_seen: Option<Timestamp>,
    /// Records stored.
    pub accepted: u64,
    /// Records refused of exports of which something was stored.
    pub rejected: u64,
}

/// What arrived, by signal.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SignalsView {
    /// Events.
    pub logs: SignalView,
    /// Metrics.
    pub metrics: SignalView,
    /// Spans, which are counted and not kept.
    pub traces: SignalView,
}

/// A program that speaks.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ServiceView {
    /// `claude-code`, `claude-code-desktop`, `cowork`, `codex`, …
    pub service: String,
    /// When it last spoke.
    #[schema(value_type = String)]
    pub last_seen: Timestamp,
}

/// How many people use Claude Code.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct UsersView {
    /// Ever seen.
    pub total: usize,
    /// Of whom work arrived in the last 24 hours.
    pub active_24h: usize,
    /// Without an e-mail address.
    pub unattributed: usize,
    /// Sources that are nobody, but runs of automation, and not counted above.
    pub automation: usize,
}

/// The newest token.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TokenView {
    /// Which of the organisation's tokens it is.
    generation: u32,
    /// When an export last came with it.
    #[schema(value_type = Option<String>)]
    last_used_at: Option<Timestamp>,
}

/// The answer.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct StatusView {
    /// The organisation.
    org: String,
    /// When anything last arrived.
    #[schema(value_type = Option<String>)]
    pub last_activity: Option<Timestamp>,
    /// What arrived, by signal.
    pub signals: SignalsView,
    /// The services that speak, Claude Code and others, by name.
    pub services: Vec<ServiceView>,
    /// How many people use Claude Code.
    pub users: UsersView,
    /// The newest token.
    token: TokenView,
    /// What is wrong, the worst first.
    pub findings: Vec<Finding>,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Whoever may know of all organisations, and so of what is none's.
    AllOrganisations,
    /// Whoever may know of this one.
    OneOrganisation,
}

impl From<&Admin> for Audience {
    fn from(admin: &Admin) -> Self {
        if admin.is_root() { Self::AllOrganisations } else { Self::OneOrganisation }
    }
}

/// The status of an organisation.
pub async fn status(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    audience: Audience,
    now: Timestamp,
) -> Result<StatusView, StoreError> {
    let uid = &organisation.uid;
    let damaged = store.damaged(uid, now).await?;
    let tokens: Vec<IssuedToken> = store.issued_tokens(uid, TOKENS).await?;
    let (uses, rejections) = tokio::try_join!(store.token_uses(uid), store.rejections(uid))?;
    let (people, git) = store.git_users(uid).await?;
    let strangers = match audience {
        Audience::AllOrganisations => store.refusals(now.minus(RECENT)).await?,
        Audience::OneOrganisation => Vec::new(),
    };
    let hours = store.grown_hours(uid, now.minus(RECENT)).await?;
    let span = Span { from: Bucket::of(now.minus(SESSIONS)), to: Bucket(Bucket::of(now).0 + 1) };
    let told = sessions(store, organisation, directory, span, now).await?;
    let without_tokens = told.without_tokens(now);
    let disagreements = told.disagreements(span.from.start(), now);
    let evidence = Evidence {
        organisation,
        directory,
        damaged: &damaged,
        without_tokens: &without_tokens,
        disagreements: &disagreements,
        git: &git,
        has_git_before: people.before.is_some(),
        tokens: &tokens,
        uses: &uses,
        strangers: &strangers,
        rejections: &rejections,
        hours: &hours,
        now,
    };
    Ok(StatusView {
        org: organisation.org.to_string(),
        last_activity: directory.last_activity(),
        signals: SignalsView::of(directory),
        services: services(directory),
        users: UsersView::of(directory, now),
        token: token(organisation, directory),
        findings: findings(&evidence),
    })
}

impl SignalsView {
    /// What arrived.
    #[must_use]
    pub fn of(directory: &Directory) -> Self {
        Self {
            logs: signal(directory, Signal::Logs),
            metrics: signal(directory, Signal::Metrics),
            traces: signal(directory, Signal::Traces),
        }
    }
}

fn signal(directory: &Directory, signal: Signal) -> SignalView {
    let sightings = || directory.sightings().map(|(_, sighting)| sighting);
    SignalView {
        last_seen: sightings().filter_map(|s| s.signal(signal)).map(|seen| seen.last).max(),
        accepted: sightings().map(|s| s.traffic.accepted[signal as usize]).sum(),
        rejected: sightings().map(|s| s.traffic.rejected[signal as usize]).sum(),
    }
}

impl UsersView {
    /// How many people use Claude Code at `now`.
    #[must_use]
    pub fn of(directory: &Directory, now: Timestamp) -> Self {
        let is_at_work = |person: &&&Person| directory.at_work(person).is_some_and(|seen| seen.last > now.minus(DAY));
        let users = || directory.people().filter(|person| person.uses_claude_code());
        let people: Vec<&Person> = directory.people().filter(|person| directory.is_counted(person)).collect();
        Self {
            total: people.len(),
            active_24h: people.iter().filter(is_at_work).count(),
            unattributed: people.iter().filter(|p| p.email.is_none()).count(),
            automation: users().filter(|person| directory.automation().contains(&person.id)).count(),
        }
    }
}

/// The services seen last, by name. Whoever has a token can invent any number of them.
fn services(directory: &Directory) -> Vec<ServiceView> {
    let view = |(service, seen): (&str, Seen)| ServiceView { service: service.to_owned(), last_seen: seen.last };
    let mut services: Vec<ServiceView> = directory.services().into_iter().map(view).collect();
    order::sort_by_key(&mut services, |view| (!service::is_anthropics(&view.service), Reverse(view.last_seen)));
    services.truncate(NAMED_SERVICES);
    order::sort_by(&mut services, |a, b| a.service.cmp(&b.service));
    services
}

fn token(organisation: &Organisation, directory: &Directory) -> TokenView {
    let current = organisation.generation.to_string();
    let used = directory.sightings().flat_map(|(_, s)| s.values(Fact::Generation)).filter(|(g, _)| *g == current);
    TokenView { generation: organisation.generation, last_used_at: used.map(|(_, seen)| seen.last).max() }
}

/// What the sessions of the last day tell of themselves.
async fn sessions(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    span: Span,
    now: Timestamp,
) -> Result<Told, StoreError> {
    let telling = Telling { told: Told::default(), attribution: directory.attribution().clone() };
    Ok(window::read(store, organisation, span, now, telling).await?.told)
}

/// What sessions tell, while it is read.
struct Telling {
    told: Told,
    attribution: Attribution,
}

impl Adds for Telling {
    fn add(&mut self, place: &Place, part: &Part<'_>) {
        self.told.add(place, part, |source, identity: &Label| self.attribution.whose(source, identity));
    }

    fn names_sessions(&self) -> bool {
        true
    }
}

impl Sum for Telling {
    fn fork(&self) -> Self {
        Self { told: Told::default(), attribution: self.attribution.clone() }
    }

    fn absorb(&mut self, other: Self) {
        self.told.absorb(other.told);
    }
}
