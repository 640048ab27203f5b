//! The data folder: who may read it, what is in it, and that one process alone uses it.
//!
//! ```text
//! DIR/                                0700
//! DIR/lock                            held while a gateway runs
//! DIR/dynamodb.sqlite                 both tables, and notes of packs that are not projected yet; 0600, as what is beside it
//! DIR/dynamodb.sqlite-wal, -shm       what is not in the file yet
//! DIR/secrets/                        0700, files 0600
//! DIR/secrets/admin-key               the root admin key
//! DIR/secrets/managed-settings.json   what to deploy for the first organisation
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// An opened data folder. The lock is held as long as this lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another gateway runs on it.
    #[error("another gateway is using the data folder {0}: stop it, or choose another folder with --data")]
    InUse(PathBuf),
    /// The file system says no.
    #[error("the data folder {path} cannot be used: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the file system said.
        error: io::Error,
    },
}

impl DataFolder {
    /// Opens `path`, making it when it is not there, and keeps other gateways out.
    ///
    /// # Errors
    /// It is in use, or the file system says no.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let failed = |error| FolderError::Io { path: path.into(), error };
        private_folder(path).map_err(failed)?;
        private_folder(&path.join("secrets")).map_err(failed)?;
        let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(path.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.into(), _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(FolderError::InUse(path.into())),
            Err(fs::TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The file of the embedded database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.path.join("dynamodb.sqlite")
    }

    /// The file that earlier releases noted packs in which were not projected yet.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }

    /// The folder of secrets.
    #[must_use]
    pub fn secrets(&self) -> PathBuf {
        self.path.join("secrets")
    }

    /// The content of a secret file, if it is there.
    ///
    /// # Errors
    /// The file system says no.
    pub fn read_secret(&self, name: &str) -> Result<Option<String>, FolderError> {
        let path = self.secrets().join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FolderError::Io { path, error }),
        }
    }

    /// Writes a secret file with mode 0600, whole or not at all.
    ///
    /// # Errors
    /// The file system says no.
    pub fn write_secret(&self, name: &str, content: &str) -> Result<PathBuf, FolderError> {
        let path = self.secrets().join(name);
        write_private(&path, content).map_err(|error| FolderError::Io { path: path.clone(), error })?;
        Ok(path)
    }
}

fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    // It may have been there before, open to others.
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

fn write_private(path: &Path, content: &str) -> io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    // The rename is in the folder, which has to reach the disk too.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_private_and_so_are_its_secrets() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        fs::create_dir(&path).unwrap();
        let folder = DataFolder::open(&path).unwrap();
        let secret = folder.write_secret("admin-key", "key").unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&folder.secrets()), mode(&secret)), (0o700, 0o700, 0o600));
        assert_eq!(folder.read_secret("admin-key").unwrap().as_deref(), Some("key"));
        assert_eq!(folder.read_secret("nothing").unwrap(), None);
    }

    #[test]
    fn two_gateways_cannot_share_a_folder() {
        let parent = tempfile::tempdir().unwrap();
        let first = DataFolder::open(parent.path()).unwrap();
        assert!(matches!(DataFolder::open(parent.path()), Err(FolderError::InUse(_))));
        drop(first);
        DataFolder::open(parent.path()).unwrap();
    }
}
