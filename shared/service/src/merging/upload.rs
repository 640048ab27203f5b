//! Replacing the Git side, in one body or in parts.
//!
//! Parts are cut anywhere and joined as they were sent, before anything is inflated: `split` makes them of any file, and of a
//! compressed one too; parts compressed one by one are members of one gzip file.

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use super::view::{PartialView, ReportView};
use super::{digest, timed_id};
use crate::http::Problem;
use crate::http::query::Query;
use identity::git_users;
use identity::git_users::{Format, GitUser, ParseError, Report};
use model::organisation::Uid;
use model::time::Millis;
use otlp::body::{BodyError, Inflating};
use otlp::{Coding, Limits};
use store::Store;
use store::git_import::Part;
use store::git_set::Chunks;

/// The largest body, and the largest sum of parts, in bytes as sent and inflated.
pub const LIMITS: Limits = Limits { sent: 64 << 20, inflated: 256 << 20 };
/// Most parts of an upload.
const MAX_PARTS: usize = 999;

/// What came of a request.
#[derive(Debug)]
pub enum Uploaded {
    /// The Git side is replaced.
    Whole(ReportView),
    /// The part is kept.
    Part(PartialView),
}

/// Takes a body, or a part of one.
///
/// # Errors
/// The body is of no known form, too large or holds nobody; the query makes no sense; or the database failed. The Git side is as it
/// was, then.
pub async fn upload(
    store: &Store,
    uid: &Uid,
    headers: &HeaderMap,
    query: &Query<'_>,
    body: Bytes,
    now: Millis,
) -> Result<Uploaded, Problem> {
    let form = Form::of(headers)?;
    if body.len() > LIMITS.sent {
        return Err(Problem::TooLarge(LIMITS.sent));
    }
    let Some((import, number, of)) = part(query)? else {
        return replace(store, uid, form, body, now).await.map(Uploaded::Whole);
    };
    let part = Part { number, of, form: form.text(), size: body.len() };
    store.put_import_part(uid, import, &part, &body, now).await?;
    let there = store.import_parts(uid, import, now).await?;
    if there.iter().any(|other| (other.of, &other.form) != (part.of, &part.form)) {
        return Err(Problem::Conflict(
            "parts of this import differ in their type, encoding or number: begin a new one".into(),
        ));
    }
    let missing: Vec<usize> = (1..=of).filter(|number| there.iter().all(|part| part.number != *number)).collect();
    if !missing.is_empty() {
        return Ok(Uploaded::Part(PartialView { import: import.into(), missing }));
    }
    if there.iter().map(|part| part.size).sum::<usize>() > LIMITS.sent {
        store.delete_import(uid, import, &there).await?;
        return Err(Problem::TooLarge(LIMITS.sent));
    }
    let mut whole = Vec::new();
    for part in &there {
        whole.extend_from_slice(&store.import_bytes(uid, import, part).await?);
    }
    let report = replace(store, uid, form, whole.into(), now).await?;
    store.delete_import(uid, import, &there).await?;
    Ok(Uploaded::Whole(report))
}

async fn replace(store: &Store, uid: &Uid, form: Form, body: Bytes, now: Millis) -> Result<ReportView, Problem> {
    let set = timed_id(now.0, &[&form.text(), &digest(&[&body])]);
    // Reading many users takes seconds of computing, which nothing else may wait for.
    let read = tokio::task::spawn_blocking(move || form.read(&body)).await.map_err(|_| Problem::Internal)?;
    let (report, chunks) = read?;
    if report.stored == 0 && report.rejected_total > 0 {
        let first = report.rejected.first().map(|row| format!("; the first, in line {}: {}", row.line, row.reason));
        let detail = format!("every row was rejected, so the Git users are as they were{}", first.unwrap_or_default());
        return Err(Problem::invalid("body", detail, "at least one row that can be stored"));
    }
    store.replace_git_set(uid, &set, chunks).await?;
    Ok(report.into())
}

/// What the headers say of a body.
#[derive(Debug, Clone, Copy)]
struct Form {
    format: Format,
    coding: Coding,
}

impl Form {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let format = Format::from_content_type(media_type).map_err(|_| {
            Problem::MediaTypes("application/json, text/csv, text/plain (git shortlog or git log) or text/x-mailmap")
        })?;
        let coding = Coding::from_headers(headers).map_err(|_| Problem::ContentEncoding)?;
        Ok(Self { format, coding })
    }

    fn text(self) -> String {
        format!("{:?} {:?}", self.format, self.coding)
    }

    /// The users of a body, which is inflated while they are read.
    fn read(self, body: &[u8]) -> Result<(Report, Chunks), Problem> {
        let inflating = Inflating::new(body, self.coding, &LIMITS).map_err(uninflated)?;
        let mut chunks = Chunks::default();
        let add = |user: GitUser| chunks.add(user);
        let report = git_users::parse(self.format, inflating, &git_users::Limits::default(), add);
        Ok((report.map_err(|error| refusal(&error))?, chunks))
    }
}

fn refusal(error: &ParseError) -> Problem {
    if let ParseError::Read(error) = error
        && let Some(error) = BodyError::within(error)
    {
        return uninflated(error);
    }
    Problem::invalid("body", error.to_string(), "Git users in the form that Content-Type names")
}

fn uninflated(error: BodyError) -> Problem {
    match error {
        BodyError::TooLarge { limit, .. } => Problem::TooLarge(limit),
        BodyError::Corrupt(_) => {
            let expected = "a body that is what Content-Encoding says";
            Problem::invalid(CONTENT_ENCODING.as_str(), error.to_string(), expected)
        }
    }
}

/// `import`, `part` and `of`, all or none.
fn part<'a>(query: &'a Query<'_>) -> Result<Option<(&'a str, usize, usize)>, Problem> {
    let Some(import) = query.get("import") else {
        return match query.pairs().next() {
            None => Ok(None),
            Some(_) => Err(Problem::invalid("import", "it is missing", "a name of the upload, beside part and of")),
        };
    };
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !(1..=64).contains(&import.len()) || !import.bytes().all(fits) {
        return Err(Problem::invalid("import", "it is no name of an upload", "1 to 64 characters of A-Z a-z 0-9 - _"));
    }
    let number = |name: &'static str, most: usize| {
        let value = query.get(name).and_then(|text| text.parse().ok()).filter(|n| (1..=most).contains(n));
        value.ok_or_else(|| {
            Problem::invalid(name, "it is missing or out of range", format!("a number from 1 to {most}"))
        })
    };
    let of = number("of", MAX_PARTS)?;
    Ok(Some((import, number("part", of)?, of)))
}
