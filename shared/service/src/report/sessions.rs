//! `GET …/sessions`: sessions with work in them.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::error::ReportError;
use super::figures::{basis, dollars};
use super::filters::Filters;
use super::ledger::{ledger, prices};
use super::range::Range;
use super::window::{self, Adds, Asked, Shown, Sum};
use crate::http::page::{Page, PageRequest};
use crate::http::query::Query;
use crate::people::directory::Directory;
use crate::people::view::PersonView;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::{Store, StoreError};
use telemetry::activity::dimensions::{Dimension, Label};
use telemetry::activity::ledger::{Grouping, Ledger, Line, Place};
use telemetry::activity::measure::{Measure, Numbers};
use telemetry::activity::summary::{Part, Span};
use telemetry::claude::source::SourceId;

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
    let wanted = query.get("session");
    let found = of_range(store, organisation, directory, (range, &filters), now).await?.into_iter();
    let found = found.filter(|view| wanted.is_none_or(|id| view.id == id)).map(|view| (mark(&view), view));
    let rest = found.into_iter().filter(|(place, _)| page.after.as_ref().is_none_or(|after| place > after));
    Ok(page.page(rest.take(page.look_for()).collect(), |(place, _)| place, |(_, view)| view))
}

/// What is known of a session from all its lines.
#[derive(Default)]
struct Known {
    numbers: Numbers,
    priced: i64,
    labels: [Label; 3],
    has_work: bool,
}

impl Known {
    /// What the lines of a session come to.
    fn of(lines: &[Line]) -> Self {
        let mut known = Self::default();
        for line in lines {
            known.numbers += &line.numbers;
            known.priced = known.priced.saturating_add(line.priced);
            known.has_work |= !line.sessions.is_empty();
            for (slot, label) in known.labels.iter_mut().zip(line.key.iter().skip(1)) {
                // Versions sort as they follow each other, near enough: of a session that was updated it is the later one.
                if label.is_some() {
                    slot.clone_from(label);
                }
            }
        }
        known
    }
}

fn mark(session: &SessionView) -> String {
    format!("{:014}#{}", session.start.0, session.id)
}

/// The sessions of a range that the filters let through, in order of start.
pub async fn of_range(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    (range, filters): (Range, &Filters),
    now: Timestamp,
) -> Result<Vec<SessionView>, StoreError> {
    let by_hour = filters.is_by(&Grouping::Hour);
    let asked = Asked { span: range.buckets(), by_hour, shown: Shown::AsItIs };
    let found = gathering(organisation, directory, filters);
    Ok(window::read(store, organisation, asked, now, found).await?.close(directory))
}

/// Sessions, while the summaries of a range are read part by part.
pub struct Gathering<W> {
    ledger: Ledger<W>,
    spans: HashMap<Arc<str>, Span>,
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
    pub fn close(self, directory: &Directory) -> Vec<SessionView> {
        let (lines, spans) = (self.ledger.close().lines, self.spans);
        // The lines of a session follow each other: it is the first that they are in order of.
        let of_sessions = lines.chunk_by(|a, b| a.key.first() == b.key.first());
        let views = of_sessions.filter_map(|lines| {
            let session = lines.first()?.key.first()?.as_ref()?;
            let known = Known::of(lines);
            known.has_work.then_some(())?;
            Some(view(session, *spans.get(session)?, &known, directory))
        });
        let mut views: Vec<SessionView> = views.collect();
        // The order of marks, of which the first page alone needs the text.
        views.sort_unstable_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
        views
    }
}

fn view(session: &str, span: Span, known: &Known, directory: &Directory) -> SessionView {
    let [user, version, terminal] = &known.labels;
    let text = |label: &Label| label.as_deref().map(str::to_owned);
    SessionView {
        id: session.to_owned(),
        user: PersonView::of(directory, user.as_deref().unwrap_or_default()),
        start: span.first,
        end: span.last,
        version: text(version),
        terminal: text(terminal),
        prompts: known.numbers[Measure::Prompts],
        cost_usd: dollars(known.numbers[Measure::Cost]),
        cost_basis: basis(known.numbers[Measure::Cost], known.priced),
        input_tokens: known.numbers[Measure::Input],
        output_tokens: known.numbers[Measure::Output],
        cache_read_tokens: known.numbers[Measure::CacheRead],
        cache_creation_tokens: known.numbers[Measure::CacheCreation],
    }
}
