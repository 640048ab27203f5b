//! Users: people who use Claude Code, and who is the same person as whom.
//!
//! [`list`] finds them, [`one`] is a person, [`suggestions`] what is too uncertain to be done alone, [`merges`] what was done,
//! [`by_hand`] what an admin knows better, [`git`] the Git side. [`words`] is how all of them name people.

pub(crate) mod by_hand;
pub(crate) mod git;
pub(crate) mod list;
pub(crate) mod merges;
pub(crate) mod one;
pub(crate) mod suggestions;
mod words;

use std::time::{Duration, Instant};

use maud::{Markup, html};
use shared::http::Problem;
use shared::merging::decide::Desk;

use crate::failure::{Refusal, sentence};
use crate::parts::form;
use crate::visit::Visit;
use crate::{Answer, answer, route};

/// How long a run of the merge may keep somebody waiting. What it did until then stays done.
const PATIENCE: Duration = Duration::from_secs(20);

/// The address of a page about people; `rest` begins with a slash or is empty.
fn path(visit: &Visit<'_>, rest: &str) -> Result<String, Refusal> {
    Ok(format!("/orgs/{}/users{rest}", visit.organisation()?.org))
}

/// Whoever is signed in, about to decide something.
fn desk<'a>(visit: &'a Visit<'_>) -> Result<Desk<'a>, Refusal> {
    Ok(Desk {
        store: visit.store(),
        uid: &visit.organisation()?.uid,
        by: visit.session.admin.signature(),
        now: visit.now,
        deadline: Instant::now() + PATIENCE,
    })
}

/// Leads from a change to the page that it was asked for on, or to `otherwise`, which says what came of it.
fn back(visit: &Visit<'_>, otherwise: &str, outcome: Result<String, Problem>) -> Answer {
    let to = visit.form.get("to").and_then(route::local).unwrap_or(otherwise);
    match outcome {
        Ok(said) => Ok(answer::done(visit, to, said)),
        Err(Problem::Invalid { field, detail, allowed }) => {
            Ok(answer::refused(visit, to, format!("Nothing was changed: {field}: {detail}. Possible: {allowed}.")))
        }
        Err(Problem::NotFound(why) | Problem::Conflict(why)) => {
            Ok(answer::refused(visit, to, format!("Nothing was changed. {}", sentence(why))))
        }
        Err(other) => Err(other.into()),
    }
}

/// What a page about people begins with: its pages, and the button that runs the merge.
fn heading(visit: &Visit<'_>, current: &str) -> Result<Markup, Refusal> {
    let tabs = [("", "People"), ("/suggestions", "Suggestions"), ("/merges", "History"), ("/git", "Git users")];
    Ok(html! {
        div.heading.split {
            h1 { "Users" }
            form method="post" action=(path(visit, "/merges/run")?) {
                (form::token(visit))
                input type="hidden" name="to" value=(visit.request.uri().path());
                button type="submit" { "Merge now" }
            }
        }
        nav.tabs aria-label="Users" {
            @for (rest, name) in tabs {
                a href=(path(visit, rest)?) aria-current=[(rest == current).then_some("page")] { (name) }
            }
        }
    })
}
