//! Replacing the Git side, in one body or in parts.
//!
//! Parts are cut anywhere and joined as they were sent, before anything is inflated: `split` makes them of any file, and of a
//! compressed one too; parts compressed one by one are members of one gzip file.

use std::collections::HashSet;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::error::UploadError;
use super::import::{self, Change, Intent, Matches};
use super::view::{PartialView, ReportView, RestoredView};
use super::{digest, timed_id};
use crate::http::query::Query;
use identity::git_users;
use identity::git_users::{Charset, Format, GitUser, ParseError, Report};
use model::organisation::Uid;
use model::time::Timestamp;
use otlp::body::{BodyError, Inflating};
use otlp::{Coding, Limits};
use store::git_import::Part;
use store::git_set::Chunks;
use store::{Store, StoreError};

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
    now: Timestamp,
) -> Result<Uploaded, UploadError> {
    let form = Form::of(headers)?;
    check_size(body.len())?;
    let intent = intent(query)?;
    let Some((import, number, of)) = part(query)? else {
        return replace(store, uid, form, body, intent, now).await.map(Uploaded::Whole);
    };
    let part = Part { number, of, form: form.text(), size: body.len() };
    store.put_import_part(uid, import, &part, &body, now).await?;
    let there = store.import_parts(uid, import, now).await?;
    if there.iter().any(|other| (other.of, &other.form) != (part.of, &part.form)) {
        return Err(UploadError::PartsDiffer);
    }
    let missing: Vec<usize> = (1..=of).filter(|number| there.iter().all(|part| part.number != *number)).collect();
    if !missing.is_empty() {
        return Ok(Uploaded::Part(PartialView { import: import.into(), missing }));
    }
    if let Err(error) = check_size(there.iter().map(|part| part.size).sum()) {
        store.delete_import(uid, import, &there).await?;
        return Err(error);
    }
    let mut whole = Vec::new();
    for part in &there {
        whole.extend_from_slice(&store.import_bytes(uid, import, part).await?);
    }
    // Parts of what was only looked at, or has to be confirmed, stay for whoever repeats the last of them.
    let report = replace(store, uid, form, whole.into(), intent, now).await?;
    if intent == Intent::Preview {
        return Ok(Uploaded::Whole(report));
    }
    store.delete_import(uid, import, &there).await?;
    Ok(Uploaded::Whole(report))
}

fn check_size(size: usize) -> Result<(), UploadError> {
    if size > LIMITS.sent { Err(UploadError::TooLarge { limit: LIMITS.sent }) } else { Ok(()) }
}

/// Replaces the Git side by what is in a body, or only looks at what that would change.
///
/// # Errors
/// See [`upload`]; or so much would be taken away that it has to be confirmed.
pub async fn replace(
    store: &Store,
    uid: &Uid,
    form: Form,
    body: Bytes,
    intent: Intent<'_>,
    now: Timestamp,
) -> Result<ReportView, UploadError> {
    check_size(body.len())?;
    // The same bytes in another charset are other people.
    let read_from = digest(&[form.text().as_bytes(), &body]);
    let set = timed_id(now, &[&read_from]);
    // Reading many users takes seconds of computing, which nothing else may wait for.
    let read =
        tokio::task::spawn_blocking(move || form.read(&body)).await.map_err(|error| StoreError::of_task(&error))?;
    let Read { report, chunks, keys } = read?;
    if report.stored == 0 && report.rejected_total > 0 {
        return Err(UploadError::NothingStored { rejection: report.rejected.first().copied() });
    }
    let change = Change::of(store, uid, &keys, &read_from).await?;
    match intent {
        Intent::Preview => {
            let matches = Matches::with(store, uid, &chunks).await?;
            return Ok(ReportView::preview(report, change, matches));
        }
        Intent::Replace { confirm: Some(id) } if id != change.id => return Err(UploadError::OtherPreview),
        Intent::Replace { confirm: None } if change.needs_confirmation() => {
            return Err(UploadError::Unconfirmed { removed: change.removed, known: change.known });
        }
        Intent::Replace { .. } => {}
    }
    // What is confirmed is that these take the place of those that were looked at.
    let is_confirmed = matches!(intent, Intent::Replace { confirm: Some(_) });
    let in_place_of = is_confirmed.then_some(&change.current);
    if !store.replace_git_set(uid, &set, chunks, in_place_of).await? {
        return Err(UploadError::OtherPreview);
    }
    Ok(report.into())
}

/// Brings the set of Git users back that was current before the last import or restoring.
///
/// # Errors
/// There is none, or the database failed.
pub async fn restore(store: &Store, uid: &Uid) -> Result<RestoredView, UploadError> {
    if !store.restore_git_set(uid).await? {
        return Err(UploadError::NothingBefore);
    }
    let (_, users) = store.git_users_as(uid, |_| ()).await?;
    Ok(RestoredView { stored: users.len() })
}

/// What was read of a body.
struct Read {
    report: Report,
    chunks: Chunks,
    keys: HashSet<u64>,
}

/// What the headers say of a body.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    format: Format,
    charset: Option<Charset>,
    coding: Coding,
}

impl Form {
    /// Reads the headers.
    ///
    /// # Errors
    /// Git users are not read from a body of that type, or its coding is not supported.
    pub fn of(headers: &HeaderMap) -> Result<Self, UploadError> {
        let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let format = Format::from_content_type(media_type).map_err(|_| UploadError::MediaType)?;
        let charset = Charset::declared(media_type).map_err(UploadError::Unreadable)?;
        let coding = Coding::from_headers(headers).map_err(|_| UploadError::Coding)?;
        Ok(Self { format, charset, coding })
    }

    fn text(self) -> String {
        format!("{:?} {:?} {:?}", self.format, self.charset, self.coding)
    }

    /// The users of a body, which is inflated while they are read.
    fn read(self, body: &[u8]) -> Result<Read, UploadError> {
        let inflating = Inflating::new(body, self.coding, &LIMITS).map_err(uninflated)?;
        let mut chunks = Chunks::default();
        let mut keys = HashSet::new();
        let add = |user: GitUser| {
            keys.insert(import::key(&user));
            chunks.add(user);
        };
        let report = git_users::parse(self.format, self.charset, inflating, &git_users::Limits::default(), add);
        Ok(Read { report: report.map_err(unread)?, chunks, keys })
    }
}

fn unread(error: ParseError) -> UploadError {
    match &error {
        ParseError::Read(failure) => match BodyError::within(failure) {
            Some(failure) => uninflated(failure),
            None => UploadError::Unreadable(error),
        },
        _ => UploadError::Unreadable(error),
    }
}

fn uninflated(error: BodyError) -> UploadError {
    match error {
        BodyError::TooLarge { limit, .. } => UploadError::TooLarge { limit },
        BodyError::Corrupt(_) | BodyError::TakenForText(_) => UploadError::Corrupt(error),
    }
}

/// `dry_run` and `confirm`.
fn intent<'a>(query: &'a Query<'_>) -> Result<Intent<'a>, UploadError> {
    let confirm = query.get("confirm");
    match query.get("dry_run") {
        None | Some("false") => Ok(Intent::Replace { confirm }),
        Some("true") if confirm.is_none() => Ok(Intent::Preview),
        Some(_) => Err(UploadError::DryRun),
    }
}

/// `import`, `part` and `of`, all or none.
fn part<'a>(query: &'a Query<'_>) -> Result<Option<(&'a str, usize, usize)>, UploadError> {
    let Some(import) = query.get("import") else {
        let is_of_parts = query.pairs().any(|(name, _)| matches!(name, "part" | "of"));
        return if is_of_parts { Err(UploadError::NoImport) } else { Ok(None) };
    };
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !(1..=64).contains(&import.len()) || !import.bytes().all(fits) {
        return Err(UploadError::ImportName);
    }
    let number = |field: &'static str, most: usize| {
        let value = query.get(field).and_then(|text| text.parse().ok()).filter(|n| (1..=most).contains(n));
        value.ok_or(UploadError::PartNumber { field, most })
    };
    let of = number("of", MAX_PARTS)?;
    Ok(Some((import, number("part", of)?, of)))
}
