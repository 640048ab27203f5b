//! The Git side: how many authors are known, and replacing them by paste or upload.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use maud::{Markup, html};
use service::http::Problem;
use service::merging::error::UploadError;
use service::merging::import::Intent;
use service::merging::upload::{Form, LIMITS, replace, restore};
use service::merging::view::{PreviewView, RejectionView, ReportView};
use store::git_import::Part;

use super::{heading, path};
use crate::components::{form, number};
use crate::context::PageContext;
use crate::error_page::sentence;
use crate::refusal::Refusal;
use crate::{Answer, layout};

/// Lines of each kind that are shown; the answer of the API has more.
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
    let content = html! {
        (heading(context, "/git")?)
        (stored(context).await?)
    };
    Ok(layout::page(context, "Git users", content))
}

/// What is stored, and what can be done with it.
async fn stored(context: &PageContext<'_>) -> Result<Markup, Refusal> {
    let (state, known) = context.store().git_users(&context.organisation()?.uid).await?;
    Ok(html! {
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
        @if state.before.is_some() { (restore_form(context)?) }
    })
}

/// Replaces the Git side and says what became of each line.
pub(crate) async fn import(context: &PageContext<'_>) -> Answer {
    let uid = &context.organisation()?.uid;
    let mut headers = HeaderMap::new();
    let wanted = context.form.get("format").unwrap_or_default();
    let format = FORMATS.iter().map(|(format, ..)| *format).find(|format| *format == wanted).unwrap_or("text/plain");
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format));
    // The id is part of a key: what is none names no upload that was kept.
    let is_id = |id: &&str| id.len() <= 32 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let confirm = context.form.get("confirm").filter(is_id).map(|id| (id, format!("console-{id}")));
    let kept = match &confirm {
        Some((_, import)) => context.store().import_parts(uid, import, context.now).await?,
        None => Vec::new(),
    };
    if context.form.get("confirm").is_some() && kept.is_empty() {
        return waits_no_more(context).await;
    }
    let body = match (&confirm, kept.first()) {
        (Some((_, import)), Some(part)) => context.store().import_bytes(uid, import, part).await?.into(),
        _ => context.upload.clone(),
    };
    if body.starts_with(&GZIP) {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let form = Form::of(&headers)?;
    let intent = Intent::Replace { confirm: confirm.as_ref().map(|(id, _)| *id) };
    let outcome = replace(context.store(), uid, form, body.clone(), intent, context.now).await;
    let content = match outcome {
        Err(UploadError::Unconfirmed { .. }) => {
            let report = replace(context.store(), uid, form, body.clone(), Intent::Preview, context.now).await?;
            match &report.preview {
                Some(preview) => {
                    // Kept for a day, so that the file need not be sent again.
                    let part = Part { number: 1, of: 1, form: format.to_owned(), size: body.len() };
                    let import = format!("console-{}", preview.id);
                    context.store().put_import_part(uid, &import, &part, &body, context.now).await?;
                    previewed(context, &report, preview, format)?
                }
                None => return Err(Problem::Internal.into()),
            }
        }
        outcome => match outcome.map_err(Problem::from) {
            Ok(report) => {
                if let Some((_, import)) = &confirm {
                    context.store().delete_import(uid, import, &kept).await?;
                }
                imported(context, &report)?
            }
            Err(Problem::Invalid { detail, allowed, .. }) => html! {
                (heading(context, "/git")?)
                div.notice.bad role="alert" {
                    p { "Nothing was imported, and the Git users are unchanged: " (detail) ". Allowed: " (allowed) "." }
                }
                (import_form(context, Some(format))?)
            },
            Err(other) => return Err(other.into()),
        },
    };
    Ok(layout::page(context, "Git users", content))
}

/// Says that what is confirmed is not kept any more: after a second click it is done already.
async fn waits_no_more(context: &PageContext<'_>) -> Answer {
    let content = html! {
        (heading(context, "/git")?)
        div.notice role="status" {
            p { "This import is no longer waiting to be confirmed: it may be done already. This page shows what is stored now." }
        }
        (stored(context).await?)
    };
    Ok(layout::page(context, "Git users", content))
}

/// Brings back the set before.
pub(crate) async fn bring_back(context: &PageContext<'_>) -> Answer {
    let restored = restore(context.store(), &context.organisation()?.uid).await?;
    let content = html! {
        (heading(context, "/git")?)
        div.notice.good role="status" {
            p { (number::of(restored.stored, "Git user is", "Git users are")) " back. Next: merge, so that they meet their telemetry." }
            (merge_now(context)?)
        }
        (restore_form(context)?)
    };
    Ok(layout::page(context, "Git users", content))
}

/// What an import would take away, for somebody to confirm.
fn previewed(
    context: &PageContext<'_>,
    report: &ReportView,
    preview: &PreviewView,
    format: &str,
) -> Result<Markup, Refusal> {
    let losing = preview.people_losing_their_match;
    Ok(html! {
        (heading(context, "/git")?)
        div.notice.bad role="alert" {
            p {
                b { "Nothing is replaced yet. " }
                (number::of(preview.removed, "Git user disappears", "Git users disappear")) ", "
                (number::of(preview.added, "is new", "are new")) ", and "
                (number::of(losing, "person loses their match", "people lose their match")) ". "
                "The file holds " (number::grouped(report.stored)) "."
            }
            form method="post" action=(path(context, "/git")?) enctype="multipart/form-data" {
                (form::token(&context.session))
                input type="hidden" name="format" value=(format);
                input type="hidden" name="confirm" value=(preview.id);
                p.actions {
                    button.danger type="submit" { "Replace anyway" }
                    a.button href=(path(context, "/git")?) { "Leave as it is" }
                }
            }
        }
        @if !preview.losing.is_empty() {
            div.card.flush {
                table {
                    caption { "Who would lose their match" }
                    thead { tr { th scope="col" { "Name" } th scope="col" { "E-mail" } } }
                    tbody {
                        @for person in &preview.losing {
                            tr { td { (person.name.as_deref().unwrap_or("")) } td { (person.email.as_deref().unwrap_or(&person.id)) } }
                        }
                    }
                }
            }
            @if losing > preview.losing.len() { p.hint { "The first " (preview.losing.len()) " are shown." } }
        }
    })
}

fn merge_now(context: &PageContext<'_>) -> Result<Markup, Refusal> {
    Ok(html! {
        form method="post" action=(path(context, "/merges/run")?) {
            (form::token(&context.session))
            p.actions { button.primary type="submit" { "Merge now" } }
        }
    })
}

fn restore_form(context: &PageContext<'_>) -> Result<Markup, Refusal> {
    Ok(html! {
        form.card method="post" action=(path(context, "/git/restore")?) {
            (form::token(&context.session))
            h2 { "One step back" }
            p { "Brings back the Git users that the last import replaced. Once more undoes that." }
            p.actions { button type="submit" { "Bring back the Git users from before" } }
        }
    })
}

fn imported(context: &PageContext<'_>, report: &ReportView) -> Result<Markup, Refusal> {
    Ok(html! {
        (heading(context, "/git")?)
        div.notice.good role="status" {
            p {
                (number::of(usize::try_from(report.stored).unwrap_or(usize::MAX), "Git user is", "Git users are"))
                " stored, from " (number::grouped(report.received)) " rows. Next: run the merge to match them with telemetry."
            }
            (merge_now(context)?)
        }
        (restore_form(context)?)
        (rows(&report.rejected, ("row was not stored", "rows were not stored")))
        (rows(&report.ignored, ("row was stored without a field that could not be read", "rows were stored without a field that could not be read")))
        p.actions { a.button href=(path(context, "/git")?) { "Import again" } a.button href=(path(context, "")?) { "See people" } }
    })
}

/// Rows of which there is something to say, if there are any.
fn rows(rows: &[RejectionView], (one, several): (&str, &str)) -> Markup {
    html! {
        @if !rows.is_empty() {
            div.card.flush {
                table {
                    caption { (number::of(rows.len(), one, several)) }
                    thead { tr { th.number scope="col" { "Line" } th scope="col" { "Why" } } }
                    tbody {
                        @for row in rows.iter().take(SHOWN) {
                            tr { td.number { (number::grouped(row.line)) } td { (sentence(&row.reason)) } }
                        }
                    }
                }
            }
            @if rows.len() > SHOWN {
                p.hint { "The first " (SHOWN) " are shown. The same import through the API lists up to 1,000." }
            }
        }
    }
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
