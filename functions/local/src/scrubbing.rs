//! Leaving nothing of what was deleted in the files of the embedded database.
//!
//! SQLite gives pages back without writing over them, and the room that a row leaves within a page keeps the row; `secure_delete`
//! clears both, but not the copies that stay where a page was split. So the whole file is written anew, through the log beside it,
//! and the log is cut to nothing.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use dynoxide::DynoxideError;
use dynoxide::storage::Storage;

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
    let failed = |error: std::io::Error| DynoxideError::InternalServerError(error.to_string());
    OpenOptions::new().write(true).open(log(file)).and_then(|log| log.sync_all()).map_err(failed)
}

/// The log beside a database.
fn log(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}
