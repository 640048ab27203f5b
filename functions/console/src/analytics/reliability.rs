//! What fails, what is refused and what is slow.

use std::borrow::Cow;
use std::collections::HashMap;

use maud::{Markup, html};
use model::currency::Currency;
use service::people::directory::Directory;
use service::report::figures::Figures;
use service::report::reliability::{By, Reliability};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::Line;

use super::column::{ERROR_RATE, OF_ERRORS, OF_EXTENSIONS, OF_REQUESTS, OF_TOOLS, Unit};
use super::headline::{Headline, headlines};
use super::lines::Shown;
use super::naming::Name;
use super::scope::Scope;
use super::shell::{self, Shell};
use super::table::{Heading, Table, tables};
use crate::Answer;
use crate::components::number;
use crate::context::PageContext;
use crate::refusal::Refusal;

const ERRORS: Shown<'_> = Shown {
    id: "errors",
    title: Cow::Borrowed("Failed requests by kind of error"),
    by: By::Error.name(),
    empty: Cow::Borrowed("No request failed in these days."),
    note: None,
    columns: &OF_ERRORS,
};
const MODELS: Shown<'_> = Shown {
    id: "models",
    title: Cow::Borrowed("Requests by model"),
    by: By::Model.name(),
    empty: Cow::Borrowed("No request in these days."),
    note: Some(
        "A request counts as failed when Claude Code gave it up. Retries are of those and of declined ones: of a request that was answered in the end, no event says how often it was tried.",
    ),
    columns: &OF_REQUESTS,
};
const VERSIONS: Shown<'_> = Shown {
    id: "versions",
    title: Cow::Borrowed("Requests by version of Claude Code"),
    by: By::Version.name(),
    empty: Cow::Borrowed("No request in these days."),
    note: None,
    columns: &OF_REQUESTS,
};
const TOOLS: Shown<'_> = Shown {
    id: "tools",
    title: Cow::Borrowed("Tools"),
    by: By::Tool.name(),
    empty: Cow::Borrowed("No tool ran in these days."),
    note: Some("How long a tool waited for a decision is in no event; how long it ran is."),
    columns: &OF_TOOLS,
};
const EXTENSIONS: [(By, Shown<'_>); 4] = [
    (By::McpServer, extension("mcp", "MCP servers", By::McpServer, "No MCP server was used in these days.")),
    (By::Skill, extension("skills", "Skills", By::Skill, "No skill was used in these days.")),
    (By::Plugin, extension("plugins", "Plugins", By::Plugin, "No plugin was used in these days.")),
    (By::Agent, extension("agents", "Agents", By::Agent, "No agent was used in these days.")),
];

const fn extension(id: &'static str, title: &'static str, by: By, empty: &'static str) -> Shown<'static> {
    let (title, empty) = (Cow::Borrowed(title), Cow::Borrowed(empty));
    Shown { id, title, by: by.name(), empty, note: None, columns: &OF_EXTENSIONS }
}

/// Column of rate limits, which is no number of a line of its own.
const RATE_LIMITS: Heading = Heading::of("limits", "Rate limits", Unit::Count);
/// Where it stands.
const AFTER_ERRORS: usize = 2;

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let shell = Shell::read(context, "Reliability", "analytics/reliability")?;
    let (directory, reliability) = read(context, &shell.scope).await?;
    let (total, scope) = (Figures::from(reliability.total()), &shell.scope);
    let content = html! {
        @if reliability.total().sessions.is_empty() && reliability.total().numbers.is_empty() { (shell::nothing(context, scope, &directory)?) } @else {
            @if scope.table.is_none() { (headlines(&top(&total, &reliability))) }
            (tables(&all(&reliability, scope, &directory), scope, &shell.file(context)?))
        }
    };
    shell.page(context, &directory, content)
}

/// A table for spreadsheets.
pub(crate) async fn table(context: &PageContext<'_>) -> Answer {
    let shell = Shell::read(context, "Reliability", "analytics/reliability")?;
    let (directory, reliability) = read(context, &shell.scope).await?;
    shell.csv(context, &all(&reliability, &shell.scope, &directory))
}

async fn read(context: &PageContext<'_>, scope: &Scope<'_>) -> Result<(Directory, Reliability), Refusal> {
    let (organisation, store) = (context.organisation()?, context.store());
    let asked = (scope.period.range(organisation, context.now)?, &scope.question(organisation)?);
    let directory = Directory::read(store, &organisation.uid).await?;
    let reliability = Reliability::read(store, organisation, &directory, asked, context.now).await?;
    Ok((directory, reliability))
}

/// The tables, each with how many of its lines the page shows.
fn all(reliability: &Reliability, scope: &Scope<'_>, directory: &Directory) -> Vec<(usize, Table)> {
    let table = |shown: &Shown<'_>, lines: &[Line]| {
        shown.table(&mut lines.iter(), &|key| Name::of(shown.by, key, scope, directory))
    };
    let requests = |shown: &Shown<'_>, by: By| {
        let limits = reliability.rate_limits(by).into_iter();
        let limits: HashMap<Label, f64> = limits
            .filter_map(|line| Some((line.key.first()?.clone(), Figures::from(&line).api_errors as f64)))
            .collect();
        let mut lines = reliability.by(by);
        lines.retain(|line| Figures::from(line).api_requests + Figures::from(line).api_errors > 0);
        let mut table = table(shown, &lines);
        table.columns.insert(AFTER_ERRORS, RATE_LIMITS);
        for (row, line) in table.rows.iter_mut().zip(&lines) {
            let limited = line.key.first().and_then(|label| limits.get(label)).copied().unwrap_or_default();
            row.cells.insert(AFTER_ERRORS, Some(limited));
        }
        if let Some(total) = &mut table.total {
            total.insert(AFTER_ERRORS, Some(limits.values().sum()));
        }
        table
    };
    let said = |shown: &Shown<'_>, by: By, needed: usize| {
        let mut lines = reliability.by(by);
        // Most records are about no tool and no error.
        lines.retain(|line| line.key.first().is_some_and(Option::is_some) && shown.tells(line, needed));
        table(shown, &lines)
    };
    let mut all = vec![
        (7, said(&ERRORS, By::Error, 1)),
        (6, requests(&MODELS, By::Model)),
        (5, requests(&VERSIONS, By::Version)),
        (8, said(&TOOLS, By::Tool, OF_TOOLS.len())),
    ];
    all.extend(EXTENSIONS.iter().map(|(by, shown)| (5, said(shown, *by, 3))));
    all
}

fn top(total: &Figures, reliability: &Reliability) -> Vec<Headline> {
    let limits: i64 = reliability.rate_limits(By::Model).iter().map(|line| Figures::from(line).api_errors).sum();
    let retries = usize::try_from(total.api_retries).unwrap_or_default();
    let rate = (ERROR_RATE.value)(reliability.total(), total);
    let failed = (total.tool_calls > 0).then(|| total.tool_failures as f64 / total.tool_calls as f64);
    let took = |value: Option<f64>| Unit::Millis.cell(value, Currency::DOLLAR);
    let of =
        |count: i64, what: &str, all: i64| html! { (number::grouped(count)) " of " (number::grouped(all)) " " (what) };
    vec![
        Headline {
            title: "Requests that failed",
            value: Unit::Share.cell(rate, Currency::DOLLAR),
            note: html! {
                (of(total.api_errors, "requests", total.api_requests.saturating_add(total.api_errors)))
                ", after " (number::of(retries, "retry", "retries"))
            },
        },
        Headline {
            title: "Rate limits",
            value: number::grouped(limits),
            note: of(limits, "failed requests", total.api_errors),
        },
        Headline {
            title: "Duration of a request",
            value: took(total.duration_ms_p95),
            note: html! { "95 % take less, half less than " (took(total.duration_ms_p50)) },
        },
        Headline {
            title: "First token",
            value: took(total.ttft_ms_p95),
            note: html! { "95 % come sooner, half within " (took(total.ttft_ms_p50)) },
        },
        Headline {
            title: "Tools that failed",
            value: Unit::Share.cell(failed, Currency::DOLLAR),
            note: of(total.tool_failures, "calls", total.tool_calls),
        },
        Headline { title: "Tools refused", value: number::grouped(total.tool_rejections), note: refused(total) },
    ]
}

/// Who refused tools.
fn refused(total: &Figures) -> Markup {
    let by = [
        (total.tool_rejections_by_person, "people"),
        (total.tool_rejections_by_rule, "rules"),
        (total.tool_rejections_by_hook, "hooks"),
        (total.tool_rejections_by_auto_mode, "auto mode"),
        (total.tool_rejections_by_plan, "plan mode"),
    ];
    let said: Vec<String> = by
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, who)| format!("{} by {who}", number::grouped(count)))
        .collect();
    html! { (said.join(", ")) }
}
