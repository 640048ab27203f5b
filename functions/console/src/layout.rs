//! What stands around every page: header, navigation, and what the page before has to say.

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{DOCTYPE, Markup, html};

use crate::answer;
use crate::assets;
use crate::components::form;
use crate::context::PageContext;
use crate::flash::{self, Flash, Tone};
use crate::parameters;
use crate::route::Page;

/// A page of the navigation: which, its name, and its path below the organisation.
type Section = (Page, &'static str, &'static str);

/// The pages of an organisation that are looked at every day.
const SECTIONS: [Section; 3] =
    [(Page::Analytics, "Analytics", "analytics"), (Page::Users, "Users", "users"), (Page::Health, "Health", "health")];
/// Those of its settings.
const SETTINGS: [Section; 1] = [(Page::ClaudeCode, "Claude Code", "settings/claude-code")];

/// A page for somebody who is signed in; of an organisation, if the context is. It is a refusal too if its address has parameters that it
/// does not know.
pub(crate) fn page(context: &PageContext<'_>, title: &str, content: Markup) -> Response<Bytes> {
    let org = context.organisation.as_ref();
    let name = org.map(|org| org.settings.name.as_str());
    let flash = Flash::read(context.request.headers(), &context.session, context.base_url);
    let body = html! {
        header.top {
            a.brand href="/" { (mark()) span { "Claude Code telemetry" } }
            (switcher(context))
            form.sign-out method="post" action="/sign-out" {
                (form::token(&context.session))
                button.quiet type="submit" { "Sign out" }
            }
        }
        div.frame {
            @if let Some(org) = org { (navigation(context, org.org.as_str())) }
            main #main tabindex="-1" {
                @if let Some(flash) = &flash {
                    div.notice.good[flash.tone == Tone::Good].bad[flash.tone == Tone::Bad] role="status" { p { (flash.text) } }
                }
                @if !context.ignored.is_empty() { (parameters::notice(&context.ignored)) }
                (content)
            }
        }
    };
    let status = if context.ignored.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let response = answer::page(status, document(&[Some(title), name], body));
    if flash.is_some() { flash::forget(response, context.base_url) } else { response }
}

/// A page with nothing around it: for signing in, and for errors.
pub(crate) fn bare(title: &str, content: Markup) -> Markup {
    let body = html! {
        div.alone {
            p.brand { (mark()) span { "Claude Code telemetry" } }
            main #main.card tabindex="-1" { (content) }
        }
    };
    document(&[Some(title)], body)
}

fn document(titles: &[Option<&str>], body: Markup) -> Markup {
    let title: Vec<&str> = titles.iter().copied().flatten().chain(["Claude Code telemetry"]).collect();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title.join(" · ")) }
                link rel="icon" href=(ICON);
                link rel="stylesheet" href=(assets::style());
                script src=(assets::script()) defer {}
            }
            body {
                a.skip href="#main" { "Skip to content" }
                (body)
                footer.hint.version { "Version " (model::VERSION) }
            }
        }
    }
}

/// The other organisations, and the page of all.
fn switcher(context: &PageContext<'_>) -> Markup {
    let current = context.organisation.as_ref();
    let mut sections = SECTIONS.iter().chain(&SETTINGS);
    let below = sections.find(|(page, ..)| *page == context.page.section()).map_or(SECTIONS[0].2, |(.., path)| path);
    html! {
        details.switcher {
            summary {
                span.hidden { "Organisation: " }
                span.label { (current.map_or("Organisations", |org| &org.settings.name)) }
            }
            ul {
                @for org in &context.organisations {
                    li {
                        a href={ "/orgs/" (org.org) "/" (below) }
                            aria-current=[current.is_some_and(|own| own.org == org.org).then_some("true")] {
                            (org.settings.name)
                            @if org.settings.name != org.org.as_str() { " " small { (org.org) } }
                        }
                    }
                }
                @if context.session.admin.is_root() { li.last { a href="/orgs" { "All organisations" } } }
            }
        }
    }
}

fn navigation(context: &PageContext<'_>, org: &str) -> Markup {
    html! {
        nav.sections aria-label="Sections" {
            (list(context, org, &SECTIONS))
            p.path { span.gear aria-hidden="true" { "⚙" } "Settings" span.sub { "AI Tools" } }
            (list(context, org, &SETTINGS))
        }
    }
}

fn list(context: &PageContext<'_>, org: &str, sections: &[Section]) -> Markup {
    html! {
        ul {
            @for (page, name, path) in sections {
                li {
                    a href={ "/orgs/" (org) "/" (path) } aria-current=[(*page == context.page.section()).then_some("page")] {
                        (name)
                    }
                }
            }
        }
    }
}

/// The mark of the service, and the same as the icon of the page.
fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" {
            rect width="24" height="24" rx="6" {}
            path d="M5 15.5h3l2.2-7 3.6 9 2-5H19" {}
        }
    }
}

const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Crect width='24' \
     height='24' rx='6' fill='%23b4532a'/%3E%3Cpath d='M5 15.5h3l2.2-7 3.6 9 2-5H19' fill='none' stroke='%23fff' \
     stroke-width='2' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";
