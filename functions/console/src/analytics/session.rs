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
use service::report::sessions::SessionView;
use telemetry::activity::ledger::Line;

use super::column::tokens as all_tokens;
use super::sessions::{cost, lasted, person, tokens};
use super::timeline;
use crate::components::text::name;
use crate::components::{link, number};
use crate::context::PageContext;
use crate::{Answer, layout};

/// Records on a page.
const SHOWN: usize = 100;
/// The longest position in the list of records, in bytes.
const POSITION: usize = 1_024;

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let (organisation, store, now) = (context.organisation()?, context.store(), context.now);
    let org = organisation.org.as_str();
    let asked = context.values.get(1).map_or("", AsRef::as_ref);
    let directory = Directory::read(store, &organisation.uid).await?;
    let Session { view: session, lines } = match find(store, organisation, &directory, asked, &context.query, now).await
    {
        Ok(session) => session,
        Err(ReportError::Session(_) | ReportError::Person(_)) => {
            let mut response = layout::page(context, "Session", unknown(org, asked));
            *response.status_mut() = StatusCode::NOT_FOUND;
            return Ok(response);
        }
        Err(error) => return Err(error.into()),
    };
    let (from, to) = (session.start.to_string(), session.end.plus(MILLISECOND).to_string());
    let own = [("session", asked), ("user", &session.user.id), ("from", &from), ("to", &to)];
    let wanted = own.into_iter().chain([("signal", "logs")]).map(|(name, value)| (Cow::from(name), Cow::from(value)));
    let after = context.query.get("after").filter(|after| after.len() <= POSITION).map(str::to_owned);
    let page = PageRequest { limit: SHOWN, after };
    let found = events(store, organisation, &directory, &page, &wanted.collect::<Query<'_>>(), now).await?;
    let (records, next) = (found.lines, found.next);
    let theirs = link::with(&format!("/orgs/{org}/sessions"), [("user", session.user.id.as_str())]);
    let content = html! {
        div.heading.split {
            h1 { "Session" }
            a.button href=(theirs) { "Sessions of this person" }
        }
        (top(organisation, &session, &directory))
        (by(&lines, organisation.settings.currency))
        h2.section { "What happened" }
        @if records.is_empty() {
            p.hint { "No events came from this session, only metrics." }
        } @else {
            (timeline::table(&records, organisation))
        }
        @if let Some(after) = next {
            p.actions { a.button href=(link::with("", own.into_iter().skip(1).chain([("after", after.as_str())]))) { "Later events" } }
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

fn top(organisation: &Organisation, session: &SessionView, directory: &Directory) -> Markup {
    let (org, calendar) = (organisation.org.as_str(), Calendar::of(organisation));
    let currency = organisation.settings.currency;
    html! {
        section.card {
            h2 { (person(org, session, directory).shown()) }
            p.soft { code { (session.id) } }
            dl.facts {
                div { dt { "Began" } dd { (calendar.moment(session.start)) } }
                div { dt { "Lasted" } dd { (number::duration(lasted(session))) } }
                div { dt { "Prompts" } dd { (number::grouped(session.prompts)) } }
                div { dt { "Cost" } dd { (cost(session, currency)) } }
                div { dt { "Tokens" } dd { (number::grouped(tokens(session))) } }
                div { dt { "Version" } dd { (name(session.version.as_deref().unwrap_or("–"))) } }
                div { dt { "Terminal" } dd { (name(session.terminal.as_deref().unwrap_or("–"))) } }
            }
        }
    }
}

/// What it was made of, by model and by what asked the model.
fn by(lines: &[Line], currency: Currency) -> Markup {
    let mut lines: Vec<(&Line, Figures)> = lines.iter().map(|line| (line, Figures::from(line))).collect();
    lines.retain(|(_, figures)| figures.api_requests > 0 || all_tokens(figures) > 0);
    lines.sort_by(|(_, a), (_, b)| b.cost_usd.total_cmp(&a.cost_usd));
    let label = |line: &Line, at: usize| line.key.get(at).cloned().flatten().unwrap_or_else(|| "not reported".into());
    html! {
        @if !lines.is_empty() {
            div.card.flush tabindex="0" role="region" aria-label="By model" {
                table.figures {
                    thead {
                        tr {
                            th scope="col" { "Model" }
                            th scope="col" { "Asked by" }
                            th.number scope="col" { "Requests" }
                            th.number scope="col" { "Cost" small { (number::estimate(currency)) } }
                            th.number scope="col" { "Tokens" }
                            th.number scope="col" { "From cache" }
                        }
                    }
                    tbody {
                        @for (line, figures) in &lines {
                            tr {
                                th scope="row" { (name(&label(line, 0))) }
                                td.said { (name(&label(line, 1))) }
                                td { (number::grouped(figures.api_requests)) }
                                td { (number::money(currency.of_dollars(figures.cost_usd), currency)) }
                                td { (number::grouped(all_tokens(figures))) }
                                td { (number::grouped(figures.cache_read_tokens)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
