//! Secrets on this machine: one file per organisation that only its owner can read, or only memory.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{SecretError, Stage};
use crate::private_file;
use model::organisation::{Uid, VersionId};
use model::token::PlainToken;

/// How many versions of a secret are kept, as in Secrets Manager.
const VERSIONS: usize = 100;

/// The secrets of one process. Cheap to clone.
#[derive(Clone)]
pub struct Embedded {
    folder: Option<PathBuf>,
    secrets: Arc<Mutex<HashMap<Uid, Secret>>>,
}

#[derive(Default, Clone, Serialize, Deserialize)]
struct Secret {
    versions: Vec<Version>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Version {
    id: String,
    token: String,
    stages: Vec<String>,
}

/// Shows nothing but the folder.
impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Embedded {
    /// Secrets that are kept in memory only.
    #[must_use]
    pub fn in_memory() -> Self {
        Self { folder: None, secrets: Arc::default() }
    }

    /// The secrets in `folder`, which is made accessible to its owner alone. No other process may use it.
    ///
    /// # Errors
    /// If the folder or a file in it cannot be created or read, or a file has an unknown format.
    pub fn open(folder: &Path) -> io::Result<Self> {
        private_file::create_folder(folder)?;
        private_file::remove_unfinished(folder)?;
        let mut secrets = HashMap::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let is_secret = path.extension().is_some_and(|extension| extension == "secret");
            if let Some(uid) = stem.and_then(Uid::parse).filter(|_| is_secret) {
                secrets.insert(uid, serde_json::from_slice(&fs::read(&path)?)?);
            }
        }
        Ok(Self { folder: Some(folder.to_owned()), secrets: Arc::new(Mutex::new(secrets)) })
    }

    pub(super) fn stage(&self, uid: &Uid, version: &VersionId, token: &PlainToken) -> Result<(), SecretError> {
        let mut secrets = self.lock();
        let mut secret = secrets.get(uid).cloned().unwrap_or_default();
        if let Some(known) = secret.versions.iter().find(|v| v.id == version.as_str()) {
            let same = known.token == token.expose();
            return if same { Ok(()) } else { Err(SecretError::Unavailable("the version already exists".into())) };
        }
        let first = secret.versions.is_empty();
        let stage = if first { Stage::Current } else { Stage::Pending };
        secret.unlabel(stage);
        secret.versions.push(Version {
            id: version.as_str().into(),
            token: token.expose().into(),
            stages: vec![stage.to_string()],
        });
        secret.forget_old();
        self.keep(&mut secrets, uid, secret)
    }

    pub(super) fn promote(&self, uid: &Uid, version: &VersionId) -> Result<(), SecretError> {
        let mut secrets = self.lock();
        let mut secret = secrets.get(uid).cloned().ok_or(SecretError::Missing)?;
        let to = secret.versions.iter().position(|v| v.id == version.as_str()).ok_or(SecretError::Missing)?;
        if !secret.versions[to].has(Stage::Current) {
            secret.unlabel(Stage::Previous);
            if let Some(from) = secret.versions.iter_mut().find(|v| v.has(Stage::Current)) {
                from.stages = vec![Stage::Previous.to_string()];
            }
        }
        secret.versions[to].stages = vec![Stage::Current.to_string()];
        self.keep(&mut secrets, uid, secret)
    }

    pub(super) fn read(&self, uid: &Uid, version: &VersionId) -> Result<String, SecretError> {
        let secrets = self.lock();
        let versions = secrets.get(uid).map(|secret| secret.versions.as_slice()).unwrap_or_default();
        let found = versions.iter().find(|v| v.id == version.as_str());
        found.map(|v| v.token.clone()).ok_or(SecretError::Missing)
    }

    pub(super) fn erase(&self, uid: &Uid) -> Result<(), SecretError> {
        let mut secrets = self.lock();
        if let Some(folder) = &self.folder {
            match fs::remove_file(file(folder, uid)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unavailable(&error)),
                _ => {}
            }
        }
        secrets.remove(uid);
        Ok(())
    }

    /// Writes to disk first, so that memory is never ahead of the disk.
    fn keep(&self, secrets: &mut HashMap<Uid, Secret>, uid: &Uid, secret: Secret) -> Result<(), SecretError> {
        if let Some(folder) = &self.folder {
            let written = serde_json::to_vec(&secret).map_err(io::Error::from);
            let written = written.and_then(|content| private_file::write(&file(folder, uid), &content));
            written.map_err(|error| unavailable(&error))?;
        }
        secrets.insert(uid.clone(), secret);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uid, Secret>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Secret {
    fn unlabel(&mut self, stage: Stage) {
        for version in &mut self.versions {
            version.stages.retain(|label| label != stage.name());
        }
    }

    /// Drops versions without a label, oldest first.
    fn forget_old(&mut self) {
        while self.versions.len() > VERSIONS {
            let Some(oldest) = self.versions.iter().position(|v| v.stages.is_empty()) else { return };
            self.versions.remove(oldest);
        }
    }
}

impl Version {
    fn has(&self, stage: Stage) -> bool {
        self.stages.iter().any(|label| label == stage.name())
    }
}

fn file(folder: &Path, uid: &Uid) -> PathBuf {
    folder.join(format!("{uid}.secret"))
}

fn unavailable(error: &io::Error) -> SecretError {
    SecretError::Unavailable(error.kind().to_string())
}

#[cfg(test)]
mod tests;
