//! The steps of the troubleshooting list, walked by the service itself.

use http::StatusCode;
use maud::{Markup, html};
use service::health::checklist::{Scene, Standing, Step, walk};

use super::Facts;
use crate::components::{person, time};
use crate::context::PageContext;
use crate::{Answer, answer};

/// How many of the people of a step are named.
const NAMED: usize = 8;

/// The part of the page alone.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let facts = Facts::read(context, organisation).await?;
    Ok(answer::page(StatusCode::OK, content(context, &facts.scene(context, organisation))))
}

pub(super) fn content(context: &PageContext<'_>, scene: &Scene<'_>) -> Markup {
    let org = &scene.organisation.org;
    html! {
        ol.steps {
            @for step in walk(scene) { (show_step(context, org.as_str(), &step)) }
        }
        p.soft {
            "See " a href={ "/orgs/" (org) "/health" } { "Health" } " for problems with data that arrives. If all is done and something is still
            missing: with " code { "claude --debug" } ", Claude Code writes what it was answered to " code { "~/.claude/debug/latest" } ", and "
            code { "GET /v1/check" } " with the token of a machine says whether it is good."
        }
    }
}

fn show_step(context: &PageContext<'_>, org: &str, step: &Step) -> Markup {
    let (class, word) = match step.standing {
        Standing::Done => ("done", "Done"),
        Standing::Waiting => ("waiting", "Waiting"),
        Standing::Attention => ("attention", "To do"),
    };
    html! {
        li class=(class) {
            p { strong { (step.check) } " " span.badge { (word) } }
            p {
                (step.seen)
                @if let Some(at) = step.at { " Last: " (time::relative(at, context.now)) "." }
            }
            @if let Some(remedy) = step.remedy { p.remedy { (remedy) } }
            @if !step.people.is_empty() {
                p.people {
                    @for somebody in step.people.iter().take(NAMED) { (person::link(org, somebody)) " " }
                    @if step.people.len() > NAMED { a href={ "/orgs/" (org) "/health" } { "and " (step.people.len() - NAMED) " more" } }
                }
            }
        }
    }
}
