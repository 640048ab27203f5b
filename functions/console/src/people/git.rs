//! The Git side: how many authors are known, and replacing them by paste or upload.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use maud::{Markup, html};
use service::http::Problem;
use service::merging::upload::{Form, LIMITS, replace};
use service::merging::view::ReportView;

use super::{heading, path};
use crate::components::{form, number};
use crate::context::PageContext;
use crate::error_page::sentence;
use crate::refusal::Refusal;
use crate::{Answer, layout};

/// Rejected lines that are shown; the answer of the API has more.
const SHOWN: usize = 200;
/// How a gzip file begins (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A format: what it is sent as, its name, and how to make it.
const FORMATS: [(&str, &str, &str); 4] = [
    ("text/plain", "git shortlog or git log", "git shortlog -sne --all"),
    ("text/csv", "CSV", "name,email,login,last_commit_at"),
    ("application/json", "JSON", r#"[{"name": "Jane Doe", "email": "jane@example.com", "login": "jdoe"}]"#),
    ("text/x-mailmap", ".mailmap", "Jane Doe <jane@example.com> <jd@laptop.local>"),
];

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let (_, known) = context.store().git_users(&context.organisation()?.uid).await?;
    let content = html! {
        (heading(context, "/git")?)
        div.card {
            @if known.is_empty() {
                h2 { "No Git users yet" }
                p { "Import your committers to match Claude Code's telemetry with them." }
            } @else {
                h2 { (number::of(known.len(), "Git user", "Git users")) }
                p {
                    "An import replaces all of them. Links whose Git author is missing from the new file are removed; links that an admin made stay. "
                    a href=(path(context, "?state=git")?) { "Committers without Claude Code" }
                }
            }
        }
        (import_form(context, None)?)
    };
    Ok(layout::page(context, "Git users", content))
}

/// Replaces the Git side and says what became of each line.
pub(crate) async fn import(context: &PageContext<'_>) -> Answer {
    let uid = &context.organisation()?.uid;
    let mut headers = HeaderMap::new();
    let wanted = context.form.get("format").unwrap_or_default();
    let format = FORMATS.iter().map(|(format, ..)| *format).find(|format| *format == wanted).unwrap_or("text/plain");
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format));
    if context.upload.starts_with(&GZIP) {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let form = Form::of(&headers)?;
    let outcome = replace(context.store(), uid, form, context.upload.clone(), context.now).await;
    let content = match outcome.map_err(Problem::from) {
        Ok(report) => imported(context, &report)?,
        Err(Problem::Invalid { detail, allowed, .. }) => html! {
            (heading(context, "/git")?)
            div.notice.bad role="alert" {
                p { "Nothing was imported, and the Git users are unchanged: " (detail) ". Allowed: " (allowed) "." }
            }
            (import_form(context, Some(format))?)
        },
        Err(other) => return Err(other.into()),
    };
    Ok(layout::page(context, "Git users", content))
}

fn imported(context: &PageContext<'_>, report: &ReportView) -> Result<Markup, Refusal> {
    Ok(html! {
        (heading(context, "/git")?)
        div.notice.good role="status" {
            p {
                (number::of(usize::try_from(report.stored).unwrap_or(usize::MAX), "Git user is", "Git users are"))
                " stored, from " (number::grouped(report.received)) " rows. Next: run the merge to match them with telemetry."
            }
            form method="post" action=(path(context, "/merges/run")?) {
                (form::token(&context.session))
                p.actions { button.primary type="submit" { "Merge now" } }
            }
        }
        @if !report.rejected.is_empty() {
            div.card.flush {
                table {
                    caption { (number::of(report.rejected.len(), "row was", "rows were")) " not stored" }
                    thead { tr { th.number scope="col" { "Line" } th scope="col" { "Why" } } }
                    tbody {
                        @for row in report.rejected.iter().take(SHOWN) {
                            tr { td.number { (number::grouped(row.line)) } td { (sentence(&row.reason)) } }
                        }
                    }
                }
            }
            @if report.rejected.len() > SHOWN {
                p.hint { "The first " (SHOWN) " are shown. The same import through the API lists up to 1,000." }
            }
        }
        p.actions { a.button href=(path(context, "/git")?) { "Import again" } a.button href=(path(context, "")?) { "See people" } }
    })
}

fn import_form(context: &PageContext<'_>, format: Option<&str>) -> Result<Markup, Refusal> {
    let chosen = format.unwrap_or(FORMATS[0].0);
    Ok(html! {
        form.card method="post" action=(path(context, "/git")?) enctype="multipart/form-data" {
            (form::token(&context.session))
            h2 { "Import" }
            fieldset {
                legend { "Format" }
                @for (at, (format, name, example)) in FORMATS.into_iter().enumerate() {
                    div.choice {
                        input id={ "format-" (at) } type="radio" name="format" value=(format) checked[format == chosen];
                        label for={ "format-" (at) } { (name) " " code.soft { (example) } }
                    }
                }
            }
            div.fields {
                div {
                    label for="file" { "A file" }
                    input #file type="file" name=(form::FILE) aria-describedby="file-hint";
                    p.hint #file-hint {
                        "Plain or gzip, up to " (LIMITS.sent >> 20) " MiB. Behind API Gateway and Lambda a request holds about 4.4 MB: "
                        "compress it, or send parts through the API."
                    }
                }
                div {
                    label for="pasted" { "Or paste" }
                    textarea #pasted name=(form::PASTED) rows="8" spellcheck="false" wrap="off" {}
                }
            }
            p.actions { button.primary type="submit" { "Import" } }
        }
    })
}
