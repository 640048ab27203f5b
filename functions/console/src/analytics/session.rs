//! One session: whose, how long, what it cost by model, and everything that happened in it.

use std::borrow::Cow;

use http::StatusCode;
use maud::{Markup, html};
use model::calendar::Calendar;
use model::currency::Currency;
use model::organisation::Organisation;
use model::time::MILLISECOND;
use service::http::page::PageRequest;
use service::http::query::Query;
use service::people::directory::Directory;
use service::report::error::ReportError;
use service::report::events::events;
use service::report::figures::Figures;
use service::report::session::{Session, session as find};
use service::report::sessions::SessionSum;
use telemetry::activity::ledger::Line;

use super::column::{Unit, tokens as all_tokens};
use super::naming::Name;
use super::order::{self, Order};
use super::sessions::{cost, lasted, person};
use super::table::{Heading, Paging, Row, Table};
use super::tabs::tabs;
use super::timeline;
use crate::components::text::name;
use crate::components::{link, number};
use crate::context::PageContext;
use crate::{Answer, layout};

/// Records on a page.
const SHOWN: usize = 100;
/// Lines by model on a page.
const MODELS: usize = 20;
/// What there is of them in numbers; the dearest comes first.
const COLUMNS: [Heading; 4] = [
    Heading::of("cost", "Cost", Unit::Money),
    Heading::of("requests", "Requests", Unit::Count),
    Heading::of("tokens", "Tokens", Unit::Count),
    Heading::of("cached", "From cache", Unit::Count),
];

/// The longest position in the list of records, in bytes.
const POSITION: usize = 1_024;

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let (organisation, store, now) = (context.organisation()?, context.store(), context.now);
    let org = organisation.org.as_str();
    let asked = context.values.get(1).map_or("", AsRef::as_ref);
    let directory = Directory::read(store, &organisation.uid).await?;
    let Session { sum: session, lines } = match find(store, organisation, &directory, asked, &context.query, now).await
    {
        Ok(session) => session,
        Err(ReportError::Session(_) | ReportError::Person(_)) => {
            let mut response = layout::page(context, "Session", unknown(org, asked));
            *response.status_mut() = StatusCode::NOT_FOUND;
            return Ok(response);
        }
        Err(error) => return Err(error.into()),
    };
    let (from, to) = (session.span.first.to_string(), session.span.last.plus(MILLISECOND).to_string());
    let own = [("session", asked), ("user", &*session.user), ("from", &from), ("to", &to)];
    let wanted = own.into_iter().chain([("signal", "logs")]).map(|(name, value)| (Cow::from(name), Cow::from(value)));
    let after = context.query.get("after").filter(|after| after.len() <= POSITION).map(str::to_owned);
    let page = PageRequest { limit: SHOWN, after };
    let found = events(store, organisation, &directory, &page, &wanted.collect::<Query<'_>>(), now).await?;
    let (records, next) = (found.lines, found.next);
    let to = |Order { column, ascending }: Order<'_>, page: usize| {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let (sort, order) = (column.unwrap_or_default(), if ascending { "up" } else { "" });
        let find = context.query.get("find").unwrap_or_default();
        let after = context.query.get("after").unwrap_or_default();
        let back = context.query.get("back").unwrap_or_default();
        let asked = [
            ("back", back),
            ("sort", sort),
            ("order", order),
            ("find", find),
            ("page", page.as_str()),
            ("after", after),
        ];
        format!("{}#models", link::with("", own.into_iter().skip(1).chain(asked)))
    };
    // The days and filters that it was found with, from the question mark on.
    let back = link::parameters(context.query.get("back").unwrap_or_default());
    let back: Vec<(&str, &str)> = back.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let kept =
        ["back", "sort", "order", "find", "page"].map(|name| (name, context.query.get(name).unwrap_or_default()));
    let others: Vec<(&str, &str)> = back.iter().copied().filter(|(name, _)| *name != "user").collect();
    let theirs = link::with("", others.iter().copied().chain([("user", &*session.user)]));
    let content = html! {
        div.heading.split {
            h1 { "Session" }
            a.button href={ "/orgs/" (org) "/sessions" (theirs) } { "Sessions of this person" }
        }
        (tabs(context, &link::with("", back.iter().copied()))?)
        (top(organisation, &session, &directory, &link::with("", others.iter().copied())))
        (by(context, &lines, organisation.settings.currency, &to))
        h2.section { "What happened" }
        @if records.is_empty() {
            p.hint { "No events came from this session, only metrics." }
        } @else {
            (timeline::table(&records, organisation))
        }
        @if next.is_some() || context.query.get("after").is_some() {
            p.actions {
                @if context.query.get("after").is_some() {
                    a.button href=(link::with("", own.into_iter().skip(1).chain(kept))) { "First events" }
                }
                @if let Some(after) = next {
                a.button href=(link::with("", own.into_iter().skip(1).chain(kept).chain([("after", after.as_str())]))) { "Later events" }
                }
            }
        }
    };
    Ok(layout::page(context, "Session", content))
}

fn unknown(org: &str, asked: &str) -> Markup {
    html! {
        div.empty {
            h2 { "No such session" }
            p {
                "Nothing in these days is of the session " (name(asked)) ". It may be older, or its person was erased. "
                a href={ "/orgs/" (org) "/sessions" } { "See all sessions" } "."
            }
        }
    }
}

fn top(organisation: &Organisation, session: &SessionSum, directory: &Directory, kept: &str) -> Markup {
    let (org, calendar) = (organisation.org.as_str(), Calendar::of(organisation));
    let currency = organisation.settings.currency;
    html! {
        section.card {
            h2 { (person(org, session, directory, kept).shown()) }
            p.soft { code { (session.id) } }
            dl.facts {
                div { dt { "Began" } dd { (calendar.moment(session.span.first)) } }
                div { dt { "Lasted" } dd { (number::duration(lasted(session))) } }
                div { dt { "Prompts" } dd { (number::grouped(session.prompts)) } }
                div { dt { "Cost" } dd { (cost(session, currency)) } }
                div { dt { "Tokens" } dd { (number::grouped(session.tokens())) } }
                div { dt { "Version" } dd { (name(session.version.as_deref().unwrap_or("–"))) } }
                div { dt { "Terminal" } dd { (name(session.terminal.as_deref().unwrap_or("–"))) } }
            }
        }
    }
}

/// What it was made of, by model and by what asked the model: in the order that the address asks for, whose others are at `to`.
fn by(
    context: &PageContext<'_>,
    lines: &[Line],
    currency: Currency,
    to: &(dyn Fn(Order<'_>, usize) -> String + Sync),
) -> Markup {
    let query = &context.query;
    let table = models(lines);
    let (order, find, page) = (Order::read(query), order::find(query), order::page(query));
    html! {
        @if !table.rows.is_empty() {
            section.breakdown #models { (table.lines(&Paging { shown: MODELS, page, order, find, currency, has_file: false, to })) }
        }
    }
}

fn models(lines: &[Line]) -> Table {
    let said = |line: &Line, at: usize| match line.key.get(at).cloned().flatten() {
        Some(label) => Name::plain(&*label),
        None => Name { text: "not reported".into(), is_unsaid: true, ..Name::default() },
    };
    let row = |line: &Line| {
        let figures = Figures::from(line);
        let (requests, tokens) = (figures.api_requests, all_tokens(&figures));
        let cells = [figures.cost_usd, requests as f64, tokens as f64, figures.cache_read_tokens as f64];
        let row = Row { name: said(line, 0), beside: vec![said(line, 1)], cells: cells.map(Some).to_vec() };
        (requests > 0 || tokens > 0).then_some(row)
    };
    let rows: Vec<Row> = lines.iter().filter_map(row).collect();
    let sum = |at: usize| rows.iter().filter_map(|row| row.cells.get(at).copied().flatten()).sum();
    Table {
        id: "models",
        title: "By model".into(),
        about: vec!["Model".into()],
        beside: vec!["Asked by"],
        columns: COLUMNS.to_vec(),
        total: Some((0..COLUMNS.len()).map(|at| Some(sum(at))).collect()),
        rows,
        ..Table::default()
    }
}
