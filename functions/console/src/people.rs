//! Users: people who use Claude Code, and who is the same person as whom.
//!
//! [`list`] finds them, [`detail`] is a person, [`suggestions`] what is too uncertain to be done alone, and whom admins keep apart,
//! [`merges`] what was done, [`manual_merge`] what an admin knows better, [`git`] the Git side. [`labels`] is how all of them name people.

pub(crate) mod detail;
pub(crate) mod git;
mod labels;
pub(crate) mod list;
pub(crate) mod manual_merge;
pub(crate) mod merges;
pub(crate) mod suggestions;

use std::time::Instant;

use maud::{Markup, html};
use service::http::Problem;
use service::merging::decide::AdminDecisions;

use crate::components::form;
use crate::context::PageContext;
use crate::error_page::sentence;
use crate::refusal::Refusal;
use crate::{Answer, answer, route};

/// The address of a page about people; `rest` begins with a slash or is empty.
fn path(context: &PageContext<'_>, rest: &str) -> Result<String, Refusal> {
    Ok(format!("/orgs/{}/users{rest}", context.organisation()?.org))
}

/// Whoever is signed in, about to decide something.
fn decisions<'a>(context: &'a PageContext<'_>) -> Result<AdminDecisions<'a>, Refusal> {
    Ok(AdminDecisions {
        store: context.store(),
        uid: &context.organisation()?.uid,
        by: context.session.admin.signature(),
        now: context.now,
        deadline: Instant::now() + context.app.patience,
    })
}

/// Leads from a change to the page that it was asked for on, or to `otherwise`, which says what came of it.
fn back<E>(context: &PageContext<'_>, otherwise: &str, outcome: Result<String, E>) -> Answer
where
    Problem: From<E>,
{
    let to = context.form.get("to").and_then(route::local).unwrap_or(otherwise);
    match outcome.map_err(Problem::from) {
        Ok(said) => Ok(answer::done(context, to, said)),
        Err(Problem::Invalid { field, detail, allowed }) => {
            Ok(answer::refused(context, to, format!("Nothing was changed: {field}: {detail}. Possible: {allowed}.")))
        }
        Err(Problem::NotFound(why) | Problem::Conflict(why)) => {
            Ok(answer::refused(context, to, format!("Nothing was changed. {}", sentence(&why))))
        }
        Err(other) => Err(other.into()),
    }
}

/// What a page about people begins with: its pages, and the button that runs the merge.
fn heading(context: &PageContext<'_>, current: &str) -> Result<Markup, Refusal> {
    Ok(html! {
        div.heading.split {
            h1 { "Users" }
            form method="post" action=(path(context, "/merges/run")?) {
                (form::token(&context.session))
                input type="hidden" name="to" value=(context.request.uri().path());
                button type="submit" { "Merge now" }
            }
        }
        (tabs(context, current)?)
    })
}

/// The pages about people.
fn tabs(context: &PageContext<'_>, current: &str) -> Result<Markup, Refusal> {
    let tabs = [("", "People"), ("/suggestions", "Suggestions"), ("/merges", "History"), ("/git", "Git users")];
    Ok(html! {
        nav.tabs aria-label="Users" {
            @for (rest, name) in tabs {
                a href=(path(context, rest)?) aria-current=[(rest == current).then_some("page")] { (name) }
            }
        }
    })
}
