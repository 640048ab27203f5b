//! The Git side: sets of users in compressed chunks, one of which is current.
//!
//! A new set is written next to the old one; then the pointer moves. The old set can be brought back until the next one comes, which
//! deletes its chunks, or until somebody is forgotten. A reader that finds chunks missing reads the pointer again, so every reader sees
//! one complete set.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::people_state::{GitPointer, PeopleState};
use super::range::Reading;
use super::{Item, Store, StoreError, keys};
use identity::git_users::GitUser;
use model::organisation::Uid;
use model::time::Timestamp;
use otlp::{Coding, Limits, inflate};

/// Name of the attribute that holds a chunk.
const CHUNK: &str = "c";
/// The most users in a chunk.
const USERS: usize = 1_000;
/// The size of a chunk before compression, in bytes: DynamoDB limits items to 400 KB, and hostile content may not
/// compress.
const BYTES: usize = 350_000;
/// How many chunks are written concurrently.
const PARALLEL: usize = 8;
/// How often a set that disappears while it is read is looked up again.
const ATTEMPTS: usize = 5;

/// The set that was current when something was looked at; none if there was none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InPlaceOf(pub Option<GitPointer>);

/// A Git user as stored in chunks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    n: String,
    e: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    l: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    o: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<i64>,
}

/// Users encoded in chunks, not yet stored.
#[derive(Debug, Default)]
pub struct Chunks {
    done: Vec<Vec<u8>>,
    open: Vec<u8>,
    users: usize,
}

impl Chunks {
    /// Adds a user.
    pub fn add(&mut self, user: GitUser) {
        let row = row(user);
        if self.users == USERS || self.open.len() + row.len() + 1 > BYTES {
            self.close();
        }
        self.open.extend_from_slice(&row);
        self.open.push(b'\n');
        self.users += 1;
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            self.done.push(std::mem::take(&mut self.open));
            self.users = 0;
        }
    }

    /// The users, as they will be read.
    ///
    /// # Errors
    /// A row is damaged.
    pub fn users(&self) -> Result<Vec<GitUser>, StoreError> {
        let mut users = Vec::new();
        for rows in self.done.iter().chain([&self.open]) {
            read_rows(rows, |user| users.push(user))?;
        }
        Ok(users)
    }

    fn finish(mut self) -> Vec<Vec<u8>> {
        self.close();
        self.done
    }
}

impl Store {
    /// Replaces the Git side by `chunks`, under the new name `set`. False, and nothing is replaced, if that is to be `in_place_of` a set
    /// that is current no more. If this fails, either the previous set is still current, or this one is and complete.
    pub async fn replace_git_set(
        &self,
        uid: &Uid,
        set: &str,
        chunks: Chunks,
        in_place_of: Option<&InPlaceOf>,
    ) -> Result<bool, StoreError> {
        let chunks = chunks.finish();
        let pointer = GitPointer { set: set.into(), chunks: chunks.len() };
        let mut writing = tokio::task::JoinSet::new();
        for (number, rows) in chunks.into_iter().enumerate() {
            if writing.len() >= PARALLEL {
                joined(writing.join_next().await)?;
            }
            let packed = zstd::bulk::compress(&rows, 0).map_err(|_| StoreError::bug("chunk"))?;
            let item = Item::at(keys::git_chunk(uid, set, number)).bytes(CHUNK, packed);
            let store = self.clone();
            writing.spawn(async move { store.put(item).await });
        }
        while let Some(written) = writing.join_next().await {
            joined(Some(written))?;
        }
        let (is_current, gone) = self.make_current(uid, &pointer, in_place_of).await?;
        if let Some(gone) = gone {
            self.delete_git_set(uid, &gone).await?;
        }
        Ok(is_current)
    }

    /// Makes a set current, and says whether it is, and whose chunks nobody can ask for any more.
    async fn make_current(
        &self,
        uid: &Uid,
        pointer: &GitPointer,
        in_place_of: Option<&InPlaceOf>,
    ) -> Result<(bool, Option<GitPointer>), StoreError> {
        let mut attempts = 0;
        loop {
            let known = self.people_state(uid).await?;
            if known.git.as_ref() == Some(pointer) {
                return Ok((true, None));
            }
            if in_place_of.is_some_and(|InPlaceOf(seen)| *seen != known.git) {
                return Ok((false, Some(pointer.clone()).filter(|own| known.before.as_ref() != Some(own))));
            }
            attempts += 1;
            let next = PeopleState { git: Some(pointer.clone()), before: known.git.clone(), ..known.clone() };
            match self.put_people_state(uid, &next).await {
                Ok(()) => return Ok((true, known.before.filter(|gone| gone.set != pointer.set))),
                Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Brings back the set that was current before, and keeps the one that is in its place. False if there is none, or if it went
    /// meanwhile: an import takes its place and deletes its chunks.
    pub async fn restore_git_set(&self, uid: &Uid) -> Result<bool, StoreError> {
        let mut known = self.people_state(uid).await?;
        let Some(wanted) = known.before.clone() else { return Ok(false) };
        let mut attempts = 0;
        loop {
            attempts += 1;
            let next = PeopleState { git: Some(wanted.clone()), before: known.git.clone(), ..known.clone() };
            match self.put_people_state(uid, &next).await {
                Ok(()) => return Ok(true),
                Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
                Err(error) => return Err(error),
            }
            known = self.people_state(uid).await?;
            // It was done, and only the answer was lost.
            if known.git.as_ref() == Some(&wanted) {
                return Ok(true);
            }
            if known.before.as_ref() != Some(&wanted) {
                return Ok(false);
            }
        }
    }

    /// Removes the set that could be brought back. Asking again after an error goes on: which set is leaving is written down before the
    /// first of its chunks goes, and only then can nobody bring back what is deleted in part.
    pub async fn drop_git_set_before(&self, uid: &Uid) -> Result<(), StoreError> {
        let mut attempts = 0;
        loop {
            let known = self.people_state(uid).await?;
            let next = match &known {
                PeopleState { leaving: Some(leaving), .. } => {
                    self.delete_git_set(uid, leaving).await?;
                    PeopleState { leaving: None, ..known.clone() }
                }
                PeopleState { before: Some(before), .. } => {
                    PeopleState { before: None, leaving: Some(before.clone()), ..known.clone() }
                }
                _ => return Ok(()),
            };
            match self.put_people_state(uid, &next).await {
                Ok(()) => {}
                Err(error) if error.is_conflict() && attempts < ATTEMPTS => attempts += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// The Git side, with the state of people when it was current.
    pub async fn git_users(&self, uid: &Uid) -> Result<(PeopleState, Vec<GitUser>), StoreError> {
        self.git_users_as(uid, |user| user).await
    }

    /// As [`git_users`](Self::git_users), mapping each user with `map`.
    pub async fn git_users_as<T: Send>(
        &self,
        uid: &Uid,
        map: impl Fn(GitUser) -> T + Send + Sync,
    ) -> Result<(PeopleState, Vec<T>), StoreError> {
        self.some_git_users(uid, |user| Some(map(user))).await
    }

    /// As [`git_users_as`](Self::git_users_as), of those alone whom `keep` makes something of: the others take no memory.
    pub async fn some_git_users<T: Send>(
        &self,
        uid: &Uid,
        keep: impl Fn(GitUser) -> Option<T> + Send + Sync,
    ) -> Result<(PeopleState, Vec<T>), StoreError> {
        for _ in 0..ATTEMPTS {
            let state = self.people_state(uid).await?;
            let Some(pointer) = &state.git else { return Ok((state, Vec::new())) };
            let (first, last) = (format!("{}#", pointer.set), format!("{}#~", pointer.set));
            let items = self.between(&keys::git_partition(uid), Some((&first, &last)), Reading::Latest).await?;
            if items.len() != pointer.chunks {
                continue;
            }
            let mut users = Vec::new();
            for item in items {
                read(item.required_bytes(CHUNK)?, |user| users.extend(keep(user)))?;
            }
            return Ok((state, users));
        }
        Err(StoreError::unreadable("set of Git users"))
    }

    /// Removes the chunks of sets created before `before` that are neither current nor the one before (see [`super::git_set`]).
    pub async fn sweep_git_sets(&self, uid: &Uid, before: &str) -> Result<(), StoreError> {
        let prefix = keys::git_partition(uid);
        let found = self.between(&prefix, Some(("0", before)), Reading::Latest).await?;
        // Read after the chunks: a set that is current now may have been written meanwhile.
        let state = self.people_state(uid).await?;
        let kept: Vec<GitPointer> = state.git.into_iter().chain(state.before).collect();
        for item in &found {
            let key = item.key()?;
            let set = key.sk.split_once('#').map_or("", |(set, _)| set);
            if kept.iter().all(|kept| kept.set != set) {
                self.delete(key).await?;
            }
        }
        Ok(())
    }

    async fn delete_git_set(&self, uid: &Uid, pointer: &GitPointer) -> Result<(), StoreError> {
        for number in 0..pointer.chunks {
            self.delete(keys::git_chunk(uid, &pointer.set, number)).await?;
        }
        Ok(())
    }
}

fn joined(written: Option<Result<Result<(), StoreError>, tokio::task::JoinError>>) -> Result<(), StoreError> {
    written.map_or(Ok(()), |written| written.map_err(|error| StoreError::of_task(&error))?)
}

fn read(packed: &[u8], add: impl FnMut(GitUser)) -> Result<(), StoreError> {
    let damaged = || StoreError::unreadable("chunk");
    let limits = Limits { sent: packed.len(), inflated: BYTES + 1 };
    let rows = inflate(Bytes::copy_from_slice(packed), Coding::Zstd, &limits).map_err(|_| damaged())?;
    read_rows(&rows, add)
}

/// A user as stored.
pub(super) fn row(user: GitUser) -> Vec<u8> {
    let GitUser { name, email, login, emails, last_commit_at } = user;
    let row = Row { n: name, e: email, l: login, o: emails, t: last_commit_at.map(|at| at.0) };
    // Serialising texts, numbers and lists of them cannot fail.
    serde_json::to_vec(&row).unwrap_or_default()
}

/// Passes the users of rows, a line each, to `add`.
pub(super) fn read_rows(rows: &[u8], mut add: impl FnMut(GitUser)) -> Result<(), StoreError> {
    let damaged = || StoreError::unreadable("chunk");
    for row in rows.split(|byte| *byte == b'\n').filter(|row| !row.is_empty()) {
        let Row { n, e, l, o, t } = serde_json::from_slice(row).map_err(|_| damaged())?;
        add(GitUser { name: n, email: e, login: l, emails: o, last_commit_at: t.map(Timestamp) });
    }
    Ok(())
}
