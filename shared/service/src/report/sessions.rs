//! `GET …/sessions`: sessions with work in them.

use std::collections::HashMap;
use std::sync::Arc;

use ahash::RandomState;
use serde::Serialize;

use super::error::ReportError;
use super::figures::{NO_BASIS, basis, dollars};
use super::filters::Filters;
use super::ledger::{ledger, prices};
use super::range::Range;
use super::window::{self, Adds, Asked, Shown, Sum};
use crate::http::page::{Page, PageRequest};
use crate::http::query::Query;
use crate::people::directory::Directory;
use crate::people::view::PersonView;
use listed::Days;
pub use listed::{Listed, Listing, listed, listing};
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::{Store, StoreError};
use telemetry::activity::dimensions::{Dimension, Label};
use telemetry::activity::ledger::{Grouping, Ledger, Line, Place};
use telemetry::activity::measure::Measure;
use telemetry::activity::session::SessionKey;
use telemetry::activity::summary::{Part, Span};
use telemetry::claude::source::SourceId;

mod listed;

/// A session.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SessionView {
    /// `session.id`.
    pub id: String,
    /// Whose.
    pub user: PersonView,
    /// Time of the first record in range.
    #[schema(value_type = String)]
    pub start: Timestamp,
    /// Time of the last record in range.
    #[schema(value_type = String)]
    pub end: Timestamp,
    /// Version of Claude Code.
    pub version: Option<String>,
    /// Kind of terminal.
    pub terminal: Option<String>,
    /// Prompts.
    pub prompts: i64,
    /// US dollars, rounded to the micro-dollar.
    pub cost_usd: f64,
    /// Who says the cost: `client`, `price_list`, `mixed` or `none`, as in activity.
    pub cost_basis: &'static str,
    /// Tokens read.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Tokens written to the cache.
    pub cache_creation_tokens: i64,
}

/// What a session comes to. Those of a month are many thousands, of which a page shows a few.
#[derive(Debug, Clone)]
pub struct SessionSum {
    /// `session.id`.
    pub id: Arc<str>,
    /// The id of the person whose it is.
    pub user: Arc<str>,
    /// When it was seen in range.
    pub span: Span,
    /// Version of Claude Code.
    pub version: Label,
    /// Kind of terminal.
    pub terminal: Label,
    /// Prompts.
    pub prompts: i64,
    /// Tokens: read, written, read from the cache, written to it.
    tokens: [i64; 4],
    /// Nano-dollars.
    cost: i64,
    /// Those of them that are from the list of prices.
    priced: i64,
}

impl SessionSum {
    /// US dollars, rounded to the micro-dollar.
    #[must_use]
    pub fn dollars(&self) -> f64 {
        dollars(self.cost)
    }

    /// Whether anybody says what it cost.
    #[must_use]
    pub fn has_cost(&self) -> bool {
        basis(self.cost, self.priced) != NO_BASIS
    }

    /// All its tokens.
    #[must_use]
    pub fn tokens(&self) -> i64 {
        self.tokens.into_iter().fold(0, i64::saturating_add)
    }

    /// The session with its person's name.
    #[must_use]
    pub fn view(&self, directory: &Directory) -> SessionView {
        let text = |label: &Label| label.as_deref().map(str::to_owned);
        let [input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens] = self.tokens;
        SessionView {
            id: self.id.to_string(),
            user: PersonView::of(directory, &self.user),
            start: self.span.first,
            end: self.span.last,
            version: text(&self.version),
            terminal: text(&self.terminal),
            prompts: self.prompts,
            cost_usd: self.dollars(),
            cost_basis: basis(self.cost, self.priced),
            input_tokens,
            output_tokens,
            cache_read_tokens,
            cache_creation_tokens,
        }
    }

    /// Its place in the order of start.
    fn mark(&self) -> String {
        format!("{:014}#{}", self.span.first.0, self.id)
    }
}

/// A page of the sessions that `query` asks for, in order of start.
///
/// # Errors
/// A parameter makes no sense, or the database failed.
pub async fn sessions(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    page: &PageRequest,
    query: &Query<'_>,
    now: Timestamp,
) -> Result<Page<SessionView>, ReportError> {
    let range = Range::read(query, organisation, now)?;
    let filters = Filters::read(query, organisation)?;
    filters.check(store, &organisation.uid, directory).await?;
    let asked = (range, &filters);
    let listed = listed(store, organisation, directory, asked, now).await?;
    let place = match (query.get("session"), &page.after) {
        (Some(id), _) => listed.with(id),
        (None, after) => listed.after(after.as_deref().and_then(time_of), page.look_for()),
    };
    let found = match place {
        Some(place) => of_days(store, organisation, directory, asked, (&listed, &place), now).await?,
        None => Vec::new(),
    };
    let is_before = |session: &SessionSum| page.after.as_ref().is_some_and(|after| session.mark() <= *after);
    let rest = found[found.partition_point(is_before)..].iter().take(page.look_for());
    let rest = rest.map(|session| (session.mark(), session)).collect();
    Ok(page.page(rest, |(place, _)| place, |(_, session)| session.view(directory)))
}

/// The time in a place in the order of start; none if it is no such place.
fn time_of(mark: &str) -> Option<Timestamp> {
    Some(Timestamp(mark.split('#').next()?.parse().ok()?))
}

/// The latest sessions of a range that the filters let through, `take` of them from the place `skip` on, the latest first.
pub async fn latest(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    asked: (Range, &Filters),
    (listed, skip, take): (&Listed, usize, usize),
    now: Timestamp,
) -> Result<Vec<SessionSum>, StoreError> {
    let Some(place) = listed.latest(skip, take) else { return Ok(Vec::new()) };
    let mut found = of_days(store, organisation, directory, asked, (listed, &place), now).await?;
    found.reverse();
    Ok(found.into_iter().skip(skip - place.later).take(take).collect())
}

/// The sessions that begin on some of the days, in order of start. Nothing is read but the days that they are of.
async fn of_days(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    (range, filters): (Range, &Filters),
    (listed, place): (&Listed, &Days),
    now: Timestamp,
) -> Result<Vec<SessionSum>, StoreError> {
    let days = place.range(range, &Calendar::of(organisation));
    let mut found = of_range(store, organisation, directory, (days, filters), now).await?;
    let wanted = listed.begin_on(place);
    let is_wanted = |session: &SessionSum| wanted.contains(&SessionKey::of(&session.id));
    found.retain(is_wanted);
    // Whether a session counts that was only looked at may be decided by other days.
    if found.len() != wanted.len() {
        found = of_range(store, organisation, directory, (range, filters), now).await?;
        found.retain(is_wanted);
    }
    Ok(found)
}

/// The sessions of a range that the filters let through, in order of start.
pub async fn of_range(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    (range, filters): (Range, &Filters),
    now: Timestamp,
) -> Result<Vec<SessionSum>, StoreError> {
    let by_hour = filters.is_by(&Grouping::Hour);
    let asked = Asked { span: range.buckets(), by_hour, shown: Shown::AsItIs };
    let found = gathering(organisation, directory, filters);
    Ok(window::read(store, organisation, asked, now, found).await?.close())
}

/// Sessions, while the summaries of a range are read part by part.
pub struct Gathering<W> {
    ledger: Ledger<W>,
    spans: HashMap<Arc<str>, Span, RandomState>,
}

/// Where the sessions that the filters let through are gathered.
pub fn gathering(
    organisation: &Organisation,
    directory: &Directory,
    filters: &Filters,
) -> Gathering<impl Fn(SourceId, &Label) -> Option<Arc<str>> + Clone + Send + use<>> {
    let [session, version, terminal] = [Dimension::Session, Dimension::Version, Dimension::Terminal].map(Grouping::By);
    let grouping = [session, Grouping::User, version, terminal];
    let ledger = ledger(directory, &grouping, filters.of_numbers(directory, &grouping));
    Gathering { ledger: ledger.with_prices(prices(organisation)), spans: HashMap::default() }
}

impl<W> Gathering<W> {
    fn see(&mut self, session: &Arc<str>, span: Span) {
        self.spans.entry(Arc::clone(session)).and_modify(|known| *known = known.with(span)).or_insert(span);
    }
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>> + Clone + Send + 'static> Adds for Gathering<W> {
    fn add(&mut self, place: &Place, part: &Part<'_>) {
        self.ledger.add(place, part);
        if let (true, Part::Session(session, span)) = (place.is_shown(), part) {
            self.see(session, *span);
        }
    }

    fn names_sessions(&self) -> bool {
        true
    }
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>> + Clone + Send + 'static> Sum for Gathering<W> {
    fn fork(&self) -> Self {
        Self { ledger: self.ledger.fork(), spans: HashMap::default() }
    }

    fn absorb(&mut self, other: Self) {
        self.ledger.absorb(other.ledger);
        other.spans.iter().for_each(|(session, span)| self.see(session, *span));
    }
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>>> Gathering<W> {
    /// The sessions, in order of start.
    #[must_use]
    pub fn close(self) -> Vec<SessionSum> {
        let (lines, spans) = (self.ledger.close_lines(), self.spans);
        // The lines of a session follow each other: it is the first that they are in order of.
        let of_sessions = lines.chunk_by(|a, b| a.key.first() == b.key.first());
        let sums = of_sessions.filter(|lines| lines.iter().any(|line| !line.sessions.is_empty()));
        let mut sums: Vec<SessionSum> = sums
            .filter_map(|lines| {
                let session = lines.first()?.key.first()?.as_ref()?;
                sum(session, *spans.get(session)?, lines)
            })
            .collect();
        sums.sort_unstable_by(|a, b| (a.span.first, &a.id).cmp(&(b.span.first, &b.id)));
        sums
    }
}

/// What the lines of a session come to.
fn sum(session: &Arc<str>, span: Span, lines: &[Line]) -> Option<SessionSum> {
    let of = |measure: Measure| lines.iter().fold(0, |sum: i64, line| sum.saturating_add(line.numbers[measure]));
    // Versions sort as they follow each other, near enough: of a session that was updated it is the later one.
    let last = |at: usize| lines.iter().rev().find_map(|line| line.key.get(at).cloned().flatten());
    Some(SessionSum {
        id: Arc::clone(session),
        user: last(1)?,
        span,
        version: last(2),
        terminal: last(3),
        prompts: of(Measure::Prompts),
        tokens: [Measure::Input, Measure::Output, Measure::CacheRead, Measure::CacheCreation].map(of),
        cost: of(Measure::Cost),
        priced: lines.iter().fold(0, |sum, line| sum.saturating_add(line.priced)),
    })
}
