//! Files on this machine that hold secrets: for their owner alone, and written whole or not at all.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use tempfile::Builder;

/// The extension of a file that is not written to its end.
const UNFINISHED: &str = "new";

/// Creates a folder that only its owner can look into. One that was there before, open to others, is closed.
///
/// # Errors
/// The file system refuses it.
pub fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))
}

/// Writes a file of mode 0600 that is on the disk when this returns. A crash leaves either the old or the new content.
///
/// # Errors
/// The file system refuses it. The old content is as it was, unless what failed is the last step, syncing the folder.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    // Temporary files have mode 0600, and are removed if something fails.
    let mut file = Builder::new().suffix(&format!(".{UNFINISHED}")).tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    // The new name is stored in the folder, which has to reach the disk too.
    File::open(folder)?.sync_all()
}

/// Removes what a crash left unfinished in `folder`. Nobody may be writing there.
///
/// # Errors
/// The file system refuses it.
pub fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == UNFINISHED) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_is_replaced_whole_and_stays_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "a longer one, open to everybody").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        write(&path, b"new").unwrap();
        assert_eq!((fs::read(&path).unwrap().as_slice(), mode(&path)), (b"new".as_slice(), 0o600));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_write_that_fails_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::create_dir(&path).unwrap();
        write(&path, b"new").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_crash_left_unfinished_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("secret"), b"kept").unwrap();
        fs::write(folder.path().join(".tmpAbCdEf.new"), "hal").unwrap();
        remove_unfinished(folder.path()).unwrap();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["secret"]);
    }

    #[test]
    fn a_folder_that_was_open_to_others_is_closed() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("secrets");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        create_folder(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
    }
}
