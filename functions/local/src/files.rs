//! The files of the embedded database: for their owner alone, and with nothing in them of what was erased.
//!
//! SQLite gives pages back without writing over them, and the room that a row leaves within a page keeps the row; `secure_delete`
//! clears both, but not the copies that stay where a page was split. So the whole file is written anew, through the log beside it,
//! and the log is cut to nothing.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use dynoxide::DynoxideError;
use dynoxide::storage::Storage;

/// Sees to it that nobody else can read the database in `file`, which is made if it is not there. What SQLite makes beside it gets
/// the mode that it has.
///
/// # Errors
/// The file system says no.
pub(crate) fn for_owner_alone(file: &Path) -> io::Result<()> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    for end in ["", "-wal", "-shm"] {
        match fs::set_permissions(beside(file, end), fs::Permissions::from_mode(0o600)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Writes `file` anew and cuts its log, on the disk too. Nobody else may be at work in the database.
///
/// # Errors
/// The database failed: something may be left.
pub(crate) fn scrub(file: &Path) -> Result<(), DynoxideError> {
    let storage = Storage::new(&file.to_string_lossy())?;
    let connection = storage.conn();
    // Within new pages too: what the file is built from in between goes by this setting.
    connection.execute_batch("PRAGMA secure_delete = ON; VACUUM;")?;
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy != 0 {
        return Err(DynoxideError::InternalServerError("the log of the database is in use".into()));
    }
    // SQLite sees to the file, but not to it that the log stays as short as it is.
    let failed = |error: io::Error| DynoxideError::InternalServerError(error.to_string());
    let log = OpenOptions::new().write(true).open(beside(file, "-wal"));
    log.and_then(|log| log.sync_all()).map_err(failed)
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}
