//! `GET …/sessions/{id}`: one session, and what it is made of.

use std::sync::Arc;

use serde::Serialize;

use super::error::{ReportError, UnknownSession};
use super::figures::Figures;
use super::filters::Filters;
use super::ledger::{ledger, prices};
use super::range::Range;
use super::sessions::{SessionSum, SessionView, of_range};
use super::window;
use crate::http::query::Query;
use crate::people::directory::Directory;
use model::bucket::BUCKET;
use model::organisation::Organisation;
use model::time::{MILLISECOND, Timestamp};
use store::Store;
use telemetry::activity::dimensions::Dimension;
use telemetry::activity::ledger::{Filter, Grouping, Line};

/// A session, and its lines by model and by what asked the model.
#[derive(Debug)]
pub struct Session {
    /// The session.
    pub sum: SessionSum,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// A session, and what it is made of.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionDetail {
    /// The session, as lists have it.
    #[serde(flatten)]
    pub session: SessionView,
    /// Its numbers by model and by what asked the model.
    pub by_model: Vec<ModelView>,
}

/// The numbers of a session with one model.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ModelView {
    /// The model; none for what is about none.
    pub model: Option<String>,
    /// What asked it: `repl_main_thread`, `agent:builtin:Explore`, …; none where it is not said.
    pub query_source: Option<String>,
    /// The numbers.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The session with this id in the range that the query asks for, of the person whom it names.
///
/// # Errors
/// There is none, a parameter makes no sense, or the database failed.
pub async fn session(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    id: &str,
    query: &Query<'_>,
    now: Timestamp,
) -> Result<Session, ReportError> {
    let range = Range::read(query, organisation, now)?;
    // Numbers are kept by the bucket: a range within one is all of it.
    let range = Range { to: range.to.plus(BUCKET).minus(MILLISECOND), ..range };
    let filters = Filters::of(query.get("user").map(|user| ("user", user)), organisation)?;
    filters.check(store, &organisation.uid, directory).await?;
    let found = of_range(store, organisation, directory, (range, &filters), now).await?;
    let sum = found.into_iter().find(|session| *session.id == *id).ok_or(UnknownSession)?;
    let grouping = [Dimension::Session, Dimension::Model, Dimension::QuerySource].map(Grouping::By);
    let theirs = Filter::default().and(Grouping::User, vec![Some(Arc::clone(&sum.user))]);
    let ledger = ledger(directory, &grouping, theirs).with_prices(prices(organisation));
    let mut lines = window::read(store, organisation, range.buckets(), now, ledger).await?.close_lines();
    lines.retain(|line| line.key.first().and_then(Option::as_deref) == Some(id));
    for line in &mut lines {
        line.key.remove(0);
    }
    Ok(Session { sum, lines })
}

impl SessionDetail {
    /// A session as it is answered.
    #[must_use]
    pub fn of(session: &Session, directory: &Directory) -> Self {
        let label = |line: &Line, at: usize| line.key.get(at).cloned().flatten().map(|label| label.as_ref().to_owned());
        let view = |line: &Line| ModelView {
            model: label(line, 0),
            query_source: label(line, 1),
            figures: Figures::from(line),
        };
        Self { by_model: session.lines.iter().map(view).collect(), session: session.sum.view(directory) }
    }
}
