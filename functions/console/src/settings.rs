//! Settings > AI Tools > Claude Code: everything from enabling the integration to replacing its token, on one page.
//!
//! [`arrivals`] and [`verify`] show what the service sees and are also served alone, so that the script can fetch them again;
//! [`configuration`] is what to deploy, [`download`] the same as a file; [`token`] shows the tokens and [`change`] changes them;
//! [`attribution`] is for telemetry without an address; [`life`] ends it all; [`method`] says when to use any of this.

use maud::{Markup, html};
use model::organisation::Organisation;
use service::health::checklist::Scene;
use service::organisations::tokens::TokensView;
use service::people::directory::Directory;
use store::issued::IssuedToken;
use store::token_use::TokenUse;

use crate::components::standing;
use crate::context::PageContext;
use crate::{Answer, layout};

pub(crate) mod attribution;
pub(crate) mod change;
mod configuration;
mod danger_zone;
pub(crate) mod download;
pub(crate) mod last_activity;
mod method;
mod token;
pub(crate) mod verify;

/// What the page is made of, read once.
struct Facts {
    directory: Directory,
    issued: Vec<IssuedToken>,
    uses: Vec<TokenUse>,
}

impl Facts {
    async fn read(context: &PageContext<'_>, organisation: &Organisation) -> Result<Self, store::StoreError> {
        let (store, uid) = (context.store(), &organisation.uid);
        let (directory, issued, uses) =
            tokio::try_join!(Directory::read(store, uid), store.issued_tokens(uid, usize::MAX), store.token_uses(uid))?;
        Ok(Self { directory, issued, uses })
    }

    fn scene<'a>(&'a self, context: &PageContext<'_>, organisation: &'a Organisation) -> Scene<'a> {
        Scene { organisation, directory: &self.directory, tokens: &self.issued, uses: &self.uses, now: context.now }
    }
}

/// The address of the page of this organisation.
fn address(organisation: &Organisation) -> String {
    format!("/orgs/{}/settings/claude-code", organisation.org)
}

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let facts = Facts::read(context, organisation).await?;
    let arrivals = last_activity::content(context, organisation, &facts.directory);
    let verify = verify::content(context, &facts.scene(context, organisation));
    let configuration = configuration::section(context, organisation, facts.issued.first()).await?;
    let attribution = attribution::section(context, organisation, &facts.directory);
    let tokens = TokensView::of(facts.issued, facts.uses, &facts.directory, context.now)?;
    let base = address(organisation);
    let content = html! {
        div.heading {
            h1 { "Claude Code" span.soft { " › OpenTelemetry" } }
            (standing::badge(organisation))
        }
        (jumps())
        (live(&base, "activity", "Last Activity", 5, &arrivals))
        (configuration)
        (live(&base, "verify", "Verify the integration", 15, &verify))
        (token::section(context, organisation, &tokens))
        (attribution)
        (method::section())
        (danger_zone::section(context, organisation))
    };
    Ok(layout::page(context, "Claude Code", content))
}

fn jumps() -> Markup {
    html! {
        nav.jumps aria-label="On this page" {
            @for (id, name) in [
                ("activity", "Last Activity"),
                ("configuration", "Managed Settings"),
                ("verify", "Verify"),
                ("token", "Ingest token"),
                ("attribution", "Attribution"),
                ("method", "Integration method"),
                ("life", "Organisation"),
            ] { a href={ "#" (id) } { (name) } }
        }
    }
}

/// A section that the script fetches again every so many seconds, from below the address of the page.
fn live(base: &str, id: &str, title: &str, seconds: u32, content: &Markup) -> Markup {
    html! {
        section.card id=(id) aria-labelledby={ (id) "-title" } {
            div.heading {
                h2 id={ (id) "-title" } { (title) }
                a.reload href=(base) data-reload { "Reload" }
            }
            div data-refresh={ (base) "/" (id) } data-every=(seconds) { (content) }
        }
    }
}
