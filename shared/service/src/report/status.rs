//! `GET …/status`: what arrives, from how many, and what is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::window::{self, Span};
use crate::health::{Evidence, Finding, RECENT, findings};
use crate::people::directory::Directory;
use model::bucket::Bucket;
use model::organisation::Organisation;
use model::time::{DAY, HOUR, Millis};
use otlp::Signal;
use store::issued::IssuedToken;
use store::{Store, StoreError};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Grouping, Ledger};
use telemetry::activity::measure::{Measure, Numbers};
use telemetry::activity::summary::Part;
use telemetry::sighting::{Fact, Mark};

/// How far back sessions are looked at for missing tokens, in milliseconds.
const SESSIONS: i64 = DAY;

/// How many of the newest tokens are looked at for an overlap.
const TOKENS: usize = 8;

/// What arrived of a signal.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SignalView {
    /// When it last arrived.
    #[schema(value_type = Option<String>)]
    pub last_seen: Option<Millis>,
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

/// How many people there are.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct UsersView {
    /// Ever seen.
    pub total: usize,
    /// Of whom work arrived in the last 24 hours.
    pub active_24h: usize,
    /// Without an e-mail address.
    pub unattributed: usize,
}

/// The newest token.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TokenView {
    /// Which of the organisation's tokens it is.
    generation: u32,
    /// When an export last came with it.
    #[schema(value_type = Option<String>)]
    last_used_at: Option<Millis>,
}

/// The answer.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct StatusView {
    /// The organisation.
    org: String,
    /// When anything last arrived.
    #[schema(value_type = Option<String>)]
    pub last_activity: Option<Millis>,
    /// What arrived, by signal.
    pub signals: SignalsView,
    /// How many people there are.
    pub users: UsersView,
    /// The newest token.
    token: TokenView,
    /// What is wrong, the worst first.
    pub findings: Vec<Finding>,
}

/// The status of an organisation.
pub async fn status(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    now: Millis,
) -> Result<StatusView, StoreError> {
    let uid = &organisation.uid;
    let damaged = store.damaged(uid, now).await?;
    let tokens: Vec<IssuedToken> = store.issued_tokens(uid, TOKENS).await?;
    let (uses, rejections) = tokio::try_join!(store.token_uses(uid), store.rejections(uid))?;
    let (_, git) = store.git_users(uid).await?;
    let hours = store.grown_hours(uid, now.plus(-RECENT)).await?;
    let without_tokens = without_tokens(store, organisation, directory, now).await?;
    let evidence = Evidence {
        organisation,
        directory,
        damaged: &damaged,
        without_tokens: &without_tokens,
        git: &git,
        token: tokens.first(),
        overlap: tokens.iter().find_map(|token| token.overlap(now)),
        uses: &uses,
        rejections: &rejections,
        hours: &hours,
        now,
    };
    Ok(StatusView {
        org: organisation.org.to_string(),
        last_activity: directory.last_activity(),
        signals: SignalsView::of(directory),
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
        last_seen: sightings().filter_map(|s| s.signal(signal)).map(|seen| Millis(seen.last)).max(),
        accepted: sightings().map(|s| s.traffic.accepted[signal as usize]).sum(),
        rejected: sightings().map(|s| s.traffic.rejected[signal as usize]).sum(),
    }
}

impl UsersView {
    /// How many people there are at `now`.
    #[must_use]
    pub fn of(directory: &Directory, now: Millis) -> Self {
        let worked = |mark: Mark, person| {
            let marks = directory.sightings_of(person).filter_map(|s| s.marked(mark));
            marks.map(|seen| seen.last).max().is_some_and(|last| last > now.0 - DAY)
        };
        let active = directory.people().filter(|p| worked(Mark::Work, p) || worked(Mark::WorkPoint, p));
        Self {
            total: directory.people().count(),
            active_24h: active.count(),
            unattributed: directory.people().filter(|p| p.email.is_none()).count(),
        }
    }
}

fn token(organisation: &Organisation, directory: &Directory) -> TokenView {
    let current = organisation.generation.to_string();
    let used = directory.sightings().flat_map(|(_, s)| s.values(Fact::Generation)).filter(|(g, _)| *g == current);
    TokenView { generation: organisation.generation, last_used_at: used.map(|(_, seen)| Millis(seen.last)).max() }
}

/// Who has a session of the last day with prompts and neither tokens nor errors. The last hour may still bring them.
async fn without_tokens(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    now: Millis,
) -> Result<BTreeSet<Arc<str>>, StoreError> {
    let span = Span { from: Bucket::of(now.0 - SESSIONS), to: Bucket(Bucket::of(now.0).0 + 1) };
    let grouping = [Grouping::Session, Grouping::User];
    let mut ledger = Ledger::new(&grouping, |source, identity: &Label| directory.whose(source, identity));
    let mut open: BTreeSet<Arc<str>> = BTreeSet::new();
    window::read(store, organisation, span, now, &mut |place, part| {
        ledger.add(place, part);
        if let Part::Session(session, span) = part
            && span.last > now.plus(-HOUR)
        {
            open.insert(Arc::clone(session));
        }
    })
    .await?;
    let account = ledger.close();
    let mut sessions: BTreeMap<&Arc<str>, (Numbers, Vec<&Arc<str>>)> = BTreeMap::new();
    for line in &account.lines {
        let [Some(session), Some(person)] = &line.key[..] else { continue };
        // Prompts and tokens of one session may come under two names.
        let (numbers, people) = sessions.entry(session).or_default();
        *numbers += &line.numbers;
        people.push(person);
    }
    let lacks = |n: &Numbers| {
        // Many commands of the client need no model.
        let asked = n[Measure::Prompts] > n[Measure::Commands];
        asked && n[Measure::Input] + n[Measure::Output] == 0 && n[Measure::ApiErrors] == 0
    };
    let lacking = sessions.iter().filter(|(session, (numbers, _))| !open.contains(**session) && lacks(numbers));
    Ok(lacking.flat_map(|(_, (_, people))| people).map(|person| Arc::clone(person)).collect())
}
