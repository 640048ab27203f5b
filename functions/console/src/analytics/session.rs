//! One session: whose, how long, what it cost by model, and everything that happened in it. [`address`] is where its page and its files
//! are, and what its names lead to.

mod address;

use http::StatusCode;
use maud::{Markup, html};
use model::calendar::Calendar;
use service::http::Problem;
use service::http::query::Query;
use service::people::directory::Directory;
use service::report::error::ReportError;
use service::report::events::{Room, of_session};
use service::report::figures::Figures;
use service::report::session::{Session, session as find};
use service::report::sessions::SessionSum;
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::Line;

use self::address::Address;
use super::column::{Unit, tokens as all_tokens};
use super::naming::{Name, linked};
use super::order::{self, Order};
use super::sessions::{cost, lasted, person};
use super::table::{Heading, Paging, Row, Table};
use super::tabs::tabs;
use super::timeline;
use crate::components::number;
use crate::components::text::name;
use crate::context::PageContext;
use crate::refusal::Refusal;
use crate::{Answer, answer, layout};

/// How much of what happened in a session is read. Whoever is at work all day sends a tenth of it.
const ROOM: Room = Room { records: 10_000, bytes: 16 << 20 };
/// Records on a page: with three links a line, as requests have, more would weigh more than a page may.
const SHOWN: usize = 60;
/// Lines by model on a page.
const MODELS: usize = 20;
/// The table by model, as addresses name it.
const BY_MODEL: &str = "models";
/// What there is of them in numbers; the dearest comes first.
const COLUMNS: [Heading; 4] = [
    Heading::of("cost", "Cost", Unit::Money),
    Heading::of("requests", "Requests", Unit::Count),
    Heading::of("tokens", "Tokens", Unit::Count),
    Heading::of("cached", "From cache", Unit::Count),
];

/// What was read of a session.
struct Told {
    session: SessionSum,
    directory: Directory,
    /// By model, and what happened.
    tables: [Table; 2],
    /// How many records were read, if there are more.
    read: Option<usize>,
}

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let (organisation, id) = (context.organisation()?, context.values.get(1).map_or("", AsRef::as_ref));
    let back = Query::read(context.query.get("back").map(|back| back.trim_start_matches('?')));
    let Some(told) = read(context, id, &back).await? else {
        let mut response = layout::page(context, "Session", unknown(organisation.org.as_str(), id));
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Ok(response);
    };
    let address = Address::of(context, &told.session, &back)?;
    let others = address.scope.kept_of_person();
    let theirs = address.scope.with("user", &told.session.user).kept();
    let [models, events] = &told.tables;
    let content = html! {
        div.heading.split {
            h1 { "Session" }
            a.button href={ "/orgs/" (organisation.org) "/sessions" (theirs) } { "Sessions of this person" }
        }
        (tabs(context, &address.scope.kept())?)
        (top(&address, &told, &Calendar::of(organisation), &others))
        @if !models.rows.is_empty() { section.breakdown { (lines(context, &address, models, MODELS)) } }
        section.breakdown {
            (lines(context, &address, events, SHOWN))
            @if let Some(read) = told.read {
                p.hint {
                    "The session has more events: these are the first " (number::grouped(read as u64)) ". The API has all of them: "
                    a href=(address.api()) { code { (address.api()) } } "."
                }
            }
        }
    };
    Ok(layout::page(context, "Session", content))
}

/// One of its tables for spreadsheets.
pub(crate) async fn csv(context: &PageContext<'_>) -> Answer {
    let (id, back) = (context.query.get("session").unwrap_or_default(), Query::default());
    let told = read(context, id, &back).await?;
    let told =
        told.ok_or_else(|| Refusal::from(Problem::NotFound("nothing in these days is of this session".into())))?;
    let asked = Asked::of(context, asked_table(context));
    let [models, events] = &told.tables;
    let table = if asked.table == BY_MODEL { models } else { events };
    let (org, narrowed) = (&context.organisation()?.org, answer::narrowed([("session", id), ("find", asked.find)]));
    let name = format!("claude-code-{org}-{}{narrowed}.csv", asked.table);
    Ok(answer::table(&name, table.csv(asked.order, asked.find)?))
}

/// Reads a session; `None` if there is none.
async fn read(context: &PageContext<'_>, id: &str, back: &Query<'_>) -> Result<Option<Told>, Refusal> {
    let (organisation, store, now) = (context.organisation()?, context.store(), context.now);
    let directory = Directory::read(store, &organisation.uid).await?;
    let Session { sum: session, lines } = match find(store, organisation, &directory, id, &context.query, now).await {
        Ok(session) => session,
        Err(ReportError::Session(_) | ReportError::Person(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let (records, is_complete) = of_session(store, organisation, &directory, &session, ROOM, now).await?;
    let address = Address::of(context, &session, back)?;
    let leads = |by: &'static str, value: &str| address.name(by, &Some(value.into()), &directory).href;
    let events = timeline::table(&records, &Calendar::of(organisation), &leads);
    let tables = [models(&lines, &address, &directory), events];
    let read = (!is_complete).then_some(records.len());
    Ok(Some(Told { session, directory, tables, read }))
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

fn top(address: &Address<'_>, told: &Told, calendar: &Calendar, others: &str) -> Markup {
    let Told { session, directory, .. } = told;
    let said = |by, label: &Label| match label {
        Some(text) => linked(address.name(by, label, directory).href.as_deref(), &name(text)),
        None => html! { "–" },
    };
    html! {
        section.card {
            h2 { (person(address.org, session, directory, others).shown()) }
            p.soft { code { (session.id) } }
            dl.facts {
                div { dt { "Began" } dd { (calendar.moment(session.span.first)) } }
                div { dt { "Lasted" } dd { (number::duration(lasted(session))) } }
                div { dt { "Prompts" } dd { (number::grouped(session.prompts)) } }
                div { dt { "Cost" } dd { (cost(session, address.scope.currency)) } }
                div { dt { "Tokens" } dd { (number::grouped(session.tokens())) } }
                div { dt { "Version" } dd { (said("version", &session.version)) } }
                div { dt { "Terminal" } dd { (said("terminal", &session.terminal)) } }
            }
        }
    }
}

/// What is asked of one of the tables: nothing, if the address is about the other one.
#[derive(Default)]
struct Asked<'a> {
    table: &'a str,
    order: Order<'a>,
    find: &'a str,
    page: usize,
}

impl<'a> Asked<'a> {
    fn of(context: &'a PageContext<'_>, table: &'a str) -> Self {
        let query = &context.query;
        if table != asked_table(context) {
            return Self { table, page: 1, ..Self::default() };
        }
        Self { table, order: Order::read(query), find: order::find(query), page: order::page(query) }
    }
}

/// The table that the address is about.
fn asked_table<'a>(context: &'a PageContext<'_>) -> &'a str {
    context.query.get("table").filter(|table| !table.is_empty()).unwrap_or(timeline::TABLE)
}

/// A table with its file, as the address asks for it.
fn lines(context: &PageContext<'_>, address: &Address<'_>, table: &Table, shown: usize) -> Markup {
    let Asked { order, find, page, .. } = Asked::of(context, table.id);
    let to = |order: Order<'_>, page: usize| address.page(table.id, (order, find, page));
    let currency = address.scope.currency;
    html! {
        (table.heading(&address.file(table.id, (order, find, 1))))
        (table.lines(&Paging { shown, page, order, find, currency, has_file: true, to: &to }))
    }
}

/// What it was made of, by model and by what asked the model.
fn models(lines: &[Line], address: &Address<'_>, directory: &Directory) -> Table {
    let said = |line: &Line, by: &str, at: usize| {
        let label = line.key.get(at).cloned().flatten();
        let named = address.name(by, &label, directory);
        if label.is_some() { named } else { Name { text: "not reported".into(), ..named } }
    };
    let row = |line: &Line| {
        let figures = Figures::from(line);
        let (requests, tokens) = (figures.api_requests, all_tokens(&figures));
        let cells = [figures.cost_usd, requests as f64, tokens as f64, figures.cache_read_tokens as f64];
        let (name, beside) = (said(line, "model", 0), vec![said(line, "query_source", 1)]);
        (requests > 0 || tokens > 0).then(|| Row { name, beside, cells: cells.map(Some).to_vec() })
    };
    let rows: Vec<Row> = lines.iter().filter_map(row).collect();
    let sum = |at: usize| rows.iter().filter_map(|row| row.cells.get(at).copied().flatten()).sum();
    Table {
        id: BY_MODEL,
        title: "By model".into(),
        about: vec!["Model".into()],
        beside: vec!["Asked by"],
        columns: COLUMNS.to_vec(),
        total: Some((0..COLUMNS.len()).map(|at| Some(sum(at))).collect()),
        rows,
        ..Table::default()
    }
}
