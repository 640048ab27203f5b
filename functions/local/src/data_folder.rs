//! The data folder: who may read it, what is in it, and that one process alone uses it.
//!
//! ```text
//! DIR/                                0700
//! DIR/lock                            held while a gateway runs
//! DIR/dynamodb.sqlite                 both tables, and notes of packs that are not projected yet; 0600, as what is beside it
//! DIR/dynamodb.sqlite-wal, -shm       what is not in the file yet
//! DIR/secrets/                        0700, files 0600
//! DIR/secrets/admin-key               the root admin key
//! DIR/secrets/managed-settings.json   what to deploy for the first organisation, at any time
//! DIR/secrets/sign-in-link            the last one-time link into the console, if nobody was at a terminal
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use store::private_file;

/// Name of the file of the root admin key.
pub(crate) const ADMIN_KEY: &str = "admin-key";
/// Name of the file of the link into the console.
pub(crate) const SIGN_IN_LINK: &str = "sign-in-link";

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
    /// Somebody else's files are in it.
    #[error("the folder {0} holds other files than a gateway's: choose an empty or a new folder with --data")]
    Foreign(PathBuf),
    /// Others may put files into it, or in the place of a gateway's.
    #[error(
        "other users can write into the data folder {0}: close it (chmod 700 {0}), or choose another folder with --data"
    )]
    Open(PathBuf),
    /// The file system says no.
    #[error("the data folder {path} cannot be used: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the file system said.
        #[source]
        error: io::Error,
    },
}

impl DataFolder {
    /// Opens `path`, making it when it is not there, and keeps other gateways out. A folder that was there is left as it is: it has to
    /// be empty or a gateway's, and others may not write into it; what they may see of it are names.
    ///
    /// # Errors
    /// It is in use, somebody else's or open to others, or the file system says no.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let failed = |error| FolderError::Io { path: path.into(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let lock = path.join("lock");
        let is_empty = fs::read_dir(path).map_err(failed)?.next().is_none();
        // The lock is what is made first: where it is, a gateway was.
        if !is_empty && !lock.is_file() {
            return Err(FolderError::Foreign(path.into()));
        }
        if fs::metadata(path).map_err(failed)?.permissions().mode() & 0o022 != 0 {
            return Err(FolderError::Open(path.into()));
        }
        let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(lock).map_err(failed)?;
        private_file::create_folder(&path.join("secrets")).map_err(failed)?;
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
        private_file::write(&path, content.as_bytes())
            .map_err(|error| FolderError::Io { path: path.clone(), error })?;
        Ok(path)
    }

    /// Removes a secret file, if it is there.
    ///
    /// # Errors
    /// The file system says no.
    pub fn remove_secret(&self, name: &str) -> Result<(), FolderError> {
        let path = self.secrets().join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FolderError::Io { path, error }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_private_and_so_are_its_secrets() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let folder = DataFolder::open(&path).unwrap();
        let secret = folder.write_secret("admin-key", "key").unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&folder.secrets()), mode(&secret)), (0o700, 0o700, 0o600));
        assert_eq!(folder.read_secret("admin-key").unwrap().as_deref(), Some("key"));
        assert_eq!(folder.read_secret("nothing").unwrap(), None);
        for _ in 0..2 {
            folder.remove_secret("admin-key").unwrap();
        }
        assert_eq!(folder.read_secret("admin-key").unwrap(), None);
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused_and_left_as_it_was() {
        let parent = tempfile::tempdir().unwrap();
        let closed = |mode| fs::set_permissions(parent.path(), fs::Permissions::from_mode(mode)).unwrap();
        let left = || {
            let names = fs::read_dir(parent.path()).unwrap().map(|entry| entry.unwrap().file_name());
            (names.collect::<Vec<_>>(), fs::metadata(parent.path()).unwrap().permissions().mode() & 0o7777)
        };
        fs::write(parent.path().join("letter"), "dear").unwrap();
        closed(0o1777);
        assert!(matches!(DataFolder::open(parent.path()), Err(FolderError::Foreign(_))));
        assert_eq!(left(), (vec!["letter".into()], 0o1777));
        fs::remove_file(parent.path().join("letter")).unwrap();
        closed(0o777);
        assert!(matches!(DataFolder::open(parent.path()), Err(FolderError::Open(_))));
        assert_eq!(left(), (vec![], 0o777));
        closed(0o755);
        drop(DataFolder::open(parent.path()).unwrap());
        assert_eq!(left().1, 0o755);
        // A copy of a backup, say.
        closed(0o770);
        assert!(matches!(DataFolder::open(parent.path()), Err(FolderError::Open(_))));
        closed(0o700);
        DataFolder::open(parent.path()).unwrap();
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
