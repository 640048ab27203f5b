//! The sessions of a period, the latest first unless another order is asked for.

use std::sync::Arc;

use maud::html;
use model::bucket::Bucket;
use model::calendar::Calendar;
use model::currency::Currency;
use model::order;
use model::time::MILLISECOND;
use service::people::directory::{Directory, Person};
use service::report::figures::{Figures, NO_BASIS};
use service::report::sessions::{SessionSum, all, latest, listed, of_range};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::Line;

use super::column::Unit;
use super::naming::Name;
use super::order::Order;
use super::scope::Scope;
use super::shell::Shell;
use super::table::{Counted, Heading, Paging, Row, Table};
use crate::Answer;
use crate::components::{link, number};
use crate::context::PageContext;
use crate::refusal::Refusal;

/// Sessions on a page.
const SHOWN: usize = 30;
/// The table, as addresses name it.
const TABLE: &str = "sessions";

/// What there is of a session in numbers.
const COLUMNS: [Heading; 4] = [
    Heading::of("lasted", "Lasted", Unit::Duration),
    Heading::of("prompts", "Prompts", Unit::Count),
    Heading::of("cost", "Cost", Unit::Money),
    Heading::of("tokens", "Tokens", Unit::Count),
];

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let shell = Shell::read(context, "Sessions", "sessions")?;
    let scope = &shell.scope;
    let organisation = context.organisation()?;
    let (range, filters) = (scope.period.range(organisation, context.now)?, scope.question(organisation)?);
    let (asked, directory) = ((range, &filters), Directory::read(context.store(), &organisation.uid).await?);
    let order = scope.order();
    let to = |order: Order<'_>, page| scope.alone(TABLE, order.column.unwrap_or_default(), order.ascending, page);
    let paging = Paging::of(scope, SHOWN, order, &to);
    let store = context.store();
    let (listed, found, shown) = if scope.find.is_empty() && scope.asked_sort.is_none() && !scope.ascending {
        // The latest are read by themselves: a page costs what it shows.
        let listed = listed(store, organisation, &directory, asked, context.now).await?;
        let place = (&listed, paging.first(listed.len()), SHOWN);
        let shown = latest(store, organisation, &directory, asked, place, context.now).await?;
        let found = listed.len();
        (listed, found, shown)
    } else {
        let (listed, mut sessions) = all(store, organisation, &directory, asked, context.now).await?;
        sessions.reverse();
        let mut found = searched(&sessions, scope, &directory);
        put_in_order(&mut found, scope, &directory);
        let shown = found.iter().skip(paging.first(found.len())).take(SHOWN);
        (listed, found.len(), shown.map(|session| (*session).clone()).collect())
    };
    let table = Table { total: Some(total(&listed.total)), ..table(context, scope, &directory, shown.iter())? };
    let rows: Vec<&Row> = table.rows.iter().collect();
    let content = html! {
        @if listed.is_empty() {
            div.empty {
                h2 { "No sessions in these days" }
                p { "Choose another period" @if !scope.filters.is_empty() { ", or take a filter away" } "." }
            }
        } @else {
            section.breakdown {
                (table.heading(&format!("{}{}", shell.file(context)?, to(order, 1))))
                (table.counted(&paging, &rows, Counted { found, all: listed.len() }))
            }
        }
    };
    shell.page(context, &directory, content)
}

/// The same sessions for spreadsheets.
pub(crate) async fn csv(context: &PageContext<'_>) -> Answer {
    let shell = Shell::read(context, "Sessions", "sessions")?;
    let (scope, organisation) = (&shell.scope, context.organisation()?);
    let (range, filters) = (scope.period.range(organisation, context.now)?, scope.question(organisation)?);
    let directory = Directory::read(context.store(), &organisation.uid).await?;
    let asked = (range, &filters);
    let mut sessions = of_range(context.store(), organisation, &directory, asked, context.now).await?;
    sessions.reverse();
    // Found here as the page finds them, which does not look at times.
    let found = searched(&sessions, &shell.scope, &directory);
    let table = table(context, &shell.scope, &directory, found.into_iter())?;
    shell.searched().csv(context, &[(SHOWN, table)])
}

/// Those that are searched for.
fn searched<'s>(sessions: &'s [SessionSum], scope: &Scope<'_>, directory: &Directory) -> Vec<&'s SessionSum> {
    let wanted = scope.find.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    let said = |text: &Option<String>| text.as_deref().is_some_and(has);
    let is_found = |session: &&SessionSum| {
        let is_of = |person: &Person| [&person.name, &person.email, &person.label].into_iter().any(said);
        [&session.version, &session.terminal].into_iter().any(|label| label.as_deref().is_some_and(has))
            || [&session.user, &session.id].into_iter().any(|id| has(id))
            || directory.find(&session.user).is_some_and(is_of)
    };
    sessions.iter().filter(|session| wanted.is_empty() || is_found(session)).collect()
}

/// Puts sessions, the latest first, in the order that is asked for.
fn put_in_order(found: &mut [&SessionSum], scope: &Scope<'_>, directory: &Directory) {
    let asked = scope.asked_sort.unwrap_or_default();
    let words = |session: &SessionSum| {
        let label = match asked {
            "person" => &Some(person("", session, directory, "").text.into()),
            "version" => &session.version,
            "terminal" => &session.terminal,
            _ => &None,
        };
        (label.is_none(), label.as_deref().unwrap_or_default().to_lowercase())
    };
    let number = COLUMNS.iter().position(|column| column.id == asked);
    let value = |session: &SessionSum| number.and_then(|at| numbers(session)[at]).unwrap_or(-1.0);
    let mut keyed: Vec<_> = found.iter().map(|session| (words(session), value(session), *session)).collect();
    order::sort_by(&mut keyed, |a, b| a.0.cmp(&b.0).then_with(|| b.1.total_cmp(&a.1)));
    found.iter_mut().zip(keyed).for_each(|(place, (.., session))| *place = session);
    if scope.ascending {
        found.reverse();
    }
}

/// What was counted in these days, in the columns of a session; no time, since sessions lie beside each other.
fn total(line: &Line) -> Vec<Option<f64>> {
    let figures = Figures::from(line);
    let tokens =
        [figures.input_tokens, figures.output_tokens, figures.cache_read_tokens, figures.cache_creation_tokens];
    let tokens = tokens.into_iter().fold(0, i64::saturating_add);
    vec![
        None,
        Some(figures.prompts as f64),
        (figures.cost_basis != NO_BASIS).then_some(figures.cost_usd),
        Some(tokens as f64),
    ]
}

/// What stands in the columns of a session; no cost if nobody says it.
fn numbers(session: &SessionSum) -> [Option<f64>; COLUMNS.len()] {
    let cost = session.has_cost().then(|| session.dollars());
    [Some(lasted(session)), Some(session.prompts as f64), cost, Some(session.tokens() as f64)]
}

/// These sessions as a table, in the order that they have.
pub(super) fn table<'s>(
    context: &PageContext<'_>,
    scope: &Scope<'_>,
    directory: &Directory,
    sessions: impl Iterator<Item = &'s SessionSum>,
) -> Result<Table, Refusal> {
    let organisation = context.organisation()?;
    let (org, calendar) = (organisation.org.as_str(), Calendar::of(organisation));
    let (kept, kept_of_person) = (scope.kept(), scope.kept_of_person());
    let row = |session: &SessionSum| {
        let day = calendar.date(Bucket::of(session.span.first)).strftime("%-d %b").to_string();
        let said = |by: &'static str, label: &Label| {
            let named = Name::of(by, label, scope, directory);
            let text = if label.is_none() { "–".into() } else { named.text };
            Name { text, href: named.href.map(|kept| format!("/orgs/{org}/sessions{kept}")), ..named }
        };
        let name = Name {
            text: format!("{day}, {}", calendar.clock(session.span.first)),
            more: vec![session.span.first.to_string(), session.id.to_string()],
            href: Some(address(org, session, &kept)),
            ..Name::default()
        };
        let who = person(org, session, directory, &kept_of_person);
        let beside = vec![who, said("version", &session.version), said("terminal", &session.terminal)];
        Row { name, beside, cells: numbers(session).to_vec() }
    };
    Ok(Table {
        id: TABLE,
        title: "Sessions".into(),
        about: ["Began", "Time", "Session"].map(str::to_owned).to_vec(),
        beside: vec!["Person", "Version", "Terminal"],
        columns: COLUMNS.to_vec(),
        rows: sessions.map(row).collect(),
        is_ordered: true,
        ascends: Some(false),
        ..Table::default()
    })
}

/// Where a session is shown. With its time and its person, so that nobody else's records are read to find it, and with what the way back
/// keeps.
fn address(org: &str, session: &SessionSum, kept: &str) -> String {
    let (from, to) = (session.span.first.to_string(), session.span.last.plus(MILLISECOND).to_string());
    let asked = [("user", &*session.user), ("from", &from), ("to", &to), ("back", kept)];
    link::with(&format!("/orgs/{org}/sessions/{}", link::segment(&session.id)), asked)
}

/// Whose a session is, with a link to them; `kept` goes along.
pub(super) fn person(org: &str, session: &SessionSum, directory: &Directory, kept: &str) -> Name {
    let href = Some(format!("/orgs/{org}/users/{}{kept}", session.user));
    Name { href, ..Name::without_link("user", &Some(Arc::clone(&session.user)), directory) }
}

/// How long a session was, in seconds.
pub(super) fn lasted(session: &SessionSum) -> f64 {
    session.span.last.since(session.span.first).as_secs_f64()
}

/// What it cost; a dash if nobody says.
pub(super) fn cost(session: &SessionSum, currency: Currency) -> String {
    match session.has_cost() {
        true => number::money(currency.of_dollars(session.dollars()), currency),
        false => "–".into(),
    }
}
