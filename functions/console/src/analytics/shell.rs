//! What the pages of analytics have in common: tabs, days, filters, and tables as files.

use maud::{Markup, html};
use service::http::Problem;
use service::people::directory::Directory;
use service::report::adoption::Who;

use super::controls;
use super::mistake::Mistake;
use super::narrowing;
use super::scope::Scope;
use super::table::Table;
use super::tabs::tabs;
use crate::context::PageContext;
use crate::refusal::Refusal;
use crate::{Answer, answer};

/// A page without its content.
pub(super) struct Shell<'a> {
    /// What is asked for.
    pub(super) scope: Scope<'a>,
    mistake: Option<Mistake>,
    title: &'static str,
    path: &'static str,
    /// What the name of a file says of what alone is in it.
    narrowed: String,
}

impl<'a> Shell<'a> {
    /// The page at `path` below the organisation's, as its address asks for it.
    pub(super) fn read(context: &'a PageContext<'_>, title: &'static str, path: &'static str) -> Result<Self, Refusal> {
        let (scope, mistake) = Scope::read(context, context.organisation()?);
        let narrowed = scope.narrowed_name();
        Ok(Self { scope, mistake, title, path, narrowed })
    }

    /// The same with those people alone listed whom the address asks for, as one page has them.
    pub(super) fn of_people(mut self, context: &PageContext<'_>) -> Self {
        match context.query.get("who").filter(|asked| !asked.is_empty()).map(Who::named).transpose() {
            Ok(who) => self.scope.who = who,
            Err(error) => self.mistake = self.mistake.or(Some(error.into())),
        }
        self.narrowed = self.scope.narrowed_name();
        self
    }

    /// The page with its content.
    pub(super) fn page(&self, context: &PageContext<'_>, directory: &Directory, content: Markup) -> Answer {
        let (scope, org) = (&self.scope, context.organisation()?.org.as_str());
        let content = html! {
            h1 { (self.title) }
            (tabs(context, &scope.kept())?)
            (controls::controls(context, scope, self.mistake.as_ref(), self.path)?)
            (narrowing::filters(org, scope, directory))
            (content)
        };
        Ok(controls::page(context, self.title, content, self.mistake.as_ref()))
    }

    /// The same without a search, where what is shown was searched already.
    pub(super) fn searched(self) -> Self {
        Self { scope: Scope { find: "", ..self.scope }, ..self }
    }

    /// Where the tables of the page are as files.
    pub(super) fn file(&self, context: &PageContext<'_>) -> Result<String, Refusal> {
        Ok(format!("/orgs/{}/{}.csv", context.organisation()?.org, self.path))
    }

    /// The table that the address asks for, as a file; the first one unless it does.
    pub(super) fn csv(&self, context: &PageContext<'_>, tables: &[(usize, Table)]) -> Answer {
        if let Some(mistake) = &self.mistake {
            return Err(mistake.clone().into());
        }
        let asked = self.scope.table.or(tables.first().map(|(_, table)| table.id));
        let Some((_, table)) = tables.iter().find(|(_, table)| Some(table.id) == asked) else {
            let known: Vec<&str> = tables.iter().map(|(_, table)| table.id).collect();
            return Err(Problem::invalid("table", "there is no such table", known.join(", ")).into());
        };
        let (org, title, period) = (&context.organisation()?.org, self.title.to_lowercase(), self.scope.period);
        let narrowed = &self.narrowed;
        let name = format!("claude-code-{org}-{title}-{}-{}-{}{narrowed}.csv", table.id, period.from, period.to);
        Ok(answer::table(&name, table.csv(self.scope.order(), self.scope.find)?))
    }
}

/// Why there is nothing: nobody and nothing fits the filters, or nothing arrived.
pub(super) fn nothing(context: &PageContext<'_>, scope: &Scope<'_>, directory: &Directory) -> Result<Markup, Refusal> {
    let org = &context.organisation()?.org;
    Ok(html! {
        div.empty {
            h2 { "No activity in these days" }
            @if scope.filters.is_empty() {
                p {
                    "Numbers appear within two minutes of work with Claude Code. Choose another period, "
                    a href={ "/orgs/" (org) "/settings/claude-code" } { "deploy the settings" }
                    ", or see in " a href={ "/orgs/" (org) "/health" } { "Health" } " whether anything arrives."
                }
            } @else {
                p {
                    "Nothing from " (scope.period.words()) " is of " (narrowing::words(scope, directory)) ". Choose another period, or "
                    a href=(Scope { filters: Vec::new(), ..scope.clone() }.here()) { "show everything" } "."
                }
            }
        }
    })
}
